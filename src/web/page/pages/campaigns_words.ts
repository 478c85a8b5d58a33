import type { ComponentChildren } from 'preact'

type Words = ComponentChildren

/** What all campaigns brought in, written. */
interface Returned {
  strong: (text: string) => Words
  all: Words
  value: string
  spend: string
  inside: string
  outside: string
}

/** The words of the page of campaigns. */
export const en = {
  campaigns: 'Campaigns',
  campaign: 'Campaign',
  type: 'Type',
  status: 'Status',
  start: 'Starts',
  budget: 'Budget',
  spend: 'Spend',
  impressions: 'Impressions',
  clicks: 'Clicks',
  conversions: 'Conversions',
  ctr: 'CTR',
  conversionRate: 'Conversion rate',
  cpc: 'Cost per click',
  cpa: 'Cost per conversion',
  roi: '(Budget − spend) ÷ budget',
  returns: 'Return',
  return: '(Value − spend) ÷ spend',
  value: 'Value',
  returnsNote: (a: Returned): Words => [
    a.strong('Return = (value − spend) ÷ spend × 100'),
    `, over the records that know both. The ${a.inside} campaigns that have one brought in ${a.value} for ${a.spend}: `,
    a.all,
    `. For ${a.outside} it is not known. What is the value, a setting of the shop says.`,
  ],
  /** Where there is little room. */
  short: { conversionRate: 'Conv. rate', cpc: 'CPC', cpa: 'CPA' },
  meanings: {
    campaigns: 'Campaigns that start in the period; all time includes those without a start date.',
    budget: 'Sum of the budgets that are known.',
    spend: 'Sum of the spend that is known.',
    conversions: 'Sum of the conversions that are known.',
    ctr: 'Clicks × 100 ÷ impressions, where both are known.',
    conversionRate: 'Conversions × 100 ÷ clicks, where both are known.',
    cpc: 'Cost per click: spend ÷ clicks, where both are known.',
    cpa: 'Cost per conversion: spend ÷ conversions, where both are known.',
    return: 'What a campaign brought in, less what it cost, of what it cost, over its records that know both.',
    roi: 'ROI as it is defined here: the share of its budget that a campaign left unspent, where both are known.',
  },
  unknownFor: (count: number, text: string) =>
    count === 0 ? 'known for every campaign' : `unknown for ${text} campaign${count === 1 ? '' : 's'}`,
  noStart: (count: number, text: string, isAllTime: boolean) =>
    count === 0
      ? 'all have a start date'
      : `${text} ${isAllTime ? 'of them ' : 'more '}${count === 1 ? 'has' : 'have'} no start date`,
  funnel: 'From impressions to conversions',
  funnelNote: (a: { inside: string; outside: string }) =>
    `Counts only the ${a.inside} campaigns that know all three; ${a.outside} do not. All bars have one scale.`,
  ofImpressions: (rate: string) => `${rate} of impressions are clicked`,
  ofClicks: (rate: string) => `${rate} of clicks convert`,
  ofAll: (rate: string) => `In all, ${rate} of impressions end in a conversion`,
  funnelLabel: (a: { impressions: string; clicks: string; conversions: string }) =>
    `Funnel: ${a.impressions} impressions, ${a.clicks} clicks, ${a.conversions} conversions. The button Table shows it.`,
  clickRate: 'Clicks of impressions',
  convertRate: 'Conversions of clicks',
  wholeRate: 'Conversions of impressions',
  campaignsIn: 'Campaigns counted',
  campaignsOut: 'Campaigns left out',
  scatter: 'Spend against conversions',
  scatterNote: (a: { drawn: string; unknown: string; logarithmic: readonly string[] }) =>
    `${a.drawn} campaigns; ${a.unknown} of unknown spend or conversions are not drawn.${a.logarithmic.length > 0 ? ` Logarithmic scale: ${a.logarithmic.join(' and ').toLowerCase()}.` : ''}`,
  otherTypes: 'Other types',
  types: 'By type',
  typesNote:
    'Sums are of what is known. A rate is over the campaigns that know both of its inputs, so it need not be the quotient of the sums beside it.',
  comparedNote:
    'Campaigns are compared by the month in which they start: those that started lately may still spend, and convert.',
  roiNote: (a: { strong: (text: string) => Words; count: number | null; without: string }): Words => [
    a.strong('ROI = (budget − spend) ÷ budget × 100'),
    ': the share of its budget that a campaign left unspent. It does not measure what a campaign earned. ',
    a.count === null
      ? ''
      : a.count === 0
        ? 'Every campaign here has one.'
        : `${a.without} campaign${a.count === 1 ? ' has' : 's have'} none, as budget or spend is unknown or the budget is 0.`,
  ],
  table: 'All campaigns',
  tableNote: 'The most spend first; a head sorts. A dash is unknown.',
  first: (count: string, all: string) => `The first ${count} of ${all} campaigns by spend.`,
  over100: (count: number, text: string) =>
    count === 1
      ? 'One campaign has more clicks than impressions (CTR over 100 %): one of the two must be wrong.'
      : `${text} campaigns have more clicks than impressions (CTR over 100 %): one of the two must be wrong.`,
  moreClicks: 'more clicks than impressions',
  allTypes: 'All types',
  allStatuses: 'All statuses',
}

