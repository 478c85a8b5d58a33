/** What the server says, and in French: each {} stands for what it is said of, in this order. */
const sentences: readonly (readonly [english: string, french: string])[] = [
  // Steps of a run.
  ['clean {}', 'nettoyage de {}'],
  ['read {}', 'lecture de {}'],
  ['finish loading {}', 'fin du chargement de {}'],
  ['build {}', 'construction de {}'],
  ['check gold', 'contrôle de gold'],
  ['publish gold', 'publication de gold'],

  // What went wrong.
  ['There is no gold yet.', 'Il n’y a pas encore de gold.'],
  ['Gold has no tables yet.', 'Gold n’a pas encore de tables.'],
  ['Gold has no history yet.', 'Gold n’a pas encore d’historique.'],
  [
    'Gold was made by another version of Lingot, or by other settings.',
    'Gold a été fait par une autre version de Lingot, ou par d’autres réglages.',
  ],
  [
    'Gold was changed without its history, which does not lead to it.',
    'Gold a été changé sans son historique, qui n’y mène donc pas.',
  ],
  [
    'Gold’s history begins at {} and knows nothing of {}.',
    'L’historique de gold commence le {} et ne sait rien de {}.',
  ],
  [
    'Gold’s history begins at {} and knows no run {}.',
    'L’historique de gold commence le {} et ne connaît pas le traitement {}.',
  ],
  ['Gold’s history begins at {} and {}.', 'L’historique de gold commence le {} ({}).'],
  ['This is no day, time or run.', 'Ce n’est ni un jour, ni une heure, ni un traitement.'],
  ['The token is missing or wrong.', 'Le jeton manque ou n’est pas le bon.'],
  [
    'This server answers to the names of this machine alone: 127.0.0.1, [::1] and localhost.',
    'Ce serveur ne répond qu’aux noms de cette machine : 127.0.0.1, [::1] et localhost.',
  ],
  [
    'This server answers to its addresses and to the names of its machine alone.',
    'Ce serveur ne répond qu’à ses adresses et aux noms de sa machine.',
  ],
  ['A page of another site asked for this.', 'Une page d’un autre site l’a demandé.'],
  ['The body must be JSON.', 'Le corps doit être du JSON.'],
  ['The body is too large.', 'Le corps est trop grand.'],
  ['There is no such address.', 'Cette adresse n’existe pas.'],
  ['There is nothing at {}.', 'Il n’y a rien à {}.'],
  ['This shop leaves {} out.', 'Cette boutique se passe de {}.'],
  ['This shop leaves the sales out that this is read from.', 'Cette boutique se passe des ventes dont ceci est lu.'],
  ['{} has no {}.', '{} n’a pas {}.'],
  ['Numbers of days are not explained.', 'Les nombres de jours ne s’expliquent pas.'],
  ['The page {} is not narrowed by {}.', 'La page {} ne se filtre pas par {}.'],
  ['The value of {} is too long.', 'La valeur de {} est trop longue.'],
  ['There is no filter {}.', 'Il n’y a pas de filtre {}.'],
  [
    'What is looked for holds a NUL character, which no value of gold has.',
    'Ce qui est cherché contient un caractère NUL, qu’aucune valeur de gold n’a.',
  ],
  ['The period {} cannot be shown. It is no period.', 'La période {} ne peut pas être montrée. Ce n’en est pas une.'],
  [
    'The period {} cannot be shown. It ends before it begins.',
    'La période {} ne peut pas être montrée. Elle finit avant de commencer.',
  ],
  ['The period {} cannot be shown. {}.', 'La période {} ne peut pas être montrée. {}.'],
  ['{}: must be {}.', '{} : doit être {}.'],

  // Runs.
  ['A run that was started here is under way.', 'Un traitement lancé ici est en cours.'],
  ['No run that was started here is under way.', 'Aucun traitement lancé ici n’est en cours.'],
  ['Runs are started from this machine alone.', 'Les traitements ne se lancent que depuis cette machine.'],
  ['{} is being changed by {}.', '{} est en train d’être changé par {}.'],
  ['The run ended without a word.', 'Le traitement s’est terminé sans un mot.'],
  ['As much is under way already as is done at a time.', 'Il y a déjà autant en cours que ce qui se fait à la fois.'],
  ['{} statements are under way already.', '{} requêtes sont déjà en cours.'],
  ['The gold in place is of {}, and older than expected.', 'Le gold en place est du {}, et plus vieux que prévu.'],

  // Servers.
  ['PostgreSQL could not answer: {}.', 'PostgreSQL n’a pas pu répondre : {}.'],
  ['PostgreSQL does not answer: {}.', 'PostgreSQL ne répond pas : {}.'],
  [
    'PostgreSQL ended the question: it took longer than it may.',
    'PostgreSQL a interrompu la question : elle a duré plus que permis.',
  ],
  ['PostgreSQL refused to read gold: {}.', 'PostgreSQL a refusé de lire gold : {}.'],
  ['MongoDB refused: {}.', 'MongoDB a refusé : {}.'],
  ['MongoDB failed: {}', 'MongoDB a échoué : {}'],
  ['A server went away: {}', 'Un serveur a disparu : {}'],
  ['A question may only read: {}.', 'Une question ne peut que lire : {}.'],

  // Statements of one's own.
  [
    'Statements of your own are not allowed: this server can be reached from other machines.',
    'Vos propres requêtes ne sont pas permises : ce serveur est joignable depuis d’autres machines.',
  ],
  [
    'Statements of your own are not run as {}, which {}.',
    'Vos propres requêtes ne s’exécutent pas en tant que {}, qui peut plus que lire gold ({}).',
  ],
  [
    '{} is out of reach of statements of your own: they may read gold, and nothing else.',
    '{} est hors de portée de vos propres requêtes : elles peuvent lire gold, et rien d’autre.',
  ],
  ['The statement holds a NUL character.', 'La requête contient un caractère NUL.'],
  ['The rows are larger than {} MB.', 'Les lignes dépassent {} Mo.'],
  [
    'The statement was ended: it took longer than {} seconds.',
    'La requête a été interrompue : elle a duré plus de {} secondes.',
  ],
  [
    'The statement has parameters, as $1, which have no values.',
    'La requête a des paramètres, comme $1, qui n’ont pas de valeurs.',
  ],
  ['There is no table `{}`.', 'Il n’y a pas de table `{}`.'],
  ['There is no column `{}`.', 'Il n’y a pas de colonne `{}`.'],
  ['{}, line {}, column {}: There is no table `{}`.', '{}, ligne {}, colonne {} : il n’y a pas de table `{}`.'],
  ['{}, line {}, column {}: There is no column `{}`.', '{}, ligne {}, colonne {} : il n’y a pas de colonne `{}`.'],
  ['There is no question {}.', 'Il n’y a pas de question {}.'],
  ['relation "{}" does not exist.', 'la table « {} » n’existe pas.'],
  ['column "{}" does not exist.', 'la colonne « {} » n’existe pas.'],
  ['column {} does not exist.', 'la colonne {} n’existe pas.'],
  ['function {} does not exist.', 'la fonction {} n’existe pas.'],
  ['syntax error at or near "{}".', 'erreur de syntaxe près de « {} ».'],
  ['syntax error at end of input.', 'erreur de syntaxe à la fin.'],
  ['permission denied for table {}.', 'la table {} n’est pas permise.'],

  // Numbers explained.
  ['There is no figure {}.', 'Il n’y a pas de chiffre {}.'],
  ['A row of {} is whole: it is narrowed by nothing.', 'Une ligne de {} est entière : rien ne la filtre.'],
  [
    'Of the past the numbers alone are kept, and not the records behind them.',
    'Du passé, seuls les nombres sont conservés, et non les enregistrements derrière eux.',
  ],
  ['{} cannot be explained.', '{} ne peut pas être expliqué.'],
  ['No gold of {} was published yet.', 'Aucun gold de {} n’a encore été publié.'],
  ['{} names no {}.', '{} ne nomme aucun {}.'],
  ['{} is no {}.', '{} n’est pas un {}.'],
  ['{} has no row for the {} {}; silver has {} of it.', '{} n’a pas de ligne pour {} {} ; silver en a {}.'],
  ['{} has no row {}: {}.', '{} n’a pas de ligne {} : {}.'],
  [
    'More records are behind this number than can be read in the time that there is.',
    'Il y a derrière ce nombre plus d’enregistrements que le temps ne permet d’en lire.',
  ],
  [
    'This shop has no customers, who would lead to their sales.',
    'Cette boutique n’a pas de clients, qui mèneraient à leurs ventes.',
  ],
  ['Why it changed was not found within {} seconds.', 'La cause du changement n’a pas été trouvée en {} secondes.'],
  ['The gold in place is not on record.', 'Le gold en place n’est pas au registre.'],
  ['{} has, and had, no such row.', '{} n’a pas, et n’avait pas, cette ligne.'],
  ['{} has no number {}.', '{} n’a pas de nombre {}.'],
  ['There is no gold on record before the one in place.', 'Il n’y a pas au registre de gold avant celui en place.'],
  ['Silver was made anew since gold was.', 'Silver a été refait depuis gold.'],
  [
    'What changed between these two golds was not kept: one of them is older than what is kept, or was made by a version that kept nothing.',
    'Ce qui a changé entre ces deux golds n’a pas été conservé : l’un est plus ancien que ce qui l’est, ou vient d’une version qui ne conservait rien.',
  ],

  // What helps.
  ['Make it with `lingot run`.', 'Faites-le avec `lingot run`.'],
  ['Make it: `lingot run`.', 'Faites-le : `lingot run`.'],
  ['Make them with `lingot run`.', 'Faites-les avec `lingot run`.'],
  ['Make it anew with `lingot run`.', 'Refaites-le avec `lingot run`.'],
  ['Bring gold up to date: `lingot aggregate`.', 'Mettez gold à jour : `lingot aggregate`.'],
  ['See `lingot doctor`.', 'Voir `lingot doctor`.'],
  ['See `lingot doctor`, then run it again.', 'Voir `lingot doctor`, puis recommencer.'],
  ['Check `lingot doctor`.', 'Voir `lingot doctor`.'],
  ['Wait for it.', 'Attendez qu’il finisse.'],
  ['Stop it where it was started.', 'Arrêtez-le là où il a été lancé.'],
  ['Use `lingot run`.', 'Utilisez `lingot run`.'],
  ['Try again in a moment.', 'Réessayez dans un moment.'],
  ['Try again when one has ended.', 'Réessayez quand l’une aura fini.'],
  ['Open the address that `lingot serve` printed.', 'Ouvrez l’adresse que `lingot serve` a affichée.'],
  [
    'Open the address that `lingot serve` printed, or set POSTGRES_READER_URL.',
    'Ouvrez l’adresse que `lingot serve` a affichée, ou réglez POSTGRES_READER_URL.',
  ],
  [
    'Set POSTGRES_READER_URL, as `lingot grants` creates that user; or serve on 127.0.0.1.',
    'Réglez POSTGRES_READER_URL : `lingot grants` crée cet utilisateur ; ou servez sur 127.0.0.1.',
  ],
  [
    'Set POSTGRES_READER_URL to a user that reads gold and nothing else; `lingot grants` creates one.',
    'Réglez POSTGRES_READER_URL sur un utilisateur qui ne lit que gold ; `lingot grants` en crée un.',
  ],
  ['Open the dashboard itself.', 'Ouvrez le tableau de bord lui-même.'],
  ['Send it with Content-Type: application/json.', 'Envoyez-le avec Content-Type: application/json.'],
  [
    'Send it as Authorization: Bearer, as `lingot serve` printed it behind #token=.',
    'Envoyez-le comme Authorization: Bearer, tel que `lingot serve` l’a affiché derrière #token=.',
  ],
  [
    'Behind a proxy, have it send such a Host; docs/dashboard.md shows how.',
    'Derrière un proxy, faites-lui envoyer un tel Host ; docs/dashboard.md montre comment.',
  ],
  [
    'Name others that lead to it with `lingot serve --allow-host NAME`; docs/dashboard.md shows how.',
    'Nommez-en d’autres avec `lingot serve --allow-host NOM` ; docs/dashboard.md montre comment.',
  ],
  ['Shorten the statement.', 'Raccourcissez la requête.'],
  ['See /api/openapi.json.', 'Voir /api/openapi.json.'],
  ['See /api/queries.', 'Voir /api/queries.'],
  ['See /api/choices.', 'Voir /api/choices.'],
  ['See models in its configuration file.', 'Voir models dans son fichier de configuration.'],
  ['See what `lingot watch` says, and its health file.', 'Voir ce que dit `lingot watch`, et son fichier de santé.'],
  ['It takes {}.', 'Elle accepte {}.'],
  ['Choose months.', 'Choisissez des mois.'],
  ['Leave it out.', 'Retirez-le.'],
  ['Leave it out, or use psql.', 'Retirez-la, ou utilisez psql.'],
  ['The dashboard is at /.', 'Le tableau de bord est à /.'],
  ['This is a defect in Lingot.', 'C’est un défaut de Lingot.'],
  [
    'Choose all, the last months as 12m, a year as 2025, a month as 2025-03, months as 2025-01..2025-06, or days as 2025-03-10..2025-04-02; from 1970 on.',
    'Choisissez all, les derniers mois comme 12m, une année comme 2025, un mois comme 2025-03, des mois comme 2025-01..2025-06, ou des jours comme 2025-03-10..2025-04-02 ; à partir de 1970.',
  ],
  [
    'Ask for fewer columns, or for fewer rows with LIMIT.',
    'Demandez moins de colonnes, ou moins de lignes avec LIMIT.',
  ],
  [
    'Make it cheaper: read fewer rows, as with WHERE, or join less.',
    'Allégez-la : lisez moins de lignes, par exemple avec WHERE, ou joignez moins.',
  ],
  ['Did you mean `{}`?', 'Vouliez-vous dire `{}` ?'],
  ['It is a column of {}.', 'C’est une colonne de {}.'],
  ['Write the values in it.', 'Écrivez-y les valeurs.'],
  [
    'Correct it; a table that a model makes is there after `lingot run`.',
    'Corrigez-la ; une table que fait un modèle est là après `lingot run`.',
  ],
  [
    'Correct it; docs/data-dictionary.md names what gold has.',
    'Corrigez-la ; docs/data-dictionary.md nomme ce que gold contient.',
  ],
  [
    'One query may be asked, which only reads: it begins with SELECT, WITH, VALUES or TABLE.',
    'Une seule requête peut être posée, qui ne fait que lire : elle commence par SELECT, WITH, VALUES ou TABLE.',
  ],
  ['Ask without filters.', 'Demandez sans filtres.'],
  [
    'Ask without asOf: what is known now has its records.',
    'Demandez sans asOf : ce qui est connu maintenant a ses enregistrements.',
  ],
  ['Name one as overview.revenue.', 'Nommez-en un comme overview.revenue.'],
  ['See /api/explore.', 'Voyez /api/explore.'],
  ['There is no {} to explore.', 'Il n’y a pas de {} à explorer.'],
  ['This shop has no {} to explore.', 'Cette boutique n’a pas de {} à explorer.'],
  ['{} are more than {}.', '{} : c’est plus de {}.'],
  ['One of them is named twice.', 'L’un d’eux est nommé deux fois.'],
  ['It cannot be sorted by {}.', 'On ne peut pas trier par {}.'],
  ['Gold holds no table of all of these: {}.', 'Gold n’a aucune table qui contienne tout cela : {}.'],
  [
    'Take one of them away, or one of the filters; /api/explore tells what goes together.',
    'Retirez l’un d’eux, ou l’un des filtres ; /api/explore dit ce qui va ensemble.',
  ],
  ['Name one.', 'Nommez-en un.'],
  ['Name one of {}.', 'Nommez-en un parmi {}.'],
  ['Name one: --as-of 2026-11-01', 'Nommez-en un : --as-of 2026-11-01'],
  ['Name a later day, or a run since.', 'Nommez un jour plus tardif, ou un traitement depuis.'],
  [
    'It has the tables that models make, with their own columns.',
    'Il a les tables que font les modèles, avec leurs propres colonnes.',
  ],
  ['Choose a value that is known.', 'Choisissez une valeur connue.'],
  [
    'Choose a smaller part, or ask `lingot explain` in a terminal, which takes its time.',
    'Choisissez une partie plus petite, ou demandez `lingot explain` dans un terminal, qui prend son temps.',
  ],
  [
    'Make it cheaper, or allow more milliseconds in the address: `?statement_timeout=60000`.',
    'Allégez-la, ou permettez plus de millisecondes dans l’adresse : `?statement_timeout=60000`.',
  ],

  // The questions of the package.
  ['Who are the 10 best customers?', 'Qui sont les 10 meilleurs clients ?'],
  [
    'By total_spent; a share is of all revenue. Beneath the ranking: the revenue that none of the ten brought in.',
    'Par total_spent ; une part est de tout le chiffre d’affaires. Sous le classement : ce que n’a apporté aucun des dix.',
  ],
  ['Which product brings in the most revenue?', 'Quel produit rapporte le plus ?'],
  [
    'By total_revenue; a share is of all revenue. Beneath the ranking: sales whose product is unknown.',
    'Par total_revenue ; une part est de tout le chiffre d’affaires. Sous le classement : les ventes dont le produit est inconnu.',
  ],
  ['Which campaign has the best ROI?', 'Quelle campagne a le meilleur ROI ?'],
  [
    'ROI is the share of its budget that a campaign left unspent: (budget - spend) / budget * 100. The ten best with their funnel. Beneath the ranking: how many campaigns have no ROI, since budget or spend is unknown.',
    'Le ROI est la part de son budget qu’une campagne n’a pas dépensée : (budget - spend) / budget * 100. Les dix meilleures avec leur entonnoir. Sous le classement : combien de campagnes n’ont pas de ROI, faute de budget ou de dépenses connus.',
  ],
  ['How do sales evolve month by month?', 'Comment évoluent les ventes, mois par mois ?'],
  [
    'The change is on the month before; it is empty where that month has no sales. A month that is not over in the data has its last whole day in known_until, and no change. Beneath: sales whose date is unknown.',
    'L’évolution est par rapport au mois précédent ; elle est vide quand celui-ci n’a pas de ventes. Un mois qui n’est pas fini dans les données a son dernier jour entier dans known_until, et pas d’évolution. Dessous : les ventes dont la date est inconnue.',
  ],
  ['Which country brings in the most revenue?', 'Quel pays rapporte le plus ?'],
  [
    'By total_revenue of its customers; a share is of all revenue. Beneath the ranking: the revenue of no known country.',
    'Par total_revenue de ses clients ; une part est de tout le chiffre d’affaires. Sous le classement : le chiffre d’affaires d’aucun pays connu.',
  ],
]

const rules = sentences.map(([english, french]) => {
  const pattern = english
    .split('{}')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('’', "[’']"))
    .join('([\\s\\S]+?)')
  return { said: new RegExp(`^${pattern}$`), french }
})

/** A text of the server's in French; as it is where it is none of these, as what PostgreSQL says itself. */
export function told(text: string): string {
  for (const { said, french } of rules) {
    const found = said.exec(text)
    if (found === null) continue
    let place = 0
    return french.replace(/\{\}/g, () => found[++place] ?? '')
  }
  return text
}
