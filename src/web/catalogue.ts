import { FILTERED_CUSTOMERS } from '../gold/filtered_customers.ts'
import { FILTERED_SALES } from '../gold/filtered_sales.ts'
import { names } from '../gold/questions.ts'
import type { Filter } from '../settings/filters.ts'
import { inSql } from '../settings/reserved.ts'
import { KEPT } from './addresses.ts'
import type { Catalogue, Subject } from './api.ts'

/*
 * What can be asked without SQL. A measure is a formula of what adds up, in curly brackets; a dimension is an expression of
 * the columns of a table, which is `rows` in it. What two tables call alike means the same in both.
 */

/** The pages whose filters narrow the subjects. */
export const PAGE_OF: Readonly<Record<Subject['name'], Subject['page']>> = {
  sales: 'explore',
  customers: 'customers',
  campaigns: 'campaigns',
}

/** More columns than these nobody reads beside each other: the others are one. */
export const MOST_COLUMNS = 12

export interface Measure {
  name: string
  type: Subject['measures'][number]['type']
  sql: string
  /** A column whose meaning it has, as in `country_sales.revenue`, or a text. */
  meaning: string
  isGross?: boolean
}

export interface Dimension {
  name: string
  kind: Subject['dimensions'][number]['kind']
  meaning: string
  /** What it is called in SQL. */
  column: string
}

/** A table of gold, or several put together, and what they hold. */
export interface Table {
  name: string
  from: string
  /** What it adds up, by the names that measures have for it. */
  sums: Readonly<Record<string, string>>
  /** Expressions by name. */
  dimensions: Readonly<Record<string, string>>
  narrowedBy: readonly string[]
  where: readonly string[]
  /** Tables that tell how often an order or a customer is in several rows. */
  spanning?: string
  activity?: string
}

export interface CatalogueSubject extends Pick<Subject, 'name'> {
  measures: readonly Measure[]
  dimensions: readonly Dimension[]
  tables: readonly Table[]
  /** What is chosen, of what its tables can be narrowed to. */
  chosen: string
  /** Queries that its tables read. */
  before: readonly string[]
}

/** What decides of a shop what can be asked. */
export interface Explorable {
  filters: readonly Filter[]
  leftOut: readonly string[]
  /** Whether every transaction is an order, so that orders of parts are parts of the orders. */
  ordersAddUp: boolean
}

/** The sums that count different things: those of parts are more than those of the whole. */
export const COUNTED: Readonly<Record<string, 'customers' | 'orders'>> = {
  customers: 'customers',
  orders: 'orders',
  orders_with_amount: 'orders',
}

const quarterOf = (month: string) => `case
    when ${month} = 'Unknown' then ${month}
    when right(${month}, 2) <= '03' then left(${month}, 4) || '-Q1'
    when right(${month}, 2) <= '06' then left(${month}, 4) || '-Q2'
    when right(${month}, 2) <= '09' then left(${month}, 4) || '-Q3'
    else left(${month}, 4) || '-Q4'
end`
const yearOf = (month: string) => `case when ${month} = 'Unknown' then ${month} else left(${month}, 4) end`
const timesOf = (month: string) => ({ month, quarter: quarterOf(month), year: yearOf(month) })
const monthOf = (day: string) => `coalesce(to_char(${day}, 'YYYY-MM'), 'Unknown')`

/** Sums by the names of their columns. */
const own = (...columns: readonly string[]) => Object.fromEntries(columns.map((name) => [name, `rows.${name}`]))

/** Sales of nobody known are of no country: they are told apart by why that is. */
const PLACE = { country: "case when rows.buyer = 'customer known' then rows.country else rows.buyer end" }
const OF_PRODUCT = '(chosen.product is null or rows.product = chosen.product)'

