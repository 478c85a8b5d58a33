import { CAMPAIGN_VALUE } from '../gold/campaign_value.ts'
import { FILTERED_SALES } from '../gold/filtered_sales.ts'
import { packagedEmptyTables, type Shop, tablesBeside, tablesLeftOut, tablesOf } from '../gold/models.ts'
import { describedBy, names, tablesRead } from '../gold/questions.ts'
import type { GoldQuery } from '../postgres/reader.ts'
import type { Filter } from '../settings/filters.ts'
import type { CutOfSales } from '../trust/explain/cut.ts'
import { leftOutStatuses } from '../trust/explain/explain.ts'
import { csvAddress, filtersOf, KEPT, knownOn, listOf, narrows, type Place } from './addresses.ts'
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
import { BETWEEN, type Cell } from './cells.ts'
import type { Parts } from './explanation.ts'
import { type Choice, isNarrowed, knowsDays, type Narrowing, unansweredOf, withoutUnanswered } from './narrowed.ts'
import { bound, checked, listText, nothingChosen, nothingKept, type Parameters, written } from './parameters.ts'
import { inMonths, isOfDays, lastDay, type Months, resolvePeriod } from './period.ts'
import { cutQuery, figuresOf, partsQuery, rankingQuery } from './prelude.ts'
import { Refusal } from './problem.ts'
import { MOST_ROWS, readFirst, readGoldRun } from './seen.ts'
import { isOfPeriod, keptParameter, SCORED } from './stand_ins.ts'

/** Figures by months, which are few; all others may have a row for each of many things. */
const SERIES: ReadonlySet<string> = new Set(['months', 'over_time', 'cohorts'])
const MOST_MONTHS = 10_000

/** All that a page shows of tables that are not left out, read by the queries in `src/web/figures/PAGE`. */
export async function readPage(
  query: GoldQuery,
  page: PageName,
  filters: Filters,
  shop: Shown = UNCHANGED,
  most = MOST_ROWS,
): Promise<Page> {
  const { leftOut } = shop
  const gold = await readGoldRun(query)
  const narrowing = narrowingOf(page, filters, shop)
  const { period, parameters } = await parametersOf(query, page, filters, shop, narrowing, gold.completeUntil)
  const queries = figuresThere(page, await withPublished(query, page, shop), narrowing)
  const given = { ...parameters, most: String(most + 1) }
  const ranked = rankingQuery(narrowing)
  const isRanked = queries.some(({ sql }) => sql.includes(':ranking')) && !names(ranked, leftOut)
  const ranking = isRanked ? await readRanking(query, ranked, given) : null
  const unanswered = await unansweredOf(query, page, leftOut, narrowing)
  const figures: Record<string, Figure> = {}
  for (const { name, sql: whole } of queries) {
    // The months themselves tell more of each.
    if (name === 'over_time' && period.grain === 'month' && !narrowing.byDays) continue
    const sql = await withoutUnanswered(query, page, whole, parameters, unanswered)
    const many = SERIES.has(name) ? MOST_MONTHS : most
    const { isCut, ...first } = await readFirst(query, bound(sql, { ...given, ranking }), many)
    const csv = isCut ? csvAddress(page, name, filters) : null
    figures[name] = { ...first, sql: written(sql, parameters), csv, reads: tablesRead(sql, shop.tables) }
  }
  return { gold, period, figures, unanswered }
}

/** The figures of a page, without those that read a table that is left out; of what adds tables up the others stay. */
function figuresThere(
  page: PageName,
  { filters, leftOut, own }: Shown,
  narrowing: Narrowing = { filters, kept: {} },
): ReturnType<typeof figuresOf> {
  return figuresOf(page, narrowing)
    .map(({ name, sql }) => ({ name, sql: leftOut.reduce(withoutPart, page === 'trust' ? withTables(sql, own) : sql) }))
    .filter(({ name, sql }) => {
      const scored = isNarrowed(narrowing) ? SCORED : []
      const undeclared = own.includes(CAMPAIGN_VALUE) ? [] : [CAMPAIGN_VALUE]
      return isOfPeriod(name, narrowing) && !names(sql, [...leftOut, ...scored, ...undeclared])
    })
}

