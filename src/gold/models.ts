import { z } from 'zod'
import { type Contract, columnsOf } from '../contracts/contract.ts'
import { absentFrom, areBuyers, contracts as standard } from '../contracts/contracts.ts'
import { customers } from '../contracts/customers.ts'
import type { Config } from '../settings/config.ts'
import { LINGOTS_OWN, type OwnFile } from '../settings/own_files.ts'
import { reserved } from '../settings/reserved.ts'
import { LingotError } from '../system/errors.ts'
import { packageFile, packageFolder, packageRoot } from '../system/package.ts'
import { fromHere } from '../system/paths.ts'
import { CAMPAIGN_VALUE, campaignValue } from './campaign_value.ts'
import { type Checked, modelTest, queryOf } from './checks.ts'
import { declared } from './declaration.ts'
import { FILTERED_CUSTOMERS, filteredCustomers } from './filtered_customers.ts'
import { FILTERED_SALES, FILTERED_SOLD, filteredSales } from './filtered_sales.ts'
import { referencesIn } from './references.ts'
import { type ColumnsRead, ID_ORDER } from './rows.ts'

/** What a model reads: columns of silver by collection, and other models. */
function readsOf(collections: readonly string[]) {
  return z.partialRecord(z.enum([...collections, 'models']), z.array(z.string()), {
    error: ({ input }) => (input === undefined ? `say what it reads, such as ${EXAMPLE}` : undefined),
  })
}

const EXAMPLE = 'reads: { transactions: [product, total_amount], models: [product_performance] }'

/** What customers, with all that is theirs, can be divided by. */
export const DIVISION = 'customer_id'

function intermediateOf(collections: readonly string[]) {
  return z.strictObject({
    reads: readsOf(collections),
    /** Where each customer's rows follow from what is theirs alone: it is made for some of them at a time. */
    by: z.literal(DIVISION).optional(),
  })
}

function descriptionOf(collections: readonly string[]) {
  return intermediateOf(collections)
    .extend({
      description: z.string(),
      key: z.array(z.string()).min(1),
      columns: z.record(z.string(), z.string()),
      /** The collection without whose documents it is empty: a shop that does without has no such table. */
      of: z.enum(collections).optional(),
      /** Columns of numbers that are mostly whole: they have as many decimals as each number needs. */
      plain: z.array(z.string()).default([]),
      /** The columns of silver that columns of the key come from, where those are called otherwise: `transactions.timestamp`. */
      from: z
        .record(
          z.string(),
          z.string().regex(/^\w+\.\w+$/, 'must be a column of silver, such as transactions.timestamp'),
        )
        .default({}),
      /** Columns that are personal though no column of silver that is personal is called so. */
      personal: z.array(z.string()).default([]),
      tests: z.array(modelTest).default([]),
    })
    .superRefine(({ columns, key, plain, personal, from, tests }, { addIssue }) => {
      const tested = tests.map((test) => ('columns' in test ? test.columns : 'column' in test ? [test.column] : []))
      const named = [
        ['key', key],
        ['plain', plain],
        ['personal', personal],
        ['from', Object.keys(from)],
      ] as const
      const lists = [
        ...named.map(([part, names]) => ({ path: [part], names })),
        ...tested.map((names, i) => ({ path: ['tests', i], names })),
      ]
      for (const { path, names } of lists) {
        const unknown = names.find((name) => columns[name] === undefined)
        if (unknown !== undefined)
          addIssue({ code: 'custom', path, message: `${unknown} does not stand under columns` })
      }
    })
}

const known = standard.map(({ collection }) => collection)
const intermediate = intermediateOf(known)
/** What the models of the package say of themselves. */
export const description = descriptionOf(known)

const descriptions = new Map<string, typeof description>()

/** What the models of a shop may say, which reads collections of its own as well: one for each set of those. */
function ownDescription(contracts: readonly Contract[]): typeof description {
  const names = [...new Set([...known, ...contracts.map(({ collection }) => collection)])]
  const own = descriptions.get(names.join()) ?? descriptionOf(names)
  descriptions.set(names.join(), own)
  return own
}

/** What gold is made of and with; of the collections that every shop may have, where no configuration file says more. */
export type Shop = Pick<Config, 'project'> & Partial<Pick<Config, 'contracts'>>