/** The same in French. */
export const fr: typeof en = {
  campaigns: 'Campagnes',
  campaign: 'Campagne',
  type: 'Type',
  status: 'Statut',
  start: 'Début',
  budget: 'Budget',
  spend: 'Dépenses',
  impressions: 'Impressions',
  clicks: 'Clics',
  conversions: 'Conversions',
  ctr: 'Taux de clic',
  conversionRate: 'Taux de conversion',
  cpc: 'Coût par clic',
  cpa: 'Coût par conversion',
  roi: '(Budget − dépenses) ÷ budget',
  returns: 'Retour',
  return: '(Valeur − dépenses) ÷ dépenses',
  value: 'Valeur',
  returnsNote: (a) => [
    a.strong('Retour = (valeur − dépenses) ÷ dépenses × 100'),
    `, pour les enregistrements qui connaissent les deux. Les ${a.inside} campagnes qui en ont un ont rapporté ${a.value} pour ${a.spend} : `,
    a.all,
    `. Pour ${a.outside}, il est inconnu. Un réglage de la boutique dit ce qu’est la valeur.`,
  ],
  short: { conversionRate: 'Taux de conv.', cpc: 'CPC', cpa: 'CPA' },
  meanings: {
    campaigns: 'Campagnes qui débutent dans la période ; « depuis toujours » comprend celles sans date de début.',
    budget: 'Somme des budgets connus.',
    spend: 'Somme des dépenses connues.',
    conversions: 'Somme des conversions connues.',
    ctr: 'Clics × 100 ÷ impressions, quand les deux sont connus.',
    conversionRate: 'Conversions × 100 ÷ clics, quand les deux sont connus.',
    cpc: 'Coût par clic : dépenses ÷ clics, quand les deux sont connus.',
    cpa: 'Coût par conversion : dépenses ÷ conversions, quand les deux sont connues.',
    return:
      'Ce qu’une campagne a rapporté, moins ce qu’elle a coûté, rapporté à ce coût, pour ses enregistrements qui connaissent les deux.',
    roi: 'ROI tel qu’il est défini ici : la part de son budget qu’une campagne n’a pas dépensée, quand les deux sont connus.',
  },
  unknownFor: (count, text) =>
    count === 0
      ? 'renseigné pour toutes les campagnes'
      : `non renseigné pour ${text} campagne${count === 1 ? '' : 's'}`,
  noStart: (count, text, isAllTime) =>
    count === 0 ? 'toutes ont une date de début' : `${isAllTime ? 'dont' : 'et'} ${text} sans date de début`,
  funnel: 'Des impressions aux conversions',
  funnelNote: (a) =>
    `Seules les ${a.inside} campagnes qui connaissent les trois comptent ; ${a.outside} ne les connaissent pas. Toutes les barres ont la même échelle.`,
  ofImpressions: (rate) => `${rate} d’impressions cliquées`,
  ofClicks: (rate) => `${rate} de clics convertis`,
  ofAll: (rate) => `Au total, ${rate} des impressions mènent à une conversion`,
  funnelLabel: (a) =>
    `Entonnoir : ${a.impressions} impressions, ${a.clicks} clics, ${a.conversions} conversions. Le bouton Tableau le montre.`,
  clickRate: 'Clics par impression',
  convertRate: 'Conversions par clic',
  wholeRate: 'Conversions par impression',
  campaignsIn: 'Campagnes comptées',
  campaignsOut: 'Campagnes écartées',
  scatter: 'Dépenses et conversions',
  scatterNote: (a) =>
    `${a.drawn} campagnes ; ${a.unknown} dont les dépenses ou les conversions sont inconnues ne sont pas dessinées.${a.logarithmic.length > 0 ? ` Échelle logarithmique : ${a.logarithmic.join(' et ').toLowerCase()}.` : ''}`,
  otherTypes: 'Autres types',
  types: 'Par type',
  typesNote:
    'Les sommes portent sur ce qui est connu. Un taux porte sur les campagnes qui connaissent ses deux termes : il n’est donc pas forcément le quotient des sommes voisines.',
  comparedNote:
    'Les campagnes sont comparées selon leur mois de début : les plus récentes peuvent encore dépenser, et convertir.',
  roiNote: (a) => [
    a.strong('ROI = (budget − dépenses) ÷ budget × 100'),
    ' : la part de son budget qu’une campagne n’a pas dépensée. Il ne mesure pas ce qu’une campagne a rapporté. ',
    a.count === null
      ? ''
      : a.count === 0
        ? 'Toutes les campagnes affichées en ont un.'
        : `${a.without} campagne${a.count === 1 ? ' n’en a pas' : 's n’en ont pas'} : budget ou dépenses inconnus, ou budget nul.`,
  ],
  table: 'Toutes les campagnes',
  tableNote: 'Les plus fortes dépenses d’abord ; un en-tête trie. Un tiret signifie inconnu.',
  first: (count, all) => `Les ${count} premières de ${all} campagnes, par dépenses.`,
  over100: (count, text) =>
    count === 1
      ? 'Une campagne a plus de clics que d’impressions (taux de clic supérieur à 100 %) : l’un des deux est forcément faux.'
      : `${text} campagnes ont plus de clics que d’impressions (taux de clic supérieur à 100 %) : l’un des deux est forcément faux.`,
  moreClicks: 'plus de clics que d’impressions',
  allTypes: 'Tous les types',
  allStatuses: 'Tous les statuts',
}