/** The count of the tables with those of the shop's own. */
function withTables(sql: string, tables: readonly string[]): string {
  const parts = tables.map((name) => `union all\nselect '${name}' as name, count(*) as row_count from ${name}\n`)
  return /^select '\w+' as name, count\(\*\)/m.test(sql) ? sql.replace(/^order by name/m, `${parts.join('')}$&`) : sql
}

/** A shop of whose own tables those are left that are published: a model may be newer than gold. */
async function withPublished(query: GoldQuery, page: PageName, shop: Shown): Promise<Shown> {
  if ((page !== 'trust' && page !== 'campaigns') || shop.own.length === 0) return shop
  const { rows } = await query('select name from unnest($1::text[]) as name where to_regclass(name) is not null', [
    `{${shop.own.join(',')}}`,
  ])
  return { ...shop, own: rows.flatMap(([name]) => name ?? []) }
}

/** A query without its part of a table, where that is a line of its own between others. */
function withoutPart(sql: string, table: string): string {
  const part = `^ *select .* from ${table}`
  return sql
    .replace(new RegExp(`${part}\\n *union all\\n`, 'm'), '')
    .replace(new RegExp(`^ *union all\\n${part.slice(1)}\\n`, 'm'), '')
}

/** What decides of a shop what its pages show. */
export interface Shown {
  filters: readonly Filter[]
  /** Tables that are not made. */
  leftOut: readonly string[]
  /** Those of them that are not made for lack of a collection. */
  without: readonly string[]
  /** Tables that not every shop has. */
  own: readonly string[]
  /** All that are made. */
  tables: readonly string[]
}

const UNCHANGED: Shown = { filters: [], leftOut: [], without: [], own: [], tables: [] }

export function shownOf(shop: Shop): Shown {
  const leftOut = tablesLeftOut(shop)
  return {
    filters: shop.project.filters,
    leftOut,
    without: packagedEmptyTables(shop),
    own: tablesBeside(shop).filter((name) => !leftOut.includes(name)),
    tables: tablesOf(shop),
  }
}

/** The filters of the shop's own, where they mean something on a page. */
export function narrowingOf(
  page: Place,
  chosen: Partial<Filters>,
  { filters, leftOut }: Pick<Shown, 'filters' | 'leftOut'>,
): Narrowing {
  const { period = 'all' } = chosen
  const known = knownOn(page, chosen)
  const kept: Record<string, Choice> = {}
  for (const own of filters) {
    if (!narrows(page, own)) continue
    const values = listOf(chosen.kept?.[own.name])
    const isKnown = known.includes(`${KEPT}${own.name}`)
    if (values.length > 0 || isKnown) kept[own.name] = { values, isKnown }
  }
  const several = (name: 'country' | 'product') => {
    const values = filtersOf[page].includes(name) ? listOf(chosen[name]) : []
    const isKnown = known.includes(name)
    return values.length > 1 || isKnown ? { [name]: { values, isKnown } } : {}
  }
  const byDays = isOfDays(period) && knowsDays(page, { ...chosen, period }, leftOut)
  const isNet = chosen.revenue === 'net' && filtersOf[page].includes('revenue')
  return {
    filters,
    kept,
    ...several('country'),
    ...several('product'),
    ...(byDays && { byDays }),
    ...(isNet && { isNet }),
  }
}

async function readRanking(query: GoldQuery, ranking: string, parameters: Parameters): Promise<string | null> {
  const { text, values } = bound(ranking, parameters)
  const { rows } = await query(text, values)
  return rows[0]?.[0] ?? null
}

/** The query of one figure, whole. */
export async function figureQuery(
  query: GoldQuery,
  page: PageName,
  figure: string,
  filters: Filters,
  shop: Shown = UNCHANGED,
): Promise<{ text: string; values: (string | null)[] }> {
  const narrowing = narrowingOf(page, filters, shop)
  const found = figuresThere(page, await withPublished(query, page, shop), narrowing).find(
    ({ name }) => name === figure,
  )
  if (found === undefined) throw new Refusal(404, 'usage', `${page} has no ${figure}.`, 'See /api/queries.')
  const { completeUntil } = await readGoldRun(query)
  const { parameters } = await parametersOf(query, page, filters, shop, narrowing, completeUntil)
  const unanswered = await unansweredOf(query, page, shop.leftOut, narrowing)
  return bound(await withoutUnanswered(query, page, found.sql, parameters, unanswered), parameters)
}

