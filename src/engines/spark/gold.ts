import { checkResult, checksOf } from '../../gold/checks.ts'
import { lookAhead } from '../../gold/publish.ts'
import type { Planned } from '../../gold/standing.ts'
import type { GoldTable } from '../../gold/warehouse.ts'
import { withPostgres } from '../../postgres/client.ts'
import { silverReader } from '../../silver/schema.ts'
import { LingotError } from '../../system/errors.ts'
import { begunIn } from './begin.ts'
import { COUNTED, type JobModel, makesSilver, position } from './job.ts'
import { field } from './lines.ts'
import { readRange } from './ranges.ts'
import { progressOf, stagedSilver } from './silver.ts'
import { createStaged, stageOnce } from './staged.ts'
import { collectionOf, groundOf, postgresOf, type Step, type Task } from './task.ts'

/** Gives the documents of a range of silver for each row (collection, part): what the models read of them. */
export const read: Step = async (task, rows) => {
  const { mongodb, silver, lock, notes, out, job } = task
  const { ranges } = await begunIn(task)
  for await (const row of rows) {
    const [collection = '', number = ''] = row.split('\t')
    const part = Number(number)
    const from = new Date()
    const { columns, inOrder } = collectionOf(task, collection)
    const range = ranges[collection] ?? { documents: 0, bounds: [] }
    const [completed] = await notes.read('completed', collection)
    const expected = completed?.silver ?? range.documents
    const source = makesSilver(job) ? stagedSilver(task).collection(collection) : silver.collection(collection)
    await lock.announce(await progressOf(task, 'read', collection, expected))
    const valuesOf = silverReader(columns)
    let documents = 0
    for await (const batch of readRange(mongodb, source, range, part)) {
      lock.lost.throwIfAborted()
      for (const document of batch) {
        const values = valuesOf(document)
        const fields = columns.map((name) => field(values[name]))
        out.add(...fields, ...(inOrder ? [position(part, documents)] : []))
        documents++
      }
      if (out.isFull()) await out.flush()
    }
    await out.flush()
    await notes.note('read', [collection, part], { documents }, from)
    const progress = await progressOf(task, 'read', collection, expected)
    const isLast = collection === job.collections.at(-1)?.collection && progress.done === progress.total
    await lock.announce(isLast ? { step: 'build gold', done: null, total: null } : progress)
  }
}

/** Notes for each row (model, type of a row) what a table looks like, and makes the staged ones. */
export const shape: Step = async (task, rows) => {
  const { job, run, notes } = task
  const tables: Planned[] = []
  for await (const row of rows) {
    const [name = '', type = ''] = row.split('\t')
    const columns = columnsOf(type)
    refuseOthers(modelOf(task, name), columns)
    tables.push({ model: modelOf(task, name), columns })
    await notes.note('shaped', [name], { columns })
  }
  await lookAhead(
    postgresOf(task),
    groundOf(
      task,
      job.models.map(({ name }) => ({ columns: tables.find(({ model }) => model.name === name)?.columns ?? [] })),
    ),
  )
  await createStaged(postgresOf(task), job.goldSchema, run.toHexString(), tables)
}

/** `struct<month:date,revenue:decimal(18,2)>`, with types as DuckDB calls them. */
function columnsOf(type: string): GoldTable['columns'] {
  const inside = type.replace(/^struct<(.*)>$/, '$1')
  return [...inside.matchAll(/([^:,]+):([a-z_]+(?:\(\d+,\d+\))?)/g)].map(([, name = '', type = '']) => ({
    name,
    type: DUCKDB_TYPES[type] ?? type.toUpperCase(),
  }))
}

/** Spark's timestamp is a point in time, as one with a time zone is elsewhere. */
const DUCKDB_TYPES: Record<string, string> = {
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  timestamp_ntz: 'TIMESTAMP',
}

/** The columns that are copied are those that the model describes. */
function refuseOthers({ name, columns }: JobModel, found: GoldTable['columns']): void {
  const described = Object.keys(columns)
  const made = found.map(({ name }) => name)
  if (described.join() === made.join()) return
  throw new LingotError(
    'config',
    `The model ${name} makes the columns ${made.join(', ')}, but describes ${described.join(', ')}.`,
    `Describe in ${name}.yml what ${name}.sql makes, in the same order.`,
  )
}

/** Stages the rows (part, model, its values as a JSON list of texts); part is the same in all of them. */
export const copy: Step = async (task, rows) => {
  const { job, run, lock, notes } = task
  const from = new Date()
  await lock.announce({ step: 'copy and check gold', done: null, total: null })
  const lines = rows[Symbol.asyncIterator]()
  let next = await lines.next()
  if (next.done) return
  const part = Number(next.value.split('\t', 1)[0])
  await withPostgres(postgresOf(task), (client) =>
    stageOnce(client, { schema: job.goldSchema, run: run.toHexString(), part }, async (stage) => {
      while (!next.done) {
        const [, model = ''] = next.value.split('\t', 2)
        const prefix = `${part}\t${model}\t`
        const ofModel = async function* () {
          for (; !next.done && next.value.startsWith(prefix); next = await lines.next()) {
            yield JSON.parse(next.value.slice(prefix.length)) as (string | null)[]
          }
        }
        await stage(model, ofModel())
      }
    }),
  )
  await notes.note('copied', ['gold', part], {}, from)
}

/**
 * Notes how each model did: rows (model, number of the check, rows at fault, one of them as JSON), and for each model its
 * rows in the place of those at fault under the number -1.
 */
export const check: Step = async (task, rows) => {
  const found = new Map<string, { count: number; rows: Record<string, unknown>[] }>()
  for await (const row of rows) {
    const [model = '', number = '', count, json = '{}'] = row.split('\t')
    const key = `${model} ${number}`
    const before = found.get(key)?.rows ?? []
    found.set(key, { count: Number(count), rows: [...before, JSON.parse(json)] })
  }
  for (const model of task.job.models) {
    const results = checksOf(model).map((check, number) => {
      const { count, rows } = found.get(`${model.name} ${number}`) ?? { count: 0, rows: [] }
      return checkResult(model, check, count, rows, task.config)
    })
    const rows = found.get(`${model.name} ${COUNTED}`)?.count ?? 0
    await task.notes.note('checked', [model.name], { results, rows })
  }
}

function modelOf({ job }: Task, name: string): JobModel {
  const found = job.models.find((model) => model.name === name)
  if (found === undefined) throw new LingotError('bug', `The job has no model ${name}.`)
  return found
}