function sales({ filters, leftOut, ordersAddUp }: Explorable): CatalogueSubject {
  const dimensions: Omit<Dimension, 'column'>[] = [
    { name: 'month', kind: 'time', meaning: 'country_sales.month' },
    { name: 'quarter', kind: 'time', meaning: 'Quarter of the month.' },
    { name: 'year', kind: 'time', meaning: 'Year of the month.' },
    { name: 'week', kind: 'time', meaning: 'Week of the day, by its Monday.' },
    { name: 'day', kind: 'time', meaning: 'daily_sales.day' },
    { name: 'country', kind: 'label', meaning: 'country_sales.country' },
    { name: 'product', kind: 'label', meaning: 'monthly_sales.product' },
    { name: 'status', kind: 'label', meaning: 'Status of the sale.' },
    ...ownDimensions(filters),
  ]
  const measures: Measure[] = [
    { name: 'revenue', type: 'money', sql: '{revenue}', meaning: 'country_sales.revenue' },
    { name: 'transactions', type: 'integer', sql: '{transactions}::bigint', meaning: 'country_sales.transactions' },
    { name: 'orders', type: 'integer', sql: '{orders}::bigint', meaning: 'Different orders, each counted once.' },
    {
      name: 'customers',
      type: 'integer',
      sql: '{customers}::bigint',
      meaning: 'Different customers with a sale, each counted once.',
    },
    {
      name: 'average_order_value',
      type: 'money',
      sql: 'round({revenue} / nullif({orders_with_amount}, 0), 2)',
      meaning: 'Revenue divided by the orders with a transaction whose amount is known.',
    },
    {
      name: 'average',
      type: 'money',
      sql: 'round({revenue} / nullif({amounts_known}, 0), 2)',
      meaning: 'Mean of the known total_amount.',
    },
    { name: 'goods', type: 'money', sql: '{goods}', meaning: 'country_sales.goods' },
    {
      name: 'avg_price',
      type: 'money',
      sql: 'round({goods} / nullif({amounts_known}, 0), 2)',
      meaning: 'Mean of the known amount, before discount and shipping.',
    },
    {
      name: 'shipping_less_discount',
      type: 'money',
      sql: '{revenue} - {goods}',
      meaning: 'What shipping added to the amounts, less what discounts took.',
    },
    {
      name: 'reversed_revenue',
      type: 'money',
      sql: '{reversed_revenue}',
      meaning: 'country_sales.reversed_revenue',
      isGross: true,
    },
    {
      name: 'reversed_transactions',
      type: 'integer',
      sql: '{reversed_transactions}::bigint',
      meaning: 'country_sales.reversed_transactions',
      isGross: true,
    },
    {
      name: 'reversed_pct',
      type: 'percent',
      sql: 'round({reversed_revenue} * 100 / nullif({revenue}, 0), 2)',
      meaning: 'Revenue that is Cancelled or Refunded, of all revenue.',
      isGross: true,
    },
  ]
  const sums = own('transactions', 'amounts_known', 'revenue', 'reversed_transactions', 'reversed_revenue')
  // Without a product they are asked of country_sales: an order may be in the rows of several.
  const isCounted = !leftOut.includes('country_sales') && !leftOut.includes('spanning_orders')
  const counts = isCounted ? own('orders', 'orders_with_amount') : {}
  const customersOf = (table: string) => {
    return leftOut.includes('country_sales') || leftOut.includes(table) ? {} : own('customers')
  }
  const where = [':in_period(rows)', ':in_country(rows)']
  const filtered = ownDimensions(filters).map(({ name }) => [name, `rows.${inSql(name.slice(KEPT.length))}`])
  return {
    name: 'sales',
    measures,
    dimensions: named(dimensions, measures),
    chosen: 'from_month, to_month, country, product',
    before: [],
    tables: [
      {
        name: 'country_sales',
        from: 'country_sales',
        sums: { ...sums, ...own('goods'), ...counts, ...customersOf('customer_activity') },
        dimensions: { ...timesOf('rows.month'), ...PLACE },
        narrowedBy: ['period', 'country', 'revenue'],
        where,
        spanning: 'spanning_orders',
        activity: 'customer_activity',
      },
      {
        name: 'monthly_sales',
        from: 'monthly_sales',
        sums: { ...sums, ...own('goods'), ...counts, ...customersOf('product_activity') },
        dimensions: { ...timesOf('rows.month'), ...PLACE, ...own('product') },
        narrowedBy: ['period', 'country', 'product', 'revenue'],
        where: [...where, OF_PRODUCT],
        spanning: 'spanning_orders',
        activity: 'product_activity',
      },
      {
        name: 'daily_sales',
        from: "(select *, to_char(day, 'YYYY-MM') as month from daily_sales)",
        sums,
        dimensions: {
          day: "to_char(rows.day, 'YYYY-MM-DD')",
          week: "to_char(date_trunc('week', rows.day), 'YYYY-MM-DD')",
          ...timesOf('rows.month'),
          ...PLACE,
        },
        narrowedBy: ['period', 'country', 'revenue'],
        // A period is of days, or of months.
        where: [
          `(chosen.from_month is null
    or left(to_char(rows.day, 'YYYY-MM-DD'), length(chosen.from_month)) between chosen.from_month and chosen.to_month)`,
          ':in_country(rows)',
        ],
      },
      {
        name: FILTERED_SALES,
        from: FILTERED_SALES,
        sums: {
          ...sums,
          ...own('goods'),
          ...(ordersAddUp && { orders: 'rows.transactions', orders_with_amount: 'rows.amounts_known' }),
        },
        dimensions: { ...timesOf('rows.month'), ...PLACE, ...own('product'), ...Object.fromEntries(filtered) },
        narrowedBy: ['period', 'country', 'product', 'revenue', ...filtered.flatMap(([name]) => name ?? [])],
        where: [...where, OF_PRODUCT],
      },
      {
        name: 'reconciliation',
        from: `(select part as status, transactions, revenue from reconciliation where gold_table = 'by status' and in_table)`,
        sums: own('transactions', 'revenue'),
        dimensions: own('status'),
        narrowedBy: [],
        where: [],
      },
    ],
  }
}

