/** The words of the page of customers. */
export const en = {
  kpis: {
    customers: {
      label: 'Customers',
      meaning: 'Customers on file with at least one sale. Sales without such a customer belong to nobody here.',
    },
    revenue: { label: 'Their revenue', meaning: 'What these customers spent, where the amount is known.' },
    average_per_customer: { label: 'Average per customer', meaning: 'Their revenue divided by the customers.' },
    best_tenth_share_pct: {
      label: (count: string) => `Share of the best tenth (${count})`,
      meaning: 'What the tenth of the customers that spent the most spent, of the revenue of all these customers.',
    },
  },

  best: 'Best customers',
  bestNote: 'The 20 who spent the most, and their share of all revenue of the shop.',
  rank: 'Rank',
  customer: 'Customer',
  id: 'Customer id',
  city: 'City',
  spent: 'Spent',
  average: 'Average transaction',
  first: 'First purchase',
  last: 'Last purchase',

  distribution: 'How much customers spend',
  distributionNote: 'Customers by total spent. The steps grow 1-2-5, so they are not equally wide.',
  from: 'From',
  below: 'Below',
  step: (from: string, below: string) => `${from}–\n${below}`,
  lastStep: (from: string) => `${from}\nor more`,
  belowZero: 'Below\n0',
  nothing: '0 or\nunknown',
  nothingLong: 'Spent nothing, or nothing known',

  rfm: 'How lately and how often they buy',
  rfmNote:
    'Customers by fifths: 5 is the best fifth; how often counts orders. Equal customers have equal scores, so a score may be missing.',
  recency: 'Recency',
  frequency: 'Frequency',
  recencyAxis: 'Recency: 5 bought latest',
  frequencyAxis: 'Frequency: 5 buys most often',
  noDate: 'No date',
  averagePerCustomer: 'Average per customer',

  segments: 'Segments',
  segmentsNote: 'By fifths of how lately, how often and for how much customers bought (RFM).',
  segment: 'Segment',
  ofCustomers: 'Share of customers',
  /** A segment as people read it, what it means and what one does with it. */
  kinds: {
    Champions: [
      'Champions',
      'Bought lately, often and for much. Thank them and ask them to recommend you: they need no discount.',
    ],
    Loyal: ['Loyal', 'Come back regularly and not long ago. Offer what goes with their last purchase.'],
    'Big spenders': [
      'Big spenders',
      'Spent much lately, in few orders. Give them a reason for the next one: service, a better model, early access.',
    ],
    Recent: ['Recent', 'Bought lately, seldom and for little. Welcome them and win the second order.'],
    'Needs attention': ['Needs attention', 'Bought some time ago, and seldom. Remind them before they are gone.'],
    'At risk': [
      'At risk',
      'Used to buy often or for much, but not for long. Write to them first: here is the most to win back.',
    ],
    Lost: ['Lost', 'Bought long ago, seldom and for little. Try once, cheaply, then let them rest.'],
    Unknown: ['Unknown', 'No purchase has a date, so nothing is known of when they bought. Repair the dates first.'],
  } as Record<string, readonly [name: string, meaning: string]>,

  cohorts: 'Who comes back',
  cohortsNote:
    'A cohort is the customers who first bought in a month; a cell is how many percent of them bought again so many months later. Sales without a date are left out.',
  cohort: 'Cohort',
  size: 'Customers',
  since: 'Months since the first purchase',
  monthsSince: 'Months since',
  cameBack: 'Came back',
  retention: 'Retention',
  sinceFirst: (months: number) => (months === 1 ? '1 month later' : `${months} months later`),
  tooYoung: 'Nobody’s first purchase is a month old yet.',

  all: 'All customers',
  allNote: 'With at least one sale, over all time.',
  search: 'Search by name, city or id',
  shown: (from: string, to: string, total: string) => `${from}–${to} of ${total}`,
  nobody: 'No customer matches.',
  previous: 'Previous',
  next: 'Next',
  paging: 'Pages of the table',
}

