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

/** The table without which a page has nothing to show. */
const SUBJECTS: Partial<Record<PageName, string>> = {
  customers: 'customer_metrics',
  products: 'product_performance',
  campaigns: 'campaign_performance',
  countries: 'country_statistics',
}

/** The pages that have something to show without some tables. */
export function pagesWith(leftOut: readonly string[]): PageName[] {
  return pages.filter((page) => !leftOut.includes(SUBJECTS[page] ?? ''))
}

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
  const queries = figuresThere(page, leftOut)
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

/** The figures of a page, without those that read a table that is left out; of what adds tables up the others stay. */
function figuresThere(page: PageName, leftOut: readonly string[]): ReturnType<typeof figuresOf> {
  return figuresOf(page)
    .map(({ name, sql }) => ({ name, sql: leftOut.reduce(withoutPart, sql) }))
    .filter(({ sql }) => !names(sql, leftOut))
}

/** A query without its part of a table, where that is a line of its own between others. */
function withoutPart(sql: string, table: string): string {
  const part = `^ *select .* from ${table}`
  return sql
    .replace(new RegExp(`${part}\\n *union all\\n`, 'm'), '')
    .replace(new RegExp(`^ *union all\\n${part.slice(1)}\\n`, 'm'), '')
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
  leftOut: readonly string[] = [],
): Promise<{ text: string; values: (string | null)[] }> {
  const found = figuresThere(page, leftOut).find(({ name }) => name === figure)
  if (found === undefined) throw new Refusal(404, 'usage', `${page} has no ${figure}.`, 'See /api/queries.')
  return bound(found.sql, (await parametersOf(query, filters, leftOut)).parameters)
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
  }
}

/** The queries of all figures, as they are when nothing is chosen. */
export function figureQueries(leftOut: readonly string[] = []): Query[] {
  return pages.flatMap((page) =>
    figuresThere(page, leftOut).map(({ name, sql }): Query => {
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