function customers({ filters }: Explorable): CatalogueSubject {
  const ofCustomers = filters.filter(({ collection }) => collection === 'customers')
  const measures: Measure[] = [
    {
      name: 'customers',
      type: 'integer',
      sql: '{customers}::bigint',
      meaning: 'Customers on file with at least one sale.',
    },
    { name: 'revenue', type: 'money', sql: '{revenue}', meaning: 'customer_metrics.total_spent' },
    {
      name: 'transactions',
      type: 'integer',
      sql: '{transactions}::bigint',
      meaning: 'customer_metrics.total_transactions',
    },
    { name: 'orders', type: 'integer', sql: '{orders}::bigint', meaning: 'customer_segments.orders' },
    {
      name: 'average_per_customer',
      type: 'money',
      sql: 'round({revenue} / nullif({customers}, 0), 2)',
      meaning: 'What they spent divided by the customers.',
    },
    {
      name: 'orders_per_customer',
      type: 'decimal',
      sql: 'round({orders} / nullif({customers}, 0), 2)',
      meaning: 'Their orders divided by the customers.',
    },
  ]
  const dimensions: Omit<Dimension, 'column'>[] = [
    { name: 'segment', kind: 'label', meaning: 'customer_segments.segment' },
    { name: 'country', kind: 'label', meaning: 'customer_metrics.country' },
    { name: 'city', kind: 'label', meaning: 'customer_metrics.city' },
    { name: 'first_month', kind: 'time', meaning: 'Month of the first dated transaction.' },
    { name: 'first_year', kind: 'time', meaning: 'Year of the first dated transaction.' },
    { name: 'last_month', kind: 'time', meaning: 'Month of the last dated transaction.' },
    ...(['recency', 'frequency', 'monetary'] as const).map((name) => ({
      name,
      kind: 'scale' as const,
      meaning: `customer_segments.${name}`,
    })),
    ...ownDimensions(ofCustomers),
  ]
  const filtered = ofCustomers.map(({ name }): [string, string] => [`${KEPT}${name}`, `rows.${inSql(name)}`])
  const where = ['(chosen.country is null or rows.country = chosen.country)']
  const [first, last] = [monthOf('rows.first_purchase_date'), monthOf('rows.last_purchase_date')]
  return {
    name: 'customers',
    measures,
    dimensions: named(dimensions, measures),
    chosen: 'country',
    before: [],
    tables: [
      {
        name: 'customer_segments',
        from: 'customer_segments',
        sums: own('customers', 'transactions', 'revenue', 'orders'),
        dimensions: {
          ...own('segment', 'country'),
          ...Object.fromEntries(['recency', 'frequency', 'monetary'].map((name) => [name, `rows.${name}::text`])),
        },
        narrowedBy: ['country'],
        where,
      },
      {
        name: 'customer_metrics',
        from:
          filtered.length === 0
            ? 'customer_metrics'
            : `(select * from customer_metrics inner join ${FILTERED_CUSTOMERS} using (customer_id))`,
        sums: { customers: '1', transactions: 'rows.total_transactions', revenue: 'rows.total_spent' },
        dimensions: {
          ...own('country', 'city'),
          first_month: first,
          first_year: yearOf(first),
          last_month: last,
          ...Object.fromEntries(filtered),
        },
        narrowedBy: ['country', ...filtered.map(([name]) => name)],
        where,
      },
    ],
  }
}

