import { tablesRead } from '../gold/questions.ts'
import type { GoldQuery } from '../postgres/reader.ts'
import { exploredAddress } from './addresses.ts'
import type { Explored, Filters, Page, Selection, SubjectName } from './api.ts'
import {
  type CatalogueSubject,
  COUNTED,
  type Dimension,
  type Measure,
  MOST_COLUMNS,
  PAGE_OF,
  subjectsOf,
  sumsIn,
  type Table,
  toldSubject,
} from './catalogue.ts'
import { narrowingOf, parametersOf, type Shown } from './figures.ts'
import { narrowedBy, tableOf } from './fitting.ts'
import { type Narrowing, ordersAddUp, unansweredOf } from './narrowed.ts'
import { bound, written } from './parameters.ts'
import { isOfDays } from './period.ts'
import { narrowedQuery } from './prelude.ts'
import { Refusal } from './problem.ts'
import { readGoldRun, rowsOf } from './seen.ts'

/** The answer to a selection of measures and dimensions. */
export async function readExplored(
  query: GoldQuery,
  name: SubjectName,
  selection: Selection,
  filters: Filters,
  shop: Shown,
): Promise<Explored> {
  const gold = await readGoldRun(query)
  const asked = await understood(query, name, selection, filters, shop)
  const { subject, measures, by, across, narrowing, unanswered } = asked
  const { period, parameters } = await parametersOf(
    query,
    PAGE_OF[subject.name],
    filters,
    shop,
    narrowing,
    gold.completeUntil,
  )
  const sqlOf = (limit: number | null) => narrowedQuery(queryOf(asked, limit), narrowing)
  const { limit } = selection
  const { text, values } = bound(sqlOf(limit + 1), parameters)
  const { columns, rows } = rowsOf(await query(text, values))
  // Of one row there are as many cells as it has columns.
  const ids = new Set<string>()
  const shown = rows.filter((row) => ids.add(JSON.stringify(row.slice(0, by.length))).size <= limit)
  const isCut = shown.length < rows.length
  return {
    gold,
    period,
    unanswered,
    columns,
    rows: shown,
    sql: written(sqlOf(limit), parameters),
    reads: tablesRead(text, shop.tables),
    csv: isCut ? exploredAddress({ name, page: PAGE_OF[name] }, selection, filters, true) : null,
    measures: measures.map(({ name }) => name),
    by: by.map(({ name }) => name),
    across: across?.name ?? null,
    isCut,
  }
}

/** The query of all rows of a selection. */
export async function exploredQuery(
  query: GoldQuery,
  name: SubjectName,
  selection: Omit<Selection, 'limit'>,
  filters: Filters,
  shop: Shown,
): Promise<{ text: string; values: (string | null)[] }> {
  const asked = await understood(query, name, selection, filters, shop)
  const { subject, narrowing } = asked
  const { completeUntil } = await readGoldRun(query)
  const { parameters } = await parametersOf(query, PAGE_OF[subject.name], filters, shop, narrowing, completeUntil)
  return bound(narrowedQuery(queryOf(asked, null), narrowing), parameters)
}

/** A selection as the catalogue knows it. */
interface Asked {
  subject: CatalogueSubject
  table: Table
  measures: readonly Measure[]
  by: readonly Dimension[]
  across: Dimension | undefined
  sort: { name: string; isDescending: boolean } | undefined
  narrowing: Narrowing
  unanswered: Page['unanswered']
  /** The sums of which those of parts are more than that of the whole. */
  counted: ReadonlySet<string>
}

const MOST_MEASURES = 4
const MOST_DIMENSIONS = 2

