import { ObjectId } from 'bson'
import { DateTime } from 'luxon'
import type { Db, MongoClient } from 'mongodb'
import pg from 'pg'
import { type Contract, zoneOf } from '../../contracts/contract.ts'
import { personalColumns } from '../../gold/checks.ts'
import { runSeen } from '../../gold/in_place.ts'
import { type Model, neededModels } from '../../gold/models.ts'
import { type Question, questionNamed, questionsOf } from '../../gold/questions.ts'
import type { GoldTable, Warehouse } from '../../gold/warehouse.ts'
import { idIn } from '../../history/changes.ts'
import { type Cause, type Entry, entriesBack, entriesOf, lastEntry, readPieces } from '../../history/entries.ts'
import { type Moments, openMoments } from '../../history/moments.ts'
import { readGold } from '../../postgres/reader.ts'
import { discreetId, type Hiding, hiding } from '../../rules/contacts.ts'
import type { RunRecord } from '../../runs/record.ts'
import { goldBefore, goldOnRecord, silverInPlace } from '../../runs/store.ts'
import type { Config } from '../../settings/config.ts'
import { LingotError, reasonOf } from '../../system/errors.ts'
import { printable, shorten } from '../../text/terminal.ts'
import { rowNamed, whereNamed } from '../explain/explain.ts'
import { type Lineage, lineagesOf } from '../explain/lineage.ts'
import { rowThen } from '../explain/then.ts'
import { plainId } from '../ids.ts'
import { byMagnitude, isZero, minus } from './decimals.ts'
import { buildAll, openStates } from './states.ts'
import type { CausedChange, ChangedDocument, Why } from './why_schema.ts'

export interface WhyOptions
  extends Pick<Config, 'silver' | 'goldSchema' | 'contracts' | 'leaveOut' | 'limits' | 'portions' | 'project'>,
    Hiding {
  /** The column; the first number that differs, if not given. */
  column?: string | undefined
  /** A run, or a day as 2026-06-30; the gold before the one in place, if not given. */
  since?: string | undefined
  signal?: AbortSignal | undefined
  /** For how many milliseconds it is looked for; until it is found, if not given. */
  within?: number | undefined
  /** Documents that are listed of each cause. */
  listed?: number
}

/** Tells why a row of gold is another than it was, by building it at each moment between the two. */
export async function why(
  mongodb: MongoClient,
  postgresUrl: string,
  subject: string,
  name: string,
  { within, ...options }: WhyOptions,
): Promise<Why> {
  if (within === undefined) return found(mongodb, postgresUrl, subject, name, options)
  const over = AbortSignal.timeout(within)
  const signal = options.signal === undefined ? over : AbortSignal.any([options.signal, over])
  return found(mongodb, postgresUrl, subject, name, { ...options, signal }).catch((error: unknown) => {
    throw over.aborted && options.signal?.aborted !== true ? tookTooLong(within) : error
  })
}

function tookTooLong(within: number): LingotError {
  const next = 'Ask `lingot why` in a terminal, which takes its time.'
  return new LingotError('usage', `Why it changed was not found within ${within / 1000} seconds.`, next)
}

