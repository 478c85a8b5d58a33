import { basename } from 'node:path'
import type { MongoClient } from 'mongodb'
import { tablesRead } from '../gold/questions.ts'
import type { RunRecord } from '../runs/record.ts'
import { goldBefore, goldOnRecord, lastOutcome } from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { LingotError } from '../system/errors.ts'
import { explainedCut } from '../trust/explain/cut.ts'
import { explain, rowNamed } from '../trust/explain/explain.ts'
import type { Explanation as Explained } from '../trust/explain/explanation_schema.ts'
import { rowThen } from '../trust/explain/then.ts'
import { EXPLAIN_MS, WHY_MS } from '../trust/patience.ts'
import { listOf } from './addresses.ts'
import { type Figure, type Filters, type Page, type PageName, pages } from './api.ts'
import { type Body, bodies } from './bodies.ts'
import { type Cell, cellNamed, rowKey } from './cells.ts'
import type { Explanation, Narrowed, Why, WhyQuery } from './explanation.ts'
import { cutOf, readPage, readParts, type Shown } from './figures.ts'
import type { Gold } from './gold.ts'
import { filtersIn } from './narrowed.ts'
import { Refusal } from './problem.ts'
import { readGoldRun } from './seen.ts'
import { turns } from './turns.ts'

/** How many are worked at, and how many wait. */
const EXPLAINED = { atOnce: 2, waiting: 16 }
const ASKED_WHY = { atOnce: 1, waiting: 4 }
/** Characters of explanations that are kept. */
const KEPT = 8 * 2 ** 20

/** Explains the numbers of the page, and why they changed: each once for a run of gold, a few at a time. */
export interface Explainer {
  explain: (subject: string, key: string, asked: Asked) => Promise<Body>
  why: (subject: string, key: string, asked: WhyQuery) => Promise<Body>
}

export interface Asked {
  /** What the page is narrowed to, as its address says. */
  narrowed: Narrowed
  query: Readonly<Record<string, readonly string[]>>
  /** Whether who asks may see what bronze has. */
  tellsGiven: boolean
  /** How many records are listed of each collection. */
  records: number
}

/** What it takes of the settings. */
export type ExplainerSettings = Pick<
  Config,
  | 'bronze'
  | 'silver'
  | 'goldSchema'
  | 'contracts'
  | 'leaveOut'
  | 'limits'
  | 'portions'
  | 'phoneRegion'
  | 'pii'
  | 'erasureKey'
  | 'project'
>

