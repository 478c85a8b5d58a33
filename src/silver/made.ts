import type { Db } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { runsOf } from '../runs/ownership.ts'
import { LingotError } from '../system/errors.ts'

/** The run that made silver; throws where a collection is missing, of another run, or not Lingot's. */
export async function madeBy(silver: Db, contracts: readonly Contract[]): Promise<string> {
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
  const foreign = contracts.filter(({ collection }) => runs.get(collection) === null)
  if (foreign.length > 0) {
    const names = foreign.map(({ collection }) => collection).join(', ')
    throw new LingotError(
      'data',
      `${names} in ${silver.databaseName} was not made by Lingot.`,
      'Set LINGOT_SILVER_DB to the database that has the silver, or to one of its own and make it: `lingot process`.',
    )
  }
  const [made, ...others] = new Set(runs.values())
  if (typeof made === 'string' && others.length === 0) return made
  throw new LingotError(
    'data',
    `The collections of ${silver.databaseName} were not made by one run.`,
    'Make silver anew: `lingot process`.',
  )
}

/** Throws where silver is no longer the one that this run made. */
export async function refuseReplaced(silver: Db, contracts: readonly Contract[], made: string): Promise<void> {
  if ((await madeBy(silver, contracts)) === made) return
  const what = `${silver.databaseName} was replaced while it was read; the old gold stays.`
  throw new SilverReplaced('data', what, 'Run it again.')
}

/** Another run swapped silver in between two of its collections. */
class SilverReplaced extends LingotError {
  override readonly name = 'SilverReplaced'
}