/** Finds what is asked by names alone: nothing of an address becomes SQL. */
async function understood(
  query: GoldQuery,
  name: SubjectName,
  selection: Omit<Selection, 'limit'>,
  filters: Filters,
  shop: Shown,
): Promise<Asked> {
  const addUp = await ordersAddUp(query, shop.leftOut)
  const subject = subjectsOf({ ...shop, ordersAddUp: addUp }).find((each) => each.name === name)
  if (subject === undefined) throw new Refusal(404, 'data', `This shop has no ${name} to explore.`)
  const [measureNames, byNames] = [selection.measures.split(','), selection.by.split(',')]
  const dimensionNames = [...byNames, ...(selection.across === undefined ? [] : [selection.across])]
  for (const [names, most] of [
    [measureNames, MOST_MEASURES],
    [byNames, MOST_DIMENSIONS],
  ] as const) {
    if (names.length > most) throw new Refusal(400, 'usage', `${names.join(', ')} are more than ${most}.`, SEE)
  }
  if (new Set([...measureNames, ...dimensionNames]).size < measureNames.length + dimensionNames.length)
    throw new Refusal(400, 'usage', 'One of them is named twice.', SEE)
  const measures = measureNames.map((each) => namedIn(subject.measures, each))
  const dimensions = dimensionNames.map((each) => namedIn(subject.dimensions, each))
  const table = tableFor(subject, measureNames, dimensionNames, filters)
  const isDaily = table.name === 'daily_sales' && isOfDays(filters.period)
  const narrowing = { ...narrowingOf(PAGE_OF[subject.name], filters, shop), ...(isDaily && { byDays: true }) }
  const asksFor = new Set<string>(measures.flatMap(({ sql }) => sumsIn(sql)).flatMap((sum) => COUNTED[sum] ?? []))
  // Of each product by itself customers add up, as on its page.
  const page = dimensionNames.includes('product') ? 'products' : 'explore'
  const unanswered = name === 'sales' ? await unansweredOf(query, page, shop.leftOut, narrowing) : []
  return {
    subject,
    table,
    measures,
    by: dimensions.slice(0, byNames.length),
    across: dimensions[byNames.length],
    sort: sortOf(selection.sort, [...measureNames, ...byNames]),
    narrowing,
    unanswered: unanswered.filter((what) => asksFor.has(what)),
    counted: new Set(
      Object.entries(COUNTED).flatMap(([sum, what]) => (name === 'sales' && !(what === 'orders' && addUp) ? sum : [])),
    ),
  }
}

const SEE = 'See /api/explore.'

function namedIn<T extends { name: string }>(all: readonly T[], name: string): T {
  const found = all.find((each) => each.name === name)
  if (found === undefined) throw new Refusal(400, 'usage', `There is no ${name} to explore.`, SEE)
  return found
}

function sortOf(text: string | undefined, names: readonly string[]): Asked['sort'] {
  if (text === undefined) return undefined
  const name = text.replace(/^-/, '')
  if (!names.includes(name)) throw new Refusal(400, 'usage', `It cannot be sorted by ${name}.`, SEE)
  return { name, isDescending: text.startsWith('-') }
}

/** Days are known where sales are known by the day; of everything else the months are shown that they are of. */
function tableFor(
  subject: CatalogueSubject,
  measures: readonly string[],
  dimensions: readonly string[],
  filters: Filters,
): Table {
  const told = toldSubject(subject, () => undefined)
  const asked = { measures, dimensions, narrowedBy: narrowedBy(told, filters) }
  const daily = told.tables.filter(({ name }) => name === 'daily_sales')
  const found =
    (isOfDays(filters.period) ? tableOf({ ...told, tables: daily }, asked) : undefined) ?? tableOf(told, asked)
  const table = subject.tables.find(({ name }) => name === found?.name)
  if (table === undefined) {
    const names = [...measures, ...dimensions, ...asked.narrowedBy].join(', ')
    const next = 'Take one of them away, or one of the filters; /api/explore tells what goes together.'
    throw new Refusal(422, 'usage', `Gold holds no table of all of these: ${names}.`, next)
  }
  return table
}

// ----------------------------------------------------------------------------------------------------------------- SQL

