import type { GoldQuery } from '../gold/reader.ts'
import type { Choices, Customers, CustomersQuery, Filters, Page, PageName, Query } from './api.ts'
import { readGoldRun } from './gold.ts'

const totals = 'select count(*) as customers, coalesce(sum(total_spent), 0) as revenue from customer_metrics'

/** All that a page shows. */
export async function readPage(query: GoldQuery, _page: PageName, { period }: Filters): Promise<Page> {
  return {
    gold: await goldOf(query),
    period: { name: period, months: null, before: null },
    figures: { totals: { ...(await query(totals)), sql: totals } },
  }
}

/** What there is to choose from. */
export async function readChoices(query: GoldQuery): Promise<Choices> {
  const column = async (sql: string) => (await query(sql)).rows.map(([name]) => String(name))
  return {
    months: null,
    countries: await column('select country from country_statistics order by 1'),
    products: await column('select product from product_performance order by 1'),
  }
}

/** A part of the table of customers. */
export async function readCustomers(query: GoldQuery, { limit, offset }: CustomersQuery): Promise<Customers> {
  const sql = `select * from customer_metrics order by total_spent desc, customer_id limit ${limit} offset ${offset}`
  const { rows } = await query('select count(*) from customer_metrics')
  return { ...(await query(sql)), sql, gold: await goldOf(query), total: Number(rows[0]?.[0]) }
}

/** The queries of all figures. */
export function figureQueries(): Query[] {
  return [{ kind: 'figure', name: 'overview/totals', title: 'All customers', note: '', sql: totals, ask: null }]
}

async function goldOf(query: GoldQuery) {
  return (await readGoldRun(query)) ?? { run: '', started: '' }
}