async function found(
  mongodb: MongoClient,
  postgresUrl: string,
  subject: string,
  name: string,
  options: WhyOptions,
): Promise<Why> {
  const silver = mongodb.db(options.silver)
  const question = subject === 'question' ? questionAsked(name, options) : undefined
  const wanted = question === undefined ? rowNamed(subject, name, options) : undefined
  const run = await readGold(postgresUrl, options.goldSchema, runSeen)
  const gold = await goldOnRecord(silver, run)
  if (gold === null) throw new LingotError('data', 'The gold in place is not on record.', 'Make it: `lingot run`.')
  const before = await goldSince(silver, gold, options)
  const changes = await changesBetween(silver, before, gold, options.contracts)
  const models = neededModels({ ...options, ...(wanted && { only: wanted.model.name }) })
  const moments = await openMoments(({ collection }) => silver.collection(collection), {
    ...options,
    models,
    changes,
  })
  try {
    const { table, lineage, key, numbers, rows, meanings } =
      question === undefined
        ? await rowOfTable(moments, wanted ?? rowNamed(subject, name, options), options.contracts)
        : await rowAsked(moments, question, options)
    // What was published then is told by gold itself; the first moment is of that silver, and of the models of now.
    const published = wanted && (await rowThen(postgresUrl, before, wanted, options))
    const [stood, stands] = [published ?? rows[0] ?? new Map(), rows.at(-1) ?? new Map()]
    const differing = numbers.filter((name) => isOther(stood.get(name), stands.get(name)))
    const column = options.column ?? differing[0] ?? numbers[0]
    const isNone = [stood, ...rows].every(({ size }) => size === 0)
    if (isNone || column === undefined || !numbers.includes(column)) {
      throw new LingotError(
        'usage',
        isNone ? `${table} has, and had, no such row.` : `${table} has no number ${column}.`,
        isNone ? '`lingot explain` names rows that are like it.' : `Name one of ${numbers.join(', ')}.`,
      )
    }
    const at = (moment: number) => rows[moment]?.get(column) ?? null
    const was = stood.get(column) ?? null
    const causes: CausedChange[] = []
    const otherwise = minus(at(0), was)
    if (!isZero(otherwise)) {
      const isSameMaking = JSON.stringify(before.making) === JSON.stringify(gold.making)
      const nothing = { count: 0, documents: [], rules: [], fields: [] }
      causes.push({ cause: isSameMaking ? 'unexplained' : 'model', amount: otherwise, ...nothing })
    }
    for (const [i, cause] of moments.causes.entries()) {
      const amount = minus(at(i + 1), at(i))
      if (isZero(amount)) continue
      causes.push({ cause, amount, ...(await documentsOf(moments, cause, lineage, key, column, options)) })
    }
    return {
      subject: question === undefined ? lineage.subject : 'question',
      table,
      row: key,
      column,
      meaning: meanings[column] ?? '',
      since: { run: before._id.toHexString(), started: before.started },
      run: { run: gold._id.toHexString(), started: gold.started },
      before: was,
      after: at(rows.length - 1),
      difference: minus(at(rows.length - 1), was),
      causes: causes.sort((one, other) => byMagnitude(one.amount, other.amount)),
      others: differing.flatMap((name) =>
        name === column ? [] : [{ column: name, before: stood.get(name) ?? null, after: stands.get(name) ?? null }],
      ),
    }
  } finally {
    moments.close()
  }
}

/** Whether one number is another: a text of it may have more zeros. */
function isOther(one: string | null = null, other: string | null = null): boolean {
  return (one === null) !== (other === null) || !isZero(minus(one, other))
}

/** A row at each moment: its numbers by column, none where there is no such row. */
interface RowInTime {
  /** The table, or the question. */
  table: string
  lineage: Lineage
  key: string
  /** Its columns that are numbers, money first. */
  numbers: string[]
  rows: Map<string, string | null>[]
  meanings: Readonly<Record<string, string>>
}

async function rowOfTable(
  moments: Moments,
  { model, lineage, key }: Pick<ReturnType<typeof rowNamed>, 'model' | 'lineage' | 'key'>,
  contracts: readonly Contract[],
): Promise<RowInTime> {
  // What is personal is kept of no moment before.
  const personal = personalColumns(contracts, model)
  const rows: Map<string, string | null>[] = []
  let numbers: string[] = []
  for (let moment = 0; moment <= moments.causes.length; moment++) {
    const warehouse = await moments.open(moment)
    try {
      const table = (await buildAll(warehouse)).find((table) => table.model.name === model.name)
      numbers = numbersIn(table?.columns ?? []).filter((name) => !personal.has(name))
      rows.push(await rowIn(warehouse, model, lineage, key, numbers))
    } finally {
      warehouse.close()
    }
  }
  return { table: model.name, lineage, key, numbers, rows, meanings: model.columns }
}

/** A question that somebody names, and the row of its answer: `4`, or `4 / 2025-03`. */
function questionAsked(name: string, options: WhyOptions): { question: Question; label: string | undefined } {
  const [named = '', ...rest] = name.split(' / ')
  const all = questionsOf(options)
  const question = questionNamed(all, named)
  if (question === undefined) {
    const known = all.map(({ number }) => number).join(', ')
    throw new LingotError('usage', `There is no question ${shorten(printable(named), 40)}.`, `Name one of ${known}.`)
  }
  return { question, label: rest.length === 0 ? undefined : rest.join(' / ') }
}