/** The query of a selection, in the words of `figures/prelude.sql`. */
function queryOf(asked: Asked, limit: number | null): string {
  const { subject, table, measures, by, across } = asked
  const dimensions = [...by, ...(across === undefined ? [] : [across])]
  const sums = [...new Set(measures.flatMap(({ sql }) => sumsIn(sql)))]
  const counted = sums.filter((sum) => asked.counted.has(sum) && table.sums[sum] === `rows.${sum}`)
  // Customers are of a table of their own.
  const added = sums.filter((sum) => sum !== 'customers' || !counted.includes(sum))
  const last = counted.length === 0 ? 'parts' : 'counted'
  const queries = [
    `with :chosen(${subject.chosen})`,
    ...subject.before,
    named('parts', addedUp(subject, table, dimensions, added)),
    ...(counted.length === 0 ? [] : apart(asked, dimensions, sums, counted)),
    ...(across === undefined ? [] : edges(asked, across, last, limit)),
  ]
  const result = across === undefined ? list(asked, last, limit) : crossed(asked, across, last)
  return `${heading(asked)}\n${queries.join(',\n\n')}\n\n${result}`
}

const named = (name: string, sql: string) => `${name} as (\n${indented(sql)}\n)`

/** What it is, and what has to be known of it. */
function heading({ subject, measures, by, across, counted, unanswered }: Asked): string {
  const namesOf = (all: readonly { name: string }[]) => all.map(({ name }) => name).join(', ')
  const asksFor = new Set(measures.flatMap(({ sql }) => sumsIn(sql)).filter((sum) => counted.has(sum)))
  return [
    `${subject.name}: ${namesOf(measures)} by ${namesOf(by)}${across === undefined ? '' : `, ${across.name} across`}.`,
    ...(across === undefined
      ? []
      : [`One row for each cell; of all columns but ${MOST_COLUMNS} there is one, whose ${across.column} is empty.`]),
    ...(asksFor.has('customers') ? ['A customer counts once in each row.'] : []),
    ...(asksFor.has('orders') || asksFor.has('orders_with_amount')
      ? ['An order counts once in each row that it has a transaction in.']
      : []),
    ...(unanswered.length === 0 ? [] : ['Empty: what does not add up over parts of the sales.']),
  ]
    .map((line) => `-- ${line}`)
    .join('\n')
}

/** The rows of a table added up by dimensions. */
function addedUp(
  subject: CatalogueSubject,
  { dimensions: expressions, sums: all, from, where }: Table,
  dimensions: readonly Dimension[],
  sums: readonly string[],
): string {
  const columns = [
    ...dimensions.map(({ name, column }) => `${expressions[name]} as ${column}`),
    ...sums.map((name) => `sum(${all[name]}) as ${name}`),
  ]
  return grouped({ columns, from, alias: subject.name, where }, dimensions)
}

interface Grouped {
  columns: readonly string[]
  from: string
  /** What the rows are called in the query. */
  alias: string
  where: readonly string[]
}

function grouped({ columns, from, alias, where }: Grouped, dimensions: readonly Dimension[]): string {
  const conditions = where.length === 0 ? '' : `\nwhere\n${indented(where.join('\nand '))}`
  const sql = `select\n${indented(columns.join(',\n'))}\nfrom ${from} as ${alias}\ncross join chosen${conditions}`
  return `${sql.replace(/\brows\b(?=[.,)])/g, alias)}\ngroup by ${dimensions.map((_, i) => i + 1).join(', ')}`
}