/** What other models read, and nobody else: a view, or, where it divides, a table. */
export interface Intermediate extends z.infer<typeof intermediate> {
  name: string
  sql: string
  /** Where its SQL is. */
  file: string
  /** Whether it lies beside the configuration file, and is none of the package. */
  isOwn: boolean
}

/** A gold table: how it is made, and what it means. */
export interface Model extends Intermediate, z.infer<typeof description> {
  /** What it reads that is no file. */
  parts?: readonly Intermediate[]
}

/** The models of the package: `NAME.sql` and the `NAME.yml` beside it. */
export function readModels(): Model[] {
  return readFolder('gold/models', description)
}

/** The models whose tables are published: the package's, with a shop's own in the place of those of the same name. */
export function modelsOf(shop: Shop): Model[] {
  const all = allModels(shop)
  const without = emptyAmong(() => all, shop)
  const isEmpty = ({ name }: Model) => without.some(({ tables }) => tables.includes(name))
  return all.filter((model) => !shop.project.leftOut.models.includes(model.name) && !isEmpty(model))
}

/** The tables that would be empty, by the collection that a shop does without. */
export function emptyTables(shop: Shop): { collection: string; tables: string[] }[] {
  return emptyAmong(() => allModels(shop), shop)
}

/** Those of the package alone: no model of the shop's own has to be read, which may be wrong. */
export function packagedEmptyTables(shop: Shop): string[] {
  const isReplaced = ({ name }: Model) => shop.project.models.some((own) => own.name === name)
  const packaged = () => readModels().filter((model) => !isReplaced(model))
  return emptyAmong(packaged, shop).flatMap(({ tables }) => tables)
}

function emptyAmong(
  read: () => readonly Model[],
  { contracts = standard }: Shop,
): { collection: string; tables: string[] }[] {
  const absent = absentFrom(contracts)
  const models = absent.length === 0 ? [] : read()
  return absent.map(({ collection }) => {
    const empty = models.filter(({ of }) => of === collection)
    if (collection !== customers.collection || !areBuyers(contracts)) return { collection, tables: names(empty) }
    // Of buyers nothing is known but who they are: a table of what else customers are has one row.
    const unknown = empty.filter(({ key }) => key.every((name) => name !== customers.key && name in customers.fields))
    return { collection: `fields of ${collection}`, tables: names(unknown) }
  })
}

function names(models: readonly Model[]): string[] {
  return models.map(({ name }) => name)
}

/** Every table of the package that is not made: those that settings leave out, and those that would be empty. */
export function tablesLeftOut(shop: Shop): string[] {
  return [...shop.project.leftOut.models, ...packagedEmptyTables(shop)]
}

/** The tables that not every shop has: its own, and those that follow its settings. No model of its own is read for it. */
export function tablesBeside({ project }: Shop): string[] {
  const packaged = names(readModels())
  const mine = project.models.flatMap(({ name }) => (packaged.includes(name) ? [] : [name]))
  return [...names(generatedModels(project)), ...mine].sort()
}

/** All tables of a shop that are not left out. No model of its own is read for it. */
export function tablesOf(shop: Shop): string[] {
  const leftOut = tablesLeftOut(shop)
  return [...new Set([...names(readModels()), ...tablesBeside(shop)])].filter((name) => !leftOut.includes(name))
}

/** Models that follow the settings. */
function generatedModels({
  filters,
  campaignValue: value,
}: Pick<Shop['project'], 'filters' | 'campaignValue'>): Model[] {
  const ofCustomers = filters.filter(({ collection }) => collection === customers.collection)
  return [
    ...(filters.length === 0 ? [] : [filteredSales(filters)]),
    ...(ofCustomers.length === 0 ? [] : [filteredCustomers(ofCustomers)]),
    ...(value === undefined ? [] : [campaignValue(value)]),
  ]
}

/** The models whose tables are published, or that one of them. */
export function publishedModels(options: Shop & { only?: string | undefined }): Model[] {
  const models = modelsOf(options)
  const { only } = options
  if (only === undefined) return models
  const one = models.find(({ name }) => name === only)
  const known = models.flatMap(({ name }) => (LINGOTS_OWN.has(name) ? [] : [name]))
  if (one === undefined || !known.includes(only)) {
    throw new LingotError('usage', `There is no model ${only} to be made by itself.`, `There are ${known.join(', ')}.`)
  }
  return [one]
}

