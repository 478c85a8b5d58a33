import type { PageName } from '../../../src/web/api.ts'
import { type Kind, written } from './written.ts'

export type Row = Readonly<Record<string, string | null>>

/** A column of the figure and how it is written, or what the whole row makes of a cell. */
export type Cell = readonly [column: string, kind: Kind] | ((row: Row) => string)

/** What a table has to show. */
export interface FigureSpec {
  /** As in `data-figure`. */
  name: string
  /** The query of the page that it comes from. */
  query: string
  cells: readonly Cell[]
  /** Which rows it is of; all if not given. */
  rows?: (row: Row) => boolean
  /** Whether it has the rows to be shown; it always has if not given. */
  isThere?: (rows: readonly Row[]) => boolean
}

const isKnown = (row: Row) => row['buyer'] === 'customer known'
const isNothing = (row: Row) => row['at_least'] === '0.00' && row['below'] === '0.01'

const placeOf = ({ country = null }: Row) => (country === 'Unknown' ? 'Country unknown' : written(country, 'text'))

/** A month, and the days of it that are known where it is not over. */
function monthOf({ month = null, known_until: until }: Row): string {
  if (until == null) return written(month, 'month')
  const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' })
  return `${written(month, 'month')}: ${days.formatRange(new Date(`${month}-01`), new Date(until))}`
}

/** A country of the table of all, with its ways to other pages. */
const openingPlaceOf = (row: Row) => placeOf(row) + (isKnown(row) ? 'OverviewCustomers' : '')

const productMonths: readonly Cell[] = [
  ['month', 'month'],
  ['product', 'text'],
  ['revenue', 'money'],
  ['transactions', 'integer'],
  ['avg_price', 'money'],
  ['previous_revenue', 'money'],
]

