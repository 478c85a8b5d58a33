import { readFileSync } from 'node:fs'
import { type Contract, columnsOf, type Field, sourceOf } from '../src/contracts/contract.ts'
import { contracts } from '../src/contracts/contracts.ts'
import { type ModelTest, queryOf } from '../src/gold/checks.ts'
import { type Model, readModels } from '../src/gold/models.ts'
import { LONGEST } from '../src/rules/values.ts'
import type { RunRecord } from '../src/runs/record.ts'
import type { Erasure } from '../src/silver/erasures.ts'
import { validator } from '../src/silver/schema.ts'
import type { QuarantinedDocument } from '../src/trust/quarantined.ts'
import { emptyWarehouse } from './columns.ts'

/** What `docs/data-dictionary.md` says: made from the contracts and the models, so that it cannot say otherwise. */
export async function dataDictionary(): Promise<string> {
  const warehouse = await emptyWarehouse()
  try {
    const silver = []
    for (const contract of contracts)
      silver.push(describeCollection(contract, await warehouse.columns(contract.collection)))
    const models = readModels()
    const types = await warehouse.build(models)
    const gold = models.map((model) => describeModel(model, types.get(model.name) ?? new Map()))
    return [INTRODUCTION, describeKinds(), ...silver, BESIDE_SILVER, GOLD, ...gold].join('\n\n').concat('\n')
  } finally {
    warehouse.close()
  }
}

const INTRODUCTION = `# Data dictionary

Made by \`npm run docs\` from [the contracts](../src/silver) and [the models](../src/gold/models); a test fails when it is out of date. [What each number means](numbers.md) gives the reasons.

- [Silver](#silver): [customers](#customers), [transactions](#transactions), [campaigns](#campaigns), [quarantine](#quarantine), [runs](#runs), [erasures](#erasures)
- [Gold](#gold): ${readModels()
  .map(({ name }) => `[${name}](#${name})`)
  .join(', ')}

## Silver

MongoDB, \`silver_db\`. A document keeps the \`_id\` it has in bronze, of whatever type. It has every field below, always, and nothing else; a field has one BSON type, or is null where that is said.`

// -------------------------------------------------------------------------------------------------------------- kinds

/** The rules by kind, as docs/numbers.md words them. */
function rules(): Map<string, { readFrom: string; otherwise: string }> {
  const numbers = readFileSync(new URL('../docs/numbers.md', import.meta.url), 'utf8')
  const [, table = ''] = numbers.split('## Values')
  const rows = [...table.matchAll(/^\| ([a-z]+) \| (.+) \| (.+) \|$/gm)]
  return new Map(rows.map(([, kind = '', readFrom = '', otherwise = '']) => [kind, { readFrom, otherwise }]))
}

function describeKinds(): string {
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
  return [
    `### ${collection}`,
    `From \`${source}\` in bronze. ${IDENTITIES[identity](key)} ${keyRequired ? `One without \`${key}\` is quarantined.` : `One without \`${key}\` stays.`}`,
    table(titles, rows),
    ...Object.entries(contract.optional ?? {}).map(
      ([name, { kind, meaning }]) => `Where settings say where it stands, also ${code(name)} (${kind}): ${meaning}`,
    ),
    [
      `Indexes: ${['_id', key].map(code).join(', ')}.`,
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
  rules: ['int', 'The [rule set](numbers.md) of the version that ran; 1 where it does not say.'],
  outcome: ['string', '`succeeded` or `failed`.'],
  failure: ['object', 'Why it failed: `kind`, as [the exit codes](commands.md#exit-codes) have it, and `message`.'],
  steps: ['array', 'How long each step took.'],
  silver: [
    'object',
    'By collection, where the run made silver: what bronze calls it (`source`), whether it is `absent` there; documents in `bronze` and `silver`, `duplicates`, their `duplicateRevenue`, `quarantined` by reason, `erased`, `leftOut`, `sharedIds`; by field how many values are `present`, `missing`, `invalid`, `repaired` and `suspicious`, why, and the `_id`s of the first three; fields that are `unnamed` in the contract; what is `suspicious`.',
  ],
  replaced: ['objectId', "The run whose silver this one's replaced."],
  erasure: [
    'object',
    'Where a person was erased: how many `customers` were removed and `transactions` lost their customer, in silver and in `bronze`, and how many `quarantined` documents were forgotten.',
  ],
  only: ['string', 'The one gold table that was made, beside those in place.'],
  gold: ['object', 'Rows by table, where the run made gold.'],
  madeOf: ['objectId', 'The run whose silver that gold was made of, where this one did not make it.'],
  reconciliation: ['array', 'The rows of that table, where the run made gold.'],
  unmade: ['array', 'Tables of the gold in place that no model makes any more.'],
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

const BESIDE_SILVER = `### quarantine

One document for each of bronze that is not in silver, and equal to none there. Its values may be personal, so they stay in bronze.

${describeShape(QUARANTINE)}

### runs

One document for each run, the newest with the highest \`_id\`. [\`lingot report\`](commands.md) is made from them.

${describeShape(RUN)}

### erasures

In the database \`lingot\`, whatever silver is called: one document for each person who was [erased](privacy.md#to-erase-a-person), so that no run brings them back. It is there once somebody was.

${describeShape(ERASURE)}`

// --------------------------------------------------------------------------------------------------------------- gold

const GOLD = `## Gold

PostgreSQL, schema \`public\`. Money is exact, to the cent; rates have six decimals.`

function describeModel(
  { name, description, key, reads, columns, tests }: Model,
  types: ReadonlyMap<string, string>,
): string {
  const neverNull = new Set([...key, ...tests.flatMap((test) => (test.test === 'not_null' ? test.columns : []))])
  const rows = [...types].map(([column, type]) => [
    code(column),
    type,
    neverNull.has(column) ? '' : 'yes',
    columns[column] ?? '',
  ])
  const checks = (severity: ModelTest['severity']) =>
    grouped(tests.filter((test) => test.severity === severity).flatMap((test) => queryOf(name, test)))
  const [errors, warnings] = [checks('error'), checks('warn')]
  const { models = [], ...collections } = reads
  const sources = Object.entries(collections).map(([from, names = []]) => `${from} (${names.map(code).join(', ')})`)
  const made = [[...sources, ...models.map((name) => `[${name}](${placeOf(name)})`)].join(', ')].filter(
    (of) => of !== '',
  )
  // As src/gold/key.ts has it.
  const kind = key.filter((column) => types.get(column) === 'text').length > 1 ? 'Unique, by a hash' : 'Primary key'
  return [
    `### ${name}`,
    `${description} ${kind}: ${key.map(code).join(', ')}. SQL: [\`${name}.sql\`](../src/gold/models/${name}.sql).`,
    table(['column', 'PostgreSQL type', 'null', 'meaning'], rows),
    [
      ...made.map((of) => `Made of ${of}.`),
      `Checks: ${errors.join('; ')}.`,
      ...(warnings.length === 0 ? [] : [`Warnings only: ${warnings.join('; ')}.`]),
    ].join(' '),
  ].join('\n\n')
}

/** Where a model is described; the SQL of one that is not published. */
function placeOf(model: string): string {
  const isGold = readModels().some(({ name }) => name === model)
  return isGold ? `#${model}` : `../src/gold/models/intermediate/${model}.sql`
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