/** A column of campaigns where another one is known, too. */
const knownWith = (column: string, other: string) => `case when rows.${other} is not null then rows.${column} end`

function campaigns(): CatalogueSubject {
  const sum = (name: string, type: Measure['type'], column: string): Measure => {
    const sql = type === 'integer' ? `{${name}}::bigint` : `{${name}}`
    return { name, type, sql, meaning: column }
  }
  const ratio = (name: string, type: Measure['type'], [part, whole]: [string, string], column: string): Measure => ({
    name,
    type,
    sql: `round({${part}}${type === 'percent' ? ' * 100' : ''} / nullif({${whole}}, 0), 2)`,
    meaning: `campaign_performance.${column}`,
  })
  const measures: Measure[] = [
    sum('campaigns', 'integer', 'Number of campaigns.'),
    sum('budget', 'money', 'campaign_spending.total_budget'),
    sum('spend', 'money', 'campaign_spending.total_spend'),
    sum('impressions', 'integer', 'campaign_performance.total_impressions'),
    sum('clicks', 'integer', 'campaign_performance.total_clicks'),
    { ...sum('conversions', 'decimal', 'campaign_performance.total_conversions'), sql: 'trim_scale({conversions})' },
    ratio('ctr_pct', 'percent', ['clicks_shown', 'impressions_clicked'], 'avg_ctr'),
    ratio('conversion_rate_pct', 'percent', ['conversions_clicked', 'clicks_converted'], 'avg_conversion_rate'),
    ratio('cpc', 'money', ['spend_clicked', 'clicks_paid'], 'avg_cpc'),
    ratio('cpa', 'money', ['spend_converted', 'conversions_paid'], 'avg_cpa'),
    ratio('roi_pct', 'percent', ['unspent', 'budget_spent'], 'roi'),
  ]
  return {
    name: 'campaigns',
    measures,
    dimensions: named(
      [
        { name: 'type', kind: 'label', meaning: 'campaign_performance.campaign_type' },
        { name: 'status', kind: 'label', meaning: 'campaign_performance.status' },
        { name: 'campaign', kind: 'label', meaning: 'campaign_performance.campaign_name' },
        { name: 'month', kind: 'time', meaning: 'campaign_spending.start_month' },
        { name: 'quarter', kind: 'time', meaning: 'Quarter of the month in which it starts.' },
        { name: 'year', kind: 'time', meaning: 'Year of the month in which it starts.' },
      ],
      measures,
    ),
    chosen: 'from_month, to_month, before_from, before_to',
    before: [':campaigns'],
    tables: [
      {
        name: 'campaign_performance',
        from: 'campaigns',
        sums: {
          campaigns: '1',
          ...own('budget', 'spend'),
          ...Object.fromEntries(['impressions', 'clicks', 'conversions'].map((name) => [name, `rows.total_${name}`])),
          clicks_shown: knownWith('total_clicks', 'total_impressions'),
          impressions_clicked: knownWith('total_impressions', 'total_clicks'),
          conversions_clicked: knownWith('total_conversions', 'total_clicks'),
          clicks_converted: knownWith('total_clicks', 'total_conversions'),
          spend_clicked: knownWith('spend', 'total_clicks'),
          clicks_paid: knownWith('total_clicks', 'spend'),
          spend_converted: knownWith('spend', 'total_conversions'),
          conversions_paid: knownWith('total_conversions', 'spend'),
          unspent: 'rows.budget - rows.spend',
          budget_spent: knownWith('budget', 'spend'),
        },
        dimensions: {
          type: 'rows.campaign_type',
          status: 'rows.status',
          campaign: "rows.campaign_name || ' (' || rows.campaign_id || ')'",
          ...timesOf('rows.start_month'),
        },
        narrowedBy: ['period'],
        where: ['rows.is_this'],
      },
    ],
  }
}

