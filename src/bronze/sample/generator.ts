import { createHash } from 'node:crypto'
import { type Document, ObjectId } from 'bson'
import type { Collection, Db, MongoClient } from 'mongodb'
import { collectionsOf, describeCollection, isCollection, refuseSilver } from '../../runs/ownership.ts'
import { machine, nameOf, runs } from '../../system/alive.ts'
import { LingotError } from '../../system/errors.ts'
import { type Size, shop, sizeOf } from './shop.ts'

export type Generated = Size

export interface GenerateOptions {
  database: string
  /** Times 5,000 customers, 15,000 transactions and 200 campaigns. */
  scale?: number
  /** The same seed and scale give the same documents, `_id` included. */
  seed?: number
  /** Replace a bronze that holds documents. */
  force?: boolean
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal
}

/** Customers come first: whether theirs still waits tells how far a swap went. */
const collections = ['customers', 'transactions', 'campaigns'] as const
type Name = (typeof collections)[number]

/** Documents to an insert; larger ones are no faster. */
const BATCH = 2000

/**
 * Fills bronze with a sample shop, beside the old one and then in its place: bronze is never half full, and keeps what
 * it holds unless `force` says otherwise.
 *
 *     await generate(client, { database: 'bronze_db', scale: 10 })
 */
export async function generate(client: MongoClient, options: GenerateOptions): Promise<Generated> {
  const { database, scale = 1, seed = 42, force = false, signal } = options
  const db = client.db(database)
  await completeGeneration(client, database)
  await refuseOthers(db)
  if (!force) await refuseDocuments(db)

  const run = runId()
  const size = sizeOf(scale)
  const total = size.customers + size.transactions + size.campaigns
  const sample = shop({ scale, seed })
  let done = 0
  try {
    for (const name of collections) {
      const collection = await db.createCollection(stagedName(name, 'next', run))
      await write(collection, sample[name](), signal, (written) => {
        done += written
        options.onProgress?.(done, total)
      })
    }
    signal?.throwIfAborted()
    await swap(db, run, force)
  } catch (error) {
    // What went wrong first is what to tell; the next generate clears what cannot be cleared now.
    await finishOrUndo(db, run, await stagedBy(db, run)).catch(() => undefined)
    throw error
  }
  return size
}

/** How many documents bronze holds: estimates that are 0 only where there are none. Settles bronze first. */
export async function bronzeCounts(client: MongoClient, database: string): Promise<Generated> {
  await completeGeneration(client, database)
  const count = async (name: Name) => {
    const collection = client.db(database).collection(name)
    const [estimate, empty] = await Promise.all([collection.estimatedDocumentCount(), isEmpty(collection)])
    // After a crash of the server the estimate may be off by anything.
    return empty ? 0 : estimate || collection.countDocuments()
  }
  const [customers, transactions, campaigns] = await Promise.all([
    count('customers'),
    count('transactions'),
    count('campaigns'),
  ])
  return { customers, transactions, campaigns }
}

/** Finishes the swap of a generate that was killed in the middle of it, and clears away what others left unfinished. */
export async function completeGeneration(client: MongoClient, database: string): Promise<void> {
  const db = client.db(database)
  for (const [run, left] of await stagedRuns(db)) {
    if (isOver(run)) await finishOrUndo(db, run, left)
  }
}

/** A silver is not a bronze, and a view cannot be swapped for one: neither is replaced, whatever is forced. */
async function refuseOthers(db: Db): Promise<void> {
  const found = await collectionsOf(db, collections)
  refuseSilver(db, found)
  const others = found.filter((info) => !isCollection(info)).map(describeCollection)
  if (others.length === 0) return
  throw new LingotError(
    'bronze',
    `A sample cannot take the place of ${others.join(', ')} in ${db.databaseName}.`,
    'Drop it, or set LINGOT_BRONZE_DB to another database.',
  )
}

async function refuseDocuments(db: Db): Promise<void> {
  for (const name of collections) {
    if (!(await isEmpty(db.collection(name)))) throw holdsDocuments(db, name)
  }
}

async function isEmpty(collection: Collection): Promise<boolean> {
  return (await collection.findOne({}, { projection: { _id: 1 } })) === null
}

function holdsDocuments(db: Db, name: Name): LingotError {
  return new LingotError(
    'bronze',
    `${db.databaseName}.${name} holds documents already; they stay as they are.`,
    'Replace them with `lingot generate --force`, or set LINGOT_BRONZE_DB to another database.',
  )
}