export const figureSpecs: Partial<Record<PageName, readonly FigureSpec[]>> = {
  overview: [
    {
      name: 'revenue-by-month',
      query: 'months',
      cells: [
        monthOf,
        ['revenue', 'money'],
        ['orders', 'integer'],
        ['average_order_value', 'money'],
        ['active_customers', 'integer'],
        ['repeat_rate_pct', 'percent'],
        ['previous_month', 'month'],
        ['previous_revenue', 'money'],
        ['previous_orders', 'integer'],
      ],
    },
    {
      name: 'revenue-by-product',
      query: 'by_product',
      cells: [
        ['product', 'text'],
        ['revenue', 'money'],
        ['share_pct', 'percent'],
        ['previous_revenue', 'money'],
      ],
    },
    {
      name: 'revenue-by-country',
      query: 'by_country',
      cells: [
        ['country', 'text'],
        ['revenue', 'money'],
        ['share_pct', 'percent'],
        ['previous_revenue', 'money'],
      ],
    },
  ],
  customers: [
    {
      name: 'best-customers',
      query: 'best',
      cells: [
        ['rank', 'integer'],
        (row) =>
          row['full_name'] === 'Unknown' ? `${row['customer_id']}` : `${row['full_name']} ${row['customer_id']}`,
        ['country', 'text'],
        ['total_spent', 'money'],
        ['share_pct', 'percent2'],
      ],
    },
    {
      name: 'customers-by-spending',
      query: 'distribution',
      cells: [
        (row) => (isNothing(row) ? 'Spent nothing, or nothing known' : written(row['at_least'], 'money')),
        (row) => (isNothing(row) ? '' : written(row['below'], 'money')),
        ['customers', 'integer'],
        ['revenue', 'money'],
      ],
    },
    {
      name: 'customers-by-recency-and-frequency',
      query: 'rfm',
      cells: [
        (row) => (row['recency'] === '0' ? 'No date' : (row['recency'] ?? '')),
        ['frequency', 'integer'],
        ['customers', 'integer'],
        ['revenue', 'money'],
        ['average_per_customer', 'money'],
      ],
    },
    {
      name: 'customer-segments',
      query: 'segments',
      cells: [
        ['segment', 'text'],
        ['customers', 'integer'],
        ['customers_pct', 'percent'],
        ['revenue', 'money'],
        ['average_per_customer', 'money'],
      ],
    },
    {
      name: 'customer-cohorts',
      query: 'cohorts',
      cells: [
        ['cohort', 'month'],
        ['months_since', 'integer'],
        ['cohort_customers', 'integer'],
        ['customers', 'integer'],
        ['retention_pct', 'percent'],
        ['revenue', 'money'],
      ],
    },
  ],
  products: [
    {
      name: 'products',
      query: 'products',
      cells: [
        ['product', 'text'],
        ['revenue', 'money'],
        ['share_pct', 'percent'],
        ['sales', 'integer'],
        ['avg_price', 'money'],
        ['customers', 'integer'],
        ['previous_revenue', 'money'],
        ['change_pct', 'change'],
      ],
    },
    { name: 'revenue-by-month-and-product', query: 'months', cells: productMonths },
    {
      name: 'products-month-by-month',
      query: 'months',
      cells: productMonths,
      // A line through one month is none.
      isThere: (rows) => new Set(rows.map((row) => row['month'])).size > 1,
    },
  ],
  campaigns: [
    {
      name: 'campaigns-funnel',
      query: 'funnel',
      cells: [
        ['campaigns_in', 'integer'],
        ['campaigns_out', 'integer'],
        ['impressions', 'integer'],
        ['clicks', 'integer'],
        ['conversions', 'integer'],
        ['impressions_to_clicks_pct', 'percent2'],
        ['clicks_to_conversions_pct', 'percent2'],
        ['impressions_to_conversions_pct', 'percent4'],
        ['previous_impressions', 'integer'],
        ['previous_clicks', 'integer'],
        ['previous_conversions', 'integer'],
      ],
      rows: (row) => row['campaigns_in'] !== '0',
    },
    {
      name: 'campaigns-spend-conversions',
      query: 'spending',
      cells: [
        ['campaign_name', 'text'],
        ['campaign_id', 'text'],
        ['campaign_type', 'text'],
        ['spend', 'money'],
        ['conversions', 'integer'],
        ['cpa', 'money'],
      ],
    },
    {
      name: 'campaigns-by-type',
      query: 'types',
      cells: [
        ['campaign_type', 'text'],
        ['campaigns', 'integer'],
        ['spend', 'money'],
        ['conversions', 'integer'],
        ['ctr_pct', 'percent2'],
        ['conversion_rate_pct', 'percent2'],
        ['cpa', 'money'],
        ['roi_pct', 'percent2'],
        ['previous_campaigns', 'integer'],
        ['previous_spend', 'money'],
        ['previous_conversions', 'integer'],
      ],
    },
    {
      name: 'campaigns',
      query: 'campaigns',
      cells: [
        (row) => `${row['campaign_name'] === 'Unknown' ? '' : row['campaign_name']}${row['campaign_id']}`,
        ['campaign_type', 'text'],
        ['status', 'text'],
        ['start_month', 'short month'],
        ['budget', 'money'],
        ['spend', 'money'],
        ['impressions', 'integer'],
        ['clicks', 'integer'],
        ['conversions', 'integer'],
        (row) =>
          written(row['ctr_pct'], 'percent2') + (Number(row['ctr_pct']) > 100 ? 'more clicks than impressions' : ''),
        ['conversion_rate_pct', 'percent2'],
        ['cpc', 'money'],
        ['cpa', 'money'],
        ['roi_pct', 'percent2'],
      ],
    },
  ],
  countries: [
    {
      name: 'revenue-by-country',
      query: 'countries',
      cells: [
        placeOf,
        ['revenue', 'money'],
        ['share_pct', 'percent2'],
        ['orders', 'integer'],
        ['previous_revenue', 'money'],
      ],
    },
    {
      name: 'revenue-by-month-and-country',
      query: 'months',
      cells: [['month', 'month'], placeOf, ['revenue', 'money'], ['previous_revenue', 'money']],
    },
    {
      name: 'value-per-customer',
      query: 'countries',
      cells: [placeOf, ['customers', 'integer'], ['value_per_customer', 'money']],
      rows: isKnown,
    },
    {
      name: 'marketing-consent',
      query: 'countries',
      cells: [
        placeOf,
        ['customers', 'integer'],
        ['consent_yes', 'integer'],
        ['consent_no', 'integer'],
        ['marketing_consent_pct', 'percent2'],
      ],
      rows: isKnown,
    },
    {
      name: 'countries',
      query: 'countries',
      cells: [
        openingPlaceOf,
        ['revenue', 'money'],
        ['share_pct', 'percent2'],
        ['orders', 'integer'],
        ['active_customers', 'integer'],
        ['customers', 'integer'],
        ['value_per_customer', 'money'],
        ['marketing_consent_pct', 'percent2'],
      ],
    },
  ],
}
