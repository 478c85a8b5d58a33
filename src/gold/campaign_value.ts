import type { CampaignValue } from '../settings/campaign_value.ts'
import { packageRoot } from '../system/package.ts'
import { type ModelTest, quoted } from './checks.ts'

export const CAMPAIGN_VALUE = 'campaign_value'

/** The model of what campaigns brought in: which field of theirs says so follows the settings, so it is no file. */
export function campaignValue({ name, meaning }: CampaignValue) {
  const key = ['campaign_id']
  const value = quoted(name)
  const tests: ModelTest[] = [
    { test: 'unique', columns: key, severity: 'error' },
    { test: 'not_null', columns: [...key, 'records'], severity: 'error' },
    { test: 'relationship', column: 'campaign_id', to: 'campaign_performance.campaign_id', severity: 'error' },
  ]
  return {
    name: CAMPAIGN_VALUE,
    file: `${packageRoot}/src/gold/campaign_value.ts`,
    isOwn: false,
    description: `What each campaign brought in, as the settings say that ${name} tells. One row per campaign_id, its records added up.`,
    of: 'campaigns' as const,
    key,
    reads: { campaigns: ['campaign_id', 'spend', name] },
    from: {},
    columns: {
      campaign_id: 'The campaign.',
      records: 'Number of records.',
      total_value: `${meaning} Sum of what is known; null if nothing is.`,
      value_with_spend: 'As much of it as is of records whose spend is known, too; null if none is.',
      spend_with_value: 'Sum of the spend of records whose value is known, too; null if none is.',
      return_rate: '(value_with_spend - spend_with_value) / spend_with_value * 100; null where that cannot be.',
    },
    plain: [],
    personal: [],
    tests,
    sql: `-- One row per campaign_id, its records added up: what ${name} says that it brought in, and what of it is left after
-- what it cost.
-- Left out: campaigns without an id, which are quarantined.

select
    campaign_id,
    count(*) as records,
    cast(sum(${value}) as decimal(38, 2)) as total_value,
    cast(sum(${value}) filter (where spend is not null) as decimal(38, 2)) as value_with_spend,
    cast(sum(spend) filter (where ${value} is not null) as decimal(38, 2)) as spend_with_value,
    ratio(100 * sum(${value} - spend), sum(spend) filter (where ${value} is not null)) as return_rate
from campaigns
group by campaign_id
`,
  }
}
