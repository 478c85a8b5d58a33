import type { MongoClient } from 'mongodb'
import pg from 'pg'
import { UNKNOWN } from '../../contracts/contract.ts'
import { runSeen } from '../../gold/in_place.ts'
import { type Model, modelsOf } from '../../gold/models.ts'
import { type GoldQuery, type GoldRows, readGold } from '../../postgres/reader.ts'
import { latestOf } from '../../rules/dates.ts'
import { pseudonym } from '../../rules/pseudonym.ts'
import { fold, textOf } from '../../rules/values.ts'
import { goldOnRecord, isOfOtherSilver, silverInPlace } from '../../runs/store.ts'
import type { Config } from '../../settings/config.ts'
import { readErasures } from '../../silver/erasures.ts'
import { LingotError } from '../../system/errors.ts'
import { counted, printable, shorten } from '../../text/terminal.ts'
import { summary } from '../report.ts'
import type { Explanation } from './explanation_schema.ts'
import { type Lineage, lineagesOf } from './lineage.ts'
import type { Refining } from './recleaning.ts'
import { countRecords, readRecords, type Silver } from './records.ts'
import { wayBack } from './way_back.ts'

export interface ExplainOptions
  extends Pick<
    Config,
    'bronze' | 'silver' | 'goldSchema' | 'contracts' | 'phoneRegion' | 'pii' | 'erasureKey' | 'project'
  > {
  /** Records that are listed of each silver collection. */
  limit?: number
  /** For how many milliseconds records are read; until all are, if not given. */
  within?: number
  /** Whether what bronze had in fields that were mended is told, but of personal ones. */
  tellsGiven?: boolean
}

/**
 * Explains a row of gold: its values, its SQL, the silver records behind it, and what cleaning did to each.
 *
 *     await explain(mongodb, postgresUrl, 'customer', 'CUST12345', config)
 */
export async function explain(
  mongodb: MongoClient,
  postgresUrl: string,
  subject: string,
  name: string,
  options: ExplainOptions,
): Promise<Explanation> {
  const models = modelsOf(options)
  const { model, lineage: start, key, isWritten } = rowNamed(subject, name, options)
  const until = untilOf(options)
  const { row, columns, leftOut, run, lineage } = await readGold(postgresUrl, options.goldSchema, async (query) => {
    const { rows: there } = await query('select to_regclass($1) is null and to_regclass($2) is not null', [
      model.name,
      'gold_run',
    ])
    if (there[0]?.[0] === 't') throw notPublished(model)
    const { rows, columns } = await query(
      `select * from ${model.name} where ${whereNamed(start, model, '$1')}
       order by ${start.key} = $1 desc limit 1`,
      [key],
    )
    const [row] = rows
    if (row === undefined) {
      const silver = { mongodb, database: options.silver, leftOut: [], until }
      throw await noRow(start, model, key, query, silver, options.contracts)
    }
    const inRow = (name: string) => row[columns.findIndex((column) => column.name === name)] ?? null
    const values = Object.fromEntries(model.key.map((name) => [name, inRow(name)]))
    const sources = isWritten ? start.sources : wayBack(model, models, options.contracts).sources(values)
    return {
      row,
      columns,
      leftOut: await leftOutStatuses(query),
      run: await runSeen(query),
      lineage: { ...start, sources },
    }
  })

  return {
    subject,
    table: lineage.model,
    description: model.description,
    key: { column: isWritten ? lineage.key : model.key.join(BETWEEN), value: key },
    sql: { file: model.file, text: model.sql },
    ...(await explained(
      mongodb,
      { columns, row, run, leftOut, meanings: model.columns },
      lineage,
      key,
      until,
      options,
    )),
  }
}

/** A row as gold gives it. */
export interface GivenRow {
  columns: GoldRows['columns']
  row: readonly (string | null)[]
  /** The run that gold says it is of. */
  run: string | null
  leftOut: string[]
  meanings: Readonly<Record<string, string>>
}