/** What some of the sales come to, and which they are. */
export async function cutOf(query: GoldQuery, filters: Filters, shop: Shown): Promise<CutOfSales> {
  const narrowing = narrowingOf('overview', filters, shop)
  const { byDays = false } = narrowing
  // Days are known of sales by country alone.
  if (isOfDays(filters.period) && !byDays)
    throw new Refusal(404, 'usage', 'Numbers of days are not explained.', 'Choose months.')
  const { run, completeUntil } = await readGoldRun(query)
  const { period, parameters } = await parametersOf(query, 'overview', filters, shop, narrowing, completeUntil)
  const sql = cutQuery(narrowing)
  if (names(sql, shop.leftOut)) throw new Refusal(404, 'data', 'This shop leaves the sales out that this is read from.')
  const { text, values } = bound(sql, parameters)
  const { columns, rows } = await query(text, values)
  // What does not add up over such sales is not told of them.
  const unanswered = await unansweredOf(query, 'overview', shop.leftOut, narrowing)
  const untold = [...(unanswered.includes('orders') ? ORDERS : []), ...(byDays ? ['avg_price'] : [])]
  const isTold = ({ name }: { name: string }) => !untold.includes(name)
  const known = knownOn('overview', filters)
  const choiceOf = (name: 'country' | 'product') => {
    const choice = { values: listOf(filters[name]), isKnown: known.includes(name) }
    return choice.values.length > 0 || choice.isKnown ? choice : undefined
  }
  const kept = shop.filters.flatMap((own) => {
    const choice = narrowing.kept[own.name]
    return choice === undefined ? [] : [{ ...own, ...choice }]
  })
  return {
    cut: {
      months: period.months ?? period.days,
      country: choiceOf('country'),
      product: choiceOf('product'),
      isNet: narrowing.isNet === true,
      kept,
    },
    columns: columns.filter(isTold),
    row: (rows[0] ?? []).filter((_, i) => columns[i] !== undefined && isTold(columns[i])),
    sql: written(sql, parameters),
    run,
    leftOut: await leftOutStatuses(query),
  }
}

const ORDERS: readonly string[] = ['orders', 'average_order_value']

/** Of which table the numbers of a figure are sums, and which columns of it a row of the figure is of. */
const PARTS: Readonly<Record<string, { table: string; key: readonly string[]; of: readonly string[]; place: string }>> =
  {
    'customers/cohorts': {
      table: 'customer_cohorts',
      key: ['cohort', 'months_since', 'country', 'buyer'],
      of: ['cohort', 'months_since'],
      place: ':in_country(customer_cohorts)',
    },
    'customers/segments': scored('segment'),
    'customers/rfm': scored('recency', 'frequency'),
  }

function scored(...of: readonly string[]) {
  return {
    table: 'customer_segments',
    key: ['country', 'recency', 'frequency', 'monetary'],
    of,
    place: '(chosen.country is null or customer_segments.country = chosen.country)',
  }
}

/** The rows of gold that a number of a figure is the sum of, where it is one of such rows. */
export async function readParts(query: GoldQuery, cell: Cell, filters: Filters, shop: Shown): Promise<Parts | null> {
  const parts = PARTS[`${cell.page}/${cell.figure}`]
  if (parts === undefined) return null
  const { table, key, of, place } = parts
  const narrowing = narrowingOf('customers', filters, shop)
  const { completeUntil } = await readGoldRun(query)
  const { parameters } = await parametersOf(query, 'customers', filters, shop, narrowing, completeUntil)
  const { text, values } = bound(partsQuery(table, place, narrowing), parameters)
  const isOfCell = `concat_ws('${BETWEEN}', ${of.map((name) => `${table}.${name}`).join(', ')}) = $${values.length + 1}`
  const { columns, rows } = await query(
    text.replace(':cell', () => isOfCell),
    [...values, checked(cell.key)],
  )
  const records = rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))
  return {
    table,
    columns: [...key],
    rows: records.map(({ all_rows: _, ...values }) => ({
      key: key.map((name) => values[name] ?? '').join(BETWEEN),
      values,
    })),
    all: Number(records[0]?.['all_rows'] ?? 0),
  }
}