/** Sums less what several rows have in common, and customers, who are counted by themselves. */
function apart(
  asked: Asked,
  dimensions: readonly Dimension[],
  sums: readonly string[],
  counted: readonly string[],
): string[] {
  const { table } = asked
  const isBy = (name: string) => dimensions.some((dimension) => dimension.name === name)
  const expressions = dimensions.map(({ name }) => table.dimensions[name] ?? '')
  const labels = dimensions.map(({ column }, i) => `${expressions[i]} as ${column}`)
  const orders = counted.filter((sum) => sum !== 'customers')
  const isOfProducts = 'product' in table.dimensions
  const product = isBy('product')
    ? "rows.product <> '' and (chosen.product is null or rows.product = chosen.product)"
    : "rows.product = coalesce(chosen.product, '')"
  const country = isBy('country') ? "rows.buyer <> 'anybody' and :in_country(rows)" : ':of_country(rows)'
  const again = orders.map((sum) => {
    const [places, previous] =
      sum === 'orders' ? ['places', 'previous_month'] : ['places_with_amount', 'previous_amount_month']
    const first = firstOf(expressions, previous)
    const once = first === undefined ? `sum(rows.${sum})` : `coalesce(sum(rows.${sum}) filter (where ${first}), 0)`
    return `sum(rows.${places}) - ${once} as ${sum}`
  })
  const first = firstOf(expressions, 'previous_month')
  const buyers = [
    ...(first === undefined ? [':in_period(rows)'] : [':in_period(rows)', first]),
    ':in_country(rows)',
    ...(isOfProducts ? ['(chosen.product is null or rows.product = chosen.product)'] : []),
  ]
  const readings: [name: string, reading: Grouped][] = []
  if (orders.length > 0) {
    const where = [':in_period(rows)', country, product]
    const from = table.spanning ?? ''
    readings.push(['again', { columns: [...labels, ...again], from, alias: 'spanning', where }])
  }
  if (counted.includes('customers')) {
    const columns = [...labels, 'sum(rows.customers) as customers']
    readings.push(['buyers', { columns, from: table.activity ?? '', alias: 'activity', where: buyers }])
  }
  const columns = [
    ...dimensions.map(({ column }) => `parts.${column}`),
    ...sums.map((sum) => {
      if (!counted.includes(sum)) return `parts.${sum}`
      return sum === 'customers'
        ? 'coalesce(buyers.customers, 0) as customers'
        : `parts.${sum} - coalesce(again.${sum}, 0) as ${sum}`
    }),
  ]
  const joins = readings.map(([name]) => `left join ${name}\n${indented(onAll(dimensions, 'parts', name))}`)
  return [
    ...readings.map(([name, reading]) => named(name, grouped(reading, dimensions))),
    named('counted', [`select\n${indented(columns.join(',\n'))}`, 'from parts', ...joins].join('\n')),
  ]
}

/**
 * Tells of a row of customers or orders whether it is their first of what is asked; undefined where each is: a month is
 * one row of them.
 */
function firstOf(expressions: readonly string[], previous: string): string | undefined {
  const times = expressions.filter((expression) => expression.includes('rows.month'))
  if (times.includes('rows.month')) return undefined
  if (times.length === 0) return `:is_first(rows, chosen, ${previous})`
  const earlier = times.map((time) => `${time.replaceAll('rows.month', `rows.${previous}`)} <> ${time}`)
  const ways = [
    `rows.${previous} in ('None', 'Unknown')`,
    ...earlier,
    `coalesce(rows.${previous} < chosen.from_month, false)`,
  ]
  return `(\n${indented(ways.join('\nor '))}\n)`
}

/** The measures of cells, or of cells added up. */
function formula({ unanswered }: Asked, { sql, type }: Measure, sum: (name: string) => string): string {
  const isEmpty = sumsIn(sql).some((name) => unanswered.some((what) => what === COUNTED[name]))
  if (isEmpty) return `null::${type === 'integer' ? 'bigint' : 'numeric'}`
  return sql.replace(/\{(\w+)\}/g, (_, name: string) => sum(name))
}

/** One row for each of what is asked. */
function list(asked: Asked, from: string, limit: number | null): string {
  const { measures, by } = asked
  const columns = [
    ...by.map(({ column }) => column),
    ...measures.map((measure) => `${formula(asked, measure, (sum) => `${from}.${sum}`)} as ${measure.name}`),
  ]
  const order = orderOf(asked, ({ name }) => name, from)
  return `select\n${indented(columns.join(',\n'))}\nfrom ${from}\norder by ${order}${limited(limit)}`
}

