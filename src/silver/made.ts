import type { Db } from 'mongodb'
import { LingotError } from '../errors.ts'
import type { Contract } from './contract.ts'
import { runsOf } from './staging.ts'

/** The run that made silver, if it is known; throws where a collection is missing or is of another run. */
export async function madeBy(silver: Db, contracts: readonly Contract[]): Promise<string | null> {
  const runs = await runsOf(
    silver,
    contracts.map(({ collection }) => collection),
  )
  for (const { collection } of contracts) {
    if (runs.has(collection)) continue
    throw new LingotError(
      'data',
      `${silver.databaseName} has no collection ${collection}.`,
      'Make silver first: `lingot process`.',
    )
  }
  const [made = null, ...others] = new Set(runs.values())
  if (others.length === 0) return made
  throw new LingotError(
    'data',
    `The collections of ${silver.databaseName} were not made by one run.`,
    'Make silver anew: `lingot process`.',
  )
}

/** Throws where silver is no longer the one that this run made. */
export async function refuseReplaced(silver: Db, contracts: readonly Contract[], made: string | null): Promise<void> {
  if ((await madeBy(silver, contracts)) === made) return
  const what = `${silver.databaseName} was replaced while it was read; the old gold stays.`
  throw new SilverReplaced('data', what, 'Run it again.')
}

/** Another run swapped silver in between two of its collections. */
class SilverReplaced extends LingotError {
  override readonly name = 'SilverReplaced'
}
