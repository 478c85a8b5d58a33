import type { Document } from 'bson'
import type { Contract } from '../../contracts/contract.ts'
import { areBuyers } from '../../contracts/contracts.ts'
import { customers } from '../../contracts/customers.ts'
import { whenShown } from '../../rules/dates.ts'
import * as formula from './formulas.ts'

/** How a row of a gold table comes from silver. */
export interface Lineage {
  /** What people call a row. */
  subject: string
  /** The gold table, and the model that makes it. */
  model: string
  key: string
  /** The silver columns that the key is worked out from, where it is none of `columns`. */
  keyReads?: readonly string[]
  /** How people spell a key that is not a text, and how gold does; undefined for what can be none. */
  spelling?: { example: string; read: (text: string) => string | undefined }
  /** The silver records behind a row. */
  sources: readonly Source[]
  /** Gold's columns, worked out from those records without the model's SQL: the two have to agree. */
  columns: Readonly<Record<string, formula.Formula>>
}

/** Some of the silver records behind a row. */
export interface Source extends Listing {
  collection: string
  /** Which records they are, in words. */
  words: (key: string, timeZone?: string) => string
  /** How MongoDB finds them; the key enters as a value and nothing else. */
  filter: (key: string, timeZone?: string) => Document
  /** Of those it finds, the sales of the row's customers alone. */
  ofCustomers?: true
  /** Columns of the key that lead to other records alone: it finds more than the row is made of. */
  apart?: readonly string[]
}

/** How records are shown to people; those that an order does not tell apart by their `_id`. */
interface Listing {
  order: { words: string; by?: { column: string; descending: boolean } }
  /** None of them personal. */
  columns: readonly string[]
  /** A record in which this is unknown is in no sum, so that the sums of a row add up to its total. */
  summed?: string
}

const sales: Listing = {
  order: { words: 'largest total_amount first', by: { column: 'total_amount', descending: true } },
  columns: ['transaction_id', 'timestamp', 'amount', 'discount_applied', 'shipping_cost', 'total_amount'],
  summed: 'total_amount',
}
const purchases: Listing = { ...sales, columns: sales.columns.toSpliced(2, 0, 'product') }
const buyers: Listing = {
  order: { words: 'by _id' },
  columns: ['customer_id', 'created_at', 'country', 'city', 'marketing_consent'],
}
const campaignRecords: Listing = {
  order: { words: 'oldest first', by: { column: 'start_date', descending: false } },
  columns: ['start_date', 'budget', 'spend', 'impressions', 'clicks', 'conversions'],
}

/** Each gold table of which a row can be worked out from silver. */
const standard: readonly Lineage[] = [
  {
    subject: 'customer',
    model: 'customer_metrics',
    key: 'customer_id',
    sources: [having('transactions', 'customer_id', purchases), having('customers', 'customer_id', buyers)],
    columns: {
      customer_id: formula.lastLabel('customers', 'customer_id'),
      full_name: formula.lastLabel('customers', 'full_name'),
      country: formula.lastLabel('customers', 'country'),
      city: formula.lastLabel('customers', 'city'),
      total_transactions: formula.count('transactions'),
      total_spent: formula.sum('transactions', 'total_amount'),
      avg_transaction_amount: formula.mean('transactions', 'total_amount'),
      first_purchase_date: formula.dayOf('first', 'transactions', 'timestamp'),
      last_purchase_date: formula.dayOf('last', 'transactions', 'timestamp'),
    },
  },
  {
    subject: 'product',
    model: 'product_performance',
    key: 'product',
    sources: [having('transactions', 'product', sales)],
    columns: {
      product: formula.lastLabel('transactions', 'product'),
      total_sales: formula.count('transactions'),
      total_revenue: formula.sum('transactions', 'total_amount'),
      avg_price: formula.mean('transactions', 'amount'),
      unique_customers: formula.distinct('transactions', 'customer_id'),
    },
  },
  {
    subject: 'campaign',
    model: 'campaign_performance',
    key: 'campaign_id',
    sources: [having('campaigns', 'campaign_id', campaignRecords)],
    columns: {
      campaign_id: formula.lastLabel('campaigns', 'campaign_id'),
      campaign_name: formula.lastLabel('campaigns', 'campaign_name', 'start_date'),
      campaign_type: formula.lastLabel('campaigns', 'campaign_type', 'start_date'),
      total_impressions: formula.total('campaigns', 'impressions'),
      total_clicks: formula.total('campaigns', 'clicks'),
      total_conversions: formula.total('campaigns', 'conversions'),
      avg_ctr: formula.percentOf('campaigns', 'clicks', 'impressions'),
      avg_conversion_rate: formula.percentOf('campaigns', 'conversions', 'clicks'),
      avg_cpc: formula.costPer('campaigns', 'spend', 'clicks'),
      avg_cpa: formula.costPer('campaigns', 'spend', 'conversions'),
      roi: formula.percentLeft('campaigns', 'budget', 'spend'),
      status: formula.lastLabel('campaigns', 'status', 'start_date'),
    },
  },
  {
    subject: 'month',
    model: 'monthly_revenue',
    key: 'month',
    keyReads: ['transactions.timestamp'],
    spelling: { example: '2025-03', read: (text) => (/^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? `${text}-01` : undefined) },
    sources: [
      {
        collection: 'transactions',
        words: (month, timeZone = 'UTC') => `whose timestamp is in ${month.slice(0, 7)} (${timeZone})`,
        filter: (month, timeZone) => {
          const first = new Date(month)
          const next = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1))
          return { timestamp: { $gte: whenShown(first, timeZone), $lt: whenShown(next, timeZone) } }
        },
        ...sales,
      },
    ],
    columns: {
      total_revenue: formula.sum('transactions', 'total_amount'),
      total_transactions: formula.count('transactions'),
      unique_customers: formula.distinct('transactions', 'customer_id'),
      avg_transaction_value: formula.mean('transactions', 'total_amount'),
    },
  },
  {
    subject: 'country',
    model: 'country_statistics',
    key: 'country',
    sources: [
      {
        collection: 'transactions',
        words: (country) => `of customers whose country is ${country}`,
        filter: () => ({}),
        ofCustomers: true,
        ...sales,
      },
      having('customers', 'country', buyers),
    ],
    columns: {
      country: formula.lastLabel('customers', 'country'),
      total_customers: formula.count('customers'),
      total_revenue: formula.sum('transactions', 'total_amount'),
      avg_customer_value: formula.sumPer('transactions', 'total_amount', 'customers'),
      marketing_consent_rate: formula.percentTrue('customers', 'marketing_consent'),
    },
  },
]

/** Those of a shop: where customers are those who bought, what is known of them is known of sales. */
export function lineagesOf(contracts: readonly Contract[]): readonly Lineage[] {
  if (!areBuyers(contracts)) return standard
  return standard.map((lineage) => {
    const sources = lineage.sources.filter(({ collection }) => collection !== customers.collection)
    const isOfSales = ([, { reads }]: [string, formula.Formula]) =>
      !reads.some((name) => name.startsWith(`${customers.collection}.`))
    const columns = Object.fromEntries(Object.entries(lineage.columns).filter(isOfSales))
    const key = lineage.key === customers.key && { [customers.key]: formula.lastLabel('transactions', customers.key) }
    return { ...lineage, sources, columns: { ...key, ...columns } }
  })
}

/** The records of a collection whose field is the key. */
function having(collection: string, field: string, listing: Listing): Source {
  return {
    collection,
    words: (key) => `whose ${field} is ${key}`,
    filter: (key) => ({ [field]: { $eq: key } }),
    ...listing,
  }
}
