import { readdirSync } from 'node:fs'
import type { Binary, Document, ObjectId } from 'bson'
import type { Db } from 'mongodb'
import type pg from 'pg'
import { besideOf } from '../../src/gold/beside.ts'
import { rowsIn } from '../../src/silver/fingerprints.ts'
import { runs } from '../../src/system/alive.ts'
import { goldNames, silverNames } from './contents.ts'

/** Where a run may leave something. */
export interface Places {
  silver: Db
  postgres: pg.Client
  schema: string
  /** The temporary folder of the runs. */
  temporary: string
}

/** What is there beside what a run is to leave: staging, tables, a lock, a swap, folders of the dead. */
export async function traces({ silver, postgres, schema, temporary }: Places): Promise<string[]> {
  const left: string[] = []
  const collections = (await silver.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)
  const kept = ['history.fingerprints', 'history.runs', ...collections.filter((name) => name === 'history.changes')]
  for (const name of others(collections, [...silverNames, 'runs', 'lock', ...kept])) left.push(`a collection ${name}`)
  left.push(...(await historyTraces(silver)))

  const lock: Document | null = await silver.collection('lock').findOne()
  for (const field of ['holder', 'swap', 'dead']) {
    if (lock?.[field] !== undefined && lock[field] !== null) left.push(`${field} in the lock document`)
  }

  const { rows: tables } = await postgres.query<{ schema: string; name: string }>(
    `select relnamespace::regnamespace::text as schema, relname as name from pg_class
     where relkind in ('r', 'v', 'm') and relnamespace::regnamespace::text !~ '^(pg_|information_schema)'`,
  )
  const wanted = goldNames.map((name) => `${schema}.${name}`)
  const { rows: history, views } = besideOf(schema)
  for (const name of others(
    tables.flatMap((table) => ([history, views].includes(table.schema) ? [] : [`${table.schema}.${table.name}`])),
    wanted,
  )) {
    left.push(`a table ${name}`)
  }
  const { rows: schemas } = await postgres.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname !~ '^(pg_|information_schema)'`,
  )
  for (const name of others(
    schemas.map((row) => row.name),
    ['public', schema, history, views],
  )) {
    left.push(`a schema ${name}`)
  }

  for (const name of readdirSync(temporary)) {
    const [, owner] = /^lingot-(?:models|plan)-(.+)/.exec(name) ?? []
    if (owner !== undefined && !runs(owner)) left.push(`the folder ${name} of a process that has ended`)
  }
  return left
}

/** What silver remembers that is not of the layers in place, or not all of them. */
async function historyTraces(silver: Db): Promise<string[]> {
  const made = await silver
    .collection('runs')
    .findOne({ silver: { $exists: true } }, { sort: { started: -1, _id: -1 } })
  const entry = made && (await silver.collection('history.runs').findOne({ _id: made._id }))
  if (entry === null) return ['no entry of what is remembered of the silver in place']
  const found = await silver
    .collection<{ _id: { run: ObjectId; collection: string }; bytes: Binary }>('history.fingerprints')
    .find({ '_id.what': 'met' })
    .toArray()
  const sets = Object.entries(entry['sets'] as Record<string, { run: ObjectId; met: { rows: number } }>)
  const isNeeded = ({ _id }: { _id: { run: ObjectId; collection: string } }) =>
    sets.some(([collection, { run }]) => collection === _id.collection && run.equals(_id.run))
  const strays = found.filter((piece) => !isNeeded(piece)).map(({ _id }) => `fingerprints of another run, ${_id.run}`)
  const counts = sets.flatMap(([collection, { run, met }]) => {
    const own = found.filter(({ _id }) => _id.collection === collection && _id.run.equals(run))
    const rows = own.flatMap(({ bytes }) => [...rowsIn(Buffer.from(bytes.buffer))]).length
    return rows === met.rows ? [] : [`${rows} fingerprints of ${collection} where ${met.rows} are told`]
  })
  const entries = await silver.collection('history.runs').find().toArray()
  const changes = await silver
    .collection<{ _id: { run: ObjectId; collection: string }; bytes: Binary }>('history.changes')
    .find()
    .toArray()
  const bytesOf = (run: ObjectId, collection: string) => {
    const own = changes.filter(({ _id }) => _id.collection === collection && _id.run.equals(run))
    return own.reduce((sum, { bytes }) => sum + bytes.length(), 0)
  }
  const others = changes.filter(({ _id }) => !entries.some((entry) => _id.run.equals(entry._id)))
  const lacking = entries.flatMap(({ _id, changes }) =>
    Object.entries(changes as Record<string, { counts: object; bytes: number }>).flatMap(([collection, known]) => {
      const bytes = Object.keys(known.counts).length === 0 ? 0 : known.bytes
      const found = bytesOf(_id, collection)
      return found === bytes ? [] : [`${found} bytes of changes of ${collection} where ${bytes} are told`]
    }),
  )
  return [...strays, ...counts, ...lacking, ...others.map(({ _id }) => `changes of an unknown run, ${_id.run}`)]
}

function others(found: readonly string[], wanted: readonly string[]): string[] {
  const missing = wanted.filter((name) => !found.includes(name)).map((name) => `${name}, or rather none`)
  return [...found.filter((name) => !wanted.includes(name)), ...missing]
}