/** What the parameters of queries are for what is chosen, and which period that is. */
export async function parametersOf(
  query: GoldQuery,
  page: Place,
  filters: Filters,
  { leftOut, filters: own }: Shown,
  { byDays = false, kept, ...several }: Narrowing,
  completeUntil: string | null,
): Promise<{ period: Period; parameters: Parameters }> {
  // Right after publishing PostgreSQL knows nothing of the tables: it would join them as if each had one row, and sort
  // 300,000 rows on a disk to sum them up. Workers take nearly as much again of the processors and end it hardly sooner.
  await query(
    `select set_config(name, 'off', true)
     from unnest(array['enable_nestloop', 'enable_mergejoin', 'enable_sort']) as name
     union all select set_config('max_parallel_workers_per_gather', '0', true)`,
  )
  const known = { sold: await readMonths(query, leftOut), completeUntil }
  const wanted = byDays ? filters : { ...filters, period: inMonths(filters.period) }
  const resolved = resolvePeriod(wanted, known)
  const grained = leftOut.includes('daily_sales')
    ? MONTHS_ALONE
    : knowsDays(page, filters, leftOut)
      ? {}
      : coarse(resolved)
  const isWidened = !byDays && isOfDays(filters.period)
  const period: Period = { ...resolved, name: filters.period, isWidened, ...grained }
  const { months, days, before, incomplete } = period
  const span = months ?? days
  const drawnTo = incomplete !== null && months !== null ? incomplete.from.slice(0, 7) : null
  const one = (name: 'country' | 'product') =>
    filtersOf[page].includes(name) && several[name] === undefined ? (listOf(filters[name])[0] ?? null) : null
  const parameters: Parameters = {
    from_month: span?.from ?? null,
    to_month: span?.to ?? null,
    before_from: before?.from ?? null,
    before_to: before?.to ?? null,
    drawn_to: drawnTo,
    from_day: months === null ? (days?.from ?? null) : `${months.from}-01`,
    to_day: months === null ? (days?.to ?? null) : lastDay(drawnTo ?? months.to),
    before_from_day: before && firstDayOf(before.from),
    before_to_day: before && lastDayOf(before.to),
    grain: period.grain,
    country: one('country'),
    product: one('product'),
    countries: several.country === undefined ? null : listText(several.country.values),
    products: several.product === undefined ? null : listText(several.product.values),
    ...nothingKept,
    ...Object.fromEntries(own.map(({ name }, i) => [`kept_${i + 1}`, keptParameter(kept[name])])),
    most: null,
    customer: null,
    customer_orders: null,
    ranking: null,
  }
  return { period, parameters }
}

const MONTHS_ALONE: Pick<Period, 'grain' | 'grains'> = { grain: 'month', grains: ['month'] }

/** What products and filters of the shop's own are known by. */
function coarse({ grain, grains }: Period): Pick<Period, 'grain' | 'grains'> {
  return {
    grain: grain === 'quarter' ? grain : 'month',
    grains: grains.filter((each) => each === 'month' || each === 'quarter'),
  }
}

const isDay = (text: string) => text.length > '2025-03'.length
const firstDayOf = (text: string) => (isDay(text) ? text : `${text}-01`)
const lastDayOf = (text: string) => (isDay(text) ? text : lastDay(text))

/** Values of a filter that are told at once, and those that a search finds; who looks for others searches. */
export const MOST_CHOICES = 1000
const MOST_FOUND = 50

/** What there is to choose from: the months with sales and, of each kind of name, the best thousand; Unknown is last. */
export async function readChoices(query: GoldQuery, shop: Shown = UNCHANGED): Promise<Omit<Choices, 'knownSince'>> {
  const { leftOut, filters } = shop
  const best = async (column: string): Promise<string[]> => {
    const table = tableOfChoices(column, filters)
    if (leftOut.includes(table)) return []
    const { rows } = await query(
      `with best as (select ${column} from ${table} order by total_revenue desc, ${column} limit ${MOST_CHOICES})
       select ${column} from best order by (${column} = 'Unknown'), ${column}`,
    )
    return rows.map(([name]) => name ?? '')
  }
  const kept: Choices['filters'] = []
  for (const { collection, name, meaning } of filters)
    kept.push({ collection, name, meaning, values: await best(name) })
  return {
    months: await readMonths(query, leftOut),
    countries: await best('country'),
    products: await best('product'),
    filters: kept,
    standing: await readStanding(query, shop),
    empty: await readEmpty(query, shop),
  }
}

