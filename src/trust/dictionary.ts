import { type Contract, columnsOf, type Field, identityOf, sourceOf } from '../contracts/contract.ts'
import { areBuyers } from '../contracts/contracts.ts'
import { plannedTables } from '../gold/aggregator.ts'
import { type ModelTest, queryOf } from '../gold/checks.ts'
import { typesSeen } from '../gold/columns.ts'
import { type Intermediate, intermediatesOf, type Model, publishedModels } from '../gold/models.ts'
import { columnsOf as columnsMade } from '../gold/shape.ts'
import { LONGEST } from '../rules/values.ts'
import type { RunRecord } from '../runs/record.ts'
import type { Config } from '../settings/config.ts'
import type { Erasure } from '../silver/erasures.ts'
import { validator } from '../silver/schema.ts'
import { packageFile } from '../system/package.ts'
import type { QuarantinedDocument } from './quarantined.ts'

/** Where a dictionary stands, and what it can lead to from there. */
export interface Standpoint {
  /** How it was made. */
  preface: string
  /** The address of a page of Lingot's docs; none where those are not beside it. */
  page?: (name: string) => string
  /** The address of the SQL of a model; none where it is not beside it. */
  sql: (model: Intermediate) => string | undefined
}

/** What each field of silver and each column of gold means: made from the contracts and the models, so that it cannot say otherwise. */
export async function dataDictionary(
  config: Pick<Config, 'contracts' | 'project' | 'leaveOut' | 'limits' | 'portions' | 'silver' | 'goldSchema'>,
  from: Standpoint,
): Promise<string> {
  const { contracts } = config
  const models = publishedModels(config)
  const planned = await plannedTables(config)
  const silver = []
  for (const contract of contracts) silver.push(describeCollection(contract, await typesSeen(contract)))
  const all = [...models, ...intermediatesOf(models)]
  const gold = models.map((model) => {
    const made = planned.find((table) => table.model.name === model.name)
    return describeModel(model, made === undefined ? [] : columnsMade(made), all, from)
  })
  const { page } = from
  const text = [
    introduction(config, models, from),
    describeKinds(contracts),
    ...silver,
    ...(areBuyers(contracts) ? [BUYERS] : []),
    BESIDE_SILVER,
    goldOf(config),
    ...gold,
  ]
    .join('\n\n')
    .concat('\n')
  // What Lingot's docs tell of more is a link where they are at hand.
  return text.replace(/\[([^\]]+)\]\(page:([\w-]+)(#[\w-]*)?\)/g, (_, words: string, name: string, part = '') =>
    page === undefined ? words : `[${words}](${page(name)}${part})`,
  )
}

function introduction(
  { contracts, silver }: Pick<Config, 'contracts' | 'silver'>,
  models: readonly Model[],
  { preface }: Standpoint,
): string {
  const links = (names: readonly string[]) => names.map((name) => `[${name}](#${name})`).join(', ')
  return `# Data dictionary

${preface}

- [Silver](#silver): ${links([...contracts.map(({ collection }) => collection), 'quarantine', 'runs', 'erasures'])}
- [Gold](#gold): ${links(models.map(({ name }) => name))}

## Silver

MongoDB, \`${silver}\`. A document keeps the \`_id\` it has in bronze, of whatever type. It has every field below, always, and nothing else; a field has one BSON type, or is null where that is said.`
}

// -------------------------------------------------------------------------------------------------------------- kinds

/** The rules by kind, as docs/numbers.md words them. */
function rules(): Map<string, { readFrom: string; otherwise: string }> {
  const numbers = packageFile('docs/numbers.md')
  const [, table = ''] = numbers.split('## Values')
  const rows = [...table.matchAll(/^\| ([a-z]+) \| (.+) \| (.+) \|$/gm)]
  return new Map(rows.map(([, kind = '', readFrom = '', otherwise = '']) => [kind, { readFrom, otherwise }]))
}

function describeKinds(contracts: readonly Contract[]): string {
  const known = rules()
  const kinds = new Set(contracts.flatMap(({ fields }) => Object.values(fields).map(({ kind }) => kind)))
  const rows = [...kinds].map((kind) => {
    const rule = known.get(kind)
    if (rule === undefined) throw new Error(`docs/numbers.md has no rule for ${kind}`)
    return [kind, rule.readFrom, rule.otherwise]
  })
  return `The kind of a field says how its value is read:\n\n${table(['kind', 'is read from', 'otherwise'], rows)}\n\nWhat is missing, and what is invalid, becomes what stands under "if missing".`
}

// ------------------------------------------------------------------------------------------------------------- silver

function describeCollection(contract: Contract, types: ReadonlyMap<string, string>): string {
  const { collection, source = collection, fields, key, keyRequired, identity } = contract
  const { properties } = validator(contract)['$jsonSchema']
  const rows = columnsOf(contract).map(([name, { personal, meaning }]) => {
    const field = fields[name]
    return [
      code(name),
      field === undefined ? '' : code(sourceOf(name, field)?.join('.') ?? ''),
      field?.kind ?? 'computed',
      [properties[name].bsonType].flat().join(' or '),
      types.get(name) ?? '',
      field === undefined ? '' : range(field),
      field === undefined ? '' : plain(field.default),
      (field?.vocabulary ?? []).join(', '),
      personal ? (isHashed(field) ? 'yes, as its hash' : 'yes, as it is') : '',
      meaning,
    ]
  })
  const titles = [
    'field',
    'bronze',
    'kind',
    'BSON type',
    'in DuckDB',
    'range',
    'if missing',
    'vocabulary',
    'personal',
    'meaning',
  ]
  const odd = Object.keys(contract.suspicions)
  const references = Object.entries(fields).flatMap(([name, { refers }]) => (refers ? [[name, refers] as const] : []))
  return [
    `### ${collection}`,
    `From \`${source}\` in bronze. ${key === null ? WHOLE : `${IDENTITIES[identity](key)} One without \`${key}\` ${keyRequired ? 'is quarantined' : 'stays'}.`}`,
    table(titles, rows),
    ...references.map(
      ([name, { to }]) =>
        `${code(name)} refers to ${code(to)}: those that find nobody there are told by a check of gold.`,
    ),
    ...Object.entries(contract.optional ?? {}).map(
      ([name, { kind, meaning }]) => `Where settings say where it stands, also ${code(name)} (${kind}): ${meaning}`,
    ),
    [
      `Indexes: ${['_id', identityOf(contract)].flatMap((name) => (name === null ? [] : code(name))).join(', ')}.`,
      ...(odd.length === 0 ? [] : [`Kept but reported: ${odd.join(', ')}.`]),
    ].join(' '),
  ].join('\n\n')
}

const IDENTITIES: Record<Contract['identity'], (key: string) => string> = {
  'last one wins': (key) =>
    `One document per \`${key}\`: of several the last inserted stays whole, the others are quarantined.`,
  'equal ones are one': (key) =>
    `Documents that are equal in every field but \`_id\` and bookkeeping, whether it is named here or not, are one where they have \`${key}\`; different ones with one \`${key}\` all stay.`,
}

const WHOLE =
  'Documents that are equal in every field but `_id` and bookkeeping, whether it is named here or not, are one.'

function isHashed(field: Field<unknown> | undefined): boolean {
  return field?.kind === 'email' || field?.kind === 'phone'
}

function range({ kind, least, most }: Field<unknown>): string {
  if (kind === 'date') return 'from 1970 to a day from now'
  if (kind === 'id' || kind === 'label') return `up to ${LONGEST} characters`
  if (least === undefined || most === undefined) return ''
  return least === -most ? `±${short(most)}` : `${short(least)} to ${short(most)}`
}

function short(number: number): string {
  return number >= 1e6 ? number.toExponential().replace('e+', 'e') : String(number)
}

function plain(value: unknown): string {
  return typeof value === 'string' ? code(value) : String(value)
}

type Described = [type: string, meaning: string]

const QUARANTINE: Record<keyof QuarantinedDocument, Described> = {
  collection: ['string', 'The collection in silver.'],
  document_id: ['any', 'The `_id` in bronze.'],
  reason: [
    'string',
    '`no id`, `superseded` by a later document with the same id, or `no object` where an element of a list should be one.',
  ],
  run: ['objectId', 'The run that put it there: `_id` in `runs`.'],
}

const RUN: Record<Exclude<keyof RunRecord, '_id'>, Described> = {
  command: ['string', '`process`, `aggregate`, `run` or `erase`.'],
  engine: ['string', '`spark`, where it ran there.'],
  started: ['date', 'When it began.'],
  finished: ['date', 'When it ended.'],
  rules: ['int', 'The [rule set](page:numbers) of the version that ran; 1 where it does not say.'],
  outcome: ['string', '`succeeded` or `failed`.'],
  failure: ['object', 'Why it failed: `kind`, as [the exit codes](page:commands#exit-codes) have it, and `message`.'],
  steps: ['array', 'How long each step took.'],
  silver: [
    'object',
    'By collection, where the run made silver: what bronze calls it (`source`), whether it is `absent` there; documents in `bronze` and `silver`, `duplicates`, their `duplicateRevenue`, `quarantined` by reason, `erased`, `leftOut`, `sharedIds`; by field how many values are `present`, `missing`, `invalid`, `repaired` and `suspicious`, why, and the `_id`s of the first three, and what it is read from where no document has that (`nowhere`); fields that are `unnamed` in the contract; what is `suspicious`.',
  ],
  changes: [
    'object',
    'How many records of silver changed since the run before, by collection and [cause](page:why#the-causes); not there where nothing is known of what was before.',
  ],
  replaced: ['objectId', "The run whose silver this one's replaced."],
  removed: ['array', 'Collections of silver that went, since the shop no longer has them.'],
  erasure: [
    'object',
    'Where a person was erased: how many `customers` were removed and `transactions` lost their customer, in silver and in `bronze`, `others` by collection, and how many `quarantined` documents were forgotten.',
  ],
  only: ['string', 'The one gold table that was made, beside those in place.'],
  gold: ['object', 'Rows by table, where the run made gold.'],
  making: ['object', 'What gold was made by: hashes of the settings that count, and by model (`models`) of its SQL.'],
  madeOf: ['objectId', 'The run whose silver that gold was made of, where this one did not make it.'],
  reconciliation: ['array', 'The rows of that table, where the run made gold.'],
  orders: ['int', 'How many orders the sales of gold are of, where an order may have several.'],
  unmade: ['array', 'Tables of the gold in place that no model makes any more.'],
  without: ['object', 'Tables that are not made, by the collection that the shop does without.'],
  checks: [
    'array',
    'Each check of gold: `subject`, `name`, `severity`, whether it `passed`, and the keys of the first rows at fault.',
  ],
}

const ERASURE: Record<keyof Erasure, Described> = {
  _id: [
    'object',
    'The name of the database of bronze (`bronze`), and the HMAC-SHA-256 of the `customer_id` with the key LINGOT_ERASURE_KEY (`customer`).',
  ],
  key: ['string', 'What the same key makes of a text that is no id: a run notices by it that the key is another one.'],
  erased: ['date', 'When.'],
}

function describeShape(fields: Record<string, Described>): string {
  return table(
    ['field', 'BSON type', 'meaning'],
    Object.entries(fields).map(([name, [type, meaning]]) => [code(name), type, meaning]),
  )
}

const BUYERS = `### customers

No collection of silver: whoever bought is a customer. Models see a row for each \`customer_id\` of [transactions](#transactions), with what stands for the unknown in all other columns.`

const BESIDE_SILVER = `### quarantine

One document for each of bronze that is not in silver, and equal to none there. Its values may be personal, so they stay in bronze.

${describeShape(QUARANTINE)}

### runs

One document for each run, the newest with the highest \`_id\`. [\`lingot report\`](page:commands) is made from them.

${describeShape(RUN)}

### erasures

In the database \`lingot\`, whatever silver is called: one document for each person who was [erased](page:privacy#to-erase-a-person), so that no run brings them back. It is there once somebody was.

${describeShape(ERASURE)}`

// --------------------------------------------------------------------------------------------------------------- gold

function goldOf({ goldSchema }: Pick<Config, 'goldSchema'>): string {
  return `## Gold

PostgreSQL, schema \`${goldSchema}\`. Money is exact, to the cent; rates have six decimals.`
}

function describeModel(
  model: Model,
  made: ReturnType<typeof columnsMade>,
  models: readonly Intermediate[],
  { sql }: Standpoint,
): string {
  const { name, description, key, reads, columns, tests, personal } = model
  const neverNull = new Set([...key, ...tests.flatMap((test) => (test.test === 'not_null' ? test.columns : []))])
  const rows = made.map(({ name: column, type }) => [
    code(column),
    type,
    neverNull.has(column) ? '' : 'yes',
    `${columns[column] ?? ''}${personal.includes(column) ? ' Personal.' : ''}`,
  ])
  const checks = (severity: ModelTest['severity']) =>
    grouped(tests.filter((test) => test.severity === severity).flatMap((test) => queryOf(name, test)))
  const [errors, warnings] = [checks('error'), checks('warn')]
  const { models: others = [], ...collections } = reads
  const sources = Object.entries(collections).map(([from, names = []]) => `${from} (${names.map(code).join(', ')})`)
  const named = others.map((name) => {
    const other = models.find((model) => model.name === name)
    const place = other !== undefined && 'description' in other ? `#${name}` : other && sql(other)
    return place === undefined ? name : `[${name}](${place})`
  })
  const from = [...sources, ...named].join(', ')
  // As src/gold/key.ts has it.
  const isText = (column: string) => made.some(({ name, type }) => name === column && type === 'text')
  const kind = key.filter(isText).length > 1 ? 'Unique, by a hash' : 'Primary key'
  const file = sql(model)
  return [
    `### ${name}`,
    `${description} ${kind}: ${key.map(code).join(', ')}.${file === undefined ? '' : ` SQL: [\`${name}.sql\`](${file}).`}`,
    table(['column', 'PostgreSQL type', 'null', 'meaning'], rows),
    [
      ...(from === '' ? [] : [`Made of ${from}.`]),
      ...(errors.length === 0 ? [] : [`Checks: ${errors.join('; ')}.`]),
      ...(warnings.length === 0 ? [] : [`Warnings only: ${warnings.join('; ')}.`]),
    ].join(' '),
  ].join('\n\n')
}

/** `not null: a` and `not null: b` as `not null: a, b`. */
function grouped(checks: readonly { name: string }[]): string[] {
  const groups = new Map<string, string[]>()
  for (const { name } of checks) {
    const [what = '', ...columns] = name.split(': ')
    groups.set(what, [...(groups.get(what) ?? []), ...columns])
  }
  return [...groups].map(([what, columns]) => (columns.length === 0 ? what : `${what}: ${columns.join(', ')}`))
}

// ----------------------------------------------------------------------------------------------------------- markdown

function code(text: string): string {
  return `\`${text}\``
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n')
}