/** All models that are made: those whose tables are published, and those that they or their tests read. */
export function neededModels(options: Parameters<typeof publishedModels>[0]): Model[] {
  const all = allModels(options)
  const needed = new Set(publishedModels(options).map(({ name }) => name))
  for (;;) {
    const known = needed.size
    for (const { name } of all.filter(({ name }) => needed.has(name)).flatMap((model) => readBy(model, all))) {
      needed.add(name)
    }
    if (needed.size === known) return all.filter(({ name }) => needed.has(name))
  }
}

function readBy({ name, reads, tests }: Model, all: readonly Model[]): Model[] {
  const words = new Set(tests.flatMap((test) => queryOf(name, test).flatMap(({ sql }) => sql.match(/\w+/g) ?? [])))
  return all.filter((other) => reads['models']?.includes(other.name) || words.has(other.name))
}

function allModels({ project, contracts = standard }: Shop): Model[] {
  const packaged = [...readModels(), ...generatedModels(project)]
  const mine = project.models.map((file) => ownModel(file, contracts))
  const absent = absentFrom(contracts).flatMap(({ collection }) => {
    return collection === customers.collection && areBuyers(contracts) ? [] : collection
  })
  const replaced = packaged.map((model) => {
    const instead = mine.find(({ name }) => name === model.name)
    const lost = instead && Object.keys(model.columns).find((column) => instead.columns[column] === undefined)
    if (instead === undefined || lost === undefined) return instead ?? model
    throw new LingotError(
      'config',
      `${fromHere(instead.file)} takes the place of Lingot's own ${model.name}, and lacks its column ${lost}, which others read.`,
      'Add it, or call your model otherwise.',
    )
  })
  const all = [...replaced, ...mine.filter((model) => !replaced.includes(model))]
  const names = [...all, ...readFolder('gold/models/intermediate', intermediate)].map(({ name }) => name)
  for (const model of mine) {
    const without = absent.find((collection) => collection in model.reads)
    if (without !== undefined && !project.leftOut.models.includes(model.name)) {
      throw new LingotError(
        'config',
        `The model ${model.name} reads ${without}, which this shop does without.`,
        `Correct reads in ${fromHere(declarationOf(model))}, or leave ${without}: false out of the configuration file.`,
      )
    }
    const unknown = model.reads['models']?.find((name) => !names.includes(name) || name === model.name)
    if (unknown === undefined) continue
    throw new LingotError(
      'config',
      `The model ${model.name} reads ${unknown}, which is no other model.`,
      `Correct reads in ${fromHere(declarationOf(model))}.`,
    )
  }
  refuseCircle(mine, all)
  return all
}

/** Throws where models read each other in turn. */
function refuseCircle(mine: readonly Model[], all: readonly Model[]): void {
  const follow = (name: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(name)) return [...way, name]
    const next = all.find((model) => model.name === name)?.reads['models'] ?? []
    return next.map((read) => follow(read, [...way, name])).find((circle) => circle !== undefined)
  }
  for (const model of mine) {
    const circle = follow(model.name, [])
    if (circle === undefined) continue
    throw new LingotError(
      'config',
      `The models read each other in a circle: ${circle.join(' → ')}.`,
      `Correct reads in ${fromHere(declarationOf(model))}.`,
    )
  }
}

function ownModel({ name, file, sql, declaration = '' }: OwnFile, contracts: readonly Contract[]): Model {
  const problem = nameProblem(name, contracts)
  if (problem !== undefined) {
    throw new LingotError('config', `${fromHere(file)} cannot be a model: ${name} ${problem}.`, 'Call it otherwise.')
  }
  const said = declared(declaration, declarationOf({ file }), ownDescription(contracts))
  // PostgreSQL keeps the key: what breaks it is told by a check, before gold is published.
  const tests = [
    ...said.tests,
    ...KEY_TESTS.flatMap((test) => (isTested(said, test) ? [] : [{ ...test, columns: said.key }])),
  ]
  return { name, sql, file, isOwn: true, ...said, tests }
}

const KEY_TESTS = [
  { test: 'unique', severity: 'error' },
  { test: 'not_null', severity: 'error' },
] as const

