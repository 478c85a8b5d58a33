import type { Document } from 'bson'
import { differences } from '../oracle/compare.ts'
import type { Row, Silver } from '../oracle/documents.ts'
import { centsToNumber } from '../oracle/exact.ts'
import { type ExpectedGold, KEYS } from '../oracle/gold.ts'
import { label, money } from '../oracle/values.ts'

/*
 * Gold of a real shop beside what plain loops make of its source.
 */

export interface Sale {
  customer: string | null
  product?: string
  /** As the source has it. */
  amount: unknown
  quantity?: number
  time: Date | null
  order?: string
}

export interface Customer {
  id: string
  name?: string
  country?: string
  city?: string
}

/** Silver as the rules make it of a source that is clean. */
export function silverOf(
  customers: readonly Customer[],
  sales: readonly Sale[],
  factor: (sale: Sale) => number = () => 1,
): Silver {
  return {
    customers: customers.map(({ id, name = 'Unknown', country = 'Unknown', city = 'Unknown' }) => ({
      ...{ customer_id: id, full_name: name, country, city, marketing_consent: false },
    })),
    transactions: sales.map((sale): Document => {
      const read = money(sale.amount, { mayBeNegative: false })
      const cents = read.value === null ? null : read.value * BigInt(factor(sale))
      const amount = cents === null ? null : centsToNumber(cents)
      return {
        ...{ customer_id: sale.customer, product: label(sale.product).value ?? 'Unknown', status: 'Unknown' },
        ...{ timestamp: sale.time, amount, total_amount: amount },
        ...(sale.order !== undefined && { order_id: sale.order }),
      }
    }),
    campaigns: [],
  }
}

/** What differs, a line each, in the tables that are there. */
export async function differing(
  expected: Partial<ExpectedGold>,
  tables: readonly (keyof ExpectedGold)[],
  rowsOf: (table: string) => Promise<Row[]>,
): Promise<string[]> {
  const lines: string[] = []
  for (const table of tables) {
    lines.push(
      ...differences(expected[table] ?? [], await rowsOf(table), KEYS[table]).map((line) => `${table}: ${line}`),
    )
  }
  return lines
}
