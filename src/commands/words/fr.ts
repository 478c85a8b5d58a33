import { readable } from '../../text/terminal.ts'
import { told as toldOnPages } from '../../web/page/messages/told_fr.ts'
import { fr as trust } from '../../web/page/pages/trust_words.ts'
import { fr as page } from '../../web/page/parts/explain_words.ts'
import type { Effect, Words } from './en.ts'

const number = (value: number | string) => readable(value, 'fr')
const counted = (count: number, thing: string, several = `${thing}s`) =>
  `${number(count)} ${Math.abs(count) < 2 ? thing : several}`
const small = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)

const effects: Readonly<Record<Effect, readonly [one: string, several: string]>> = {
  duplicates: ['inséré deux fois', 'insérés deux fois'],
  superseded: ['remplacé', 'remplacés'],
  noId: ['sans identifiant', 'sans identifiant'],
  noObject: ['qui n’est pas un objet', 'qui ne sont pas des objets'],
  erased: ['effacé', 'effacés'],
  leftOut: ['écarté', 'écartés'],
  sharedIds: ['identifiant partagé', 'identifiants partagés'],
  missing: ['valeur manquante', 'valeurs manquantes'],
  invalid: ['invalide', 'invalides'],
  repaired: ['réparée', 'réparées'],
}

/** What is being done before anything is read. */
const starting: readonly (readonly [said: RegExp, french: string])[] = [
  [/^preparing (\w+)$/, 'préparation de $1'],
  [/^starting (\w+) on port (\d+)$/, 'démarrage de $1 sur le port $2'],
  [/^waiting for (\w+)$/, 'attente de $1'],
  [/^downloading (MongoDB \S+) from its makers$/, 'téléchargement de $1 chez ses auteurs'],
  [/^downloading a Python package that holds it$/, 'téléchargement d’un paquet Python qui le contient'],
]

/** Columns of answers that gold has not. */
const columns: Readonly<Record<string, string>> = {
  rank: 'rang',
  share_pct: 'part %',
  roi_pct: 'ROI %',
  ctr_pct: 'taux de clics %',
  conversion_pct: 'taux de conversion %',
  change_pct: 'évolution %',
  running_total: 'cumul',
  known_until: 'connu jusqu’au',
  consent_pct: 'consentement %',
}