function isTested({ key, tests }: z.output<typeof description>, wanted: (typeof KEY_TESTS)[number]): boolean {
  return tests.some((test) => {
    if (test.test !== wanted.test || test.severity !== wanted.severity) return false
    return test.test === 'unique'
      ? test.columns.join() === key.join()
      : key.every((name) => test.columns.includes(name))
  })
}

/** Names of models that follow the settings. */
const GENERATED = [FILTERED_SALES, FILTERED_CUSTOMERS, CAMPAIGN_VALUE]

/** Why a model of one's own cannot be called so. */
export function nameProblem(name: string, contracts: readonly Contract[]): string | undefined {
  if (!/^[a-z_][a-z0-9_]{0,49}$/.test(name))
    return 'is no lower-case SQL name of at most 50 characters, such as sales_by_store'
  if (reserved.has(name)) return 'is a word of SQL'
  if (/^(pg|duckdb|sqlite|staged|bucket)_|^information_schema$/.test(name)) return 'begins as names of the database do'
  if (LINGOTS_OWN.has(name)) return "is the name of a table of Lingot's own"
  const parts = sqlFiles('gold/models/intermediate').map(({ name }) => name)
  const collections = [...standard, ...contracts].map(({ collection }) => collection)
  const own = [...GENERATED, FILTERED_SOLD, 'left_out', 'this_run', ID_ORDER]
  const taken = [...collections, ...collections.map(viewOf), ...parts, ...own]
  return taken.includes(name) ? 'is what models call something else' : undefined
}

/** What is asked of sales by their days, whichever tables a shop has. */
export const SOLD_BY_DAY = 'sold_by_day'

/** What these models, and checks of gold, read that is not published, and what that reads. */
export function intermediatesOf(models: readonly Model[]): Intermediate[] {
  const all = [...readFolder('gold/models/intermediate', intermediate), ...models.flatMap(({ parts = [] }) => parts)]
  const read = new Set([SOLD_BY_DAY])
  const follow = (reader: Intermediate): void => {
    for (const name of reader.reads['models'] ?? []) {
      const behind = all.find((other) => other.name === name && !read.has(name))
      if (behind === undefined) continue
      read.add(name)
      follow(behind)
    }
  }
  for (const model of models) follow(model)
  return all.filter(({ name }) => read.has(name))
}

