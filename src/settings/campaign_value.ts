import { campaigns } from '../contracts/campaigns.ts'
import type { Contract } from '../contracts/contract.ts'
import type { Problem } from './problems.ts'

/** The kept field that says what a campaign brought in: without one nothing does. */
export interface CampaignValue {
  name: string
  meaning: string
}

/** The one that the settings declare, if any, and what is wrong with it. */
export function campaignValueOf(contracts: readonly Contract[]): { value?: CampaignValue; problems: Problem[] } {
  const declared = contracts.flatMap(({ collection, isOwn, fields }) =>
    Object.entries(fields).flatMap(([name, { value, meaning }]) =>
      value === true ? [{ collection, part: isOwn ? 'fields' : 'keep', name, meaning }] : [],
    ),
  )
  const found = declared.find(({ collection }) => collection === campaigns.collection)
  const problems = declared
    .filter((field) => field !== found)
    .map(({ collection, part, name }): Problem => {
      const message =
        collection === campaigns.collection
          ? `is true for ${found?.name} already: a campaign has one value`
          : 'is for a field of campaigns'
      return { path: ['collections', collection, part, name, 'value'], message }
    })
  return { ...(found && { value: { name: found.name, meaning: found.meaning } }), problems }
}