/** Inserts in batches; one is drawn while another is written. */
async function write(
  collection: Collection,
  documents: Iterable<Document>,
  signal: AbortSignal | undefined,
  onWritten: (count: number) => void,
): Promise<void> {
  let ahead: Promise<void> = Promise.resolve()
  try {
    for (const batch of batches(documents)) {
      signal?.throwIfAborted()
      const before = ahead
      ahead = collection.insertMany(batch, { ordered: false }).then(({ insertedCount }) => onWritten(insertedCount))
      // Its failure is met when it is awaited; until then it must not count as unhandled.
      ahead.catch(() => undefined)
      await before
    }
    await ahead
  } finally {
    // An insert that comes after the drop would bring the collection back.
    await ahead.catch(() => undefined)
  }
}

function* batches(documents: Iterable<Document>): Generator<Document[]> {
  let batch: Document[] = []
  for (const document of documents) {
    batch.push(document)
    if (batch.length === BATCH) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

// ------------------------------------------------------------------------------------------------------------ the swap

/**
 * Moves the old collections aside, puts the new ones in their place, drops the old. No rename ever replaces a target,
 * so of two generates at once the later fails and destroys nothing.
 */
async function swap(db: Db, run: string, force: boolean): Promise<void> {
  if (!force) await refuseDocuments(db)
  for (const name of collections) {
    const old = stagedName(name, 'old', run)
    // Looked at once more where nobody else writes to it: documents may come at any time.
    if ((await rename(db, name, old)) === 'done' && !force && !(await isEmpty(db.collection(old)))) {
      throw holdsDocuments(db, name)
    }
  }
  for (const name of collections) {
    if ((await rename(db, stagedName(name, 'next', run), name)) === 'done') continue
    throw force
      ? new LingotError(
          'bronze',
          `${db.databaseName}.${name} was filled by another program meanwhile.`,
          'Run it again.',
        )
      : holdsDocuments(db, name)
  }
  await drop(db, run, 'old')
}

/** Customers are the first to be put in place: once they are, the swap is finished; before, everything goes back. */
async function finishOrUndo(db: Db, run: string, left: ReadonlySet<string>): Promise<void> {
  if (!left.has(stagedName('customers', 'next', run))) {
    for (const name of collections) await rename(db, stagedName(name, 'next', run), name)
    await drop(db, run, 'old')
  } else {
    for (const name of collections) {
      const old = stagedName(name, 'old', run)
      if ((await rename(db, old, name)) !== 'occupied') continue
      // Another generate was quicker: what was moved aside is kept under a name that nothing clears away.
      if (await isEmpty(db.collection(old))) await db.dropCollection(old)
      else await rename(db, old, old.replace('.old.', '.kept.'))
    }
  }
  await drop(db, run, 'next')
}

/** Renames without replacing anything. */
async function rename(db: Db, from: string, to: string): Promise<'done' | 'absent' | 'occupied'> {
  try {
    await db.renameCollection(from, to)
    return 'done'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === NAMESPACE_NOT_FOUND) return 'absent'
    if (code === NAMESPACE_EXISTS) return 'occupied'
    throw error
  }
}
const NAMESPACE_NOT_FOUND = 26
const NAMESPACE_EXISTS = 48

/** Drops customers last: while they are there, nothing else of the run counts as put in place. */
async function drop(db: Db, run: string, role: Role): Promise<void> {
  for (const name of collections.toReversed()) await db.dropCollection(stagedName(name, role, run))
}

// --------------------------------------------------------------------------------------------- who is at work, and was

type Role = 'next' | 'old'

function stagedName(name: Name, role: Role, run: string): string {
  return `${name}.${role}.${run}`
}

const STAGED =
  /^(?:customers|transactions|campaigns)\.(?:next|old)\.([0-9a-f]{8}-\d+(?:-[0-9a-f]{12}){0,2}-[0-9a-f]{24})$/
const THIS_MACHINE = createHash('md5').update(machine()).digest('hex').slice(0, 8)
const DAY = 24 * 3_600_000

/** Names a generate such that others can tell whether it is still at work. */
function runId(): string {
  return `${THIS_MACHINE}-${nameOf(process.pid)}-${new ObjectId().toHexString()}`
}

/** Whether the process of a run is gone; on another machine, which cannot be asked, whether it began a day ago. */
function isOver(run: string): boolean {
  if (Date.now() - new ObjectId(run.slice(-24)).getTimestamp().getTime() > DAY) return true
  return run.startsWith(THIS_MACHINE) && runs(run.slice(THIS_MACHINE.length + 1, -25)) === false
}

/** The collections that generates have not put away, by run. */
async function stagedRuns(db: Db): Promise<Map<string, Set<string>>> {
  const runs = new Map<string, Set<string>>()
  for await (const { name } of db.listCollections({}, { nameOnly: true, authorizedCollections: true })) {
    const run = STAGED.exec(name)?.[1]
    if (run !== undefined) runs.set(run, (runs.get(run) ?? new Set()).add(name))
  }
  return runs
}

async function stagedBy(db: Db, run: string): Promise<ReadonlySet<string>> {
  return (await stagedRuns(db)).get(run) ?? new Set()
}