/** A row of an answer: the one that is named, or that of which an amount moved most. */
async function rowAsked(
  moments: Moments,
  { question, label }: ReturnType<typeof questionAsked>,
  options: WhyOptions,
): Promise<RowInTime> {
  const states = await openStates(moments, options)
  try {
    const answers: Awaited<ReturnType<typeof states.ask>>[] = []
    for (const schema of states.schemas) {
      const answer = await states.ask(question.sql, schema).catch((error: unknown) => {
        throw new LingotError(
          'data',
          `Question ${question.number} cannot be asked of gold as it was: ${reasonOf(error).split('\n')[0]}`,
          'Ask about a row of a table: `lingot why month 2026-06`.',
        )
      })
      answers.push(answer)
    }
    const columns = answers[0]?.columns ?? []
    const all = answers.flatMap(({ rows }) => rows)
    const isNumber = (i: number) => all.every((row) => row[i] == null || /^-?\d+(\.\d+)?$/.test(row[i]))
    // What names a row is the first column that is no number; a customer's id is one for all that.
    const named = columns.findIndex((name, i) => name !== 'rank' && (!isNumber(i) || name.endsWith('_id')))
    const labels = [...new Set(all.flatMap((row) => row[named] ?? []))]
    const money = columns.findIndex((_, i) => isNumber(i) && all.some((row) => /^-?\d+\.\d\d$/.test(row[i] ?? '')))
    const numbers = columns.filter((_, i) => i !== named && isNumber(i))
    numbers.sort((one, other) => Number(other === columns[money]) - Number(one === columns[money]))
    const numbersOf = (rows: (string | null)[][], wanted: string) => {
      const row = rows.find((row) => row[named] === wanted)
      return new Map(columns.flatMap((name, i) => (row && numbers.includes(name) ? [[name, row[i] ?? null]] : [])))
    }
    const moved = (wanted: string) => {
      const at = (rows: (string | null)[][] = []) => numbersOf(rows, wanted).get(columns[money] ?? '') ?? null
      return minus(at(answers.at(-1)?.rows), at(answers[0]?.rows))
    }
    const [most = ''] =
      label === undefined ? labels.sort((one, other) => byMagnitude(moved(one), moved(other))) : [label]
    const lineage = lineagesOf(options.contracts).find(({ key }) => key === columns[named])
    return {
      table: `question ${question.number}`,
      lineage: lineage ?? {
        subject: 'question',
        model: question.name,
        key: columns[named] ?? '',
        sources: [],
        columns: {},
      },
      key: lineage?.spelling?.read(most) ?? most,
      numbers,
      rows: answers.map(({ rows }) => numbersOf(rows, most)),
      meanings: {},
    }
  } finally {
    states.close()
  }
}

/** The gold that a later one is compared with. */
async function goldSince(silver: Db, gold: RunRecord, { since, contracts }: WhyOptions): Promise<RunRecord> {
  const isRun = since !== undefined && /^[0-9a-f]{24}$/.test(since)
  const dated = contracts.find(({ collection }) => collection === 'transactions')?.fields['timestamp']
  const day = DateTime.fromISO(since ?? '', { zone: (dated && zoneOf(dated)) ?? 'UTC' }).endOf('day')
  if (since !== undefined && !isRun && !day.isValid) {
    throw new LingotError(
      'usage',
      `${shorten(printable(since), 40)} is no run and no day.`,
      'Write a day as in 2026-06-30.',
    )
  }
  const before = await goldBefore(
    silver,
    gold,
    since === undefined ? undefined : isRun ? new ObjectId(since) : day.toJSDate(),
  )
  if (before !== null) return before
  throw new LingotError(
    since === undefined ? 'data' : 'usage',
    since === undefined
      ? 'There is no gold on record before the one in place.'
      : `There is no gold on record before the one in place that is ${isRun ? 'of this run' : 'so old'}.`,
    since === undefined
      ? 'Ask again after the next run.'
      : 'Name a run, or a day such as 2026-06-30: `lingot report` lists them.',
  )
}

