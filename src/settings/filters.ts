import type { Contract } from '../contracts/contract.ts'
import { contracts as standard } from '../contracts/contracts.ts'
import type { Problem } from './problems.ts'

/** A kept field to whose values the dashboard can be narrowed. */
export interface Filter {
  collection: string
  name: string
  meaning: string
}

/** Each more is a column of every cell of the sales. */
const MOST = 5

/** What the sales by all filters call something else. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['month', 'product', 'country', 'buyer', 'has_customer', 'is_known'],
  ...['transactions', 'amounts_known', 'revenue', 'goods', 'share_pct'],
  ...['reversed_transactions', 'reversed_amounts_known', 'reversed_revenue', 'reversed_goods'],
])

/** The filters of a shop, in the order of its settings, and what is wrong with them. */
export function filtersOf(contracts: readonly Contract[]): { filters: Filter[]; problems: Problem[] } {
  const problems: Problem[] = []
  const filters: Filter[] = []
  for (const { collection, fields } of contracts) {
    const part = standard.some((known) => known.collection === collection) ? 'keep' : 'fields'
    for (const [name, { filter, meaning }] of Object.entries(fields)) {
      if (filter !== true) continue
      const problem = problemOf(collection, name, filters)
      if (problem === undefined) filters.push({ collection, name, meaning })
      else problems.push({ path: ['collections', collection, part, name, 'filter'], message: problem })
    }
  }
  return { filters, problems }
}

function problemOf(collection: string, name: string, others: readonly Filter[]): string | undefined {
  if (collection !== 'transactions' && collection !== 'customers')
    return 'is for fields of transactions and customers, since it narrows sales'
  if (TAKEN.has(name))
    return `cannot be true for a field called ${name}, which the sales by filters call something else`
  const twin = others.find((other) => other.name === name)
  if (twin !== undefined) return `${twin.collection} has a filter ${name} already; choose another name`
  return others.length < MOST ? undefined : `is true for ${MOST} fields already, and more the dashboard cannot take`
}