const limited = (limit: number | null) => (limit === null ? '' : `\nlimit ${limit}`)

/** What the rows are sorted by: as it is asked, what is unknown last; else times by themselves, labels by what is measured. */
function orderOf({ measures, by, sort }: Asked, measured: (measure: Measure) => string, from: string): string {
  const [first] = by
  const isOrdered = first !== undefined && first.kind !== 'label'
  const usual = { name: (isOrdered ? first.name : measures[0]?.name) ?? '', isDescending: !isOrdered }
  const { name, isDescending } = sort ?? usual
  const way = isDescending ? ' desc' : ''
  const measure = measures.find((each) => each.name === name)
  const text = (column: string, way = '') => `${from}.${column} collate "C"${way}`
  const chosen = by.filter((each) => each.name === name)
  return [
    ...(first === undefined ? [] : [`(${from}.${first.column} = 'Unknown')`]),
    ...(measure === undefined ? [] : [`${measured(measure)}${way} nulls last`]),
    ...chosen.map(({ column }) => text(column, way)),
    // Of a time what is measured most comes first.
    ...(measure === undefined && by.length > 1 && measures[0] !== undefined && sort === undefined
      ? [`${measured(measures[0])} desc nulls last`]
      : []),
    ...by.filter((each) => each.name !== name).map(({ column }) => text(column)),
  ].join(', ')
}

/** Which rows are shown, and which columns: the latest, or those that have most. */
function edges(asked: Asked, across: Dimension, from: string, limit: number | null): string[] {
  const { by, measures } = asked
  const total = (measure: Measure) => formula(asked, measure, (sum) => `sum(${from}.${sum})`)
  const rows = by.map(({ column }) => `${from}.${column}`)
  const column = `${from}.${across.column}`
  const [first] = measures
  const most =
    across.kind === 'time' || first === undefined
      ? `${column} collate "C" desc`
      : `${total(first)} desc nulls last, ${column} collate "C"`
  const place = `row_number() over (order by ${orderOf(asked, total, from)}) as place`
  return [
    named(
      'shown_rows',
      `select\n${indented([...rows, place].join(',\n'))}
from ${from}
group by ${rows.join(', ')}
order by place${limited(limit)}`,
    ),
    // What is unknown has a column in any case.
    named(
      'shown_columns',
      `select ${column}
from ${from}
group by ${column}
order by (${column} = 'Unknown') desc, ${most}
limit ${MOST_COLUMNS}`,
    ),
  ]
}

/** One row for each cell of the rows and columns that are shown. */
function crossed(asked: Asked, across: Dimension, from: string): string {
  const { by, measures, counted } = asked
  const column = `shown_columns.${across.column}`
  // Customers live in one country; whatever else is counted may be of several columns, so not of all others.
  const sum = (name: string) => {
    const isApart = counted.has(name) && !(name === 'customers' && across.name === 'country')
    return `sum(${from}.${name})${isApart ? ` filter (where ${column} is not null)` : ''}`
  }
  const rows = by.map(({ column }) => `shown_rows.${column}`)
  const columns = [...rows, column, ...measures.map((measure) => `${formula(asked, measure, sum)} as ${measure.name}`)]
  return `select
${indented(columns.join(',\n'))}
from ${from}
inner join shown_rows
${indented(onAll(by, from, 'shown_rows'))}
left join shown_columns
${indented(onAll([across], from, 'shown_columns'))}
group by shown_rows.place, ${[...rows, column].join(', ')}
order by shown_rows.place, ${column} nulls last`
}

function onAll(dimensions: readonly Dimension[], one: string, other: string): string {
  return `on ${dimensions.map(({ column }) => `${other}.${column} = ${one}.${column}`).join(' and ')}`
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ')
}
