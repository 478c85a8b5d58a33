import { parse } from 'yaml'
import { z } from 'zod'
import { type Contract, columnsOf } from '../contracts/contract.ts'
import { contracts } from '../contracts/contracts.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { packageFile, packageFolder, packageRoot } from '../system/package.ts'
import { type Checked, modelTest, queryOf } from './checks.ts'
import { type ColumnsRead, ID_ORDER } from './rows.ts'

/** What a model reads: columns of silver by collection, and other models. */
const reads = z.partialRecord(
  z.enum([...contracts.map(({ collection }) => collection), 'models']),
  z.array(z.string()),
  { error: ({ input }) => (input === undefined ? `say what it reads, such as ${EXAMPLE}` : undefined) },
)

const EXAMPLE = 'reads: { transactions: [product, total_amount], models: [product_performance] }'

/** What customers, with all that is theirs, can be divided by. */
export const DIVISION = 'customer_id'

const intermediate = z.object({
  reads,
  /** Where each customer's rows follow from what is theirs alone: it is made for some of them at a time. */
  by: z.literal(DIVISION).optional(),
})

export const description = intermediate.extend({
  description: z.string(),
  key: z.array(z.string()).min(1),
  columns: z.record(z.string(), z.string()),
  /** Columns of numbers that are mostly whole: they have as many decimals as each number needs. */
  plain: z.array(z.string()).default([]),
  tests: z.array(modelTest).default([]),
})

/** What other models read, and nobody else: a view, or, where it divides, a table. */
export interface Intermediate extends z.infer<typeof intermediate> {
  name: string
  sql: string
  /** Where its SQL is. */
  file: string
}

/** A gold table: how it is made, and what it means. */
export interface Model extends Intermediate, z.infer<typeof description> {}

/** Reads every model: `NAME.sql` and the `NAME.yml` beside it. */
export function readModels(): Model[] {
  return readFolder('gold/models', description)
}

/** Reads what these models read that is not published. */
export function intermediatesOf(models: readonly Model[]): Intermediate[] {
  const read = new Set(models.flatMap(({ reads }) => reads['models'] ?? []))
  return readFolder('gold/models/intermediate', intermediate).filter(({ name }) => read.has(name))
}

function readFolder<T>(of: Parameters<typeof sqlFiles>[0], description: z.ZodType<T>) {
  return sqlFiles(of).map(({ name, sql }) => {
    const path = `src/${of}/${name}.sql`
    const file = `${packageRoot}/${path}`
    try {
      return { name, sql, file, ...description.parse(parse(packageFile(declarationOf({ file: path })))) }
    } catch (error) {
      throw new LingotError(
        'config',
        `The model ${name} has no valid description: ${error instanceof z.ZodError ? z.prettifyError(error) : reasonOf(error)}`,
        `Correct ${declarationOf({ file })}.`,
      )
    }
  })
}

/** Where a model says what it reads and means. */
export function declarationOf({ file }: Pick<Intermediate, 'file'>): string {
  return file.replace(/sql$/, 'yml')
}

/** Each model behind those that it reads. */
export function inOrder<M extends Intermediate>(models: readonly M[]): M[] {
  const sorted: M[] = []
  const waiting = [...models]
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ reads }) => !waiting.some(({ name }) => reads['models']?.includes(name)))
    sorted.push(...waiting.splice(Math.max(next, 0), 1))
  }
  return sorted
}

/** Whether a collection's rows are of customers, and divide with them. */
export function isDivided({ fields }: Contract): boolean {
  return DIVISION in fields
}

export function columnsRead(models: readonly Intermediate[], contract: Contract): ColumnsRead {
  const { collection } = contract
  const columns = columnsOf(contract)
  const read = new Set([...(collection === SALES ? ['status'] : []), ...(isDivided(contract) ? [DIVISION] : [])])
  for (const model of models) {
    for (const name of model.reads[collection] ?? []) {
      const isKnown = name === ID_ORDER || columns.some(([column]) => column === name)
      if (!isKnown) {
        const what = `The model ${model.name} reads ${collection}.${name}, which silver does not have.`
        throw new LingotError('config', what, `Correct reads in ${declarationOf(model)}.`)
      }
      read.add(name)
    }
  }
  return { columns: columns.filter(([name]) => read.has(name)), inOrder: read.has(ID_ORDER) }
}