/** The words of `ask` and `start` in French; what the pages say as well comes from them. */
export const fr: Words = {
  number,
  leftOut: (titles) => `laissé de côté faute de place : ${titles.join(', ')}`,
  progress: (what, done, total, percent) =>
    `${what === 'sample bronze' ? 'bronze d’exemple' : what} : ${done} sur ${total} (${percent} %)`,
  secondsLeft: (seconds) => `encore ${seconds} s`,
  megabytes: (size) => `${size} Mo`,
  colon: ' :',

  questions: {
    best_customers: {
      title: 'Qui sont les 10 meilleurs clients ?',
      note: 'Selon ce qu’ils ont dépensé ; une part est celle de tout le chiffre d’affaires.\nSous le classement : le chiffre d’affaires qu’aucun des dix n’a apporté.',
    },
    best_product: {
      title: 'Quel produit rapporte le plus ?',
      note: 'Selon le chiffre d’affaires ; une part est celle de tout le chiffre d’affaires.\nSous le classement : les ventes dont le produit est inconnu.',
    },
    best_campaign: {
      title: 'Quelle campagne a le meilleur ROI ?',
      note: 'Le ROI est la part de son budget qu’une campagne n’a pas dépensée : (budget - dépenses) / budget * 100.\nLes dix meilleures, avec leur entonnoir.\nSous le classement : combien de campagnes n’ont pas de ROI, faute de connaître leur budget ou leurs dépenses.',
    },
    sales_by_month: {
      title: 'Comment évoluent les ventes, mois par mois ?',
      note: 'L’évolution est par rapport au mois précédent ; elle est vide si ce mois-là n’a pas de ventes.\nUn mois que les données ne couvrent pas jusqu’au bout dit jusqu’à quel jour il est connu, et n’a pas d’évolution.\nEn dessous : les ventes dont la date est inconnue.',
    },
    best_country: {
      title: 'Quel pays rapporte le plus ?',
      note: 'Selon le chiffre d’affaires de ses clients ; une part est celle de tout le chiffre d’affaires.\nSous le classement : le chiffre d’affaires qui n’est d’aucun pays connu.',
    },
  },
  column: (name) => columns[name] ?? small(page.columns[name] ?? name.replace(/_pct$/, ' %').replaceAll('_', ' ')),
  cell(text, isBeneath) {
    if (text === 'Unknown') return 'Inconnu'
    if (!isBeneath) return text
    if (text === 'All other customers') return 'Tous les autres clients'
    return text
      .replace(/^Unknown: no ROI for (\d+)$/, (_, count) => `Inconnu : pas de ROI pour ${number(count)}`)
      .replace(/^Unknown: (.+)$/, (_, part) => `Inconnu : ${small(trust.revenueParts[part] ?? part)}`)
  },
  amountsIn: (currency) => `Les montants sont en ${currency}.`,
  asOf: (published, run) => `Tel que publié le ${published} UTC, par le traitement ${run}.`,
  ordersAreLines: 'Une commande peut compter plusieurs transactions.',
  more: (rows) => `et ${rows} de plus : --all les affiche, --csv et --json les donnent à d’autres programmes`,
  severalCurrencies: (where) =>
    `Des montants en plusieurs devises sont additionnés comme s’il n’y en avait qu’une : ${where}`,

  told(text) {
    const step = starting.find(([said]) => said.test(text))
    return step === undefined ? toldOnPages(text) : text.replace(...step)
  },
  servers: 'Serveurs',
  origins: { configured: 'indiqué', found: 'déjà en marche', lingot: 'propre à Lingot' },
  startedNow: 'lancé à l’instant',
  connect: 'Connexion',
  at: 'sur',

  noElements: (documents) => `rien : ${counted(documents, 'document')}, sans aucun élément`,
  noCollection: 'rien : bronze n’a pas cette collection',
  emptyCollection: 'rien : la collection est vide',
  documents: (all, empty) => `${counted(all, 'document')}${empty === 0 ? '' : `, dont ${counted(empty, 'vide')}`}`,
  elements: (count) => counted(count, 'élément'),
  effect: (what, count) => counted(count, ...effects[what]),
  noEffect: 'rien à réparer',
  suspicion: (what) => trust.suspicions[what] ?? what,
  suchAs: (ids) => `, par exemple ${ids}`,
  changed: (cause, count) => `${page.causes[cause] ?? cause} ${number(count)}`,
  sinceBefore: 'Depuis le traitement précédent',
  removed: (collections) => `La configuration n’a plus ${collections} : retiré de silver`,
  without: (collection, tables) =>
    `Sans ${collection}, il n’y a pas ${tables}${collection === 'customers' ? " ; si les ventes nomment des acheteurs, customers: 'buyers' fait un client de chacun" : ''}`,
  unmade: (tables) => {
    const [these, drops] = tables.length === 1 ? ['la table', 'la supprime'] : ['les tables', 'les supprime']
    return `Aucun modèle ne fait plus ${these} ${tables.join(', ')} : \`lingot run --prune\` ${drops}`
  },
  salesAreOf: (orders) => `Les ventes sont de ${counted(orders, 'commande')}`,
  checksPassed: (passed, all) =>
    `${number(passed)} ${passed < 2 ? 'contrôle réussi' : 'contrôles réussis'} sur ${number(all)}`,
  check: ({ name, detail }) => ({
    name:
      checks[name] ??
      trust.suspicions[name] ??
      trust.guards[name] ??
      name
        .replace(/^non negative: /, 'jamais négatif : ')
        .replace(/^at most (.+) % unknown$/, (_, most) => `au plus ${number(most)} % d’inconnus`)
        .replace(/^at most (.+) % invalid$/, (_, most) => `au plus ${number(most)} % d’invalides`)
        .replace(/^at most (.+) % repaired$/, (_, most) => `au plus ${number(most)} % de réparés`),
    detail: trust
      .guardDetail(detail)
      .replace(/^(\d+) rows? at fault/, (_, count) => `${counted(count, 'ligne')} en faute`)
      .replace(/^(\d+) of (\d+) documents/, (_, some, all) => `${number(some)} documents sur ${number(all)}`)
      .replace(/, with (\S+) of total_amount$/, ', avec $1 de total_amount')
      .replace(/, such as /, ', par exemple ')
      .replace(/^([\d.]+) %$/, (_, percent) => `${number(percent)} %`),
  }),

  sampleMade: ' (un exemple, fait à l’instant)',
  next: 'Ensuite',
  steps: {
    serve: 'tout cela dans un navigateur',
    'ask 1 --sql': 'la requête derrière une réponse ; --csv et --json la donnent à d’autres programmes',
    report: 'jusqu’où les chiffres sont fiables',
    'explain --help': 'un chiffre, ramené aux documents dont il vient',
    run: 'de bronze à gold à nouveau, quand les données ont changé',
    doctor: 'ce qui tourne où',
    down: 'arrêter les serveurs ; les données restent',
  },
  ownData: [
    'Vos propres données : réglez MONGODB_URI et POSTGRES_URL dans .env ; .env.example montre comment. Si leurs',
    'collections ou champs ont d’autres noms, `lingot init` écrit un lingot.config.ts qui dit lequel est lequel.',
  ],
}

/** Checks of the package that warn, by their names. */
const checks: Readonly<Record<string, string>> = {
  'no more clicks than impressions': 'pas plus de clics que d’impressions',
  'inserted twice': 'insérés deux fois',
  'holds most of what it held': 'contient l’essentiel de ce qu’elle contenait',
}
