import { cents } from '../rules/numbers.ts'
import { contract, count, type Derived, date, fractional, id, label, money } from './contract.ts'

const TYPES = ['Email', 'Social', 'Search', 'Display', 'Video', 'Influencer', 'Affiliate', 'SMS']

const fields = {
  campaign_id: id('The campaign. A document without one is quarantined.'),
  campaign_name: label('What the campaign is called.'),
  campaign_type: label('The channel.', TYPES),
  status: label('Where the campaign stands.', ['Active', 'Paused', 'Completed', 'Draft']),
  target_audience: label('Whom it addresses.'),
  budget: money('What was planned.', 0),
  spend: money('What was spent.', 0),
  impressions: count('How often it was shown.', { least: 0, otherwise: null, hasThousands: true }),
  clicks: count('How often it was clicked.', { least: 0, otherwise: null, hasThousands: true }),
  conversions: fractional('How many clicks became a sale; attribution may give a campaign shares of some.'),
  start_date: date('When it began.'),
}

type Campaign = typeof fields

/** What a campaign is in silver: one per record of it. */
export const campaigns = contract({
  collection: 'campaigns',
  key: 'campaign_id',
  keyRequired: true,
  identity: 'equal ones are one',
  fields,
  derived: {
    ctr: kpi('clicks / impressions * 100', ['clicks', 'impressions'], ({ clicks, impressions }) =>
      times100(ratio(clicks, impressions)),
    ),
    conversion_rate: kpi('conversions / clicks * 100', ['conversions', 'clicks'], ({ conversions, clicks }) =>
      times100(ratio(conversions, clicks)),
    ),
    cpc: kpi('spend / clicks', ['spend', 'clicks'], ({ spend, clicks }) => ratio(spend, clicks)),
    cpa: kpi('spend / conversions', ['spend', 'conversions'], ({ spend, conversions }) => ratio(spend, conversions)),
    roi: kpi('(budget - spend) / budget * 100', ['budget', 'spend'], ({ budget, spend }) =>
      budget === null || spend === null ? null : times100(ratio(cents(budget) - cents(spend), cents(budget))),
    ),
  },
  suspicions: {
    'clicks exceed impressions': ({ clicks, impressions }) =>
      clicks !== null && impressions !== null && clicks > impressions,
    'conversions exceed clicks': ({ conversions, clicks }) =>
      conversions !== null && clicks !== null && conversions > clicks,
  },
})

function kpi<Read extends keyof Campaign>(
  formula: string,
  reads: readonly Read[],
  from: Derived<Campaign, Read>['from'],
): Derived<Campaign, Read> {
  const meaning = `${formula}, not rounded; null where an input is unknown or the denominator is 0.`
  return { type: 'rate', nullable: true, personal: false, meaning, reads, from }
}

function ratio(numerator: number | null, denominator: number | null): number | null {
  return numerator === null || denominator === null || denominator === 0 ? null : numerator / denominator
}

function times100(share: number | null): number | null {
  return share === null ? null : share * 100
}