const SALES = 'transactions'

/** What the rows of a collection are called before {@link salesViews} divide them. */
export function viewOf(collection: string): string {
  return collection === SALES ? 'all_transactions' : collection
}

/** One setting leaves revenue out of every table; reconciliation still names it. */
export function salesViews(leaveOut: readonly string[]): { name: string; sql: string }[] {
  const statuses = leaveOut.map((status) => `'${status.replaceAll("'", "''")}'`).join(', ')
  // DuckDB takes a condition that is always met for one that few sales meet, and plans for those.
  const isLeftOut = leaveOut.length === 0 ? 'false' : `coalesce(status in (${statuses}), false)`
  return [
    { name: SALES, sql: `select * from all_transactions where not ${isLeftOut}` },
    { name: 'left_out', sql: `select * from all_transactions where ${isLeftOut}` },
  ]
}

/** The collections of which the models need all rows in one place: what is read by those that do not divide, and by tests. */
export function readWhole(models: readonly (Intermediate & Partial<Checked>)[]): Set<string> {
  const collections = contracts.map(({ collection }) => collection)
  const isTested = (collection: string) => {
    const named = new RegExp(`\\b(from|join)\\s+"?${collection}\\b`, 'i')
    return models.some(({ name, tests = [] }) =>
      tests.some((test) => queryOf(name, test).some(({ sql }) => named.test(sql))),
    )
  }
  const isRead = (collection: string) => models.some(({ by, reads }) => by === undefined && collection in reads)
  return new Set(collections.filter((collection) => isRead(collection) || isTested(collection)))
}

/** Throws where a model that is made in buckets reads what is not there: rows of nobody, or what is made of all of them. */
export function refuseUndivided({ name, by, reads, file }: Intermediate, models: readonly Intermediate[]): void {
  const undivided = contracts.find((contract) => !isDivided(contract) && contract.collection in reads)?.collection
  const whole = models.find((other) => other.by === undefined && reads['models']?.includes(other.name))?.name
  const read = undivided ?? whole
  if (by === undefined || read === undefined) return
  throw new LingotError(
    'config',
    `The model ${name} divides by ${by}, but reads ${read}, which does not.`,
    `Leave by out of ${declarationOf({ file })}${undivided === undefined ? `, or let ${read} divide as well` : ''}.`,
  )
}

/** Throws where the SQL of a model names a table, as `namesIn` finds them, that it does not say it reads. */
export function refuseUndeclared(
  { name, reads, sql, file }: Intermediate,
  models: readonly Intermediate[],
  namesIn: (sql: string) => readonly string[],
): void {
  const { models: declared = [], ...collections } = reads
  const sources = [...contracts.map(({ collection }) => collection), 'left_out']
  const collectionOf = (source: string) => (source === 'left_out' ? SALES : source)
  const others = [
    ...sources.filter((source) => collections[collectionOf(source)] === undefined),
    ...models.map((model) => model.name).filter((model) => model !== name && !declared.includes(model)),
  ]
  // To ask DuckDB takes longer than to see that there is nothing to ask.
  const text = sql.toLowerCase()
  if (!others.some((other) => text.includes(other))) return
  const named = new Set(namesIn(sql).map((table) => table.toLowerCase()))
  const undeclared = others.find((other) => named.has(other))
  if (undeclared === undefined) return
  const missing = sources.includes(undeclared)
    ? `${collectionOf(undeclared)}, with the columns that it reads,`
    : `${undeclared} to models`
  throw new LingotError(
    'config',
    `The model ${name} reads ${undeclared}, which it does not declare.`,
    `Add ${missing} under reads in ${declarationOf({ file })}.`,
  )
}

/** The macros that the models need on DuckDB. */
export function readDialect(): string {
  return packageFile('src/gold/dialect.sql')
}

/**
 * Every `.sql` file of a folder of the package, in the order of their names. They are read where the package keeps them,
 * so that an edit counts at the next run without a build.
 */
export function sqlFiles(
  of: 'gold/models' | 'gold/models/intermediate' | 'gold/questions' | `web/figures/${string}`,
): { name: string; sql: string }[] {
  const path = `src/${of}`
  return packageFolder(path)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ name: file.slice(0, -'.sql'.length), sql: packageFile(`${path}/${file}`) }))
}