/** When reading has to end. */
export function untilOf({ within }: ExplainOptions): number | undefined {
  return within === undefined ? undefined : performance.now() + within
}

/** Works a row of gold out from the records of silver that its key leads to. */
export async function explained(
  mongodb: MongoClient,
  { columns, row, run, leftOut, meanings }: GivenRow,
  lineage: Lineage,
  key: string,
  until: number | undefined,
  options: ExplainOptions,
): Promise<Pick<Explanation, 'row' | 'leftOut' | 'silver' | 'made'>> {
  const silver = mongodb.db(options.silver)
  const [published, made] = await Promise.all([goldOnRecord(silver, run), silverInPlace(silver, options.contracts)])
  const refining: Refining = {
    contracts: options.contracts,
    bronze: options.bronze,
    context: {
      latest: latestOf(made?.started ?? new Date()),
      region: options.phoneRegion,
      hash: pseudonym(options.pii),
      isErased: await readErasures(silver, options.bronze, options.erasureKey),
    },
    tellsGiven: options.tellsGiven,
  }
  const read = { mongodb, database: options.silver, leftOut, until }
  const { sets, workedOut: all } = await readRecords(read, lineage, key, refining, options.limit ?? 10)
  return {
    row: columns.map(({ name, isNumber }, i) => {
      const value = row[i] ?? null
      const workedOut = all[name]
      const agrees = workedOut === undefined || workedOut === value
      const meaning = meanings[name] ?? ''
      return { column: name, value, isNumber, ...(workedOut !== undefined && { workedOut }), agrees, meaning }
    }),
    leftOut,
    silver: sets,
    made: {
      gold: published && summary(published),
      silver: made && summary(made),
      silverIsNewer: made !== null && published !== null && isOfOtherSilver(published, made),
    },
  }
}

/** The row that somebody names, and how its table comes from silver where that is written down. */
export function rowNamed(
  subject: string,
  name: string,
  options: Pick<ExplainOptions, 'contracts' | 'project'>,
): { model: Model; lineage: Lineage; key: string; isWritten: boolean } {
  const models = modelsOf(options)
  const lineages = lineagesOf(options.contracts)
  const written = lineages.find((lineage) => [lineage.subject, lineage.model].includes(subject))
  const model = models.find((model) => model.name === (written?.model ?? subject))
  if (model === undefined) {
    const tables = models.map(({ name }) => name).join(', ')
    const known = lineages.filter(({ model }) => models.some(({ name }) => name === model))
    const next = `Name a ${known.map(({ subject }) => subject).join(', a ')}. A row of any table is named by the table: ${tables}.`
    throw new LingotError('usage', `${quotable(subject)} cannot be explained.`, next)
  }
  const isWritten = written !== undefined && !model.isOwn
  const lineage = isWritten ? written : unwritten(model, written?.subject ?? subject)
  return { model, lineage, key: isWritten ? keyOf(written, name) : name.trim(), isWritten }
}

/** Which row of a table has a key, as people write it, which stands in SQL as `key`. */
export function whereNamed(lineage: Lineage, model: Model, key: string): string {
  const isWritten = lineage.sources.length > 0
  return isWritten ? `${lineage.key} = ${key}` : `${lineage.key} = ${key} or ${keyText(model, inShort)} = ${key}`
}

function notPublished({ name }: Model): LingotError {
  const next = `Make it with \`lingot aggregate --only ${name}\`, or all of gold with \`lingot run\`.`
  return new LingotError('data', `No gold of ${name} was published yet.`, next)
}

/** The lineage of a table of which it is not written down how its columns are worked out: its key names a row. */
function unwritten(model: Model, subject: string): Lineage {
  return { subject, model: model.name, key: keyText(model), sources: [], columns: {} }
}