export const fr: typeof en = {
  kpis: {
    customers: {
      label: 'Clients',
      meaning: 'Clients avec une fiche et au moins une vente. Les ventes sans un tel client ne sont à personne ici.',
    },
    revenue: {
      label: 'Leur chiffre d’affaires',
      meaning: 'Ce que ces clients ont dépensé, quand le montant est connu.',
    },
    average_per_customer: { label: 'Moyenne par client', meaning: 'Leur chiffre d’affaires divisé par les clients.' },
    best_tenth_share_pct: {
      label: (count) => `Part du meilleur dixième (${count})`,
      meaning:
        'Ce qu’a dépensé le dixième des clients qui dépensent le plus, sur le chiffre d’affaires de tous ces clients.',
    },
  },

  best: 'Meilleurs clients',
  bestNote: 'Les 20 qui ont le plus dépensé, et leur part de tout le chiffre d’affaires de la boutique.',
  rank: 'Rang',
  customer: 'Client',
  id: 'Identifiant',
  city: 'Ville',
  spent: 'Dépensé',
  average: 'Transaction moyenne',
  first: 'Premier achat',
  last: 'Dernier achat',

  distribution: 'Combien dépensent les clients',
  distributionNote: 'Clients par total dépensé. Les tranches suivent 1-2-5 : elles ne sont pas de même largeur.',
  from: 'À partir de',
  below: 'Moins de',
  step: (from, below) => `${from}–\n${below}`,
  lastStep: (from) => `${from}\net plus`,
  belowZero: 'Moins\nde 0',
  nothing: '0 ou\ninconnu',
  nothingLong: 'Rien dépensé, ou rien de connu',

  rfm: 'Quand et à quelle fréquence ils achètent',
  rfmNote:
    'Clients par cinquièmes : 5 est le meilleur ; la fréquence compte les commandes. À égalité, la note est la même ; une note peut donc manquer.',
  recency: 'Récence',
  frequency: 'Fréquence',
  recencyAxis: 'Récence : 5, les achats les plus récents',
  frequencyAxis: 'Fréquence : 5, les achats les plus fréquents',
  noDate: 'Sans date',
  averagePerCustomer: 'Moyenne par client',

  segments: 'Segments',
  segmentsNote: 'Selon les cinquièmes de récence, de fréquence et de montant des achats (RFM).',
  segment: 'Segment',
  ofCustomers: 'Part des clients',
  kinds: {
    Champions: [
      'Champions',
      'Achètent récemment, souvent et pour beaucoup. Remerciez-les et faites-vous recommander : inutile de leur offrir une remise.',
    ],
    Loyal: [
      'Fidèles',
      'Reviennent régulièrement, et il n’y a pas longtemps. Proposez ce qui complète leur dernier achat.',
    ],
    'Big spenders': [
      'Gros paniers',
      'Ont récemment beaucoup dépensé en peu de commandes. Donnez-leur une raison de revenir : service, gamme supérieure, avant-première.',
    ],
    Recent: ['Récents', 'Viennent d’acheter, rarement et pour peu. Accueillez-les et gagnez la deuxième commande.'],
    'Needs attention': [
      'À relancer',
      'Ont acheté il y a quelque temps, et rarement. Rappelez-vous à eux avant qu’ils ne partent.',
    ],
    'At risk': [
      'À risque',
      'Achetaient souvent ou pour beaucoup, mais plus depuis longtemps. Écrivez-leur d’abord : c’est ici qu’il y a le plus à regagner.',
    ],
    Lost: [
      'Perdus',
      'Ont acheté il y a longtemps, rarement et pour peu. Tentez une fois, à moindre coût, puis laissez-les.',
    ],
    Unknown: ['Inconnu', 'Aucun achat n’a de date : on ne sait pas quand ils ont acheté. Corrigez d’abord les dates.'],
  },

  cohorts: 'Qui revient',
  cohortsNote:
    'Une cohorte réunit les clients dont le premier achat date du même mois ; une case dit combien d’entre eux, en pour cent, ont racheté tant de mois après. Les ventes sans date sont écartées.',
  cohort: 'Cohorte',
  size: 'Clients',
  since: 'Mois depuis le premier achat',
  monthsSince: 'Mois depuis',
  cameBack: 'Sont revenus',
  retention: 'Rétention',
  sinceFirst: (months) => `${months} mois après`,
  tooYoung: 'Aucun premier achat n’a encore un mois.',

  all: 'Tous les clients',
  allNote: 'Avec au moins une vente, depuis toujours.',
  search: 'Chercher par nom, ville ou identifiant',
  shown: (from, to, total) => `${from}–${to} sur ${total}`,
  nobody: 'Aucun client ne correspond.',
  previous: 'Précédents',
  next: 'Suivants',
  paging: 'Pages du tableau',
}