export function explainer(
  { mongodb, postgresUrl, gold, shown }: { mongodb: MongoClient; postgresUrl: string; gold: Gold; shown: Shown },
  config: () => ExplainerSettings,
): Explainer {
  const silver = mongodb.db(config().silver)
  const kept = bodies(KEPT)
  const explaining = turns(EXPLAINED.atOnce, EXPLAINED.waiting)
  const askingWhy = turns(ASKED_WHY.atOnce, ASKED_WHY.waiting)

  /** Of which gold, and of which silver. */
  const versionNow = async () => {
    const [version, last] = await Promise.all([gold.version(), lastOutcome(silver)])
    return `${version} ${last?._id.toHexString()} ${last?.finished.toISOString()}`
  }

  /** A run that publishes meanwhile would have it half of one gold, half of another: then it is made once more. */
  const ofOneVersion = async <T>(make: () => Promise<T>) => {
    const version = await versionNow()
    const value = await make()
    const later = await versionNow()
    return later === version ? { version, value } : { version: later, value: await make() }
  }

  async function explainRow(
    subject: string,
    key: string,
    options: Parameters<typeof explain>[4],
  ): Promise<Explanation> {
    const told = await explain(mongodb, postgresUrl, subject, key, options)
    const wanted = rowNamed(subject, key, options)
    const published = await onRecord(told.made.gold?.id)
    const before = published && (await goldBefore(silver, published))
    const then = before && (await rowThen(postgresUrl, before, wanted, options))
    return {
      ...(await toldOf(told, published, [told.table])),
      before:
        before && then && then.size > 0
          ? { run: before._id.toHexString(), started: before.started.toISOString(), row: Object.fromEntries(then) }
          : null,
      canAskWhy: before !== null,
    }
  }

  async function explainSome(filters: Filters, options: Parameters<typeof explain>[4]): Promise<Explanation> {
    const given = await gold.read((query) => cutOf(query, filters, shown))
    const told = await explainedCut(mongodb, given, options)
    const published = await onRecord(told.made.gold?.id)
    return toldOf(told, published, tablesRead(told.sql.text, shown.tables), leavingOut(filters))
  }

  async function explainFigure(key: string, filters: (page: PageName) => Filters): Promise<Explanation> {
    const [page, column = ''] = key.split('.')
    const known = pages.find((name) => name === page)
    if (known === undefined) throw noFigure(key)
    const {
      figures,
      period,
      gold: run,
    } = await gold.read((query): Promise<Page> => readPage(query, known, filters(known), shown))
    const { totals, months } = figures
    const told = totals && valuesOf(totals, column, totals.rows[0])
    if (totals === undefined || told === undefined) throw noFigure(key)
    const monthly = months?.columns.findIndex(({ name }) => name === column) ?? -1
    return {
      ...(await ofFigure(run, totals, filters(known))),
      subject: 'figure',
      table: known,
      key: { column: 'figure', value: key },
      row: told,
      sql: { file: `${known}/totals.sql`, text: totals.sql },
      months:
        monthly < 0 || months === undefined
          ? []
          : months.rows
              .map((row) => ({ month: row[0] ?? '', value: row[monthly] ?? null }))
              // A month that follows the period is drawn, and not of it.
              .filter(({ month }) => period.months === null || month <= period.months.to),
      parts: null,
    }
  }

  async function explainCell(name: string, filters: (page: PageName) => Filters): Promise<Explanation> {
    const cell = cellNamed(name)
    const known = pages.find((page) => page === cell?.page)
    if (cell === undefined || known === undefined) throw noFigure(name)
    const { run, figure, told, parts } = await gold.read(async (query) => {
      const { gold: run, figures } = await readPage(query, known, filters(known), shown)
      const figure = figures[cell.figure]
      const told = figure && valuesOf(figure, cell.column, rowOf(figure, cell))
      if (figure === undefined || told === undefined) throw noFigure(name)
      return { run, figure, told, parts: await readParts(query, cell, filters(known), shown) }
    })
    return {
      ...(await ofFigure(run, figure, filters(known))),
      subject: 'cell',
      table: cell.figure,
      key: { column: cell.column, value: cell.key },
      row: told,
      sql: { file: `${known}/${cell.figure}.sql`, text: figure.sql },
      months: [],
      parts,
    }
  }

  /** What is told of every figure: it is the page's own, and no row of gold. */
  async function ofFigure(run: Page['gold'], { reads }: Figure, filters: Filters) {
    const published = await onRecord(run.run)
    return {
      gold: run,
      description: '',
      leftOut: [],
      silver: [],
      silverIsNewer: false,
      ...checkedBy(published, reads, leavingOut(filters)),
      before: null,
      canAskWhy: false,
    }
  }

  async function toldOf(
    { made, silver: sets, sql, ...told }: Explained,
    published: RunRecord | null,
    tables: readonly string[],
    leaving = tables,
  ): Promise<Explanation> {
    return {
      ...told,
      gold: await gold.read(readGoldRun),
      sql: { file: basename(sql.file), text: sql.text },
      silver: sets.map(({ records, ...set }) => ({
        ...set,
        records: records.map(({ values, ...record }) => ({ ...record, values: inJson(values) })),
      })),
      silverIsNewer: made.silverIsNewer,
      months: [],
      parts: null,
      ...checkedBy(published, tables, leaving),
      before: null,
      canAskWhy: false,
    }
  }

  const onRecord = async (run: string | undefined) => (run === undefined ? null : goldOnRecord(silver, run))

  return {
    async explain(subject, key, { narrowed, query, tellsGiven, records }) {
      if (narrowed.asOf !== undefined) throw ofThePast()
      const version = await versionNow()
      const name = JSON.stringify(['explain', subject, key, Object.entries(query).sort(), tellsGiven, records])
      const options = { ...config(), within: EXPLAIN_MS, tellsGiven, limit: records }
      const make = async (): Promise<Explanation> => {
        const filtersOn = (page: PageName) =>
          filtersIn(page, { ...narrowed, period: narrowed.period ?? 'all' }, query, shown.filters)
        if (subject === 'figure') return explainFigure(key, filtersOn)
        if (subject === 'cell') return explainCell(key, filtersOn)
        const some = someOf(subject, key, filtersOn)
        return some === undefined ? explainRow(subject, key, options) : explainSome(some, options)
      }
      return kept.get(version, name, () => explaining(() => ofOneVersion(make)))
    },
    async why(subject, key, asked) {
      const version = await versionNow()
      const name = JSON.stringify(['why', subject, key, asked.column, asked.since])
      const make = async (): Promise<Why> => {
        const { why } = await import('../trust/why/why.ts')
        const told = await why(mongodb, postgresUrl, subject, key, { ...config(), ...asked, within: WHY_MS })
        const { since, run } = told
        return {
          ...told,
          since: { ...since, started: since.started.toISOString() },
          run: { ...run, started: run.started.toISOString() },
        }
      }
      return kept.get(version, name, () => askingWhy(() => ofOneVersion(make)))
    },
  }
}