/** The Parquet files of what changed between the silvers of two golds, by collection, the oldest first. */
async function changesBetween(
  silver: Db,
  before: RunRecord,
  gold: RunRecord,
  contracts: readonly Contract[],
): Promise<Map<string, (() => AsyncIterable<Buffer>)[]>> {
  const [from, to] = [await entryOf(silver, before), await entryOf(silver, gold)]
  const chain = await entriesBack(silver, to)
  const start = chain.findIndex(({ _id }) => from !== null && _id.equals(from._id))
  if (from === null || to === null || start < 0) {
    throw new LingotError(
      'data',
      'What changed between these two golds was not kept: one of them is older than what is kept, or was made by a version that kept nothing.',
      'Ask about later ones: --since; history.keep in the configuration file says of how many runs it is kept.',
    )
  }
  const inPlace = await silverInPlace(silver, contracts)
  const last = await lastEntry(silver, inPlace?._id)
  if (last === null || !last._id.equals(to._id)) {
    throw new LingotError('data', 'Silver was made anew since gold was.', 'Bring gold up to date: `lingot aggregate`.')
  }
  const changes = new Map<string, (() => AsyncIterable<Buffer>)[]>()
  for (const entry of chain.slice(0, start).reverse()) {
    for (const [collection, { counts, bytes }] of Object.entries(entry.changes)) {
      if (Object.keys(counts).length === 0) continue
      if (bytes === 0) throw tooLarge(collection, entry)
      const read = () => wholeChanges(silver, collection, entry)
      changes.set(collection, [...(changes.get(collection) ?? []), read])
    }
  }
  return changes
}

/** The pieces of what changed with a run; throws where one is gone: an erasure makes others, of other lengths. */
async function* wholeChanges(silver: Db, collection: string, entry: Entry): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const piece of readPieces(silver, { run: entry._id, collection, what: 'changes' })) {
    bytes += piece.length
    yield piece
  }
  if (bytes !== entry.changes[collection]?.bytes) throw tooLarge(collection, entry)
}

function tooLarge(collection: string, { _id, changes }: Entry): LingotError {
  const counts = Object.entries(changes[collection]?.counts ?? {}).map(([cause, count]) => `${count} ${cause}`)
  return new LingotError(
    'data',
    `Of the changes of ${collection} by the run ${_id.toHexString()} only totals were kept: ${counts.join(', ')}.`,
    'history.size in the configuration file says how many megabytes of changes are kept with a run.',
  )
}

/** What silver remembers of the run that made a gold, or of the one that made its silver. */
async function entryOf(silver: Db, { _id, madeOf, started }: RunRecord): Promise<Entry | null> {
  const own = await entriesOf(silver).findOne({ _id })
  return own ?? (await lastEntry(silver, madeOf, started))
}

/** The columns that are numbers: what is asked about first is money. */
function numbersIn(columns: GoldTable['columns']): string[] {
  const inOrder = [...columns].sort((a, b) => Number(MONEY.test(b.type)) - Number(MONEY.test(a.type)))
  return inOrder.flatMap(({ name, type }) => (NUMBER.test(type) ? [name] : []))
}

/** The numbers of a row, as texts; none where there is no such row. */
async function rowIn(
  warehouse: Warehouse,
  wanted: Model,
  lineage: Lineage,
  key: string,
  numbers: readonly string[],
): Promise<Map<string, string | null>> {
  const shown = numbers.map((name) => `cast(${pg.escapeIdentifier(name)} as varchar) as ${pg.escapeIdentifier(name)}`)
  const [row] = await warehouse.query(
    `select ${['1 as "is there$"', ...shown].join(', ')} from ${wanted.name} where ${whereNamed(lineage, wanted, pg.escapeLiteral(key))} limit 1`,
  )
  if (row === undefined) return new Map()
  return new Map(numbers.map((name) => [name, row[name] === null ? null : String(row[name])]))
}

export const MONEY = /^DECIMAL\(\d+,2\)$/
export const NUMBER = /^(DECIMAL|DOUBLE|FLOAT|(U?(TINY|SMALL|BIG|HUGE))?INT(EGER)?$|U?(TINY|SMALL|BIG|HUGE)INT)/

// ---------------------------------------------------------------------------------------------------------- documents

