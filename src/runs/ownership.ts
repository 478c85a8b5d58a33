import { type CollectionInfo, type Db, type Document, ObjectId } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { LingotError } from '../system/errors.ts'

/** What Lingot made, told by what its validator says. */
export interface Mark {
  run: string
  /** The bronze that it was made of; undefined where it does not say, as before it did. */
  bronze: string | undefined
}

/** The mark of what a run makes of a bronze, as a part of a validator: it checks nothing. */
export function markOf(run: string, bronze: string): { title: string; description: string } {
  return { title: `Lingot run ${run}`, description: `Made by Lingot of the bronze ${bronze}` }
}

/** The mark of a collection; undefined where Lingot did not make it. */
export function markIn({ options }: Pick<CollectionInfo, 'options'>): Mark | undefined {
  const { title, description }: Document = options?.['validator']?.$jsonSchema ?? {}
  const [, run] = /^Lingot run ([0-9a-f]{24})$/.exec(String(title)) ?? []
  if (run === undefined) return undefined
  return { run, bronze: /^Made by Lingot of the bronze (.+)$/s.exec(String(description))?.[1] }
}

/** Every collection of some names with all that is known of it. */
export function collectionsOf(db: Db, names: readonly string[]): Promise<CollectionInfo[]> {
  return listed(db, { name: { $in: [...names] } })
}

/** Collections with all that is known of them. */
export function listed(db: Db, which: Document): Promise<CollectionInfo[]> {
  return db.listCollections(which, { nameOnly: false }).toArray() as Promise<CollectionInfo[]>
}

/** The run that made each of some collections, by name; null where it was not Lingot that made it. */
export async function runsOf(silver: Db, names: readonly string[]): Promise<Map<string, string | null>> {
  return runsIn(await collectionsOf(silver, names))
}

/** As {@link runsOf}, of collections that are listed already. */
export function runsIn(layer: readonly CollectionInfo[]): Map<string, string | null> {
  return new Map(layer.map((info) => [info.name, markIn(info)?.run ?? null]))
}

/** Whose silver may be replaced. */
export interface Claim {
  bronze: string
  contracts: readonly Contract[]
  /** Takes the silver of another bronze too. */
  takeOver?: boolean
}

/** The collections that a run swaps in. */
export function layerOf(contracts: readonly Contract[]): string[] {
  return [...contracts.map(({ collection }) => collection), 'quarantine']
}

/**
 * Throws where a run would replace, or write into, what Lingot did not make or made of another bronze; gives the
 * collections that it would replace.
 */
export async function refuseForeign(
  silver: Db,
  { bronze, contracts, takeOver = false }: Claim,
): Promise<CollectionInfo[]> {
  const found = await collectionsOf(silver, [...layerOf(contracts), ...Object.keys(BOOKS)])
  const layer = found.filter(({ name }) => !Object.hasOwn(BOOKS, name))
  refuse(silver, [...foreignIn(layer), ...(await foreignBooks(silver, found))])
  const others = new Set(layer.flatMap((info) => markIn(info)?.bronze ?? []).filter((name) => name !== bronze))
  if (others.size === 0 || takeOver) return layer
  throw new LingotError(
    'publish',
    `${silver.databaseName} is the silver of ${[...others].sort().join(' and ')}, and this run reads ${bronze}.`,
    `${MOVE_SILVER} Where it is to be replaced, add --take-over.`,
  )
}

/**
 * What Lingot made of a bronze, and is none of what stays: the silver of collections that the shop no longer has. What a
 * run makes beside silver, and what Spark notes there, has a dot in its name.
 */
export async function leftBehind(
  silver: Db,
  found: readonly CollectionInfo[],
  bronze: string,
  stays: (info: CollectionInfo, mark: Mark) => boolean,
): Promise<string[]> {
  const left: string[] = []
  for (const info of found) {
    const mark = markIn(info)
    const isOurs = mark !== undefined && (mark.bronze ?? bronze) === bronze && !info.name.includes('.')
    if (isOurs && !stays(info, mark) && (await isMadeAs(silver, info.name, mark.run))) left.push(info.name)
  }
  return left
}

