import { type CollectionInfo, type Db, ReadPreference } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { NoOwnIds } from '../mongo/writer.ts'
import { LingotError } from '../system/errors.ts'

/** Names the source whose documents have no `_id`s of their own, and how to give them some; other errors stay. */
export async function ownIdsWanted(error: unknown, bronze: Db, contracts: readonly Contract[]): Promise<unknown> {
  if (!(error instanceof NoOwnIds)) return error
  const own = contracts.filter(({ collection }) => `.${error.collection}`.endsWith(`.${collection}`))
  const sources = await withoutIndex(bronze, own.length > 0 ? own : contracts)
  if (sources.length > 0) return wanted(error.what, bronze, sources)
  return error.what === 'no _id'
    ? new LingotError('bronze', `${bronze.databaseName}: ${error.message}`, 'Give each document one of its own.')
    : new LingotError(
        'data',
        `MongoDB did not take some documents of ${error.collection}: their _id was written before, so bronze changed ` +
          'while it was read, or holds an _id twice, on two shards.',
        'Run it again.',
      )
}

/** As {@link ownIdsWanted}, for a collection that does not add up; undefined where its source keeps `_id`s apart. */
export async function sharedIds(bronze: Db, contract: Contract): Promise<LingotError | undefined> {
  const sources = await withoutIndex(bronze, [contract])
  return sources.length > 0 ? wanted('one _id', bronze, sources) : undefined
}

/** Of the sources those that are no collections: nothing keeps their `_id`s apart. */
async function withoutIndex(bronze: Db, contracts: readonly Contract[]): Promise<CollectionInfo[]> {
  const names = contracts.map(({ collection, source = collection }) => source)
  const options = { nameOnly: false, readPreference: ReadPreference.primary }
  const found = (await bronze.listCollections({ name: { $in: names } }, options).toArray()) as CollectionInfo[]
  return found.filter(({ type }) => type === 'view' || type === 'timeseries')
}

function wanted(what: NoOwnIds['what'], bronze: Db, sources: readonly CollectionInfo[]): LingotError {
  const named = sources.map(({ name, type }) => {
    return `${bronze.databaseName}.${name} (${type === 'view' ? 'a view' : 'a time series'})`
  })
  const [first] = sources
  const which = what === 'no _id' ? 'documents without an _id' : 'several documents with one _id'
  return new LingotError(
    'bronze',
    `${named.join(' or ')} gives ${which}, and silver needs one for each; nothing was changed.`,
    first?.type === 'timeseries' ? viewOf(first) : ELEMENT,
  )
}

const ELEMENT =
  'Let the view give each document one of its own: keep _id in its $project, and behind ' +
  '{ $unwind: { path: "$items", includeArrayIndex: "n" } } add { $set: { _id: { document: "$_id", element: "$n" } } }.'

function viewOf({ name, options }: CollectionInfo): string {
  const time = options?.['timeseries']?.timeField ?? 'timestamp'
  return (
    'Make a view of it that puts together what is unique, such as ' +
    `db.createView("${name}_view", "${name}", [{ $set: { _id: { id: "$_id", at: "$${time}" } } }]), and name the view ` +
    'under collections in the configuration file, as from.'
  )
}