function keyText({ key }: Model, write = (text: string) => text): string {
  const parts = key.map((column) => write(`coalesce(cast(${pg.escapeIdentifier(column)} as text), '')`))
  return parts.join(` || '${BETWEEN}' || `)
}

/** A month without its first day, as people write it. */
function inShort(text: string): string {
  return `regexp_replace(${text}, '^(\\d{4}-\\d\\d)-01$', '\\1')`
}

/** Stands between the parts of a key, as the command line puts it there. */
const BETWEEN = ' / '

/** The key as gold spells it: texts in silver are tidy, so a name is tidied alike. */
function keyOf({ subject, spelling }: Lineage, name: string): string {
  const tidy = name.trim() === UNKNOWN ? UNKNOWN : textOf(name)
  if (tidy === undefined) throw new LingotError('usage', `${quotable(name)} names no ${subject}.`, 'Name one.')
  const key = spelling === undefined ? tidy : spelling.read(tidy)
  if (key === undefined) {
    throw new LingotError('usage', `${quotable(name)} is no ${subject}.`, `Write it as in ${spelling?.example}.`)
  }
  return key
}

/** A setting leaves sales of some statuses out of every table; gold itself says which, as it was made. */
export async function leftOutStatuses(query: GoldQuery): Promise<string[]> {
  const { rows } = await query("select part from reconciliation where gold_table = 'by status' and not in_table")
  return rows.flatMap(([part]) => (typeof part === 'string' ? [part] : []))
}

/** Why there is no such row, and what there is instead. */
async function noRow(
  lineage: Lineage,
  model: Model,
  key: string,
  query: GoldQuery,
  silver: Silver,
  contracts: Config['contracts'],
): Promise<LingotError> {
  const found = await countRecords(silver, lineage.sources, key, contracts)
  const counts = lineage.sources.map((source) => counted(found.get(source) ?? 0, source.collection.replace(/s$/, '')))
  const { names, first, last, near } = await namesLike(lineage, key, query)
  const isInSilver = [...found.values()].some((documents) => documents > 0)
  return new LingotError(
    'usage',
    lineage.sources.length === 0
      ? `${lineage.model} has no row ${quotable(key)}: ${model.key.join(BETWEEN)}.`
      : `${lineage.model} has no row for the ${lineage.subject} ${quotable(key)}; silver has ${counts.join(' and ')} of it.`,
    near.length > 0
      ? `Did you mean ${near.map(quotable).join(', ')}?`
      : isInSilver
        ? `The table holds: ${model.description}`
        : names === 0
          ? 'The table is empty.'
          : `It has ${counted(names, 'row')}, from ${quotable(first)} to ${quotable(last)}.`,
  )
}

/** Names that are suggested. */
const MOST = 5
/** Names that are held at once. */
const AT_ONCE = 2000

/**
 * Of a table's names those that differ from one in case, accents or spacing alone; failing those, some that hold it.
 * They are read a few at a time, as there may be many.
 */
async function namesLike(
  { model, key }: Lineage,
  name: string,
  query: GoldQuery,
): Promise<{ names: number; first: string; last: string; near: string[] }> {
  const wanted = fold(name)
  const [same, holding]: [string[], string[]] = [[], []]
  let [names, first, last] = [0, '', '']
  await query(`declare names no scroll cursor for select cast(${key} as text) from ${model} order by ${key}`)
  for (;;) {
    const { rows } = await query(`fetch ${AT_ONCE} from names`)
    for (const [found] of rows) {
      if (typeof found !== 'string') continue
      if (names++ === 0) first = found
      last = found
      const folded = fold(found)
      if (folded === wanted && same.length < MOST) same.push(found)
      else if (holding.length < MOST && folded.includes(wanted)) holding.push(found)
    }
    if (rows.length < AT_ONCE) break
  }
  await query('close names')
  return { names, first, last, near: same.length > 0 ? same : holding }
}

/** A name that a user wrote, as it may stand in a sentence. */
function quotable(name: string): string {
  return shorten(printable(name), 60)
}
