import { type Clean, contract, cost, count, type Derived, date, id, label } from './contract.ts'

const fields = {
  campaign_id: id('The campaign. A document without one is quarantined.'),
  campaign_name: label('What the campaign is called.'),
  campaign_type: label('The channel.'),
  status: label('Where the campaign stands.', ['Active', 'Paused', 'Completed', 'Draft']),
  target_audience: label('Whom it addresses.'),
  budget: cost('What was planned.'),
  spend: cost('What was spent.'),
  impressions: count('How often it was shown.', 0, null),
  clicks: count('How often it was clicked.', 0, null),
  conversions: count('How many clicks became a sale.', 0, null),
  start_date: date('When it began.'),
}

type Campaign = Clean<typeof fields>

/** What a campaign is in silver: one per record of it. */
export const campaigns = contract({
  collection: 'campaigns',
  key: 'campaign_id',
  keyRequired: true,
  identity: 'equal ones are one',
  indexes: [],
  fields,
  derived: {
    ctr: kpi('clicks / impressions * 100', ({ clicks, impressions }) => times100(ratio(clicks, impressions))),
    conversion_rate: kpi('conversions / clicks * 100', ({ conversions, clicks }) =>
      times100(ratio(conversions, clicks)),
    ),
    cpc: kpi('spend / clicks', ({ spend, clicks }) => ratio(spend, clicks)),
    cpa: kpi('spend / conversions', ({ spend, conversions }) => ratio(spend, conversions)),
    roi: kpi('(budget - spend) / budget * 100', ({ budget, spend }) =>
      budget === null || spend === null ? null : times100(ratio(budget - spend, budget)),
    ),
  },
})

function kpi(formula: string, from: (clean: Campaign) => number | null): Derived<Campaign, number | null> {
  const meaning = `${formula}, not rounded; null where an input is unknown or the denominator is 0.`
  return { type: 'rate', personal: false, meaning, from }
}

function ratio(numerator: number | null, denominator: number | null): number | null {
  return numerator === null || denominator === null || denominator === 0 ? null : numerator / denominator
}

function times100(share: number | null): number | null {
  return share === null ? null : share * 100
}
