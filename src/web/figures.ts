import { describedBy, names } from '../gold/questions.ts'
import type { GoldQuery } from '../postgres/reader.ts'
import { csvAddress } from './addresses.ts'
import {
  type Choices,
  type Figure,
  type Filters,
  type Page,
  type PageName,
  type Period,
  pages,
  type Query,
} from './api.ts'
import { bound, nothingChosen, type Parameters, written } from './parameters.ts'
import { type Months, resolvePeriod } from './period.ts'
import { figuresOf, rankingQuery } from './prelude.ts'
import { Refusal } from './problem.ts'
import { MOST_ROWS, readFirst, readGoldRun } from './seen.ts'

/** Figures by months, which are few; all others may have a row for each of many things. */
const SERIES: ReadonlySet<string> = new Set(['months', 'cohorts'])
const MOST_MONTHS = 10_000

/** All that a page shows of tables that are not left out, read by the queries in `src/web/figures/PAGE`. */
export async function readPage(
  query: GoldQuery,
  page: PageName,
  filters: Filters,
  leftOut: readonly string[] = [],
  most = MOST_ROWS,
): Promise<Page> {
  const gold = await readGoldRun(query)
  const { period, parameters } = await parametersOf(query, filters, leftOut)
  const queries = figuresOf(page).filter(({ sql }) => !names(sql, leftOut))
  const given = { ...parameters, most: String(most + 1) }
  const isRanked = queries.some(({ sql }) => sql.includes(':ranking')) && !names(rankingQuery(), leftOut)
  const ranking = isRanked ? await readRanking(query, given) : null
  const figures: Record<string, Figure> = {}
  for (const { name, sql } of queries) {
    const many = SERIES.has(name) ? MOST_MONTHS : most
    const { isCut, ...first } = await readFirst(query, bound(sql, { ...given, ranking }), many)
    const csv = isCut ? csvAddress(page, name, filters) : null
    figures[name] = { ...first, sql: written(sql, parameters), csv }
  }
  return { gold, period, figures }
}

async function readRanking(query: GoldQuery, parameters: Parameters): Promise<string | null> {
  const { text, values } = bound(rankingQuery(), parameters)
  const { rows } = await query(text, values)
  return rows[0]?.[0] ?? null
}

/** The query of one figure, whole. */
export async function figureQuery(
  query: GoldQuery,
  page: PageName,
  figure: string,
  filters: Filters,
): Promise<{ text: string; values: (string | null)[] }> {
  const found = figuresOf(page).find(({ name }) => name === figure)
  if (found === undefined) throw new Refusal(404, 'usage', `${page} has no ${figure}.`, 'See /api/queries.')
  return bound(found.sql, (await parametersOf(query, filters)).parameters)
}

async function parametersOf(
  query: GoldQuery,
  filters: Filters,
  leftOut: readonly string[] = [],
): Promise<{ period: Period; parameters: Parameters }> {
  // Right after publishing PostgreSQL knows nothing of the tables: it would join them as if each had one row, and sort
  // 300,000 rows on a disk to sum them up. Workers take nearly as much again of the processors and end it hardly sooner.
  await query(
    `select set_config(name, 'off', true)
     from unnest(array['enable_nestloop', 'enable_mergejoin', 'enable_sort']) as name
     union all select set_config('max_parallel_workers_per_gather', '0', true)`,
  )
  const period = resolvePeriod(filters.period, await readMonths(query, leftOut))
  const { months, before } = period
  const parameters: Parameters = {
    from_month: months?.from ?? null,
    to_month: months?.to ?? null,
    before_from: before?.from ?? null,
    before_to: before?.to ?? null,
    country: filters.country ?? null,
    product: filters.product ?? null,
    most: null,
    ranking: null,
  }
  return { period, parameters }
}

/** What there is to choose from: the months with sales and, of each kind of name, the best thousand; Unknown is last. */
export async function readChoices(query: GoldQuery, leftOut: readonly string[] = []): Promise<Choices> {
  const best = async (column: string, table: string): Promise<string[]> => {
    if (leftOut.includes(table)) return []
    const { rows } = await query(
      `with best as (select ${column} from ${table} order by total_revenue desc, ${column} limit 1000)
       select ${column} from best order by (${column} = 'Unknown'), ${column}`,
    )
    return rows.map(([name]) => name ?? '')
  }
  return {
    months: await readMonths(query, leftOut),
    countries: await best('country', 'country_statistics'),
    products: await best('product', 'product_performance'),
    empty: await readEmpty(query, leftOut),
  }
}

/** What a page has to have a row of, for anything to be seen on it. */
const SHOWN: Partial<Record<PageName, { table: string; where?: string }>> = {
  customers: { table: 'customer_metrics' },
  products: { table: 'product_performance', where: "product <> 'Unknown'" },
  campaigns: { table: 'campaign_performance' },
  countries: { table: 'country_statistics', where: "country <> 'Unknown'" },
}

/** The pages that would show nothing: no row, or figures of tables that are left out alone. */
async function readEmpty(query: GoldQuery, leftOut: readonly string[]): Promise<PageName[]> {
  const empty: PageName[] = []
  for (const page of pages) {
    const { table, where = 'true' } = SHOWN[page] ?? {}
    if (table === undefined) continue
    const isLeftOut = leftOut.includes(table)
    const { rows } = isLeftOut ? { rows: [] } : await query(`select from ${table} where ${where} limit 1`)
    const isAllLeftOut = isLeftOut && figuresOf(page).every(({ sql }) => names(sql, leftOut))
    if (isAllLeftOut || (!isLeftOut && rows.length === 0)) empty.push(page)
  }
  return empty
}

/** The queries of all figures, as they are when nothing is chosen. */
export function figureQueries(): Query[] {
  return pages.flatMap((page) =>
    figuresOf(page).map(({ name, sql }): Query => {
      const described = describedBy(sql)
      return {
        kind: 'figure',
        name: `${page}/${name}`,
        ...described,
        sql: written(sql, nothingChosen),
        ask: null,
        columns: [],
      }
    }),
  )
}

/** The first and the last month with sales; null where no sale has a date. */
async function readMonths(query: GoldQuery, leftOut: readonly string[]): Promise<Months | null> {
  if (leftOut.includes('country_sales')) return null
  const { rows } = await query("select min(month), max(month) from country_sales where month <> 'Unknown'")
  const [from, to] = rows[0] ?? []
  return from && to ? { from, to } : null
}