/** Where the values of a filter are, with what each brought in. */
function tableOfChoices(name: string, filters: readonly Filter[]): string {
  if (!filters.some((own) => own.name === name))
    return name === 'country' ? 'country_statistics' : 'product_performance'
  return `(select ${name}, sum(revenue) as total_revenue from ${FILTERED_SALES} group by ${name}) as sold`
}

/** The values of a filter in which a text stands, those that brought in most first; those that begin with it before. */
export async function searchChoices(
  query: GoldQuery,
  filter: string,
  search: string,
  { filters, leftOut }: Pick<Shown, 'filters' | 'leftOut'>,
): Promise<string[]> {
  const name = filter.startsWith(KEPT) ? filter.slice(KEPT.length) : filter
  const isOwn = filter.startsWith(KEPT) && filters.some((own) => own.name === name)
  if (!isOwn && filter !== 'country' && filter !== 'product')
    throw new Refusal(404, 'usage', `There is no filter ${filter}.`, 'See /api/choices.')
  const table = tableOfChoices(name, isOwn ? filters : [])
  if (leftOut.includes(table)) return []
  const within = search.replace(/[\\%_]/g, '\\$&')
  const { rows } = await query(
    `select ${name} from ${table}
     where ${name} ilike cast($1 as text)
     order by (${name} ilike cast($2 as text)) desc, total_revenue desc, ${name}
     limit ${MOST_FOUND}`,
    [checked(`%${within}%`), checked(`${within}%`)],
  )
  return rows.map(([value]) => value ?? '')
}

/** More than these no chart tells apart. */
const MOST_TOLD_APART = 64

async function readStanding(query: GoldQuery, { leftOut }: Shown): Promise<Choices['standing']> {
  const best = async (column: string, table: string, sum = 'sum(total_revenue)'): Promise<string[]> => {
    if (leftOut.includes(table)) return []
    const { rows } = await query(
      `select ${column} from ${table} where ${column} <> 'Unknown'
       group by ${column} order by ${sum} desc nulls last, ${column} collate "C" limit ${MOST_TOLD_APART}`,
    )
    return rows.map(([name]) => name ?? '')
  }
  return {
    product: await best('product', 'product_performance'),
    country: await best('country', 'country_statistics'),
    campaign_type: await best('campaign_type', 'campaign_performance', 'count(*)'),
  }
}

/** As much of it as pages need that have no lists to choose from, as those of a report. */
export async function readUnlisted(query: GoldQuery, shop: Shown): Promise<Omit<Choices, 'knownSince'>> {
  const filters = shop.filters.map((filter) => ({ ...filter, values: [] }))
  const standing = await readStanding(query, shop)
  return { months: null, countries: [], products: [], filters, standing, empty: await readEmpty(query, shop) }
}

/** What a page has to have a row of, for anything to be seen on it. */
const SHOWN: Partial<Record<PageName, { table: string; where?: string }>> = {
  customers: { table: 'customer_metrics' },
  products: { table: 'product_performance', where: "product <> 'Unknown'" },
  campaigns: { table: 'campaign_performance' },
  countries: { table: 'country_statistics', where: "country <> 'Unknown'" },
}

/**
 * The pages that would show nothing: they have no row, or lack it for want of a collection. Of a table that is left out by
 * hand the others of its page are shown.
 */
async function readEmpty(query: GoldQuery, shop: Shown): Promise<PageName[]> {
  const empty: PageName[] = []
  for (const page of pages) {
    const { table, where = 'true' } = SHOWN[page] ?? {}
    if (table === undefined) continue
    const isLeftOut = shop.leftOut.includes(table)
    const { rows } = isLeftOut ? { rows: [] } : await query(`select 1 from ${table} where ${where} limit 1`)
    const isWithout = shop.without.includes(table) || (isLeftOut && figuresThere(page, shop).length === 0)
    if (isWithout || (!isLeftOut && rows.length === 0)) empty.push(page)
  }
  return empty
}

/** The queries of all figures, as they are when nothing is chosen. */
export function figureQueries(shop: Shown): Query[] {
  return pages.flatMap((page) =>
    figuresThere(page, shop).map(({ name, sql }): Query => {
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
