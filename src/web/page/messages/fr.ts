import type { Messages } from './en.ts'
import { told } from './told_fr.ts'

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** What does not add up. */
const counted = (what: Parameters<Messages['netUnanswered']>[0]) =>
  !what.includes('orders')
    ? 'Les clients différents'
    : what.includes('customers')
      ? 'Les clients différents et les commandes'
      : 'Les commandes'

/** The words of the page in French. */
export const fr: Messages = {
  skip: 'Aller au contenu',
  navigation: 'Pages',
  language: 'Langue',
  theme: 'Thème',
  themes: { auto: 'Thème du système', light: 'Clair', dark: 'Sombre' },
  pages: {
    overview: 'Vue d’ensemble',
    customers: 'Clients',
    products: 'Produits',
    campaigns: 'Campagnes',
    countries: 'Pays',
    explore: 'Explorer',
    trust: 'Confiance',
    glossary: 'Glossaire',
    sql: 'SQL',
  },
  about: {
    overview: 'Comment va la boutique, et ce qui a changé.',
    customers: 'Qui achète, à quelle fréquence, et qui revient. Depuis toujours : les clients n’ont pas de période.',
    products: 'Ce qui se vend, à quel prix, mois par mois.',
    campaigns:
      'Des impressions aux conversions, et ce qu’elles coûtent. La période est le mois où la campagne commence.',
    countries: 'D’où vient le chiffre d’affaires, et à qui l’on peut écrire.',
    explore: 'Toute mesure par toute dimension, sans SQL ; le SQL produit est montré.',
    trust: 'À quel point se fier aux chiffres : ce qui manquait, a été réparé ou écarté, et d’où vient chacun.',
    glossary: 'Ce que veut dire chaque table et chaque colonne, comme le dit le .yml de son modèle.',
    sql: 'Les questions, les modèles, et vos propres SELECT sur gold.',
  },
  withoutData: (pages) => `Sans données : ${pages.join(', ')}`,
  loading: 'Chargement…',
  nothingHere: 'Rien à montrer pour ce choix.',
  retry: 'Réessayer',
  triesAgain: 'Un nouvel essai se fait tout seul.',
  nothingThere: 'Rien ici',
  nowhere: (path) => `Il n’y a pas de page ${path}.`,
  told,
  problem: ({ kind, detail, next }) => ({
    next: next === null ? null : told(next),
    title:
      (
        {
          server: 'Les données sont injoignables',
          data: 'Cela ne peut pas encore être montré',
          usage: 'Cela ne peut pas être montré',
          permission: 'Non autorisé',
        } as Record<string, string>
      )[kind] ?? 'Quelque chose s’est mal passé',
    text: detail === '' ? 'Lingot lui-même ne répond pas : il a été arrêté, ou la connexion est perdue.' : told(detail),
  }),
  notConnected: 'Lingot ne répond pas',
  down: (which) =>
    `${which.map((name) => ({ mongodb: 'MongoDB', postgresql: 'PostgreSQL' })[name]).join(' et ')} ${which.length > 1 ? 'ne répondent' : 'ne répond'} pas`,
  reportOf: (time) => `Rapport Lingot sur les données du ${time}`,
  noGold: 'Pas encore de gold : lancez un traitement.',
  goldMade: (time) => `Données du traitement du ${time}`,
  lastFailed: (time) => `Le traitement du ${time} a échoué :`,
  running: (command, step) => (step === null ? `lingot ${command} est en cours` : `En cours : ${told(step)}`),
  startRun: 'Lancer un traitement',
  stopRun: 'Arrêter le traitement',
  stopping: 'Arrêt en cours…',
  wasStopped: (time) => `Le traitement du ${time} a été arrêté ; rien n’a changé.`,
  done: (what) => `terminé : ${what}`,
  moreOrders: (count, written) => `${written} ${Math.abs(count) > 1 ? 'commandes' : 'commande'}`,
  checksPassed: (passed, all) => `${passed} contrôles réussis sur ${all}`,

  filters: 'Filtres',
  period: 'Période',
  periods: {
    '3m': '3 derniers mois',
    '6m': '6 derniers mois',
    '12m': '12 derniers mois',
    '24m': '24 derniers mois',
    all: 'Depuis toujours',
  },
  yearToDate: (year) => `${year}, depuis janvier`,
  ownPeriod: 'De … à …',
  compareWith: 'Comparé à',
  comparisons: {
    before: 'La période précédente',
    year: 'Un an avant',
    range: 'De … à …',
    none: 'Rien',
  },
  compareFrom: 'Comparé du',
  compareTo: 'Comparé au',
  shows: ({ span, isYearToDate, before, without }) =>
    `${capital(span)}${isYearToDate ? ' (depuis janvier)' : ''}${
      before !== null
        ? `, comparé à ${before}.`
        : {
            chosen: ', sans comparaison.',
            incomplete: ', sans comparaison : les données s’arrêtent avant la fin.',
            unreached: ', sans comparaison : les données ne remontent pas si loin.',
            all: '.',
          }[without]
    }`,
  dataUntil: (day, ago) => `Données jusqu’au ${day}${ago === null ? '' : ` (${ago})`}.`,
  notOver: (month, known) => `${capital(month)} n’est pas terminé dans les données : ${known}, hachuré.`,
  widened:
    'Les jours ne sont connus que pour le chiffre d’affaires de toute la boutique : ici, ce sont les mois qui les contiennent.',
  byDays:
    'Par jours, le chiffre d’affaires et les transactions sont exacts. Les clients différents, les produits et les filtres sont connus par mois entiers : ce qui les compte reste vide.',
  against: (value) => `contre ${value}`,
  compared: 'Comparé',
  knownUntil: 'Connu jusqu’au',
  grain: 'Par',
  grains: { day: 'jour', week: 'semaine', month: 'mois', quarter: 'trimestre' },
  spans: { day: 'Jour', week: 'Semaine', month: 'Mois', quarter: 'Trimestre' },
  quarter: (quarter, year) => `T${quarter} ${year}`,
  from: 'De',
  to: 'À',
  country: 'Pays',
  allCountries: 'Tous les pays',
  product: 'Produit',
  allProducts: 'Tous les produits',
  allValues: 'Tous',
  chosen: (count) => `${count} choisis`,
  withoutUnknown: 'Sans inconnu',
  narrowedTo: 'Restreint à',
  dropChip: (text) => `Retirer ${text}`,
  only: (name) => `Montrer seulement ${name}`,
  pageOf: (name) => `La page de ${name}`,
  revenueMeaning:
    'Brut : tout ce qui a été vendu ; net : sans les ventes annulées (Cancelled) ou remboursées (Refunded).',
  revenues: { gross: 'Brut', net: 'Net d’annulations' },
  netRevenue: 'Chiffre d’affaires net',
  reversed: (share, isNet) =>
    share === null
      ? isNet
        ? 'rien d’annulé ni de remboursé'
        : undefined
      : isNet
        ? `sans ${share} d’annulés ou remboursés`
        : `dont ${share} annulés ou remboursés`,
  isNet: 'Net : sans les ventes annulées (Cancelled) ou remboursées (Refunded).',
  netUnanswered: (what) =>
    `Net de ce qui a été annulé ou remboursé, les sommes comme le chiffre d’affaires, les transactions et les prix sont exactes. ${counted(what)} ne s’additionnent pas entre parties des ventes : ce qui les compte reste vide.`,
  unanswered: (filters, what) =>
    what.includes('scores')
      ? `Choisi par ${filters.join(', ')} : ces clients et leurs dépenses sont exacts. Les scores, segments et cohortes portent sur tous les clients : ils ne sont pas montrés.`
      : `Choisi par ${filters.join(', ')} : les sommes comme le chiffre d’affaires, les transactions et les prix sont exactes. ${counted(what)} ne s’additionnent pas entre parties des ventes : ce qui les compte reste vide.`,
  notNarrowed: (filters) =>
    `Sans choix par ${filters.join(', ')} ici : ce choix distingue des ventes, et cette page n’en montre pas.`,
  severalCurrencies: (where) =>
    `Des montants en plusieurs devises sont additionnés comme s’il n’y en avait qu’une (${where}).`,
  unknown: 'Inconnu',
  reset: 'Réinitialiser',
  known: (label) =>
    ({
      Unknown: 'Inconnu',
      'no customer': 'Sans client',
      'customer not in customers': 'Client sans fiche',
      'Other products': 'Autres produits',
      'Other countries': 'Autres pays',
    })[label] ?? label,

  explain: 'Expliquer ce nombre',
  knownOn: 'Tel que connu le',
  noHistory: 'Aucun historique de ces nombres n’est conservé.',
  asKnown: (asked, published) =>
    `${asked === null ? 'Tel que connu alors' : `Tel que connu le ${asked}`} : les nombres publiés le ${published}. Ce qui est venu depuis n’y est pas.`,
  asItIs: 'Afficher ce qui est connu maintenant',
  addsUp: 'La somme est celle de tout le chiffre d’affaires, au centime près.',
  addsNotUp: 'La somme n’est pas celle de tout le chiffre d’affaires.',
  unknownOfAll: (share) =>
    `${share} du chiffre d’affaires de la boutique, depuis toujours, est inconnu ici ou laissé de côté.`,
  checksOf: (passed, all) => `${passed} contrôles de ses tables réussis sur ${all}.`,
  unknownShare: (share) => `${share} inconnu`,
  search: 'Chercher',
  marks: 'Ce à quoi le graphique se mesure',
  goal: (name, value) => `Objectif : ${name} (${value})`,
  view: 'Vue',
  noView: 'Selon le choix',
  saveView: 'Garder la vue',
  viewName: 'Nom de la vue',
  save: 'Garder',
  forgetView: 'Oublier la vue',
  chartKeys: 'Les flèches mènent de l’un à l’autre, Entrée l’explique.',
  chart: 'Graphique',
  table: 'Tableau',
  firstRows: (count, isReport) =>
    `Ce sont les ${count} premières lignes ; ${isReport ? 'le tableau de bord' : 'le fichier CSV'} les a toutes.`,
  rowsShown: (shown, all) => `${shown} lignes sur ${all}`,
  showMore: 'En montrer plus',
  downloadCsv: (title) => `CSV : ${title}`,
  downloadPng: (title) => `PNG : ${title}`,
  copy: 'Copier',
  copied: 'Copié',
  notCopied: 'Refusé',
  copyPicture: (title) => `Copier comme image : ${title}`,
  inCurrency: (measure, currency) =>
    currency === undefined ? `${measure} (devise non précisée)` : `${measure} en ${currency}`,
  source: (time) => `Source : Lingot${time === '' ? '' : `, gold du ${time}`}`,
  downloadSvg: (title) => `SVG : ${title}`,
  showSql: (title) => `SQL : ${title}`,
  chartOf: (title, count) => `${title} : graphique de ${count} lignes. Le bouton Tableau les montre.`,
  more: 'Voir de plus près',

  month: 'Mois',
  revenue: 'Chiffre d’affaires',
  orders: 'Commandes',
  transactions: 'Transactions',
  share: 'Part',
  keyFigures: 'Chiffres clés',
  kpis: {
    revenue: {
      label: 'Chiffre d’affaires',
      meaning: 'Somme de montant − remise + livraison, quand le montant est connu.',
    },
    orders: {
      label: 'Commandes',
      meaning:
        'Commandes différentes, que leur montant soit connu ou non ; une transaction qui n’en nomme aucune en est une.',
    },
    average_order_value: {
      label: 'Panier moyen',
      meaning: 'Chiffre d’affaires divisé par les commandes ayant une transaction de montant connu.',
    },
    active_customers: {
      label: 'Clients actifs',
      meaning: 'Clients différents ayant commandé dans la période, chacun compté une fois.',
    },
    repeat_rate_pct: {
      label: 'Taux de réachat',
      meaning: 'Clients actifs ayant au moins deux commandes dans la période, sur tous les clients actifs.',
    },
  },
  transactionsPerOrder: (transactions, perOrder) => `${transactions} transactions, ${perOrder} par commande`,
  on: (period) => `par rapport à ${period}`,
  points: (value, sign) => `${sign}${value} pts`,
  revenueOver: {
    day: 'Chiffre d’affaires par jour',
    week: 'Chiffre d’affaires par semaine',
    month: 'Chiffre d’affaires par mois',
    quarter: 'Chiffre d’affaires par trimestre',
  },
  revenueOverNote: 'Les transactions sans date n’y sont pas. Une semaine commence le lundi.',
  revenueByMonthNote:
    'Mois en UTC, sauf si la boutique nomme son fuseau horaire ; une commande de montant inconnu compte comme commande, et celle qui s’étend sur plusieurs mois compte dans chacun.',
  revenueByProduct: 'Chiffre d’affaires par produit',
  revenueBy: (filter) => `Chiffre d’affaires : ${filter.toLowerCase()}`,
  revenueByCountry: 'Chiffre d’affaires par pays',
  fiveAnswers: 'Cinq réponses',
  ownAnswerNote: 'Une question propre à cette boutique : toute la boutique, quels que soient les filtres.',
  fiveAnswersNote: 'Depuis toujours et pour toute la boutique, quels que soient les filtres.',
  queryBehind: 'la requête derrière',
  questions: {
    1: 'Qui sont les meilleurs clients ?',
    2: 'Quel produit rapporte le plus ?',
    3: 'Quelle campagne a le meilleur ROI ?',
    4: 'Comment évoluent les ventes ?',
    5: 'Quel pays rapporte le plus ?',
  },
  answers: {
    customer: (a) => [
      a.name,
      `${a.id === null ? '' : ` (${a.id})`} a dépensé `,
      a.spent,
      `, soit ${a.share} du chiffre d’affaires. Les ${a.count} meilleurs ensemble : ${a.together}.`,
    ],
    product: (a) => [
      a.name,
      ' rapporte ',
      a.revenue,
      `, soit ${a.share} du chiffre d’affaires.`,
      a.unknown === null ? '' : ` Pour ${a.unknown}, le produit est inconnu.`,
    ],
    campaign: (a) => [
      a.name,
      `${a.id === null ? '' : ` (${a.id})`} n’a pas dépensé `,
      a.roi,
      ' de son budget : c’est ainsi que le ROI est défini ici.',
      a.without === null ? '' : ` ${a.without} campagnes n’ont pas de ROI : budget ou dépense inconnus.`,
    ],
    months: (a) => [
      'Les ventes de ',
      a.month,
      ' ont rapporté ',
      a.revenue,
      a.change === null ? '.' : `, ${a.change} par rapport au mois précédent.`,
      ` Le meilleur mois : ${a.best}, avec ${a.bestRevenue}.`,
      a.begun === null ? '' : ` Depuis, ${a.begun.span} : ${a.begun.revenue}.`,
    ],
    country: (a) => [
      a.name,
      ' rapporte ',
      a.revenue,
      `, soit ${a.share} du chiffre d’affaires.`,
      a.unknown === null ? '' : ` ${a.unknown} ne revient à aucun pays connu.`,
    ],
  },
  whatIsMissing: 'Que ne voient pas ces chiffres ?',
  coverage: ({ undated, noCustomer, amountUnknown }) =>
    [
      undated === null ? [] : `${undated} du chiffre d’affaires n’a pas de date et n’est dans aucune période.`,
      noCustomer === null ? [] : `${noCustomer} n’a pas de client connu et n’est dans aucun pays.`,
      amountUnknown === null ? [] : `${amountUnknown} transactions n’ont pas de montant connu.`,
      (undated ?? noCustomer ?? amountUnknown) === null
        ? 'Rien : chaque vente a une date, un client connu et un montant.'
        : [],
    ]
      .flat()
      .join(' '),
}