/** Whether a run made a collection of this name: one that somebody renamed or restored has its mark, too. */
async function isMadeAs(silver: Db, name: string, run: string): Promise<boolean> {
  const made = { ...IS_RUN, _id: new ObjectId(run), [`silver.${name}`]: { $exists: true } }
  return (await silver.collection('runs').findOne(made, { projection: { _id: 1 } })) !== null
}

/** The silver of collections that a shop no longer has. */
export async function leftInSilver(silver: Db, { bronze, contracts }: Claim): Promise<string[]> {
  const layer = layerOf(contracts)
  return leftBehind(silver, await listed(silver, {}), bronze, ({ name }) => layer.includes(name))
}

function refuse(silver: Db, foreign: readonly string[]): void {
  if (foreign.length === 0) return
  const those = foreign.length === 1 ? 'a collection of a name' : 'collections of names'
  throw new LingotError(
    'publish',
    `${silver.databaseName} has ${those} that Lingot needs, and did not make: ${foreign.join(', ')}.`,
    MOVE_SILVER,
  )
}

/** Collections in the places of silver's that Lingot did not make. */
export function foreignIn(found: readonly CollectionInfo[]): string[] {
  return found.filter((info) => !isCollection(info) || markIn(info) === undefined).map(describeCollection)
}

const MOVE_SILVER =
  'Nothing was changed. Give silver a database of its own: LINGOT_SILVER_DB, or silver in the configuration file.'

/** What tells a record of Lingot's from whatever else may be called `runs`. */
export const IS_RUN = {
  _id: { $type: 'objectId' },
  command: { $in: ['process', 'aggregate', 'run', 'erase'] },
  started: { $type: 'date' },
  finished: { $type: 'date' },
  outcome: { $in: ['succeeded', 'failed', 'interrupted'] },
} as const

/** What tells an entry of what silver remembers. */
export const IS_ENTRY = { started: { $type: 'date' }, making: { $type: 'object' }, sets: { $type: 'object' } } as const

/** What Lingot keeps beside silver, and which of its documents tell that it does. */
const BOOKS: Record<string, Document> = { lock: { _id: 'silver' }, runs: IS_RUN, 'history.runs': IS_ENTRY }

async function foreignBooks(silver: Db, found: readonly CollectionInfo[]): Promise<string[]> {
  const foreign: string[] = []
  for (const info of found) {
    if (Object.hasOwn(BOOKS, info.name) && !(await isBookOfLingot(silver, info))) foreign.push(describeCollection(info))
  }
  return foreign
}

/** One record of Lingot's is enough: what else is there stays, and is not read. */
async function isBookOfLingot(silver: Db, info: CollectionInfo): Promise<boolean> {
  if (!isCollection(info)) return false
  const book = silver.collection(info.name)
  const find = (filter: Document) => book.findOne(filter, { projection: { _id: 1 }, raw: true })
  return (await find(BOOKS[info.name] ?? {})) !== null || (await find({})) === null
}

/** A view or a time series is none; what does not say is one. */
export function isCollection({ type }: CollectionInfo): boolean {
  return type === undefined || type === 'collection'
}

export function describeCollection(info: CollectionInfo): string {
  if (isCollection(info)) return info.name
  return `${info.name} (a ${info.type === 'timeseries' ? 'time series' : info.type})`
}

/** Throws where a bronze is a silver: then somebody has taken the one for the other. */
export function refuseSilver(bronze: Db, sources: readonly CollectionInfo[]): void {
  const marked = sources.filter((info) => markIn(info) !== undefined).map(({ name }) => name)
  if (marked.length === 0) return
  throw new LingotError(
    'config',
    `${bronze.databaseName} is a silver that Lingot made (${marked.sort().join(', ')}), not a bronze.`,
    'Correct LINGOT_BRONZE_DB, or bronze in the configuration file.',
  )
}