/** The tables that leave out what a choice leaves out: sales without a date of a period, those of nobody of a country. */
function leavingOut({ period, country, known }: Filters): string[] {
  const isPlaced = country !== undefined || listOf(known).includes('country')
  return [...(period === 'all' ? [] : ['monthly_revenue']), ...(isPlaced ? ['country_statistics'] : [])]
}

/** The row of a figure that a number of it stands in. */
function rowOf({ columns, rows }: Figure, { page, figure, key }: Cell): readonly (string | null)[] | undefined {
  return rows.find((row) => {
    const values = Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null]))
    return rowKey(page, figure, values) === key
  })
}

/** The values of a row, the one that is asked for first; undefined where there is no such row or column. */
function valuesOf(
  { columns }: Figure,
  column: string,
  row: readonly (string | null)[] | undefined,
): Explanation['row'] | undefined {
  const first = columns.findIndex(({ name }) => name === column)
  if (row === undefined || first < 0) return undefined
  const told = columns.map(({ name, type }, i) => ({
    column: name,
    value: row[i] ?? null,
    isNumber: type === 'integer' || type === 'decimal',
    agrees: true,
    meaning: '',
  }))
  return [...told.slice(first, first + 1), ...told.slice(0, first), ...told.slice(first + 1)]
}

/** The sales that a number is of where its page is narrowed, or is asked for as such; undefined where it is a row of gold. */
function someOf(subject: string, key: string, filtersOn: (page: PageName) => Filters): Filters | undefined {
  // The page that can be narrowed to all there is.
  const filters = filtersOn('overview')
  const { period, country, product, known, revenue, kept = {} } = filters
  const isSome = [country, product, known, ...Object.values(kept)].some((value) => value !== undefined)
  const isNarrowed = period !== 'all' || isSome || revenue === 'net'
  if (subject === 'sales') return { ...filters, period: key }
  if (!isNarrowed) return undefined
  if (subject === 'month') return { ...filters, period: key }
  if (subject === 'product' || subject === 'country') return { ...filters, [subject]: key }
  throw new Refusal(400, 'usage', `A row of ${subject} is whole: it is narrowed by nothing.`, 'Ask without filters.')
}

function noFigure(key: string): LingotError {
  return new Refusal(404, 'usage', `There is no figure ${key}.`, 'Name one as overview.revenue.')
}

function ofThePast(): LingotError {
  const next = 'Ask without asOf: what is known now has its records.'
  return new LingotError('usage', 'Of the past the numbers alone are kept, and not the records behind them.', next)
}

/** What some tables leave out of all sales, and how the checks of those went that a number is read from. */
function checkedBy(
  published: RunRecord | null,
  tables: readonly string[],
  leaving: readonly string[],
): Pick<Explanation, 'outside' | 'checks'> {
  const parts = published?.reconciliation ?? []
  const checks = published?.checks?.filter(({ subject }) => tables.includes(subject))
  return {
    outside: parts.filter(({ gold_table, in_table, transactions }) => {
      return leaving.includes(gold_table) && !in_table && transactions > 0
    }),
    checks:
      checks === undefined
        ? null
        : {
            all: checks.length,
            failed: checks.flatMap(({ passed, name, severity, detail }) =>
              passed ? [] : [{ name, severity, detail }],
            ),
          },
  }
}

function inJson(values: Explained['silver'][number]['records'][number]['values']) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  )
}