function readFolder<T>(of: Parameters<typeof sqlFiles>[0], description: z.ZodType<T>) {
  return sqlFiles(of).map(({ name, sql }) => {
    const path = `src/${of}/${name}.sql`
    const file = `${packageRoot}/${path}`
    const text = packageFile(declarationOf({ file: path }))
    return { name, sql, file, isOwn: false, ...declared(text, declarationOf({ file }), description) }
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

export function columnsRead(
  models: readonly Intermediate[],
  contract: Contract,
  contracts: readonly Contract[],
): ColumnsRead {
  const { collection } = contract
  const columns = columnsOf(contract)
  const read = new Set([...(collection === SALES ? ['status'] : []), ...(isDivided(contract) ? [DIVISION] : [])])
  for (const model of models) {
    for (const name of model.reads[collection] ?? []) {
      const isKnown =
        name === ID_ORDER || columns.some(([column]) => column === name) || absentOf(contract).includes(name)
      if (!isKnown) {
        const what = `The model ${model.name} reads ${collection}.${name}, which silver does not have.`
        throw new LingotError('config', what, `Correct reads in ${fromHere(declarationOf(model))}.`)
      }
      read.add(name)
    }
  }
  for (const reference of referencesIn(contracts)) {
    if (reference.collection === collection) read.add(reference.field)
    if (reference.to === collection) read.add(reference.key)
  }
  return { columns: columns.filter(([name]) => read.has(name)), inOrder: read.has(ID_ORDER) }
}

export const SALES = 'transactions'

/** The fields that silver would have if settings said where they stand; models see them without a value. */
function absentOf({ fields, optional = {} }: Contract): string[] {
  return Object.keys(optional).filter((name) => fields[name] === undefined)
}

/** What the rows of a collection are called before {@link salesViews} divide them. */
export function viewOf(collection: string): string {
  return collection === SALES ? 'all_transactions' : collection
}

/** One setting leaves revenue out of every table; reconciliation still names it. */
export function salesViews(contract: Contract, leaveOut: readonly string[]): { name: string; sql: string }[] {
  const statuses = leaveOut.map((status) => `'${status.replaceAll("'", "''")}'`).join(', ')
  // DuckDB takes a condition that is always met for one that few sales meet, and plans for those.
  const isLeftOut = leaveOut.length === 0 ? 'false' : `coalesce(status in (${statuses}), false)`
  // A constant, so that DuckDB knows without looking that no sale has one.
  const all = ['*', ...absentOf(contract).map((name) => `null::varchar as ${name}`)].join(', ')
  return [
    { name: SALES, sql: `select ${all} from all_transactions where not ${isLeftOut}` },
    { name: 'left_out', sql: `select ${all} from all_transactions where ${isLeftOut}` },
  ]
}

/** The collections of which the models need all rows in one place: what is read by those that do not divide, and by tests. */
export function readWhole(
  models: readonly (Intermediate & Partial<Checked>)[],
  contracts: readonly Contract[],
): Set<string> {
  const collections = contracts.map(({ collection }) => collection)
  const referring = new Set(referencesIn(contracts).flatMap(({ collection, to }) => [collection, to]))
  const isTested = (collection: string) => {
    const named = new RegExp(`\\b(from|join)\\s+"?${collection}\\b`, 'i')
    return models.some(({ name, tests = [] }) =>
      tests.some((test) => queryOf(name, test).some(({ sql }) => named.test(sql))),
    )
  }
  const isRead = (collection: string) => models.some(({ by, reads }) => by === undefined && collection in reads)
  const isWhole = (collection: string) => referring.has(collection) || isRead(collection) || isTested(collection)
  const whole = collections.filter(isWhole)
  return new Set(isWhole(customers.collection) ? [...whole, ...fedBy(customers.collection, contracts)] : whole)
}

/** The collections from which the rows of one come: those of customers who are buyers come from sales. */
export function fedBy(collection: string, contracts: readonly Contract[]): string[] {
  if (collection === customers.collection && areBuyers(contracts)) return [SALES]
  return contracts.some((contract) => contract.collection === collection) ? [collection] : []
}

/** Throws where a model that is made in buckets reads what is not there: rows of nobody, or what is made of all of them. */
export function refuseUndivided(
  { name, by, reads, file }: Intermediate,
  models: readonly Intermediate[],
  contracts: readonly Contract[],
): void {
  const undivided = contracts.find((contract) => !isDivided(contract) && contract.collection in reads)?.collection
  const whole = models.find((other) => other.by === undefined && reads['models']?.includes(other.name))?.name
  const read = undivided ?? whole
  if (by === undefined || read === undefined) return
  throw new LingotError(
    'config',
    `The model ${name} divides by ${by}, but reads ${read}, which does not.`,
    `Leave by out of ${fromHere(declarationOf({ file }))}${undivided === undefined ? `, or let ${read} divide as well` : ''}.`,
  )
}

/** What finds tables by texts, or under other names, or changes DuckDB itself: no one could tell what the model reads. */
const HIDDEN_READS =
  /\b(query|query_table|json_execute_serialized_sql|(?:enable|disable)_\w+|(?:force_)?checkpoint)\s*\(|\b(unpivot|pivot(?:_wider|_longer)?|staged_\w+|all_transactions)\b/i

/** Throws where the SQL of a model of one's own reads in a way that `reads` does not tell of. */
export function refuseHiddenReads({ name, isOwn, sql, file }: Intermediate): void {
  const [found, called = found] = (isOwn ? HIDDEN_READS.exec(sql.replace(/--.*/g, '')) : null) ?? []
  if (called === undefined) return
  throw new LingotError(
    'config',
    `The model ${name} uses ${called}, by which it could read what it does not declare.`,
    `Name the collections and models in ${fromHere(file)} themselves: from transactions.`,
  )
}

/** Throws where the SQL of a model names a table, as `namesIn` finds them, that it does not say it reads. */
export function refuseUndeclared(
  { name, reads, sql, file }: Intermediate,
  models: readonly Intermediate[],
  contracts: readonly Contract[],
  namesIn: (sql: string) => readonly string[],
): void {
  const { models: declared = [], ...collections } = reads
  const sources = [...new Set([...known, ...contracts.map(({ collection }) => collection)]), 'left_out']
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
    `Add ${missing} under reads in ${fromHere(declarationOf({ file }))}.`,
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