/** The records that changed a row by a cause. */
async function documentsOf(
  moments: Moments,
  cause: Cause,
  lineage: Lineage,
  key: string,
  column: string,
  { contracts, leaveOut, listed = 5, ...settings }: WhyOptions,
): Promise<Omit<CausedChange, 'cause' | 'amount'>> {
  const hide = hiding(settings)
  const found: ChangedDocument[] = []
  const [rules, fields] = [new Set<string>(), new Set<string>()]
  let count = 0
  for (const { collection, isOf } of membersOf(lineage, key, moments)) {
    const contract = contracts.find((contract) => contract.collection === collection)
    if (contract === undefined || !moments.has(collection)) continue
    const amount = amountOf(lineage, collection, column)
    const counts = (side: Side) => `coalesce(${isOf(side)}, false) and not ${isLeftOut(contract, side, leaveOut)}`
    const [was, is] = [`had and ${counts('before')}`, `has and ${counts('after')}`]
    const changed = `from net_${collection} where cause = '${cause}' and (${was} or ${is})`
    const told =
      amount === undefined
        ? 'null::varchar'
        : `cast(${amount(`(${is})`, 'after')} - ${amount(`(${was})`, 'before')} as varchar)`
    const [all] = await moments.query(
      `select count(*) as count, list_distinct(flatten(list(rules))) as rules, list_distinct(flatten(list(fields))) as fields ${changed}`,
    )
    count += Number(all?.['count'] ?? 0)
    for (const rule of (all?.['rules'] ?? []) as string[]) rules.add(rule)
    for (const field of (all?.['fields'] ?? []) as string[]) fields.add(field)
    const rows = await moments.query(
      `select hex(key) as key, amount from (select key, ${told} as amount ${changed})
       order by abs(try_cast(amount as decimal(38, 6))) desc nulls last, key limit ${listed}`,
    )
    for (const row of rows) {
      const { key: hex, amount } = row as { key: string | null; amount: string | null }
      found.push({
        collection,
        _id: hex === null ? null : plainId(discreetId(idIn(Buffer.from(hex, 'hex')), hide)),
        amount,
      })
    }
  }
  found.sort((one, other) => byMagnitude(one.amount ?? '0', other.amount ?? '0'))
  return { count, documents: found.slice(0, listed), rules: [...rules].sort(), fields: [...fields].sort() }
}

type Side = 'before' | 'after'

/** Whether a sale is in no table for its status. */
function isLeftOut({ collection, fields }: Contract, side: Side, leaveOut: readonly string[]): string {
  if (collection !== 'transactions' || fields['status'] === undefined || leaveOut.length === 0) return 'false'
  return `coalesce("${side}.status" in (${leaveOut.map((status) => pg.escapeLiteral(status)).join(', ')}), false)`
}

/** Which records are behind a row, before or after a change, as conditions of DuckDB. */
function membersOf(
  { model }: Lineage,
  key: string,
  moments: Moments,
): { collection: string; isOf: (side: Side) => string }[] {
  const literal = pg.escapeLiteral(key)
  const having = (collection: string, field: string) => ({
    collection,
    isOf: (side: Side) => `"${side}.${field}" = ${literal}`,
  })
  switch (model) {
    case 'monthly_revenue':
      return [{ collection: 'transactions', isOf: (side) => `strftime("${side}.timestamp", '%Y-%m-01') = ${literal}` }]
    case 'customer_metrics':
      return [having('transactions', 'customer_id'), having('customers', 'customer_id')]
    case 'product_performance':
      return [having('transactions', 'product')]
    case 'campaign_performance':
      return [having('campaigns', 'campaign_id')]
    case 'country_statistics': {
      const sides = (['before', 'after'] as const).map((side) => {
        return ` union all select "${side}.customer_id" from net_customers where "${side}.country" = ${literal}`
      })
      const changed = moments.has('customers') ? sides.join('') : ''
      const residents = `select customer_id from stay_customers where country = ${literal}${changed}`
      return [
        { collection: 'transactions', isOf: (side) => `"${side}.customer_id" in (${residents})` },
        having('customers', 'country'),
      ]
    }
    default:
      return []
  }
}

/** What a column counts of a record that is behind a row; undefined where that is nothing of its own. */
function amountOf(
  { columns }: Lineage,
  collection: string,
  column: string,
): ((isOf: string, side: Side) => string) | undefined {
  const reads = columns[column]?.reads ?? []
  const [read] = reads
  if (read === undefined) {
    const counted = column === 'total_customers' ? 'customers' : 'transactions'
    return columns[column] === undefined || counted !== collection ? undefined : (isOf) => `if(${isOf}, 1, 0)`
  }
  const [of = '', field = ''] = read.split('.')
  if (of !== collection || reads.length > 1) return undefined
  if (field === 'customer_id') return undefined
  return (isOf, side) => `if(${isOf}, coalesce("${side}.${field}", 0), 0)`
}