function ownDimensions(filters: readonly Filter[]): Omit<Dimension, 'column'>[] {
  return filters.map(({ name, meaning }) => ({ name: `${KEPT}${name}`, kind: 'label', meaning }))
}

/** Dimensions with what they are called in SQL: fields of a shop's own may have the name of something else there. */
function named(dimensions: readonly Omit<Dimension, 'column'>[], measures: readonly Measure[]): Dimension[] {
  const taken = new Set([...dimensions, ...measures].map(({ name }) => name))
  for (const { sql } of measures) for (const name of sumsIn(sql)) taken.add(name)
  return dimensions.map((dimension) => {
    const bare = dimension.name.replace(KEPT, '')
    const isTaken = bare !== dimension.name && (taken.has(bare) || bare === 'place')
    return { ...dimension, column: inSql(isTaken ? `own_${bare}` : bare) }
  })
}

/** The sums of a formula. */
export function sumsIn(sql: string): string[] {
  return [...sql.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? [])
}

/** All subjects of a shop, without tables that it does without. */
export function subjectsOf(shop: Explorable): CatalogueSubject[] {
  return [sales(shop), customers(shop), campaigns()].flatMap((subject) => {
    const tables = subject.tables.filter(({ from }) => {
      const read = from === 'campaigns' ? 'campaign_performance, campaign_spending' : from
      const isThere = shop.filters.length > 0 || from !== FILTERED_SALES
      return isThere && !names(read, shop.leftOut)
    })
    return tables.length === 0 ? [] : { ...subject, tables }
  })
}

/** A subject as the page is told of it: what no table holds is left out. */
export function toldSubject(
  { name: subject, measures, dimensions, tables }: CatalogueSubject,
  meaningOf: (column: string) => string | undefined,
): Subject {
  const told = tables.map(({ name, sums, dimensions: held, narrowedBy }) => ({
    name,
    measures: measures.flatMap(({ name, sql }) => (sumsIn(sql).every((sum) => sum in sums) ? name : [])),
    dimensions: Object.keys(held),
    narrowedBy: [...narrowedBy],
  }))
  const isHeld = (of: 'measures' | 'dimensions') => (one: { name: string }) =>
    told.some((table) => table[of].includes(one.name))
  return {
    name: subject,
    page: PAGE_OF[subject],
    measures: measures.filter(isHeld('measures')).map(({ name, type, sql, meaning, isGross = false }) => ({
      name,
      type,
      meaning: meaningOf(meaning) ?? meaning,
      addsUp: !sql.includes('nullif') && (subject !== 'sales' || !sumsIn(sql).some((sum) => sum in COUNTED)),
      isGross,
    })),
    dimensions: dimensions.filter(isHeld('dimensions')).map(({ name, kind, meaning }) => ({
      name,
      kind,
      meaning: meaningOf(meaning) ?? meaning,
    })),
    tables: told,
  }
}

export function catalogueOf(shop: Explorable, meaningOf: (column: string) => string | undefined): Catalogue {
  return { subjects: subjectsOf(shop).map((subject) => toldSubject(subject, meaningOf)), mostColumns: MOST_COLUMNS }
}
