/** The sales and the buyers of silver as the dashboard sees them: plain records, money in whole cents. */
import type { Document } from 'bson'
import { centsOf, dayOf, grouped, type Silver, textOf, textOrNull } from './documents.ts'

export interface Sale {
  /** `2025-03-31`, or Unknown. */
  day: string
  /** `2025-03`, or Unknown. */
  month: string
  /** Equal for the sales of one order, and for no others. */
  order: string
  product: string
  /** Known or not in customers; null where the sale names none. */
  customer: string | null
  country: string
  buyer: 'no customer' | 'customer not in customers' | 'customer known'
  total: bigint | null
  amount: bigint | null
  /** Whether it is Cancelled or Refunded. */
  isReversed: boolean
}

export function monthOf(time: Date | null): string {
  return time === null ? 'Unknown' : time.toISOString().slice(0, 7)
}

/** "A sale belongs to an order: `order_id` where it is mapped, else the sale is its own order." */
function orderOf(document: Document, place: number): string {
  const named = Object.hasOwn(document, 'order_id') ? textOrNull(document, 'order_id') : null
  return named === null ? `alone ${place}` : `order ${named}`
}

export function salesOf(silver: Silver): Sale[] {
  const countries = new Map<string, string>()
  for (const customer of silver.customers) countries.set(textOf(customer, 'customer_id'), textOf(customer, 'country'))
  const sales: Sale[] = []
  for (const [place, document] of silver.transactions.entries()) {
    const customer = textOrNull(document, 'customer_id')
    const country = customer === null ? undefined : countries.get(customer)
    const time = dayOf(document, 'timestamp')
    sales.push({
      day: time === null ? 'Unknown' : time.toISOString().slice(0, 10),
      month: monthOf(time),
      order: orderOf(document, place),
      product: textOf(document, 'product'),
      customer,
      country: country ?? 'Unknown',
      buyer: customer === null ? 'no customer' : country === undefined ? 'customer not in customers' : 'customer known',
      total: centsOf(document, 'total_amount'),
      amount: centsOf(document, 'amount'),
      isReversed: ['Cancelled', 'Refunded'].includes(textOf(document, 'status')),
    })
  }
  return sales
}

/** The customers of gold: those in silver with at least one sale. */
export interface Buyer {
  id: string
  name: string
  city: string
  country: string
  transactions: number
  orders: number
  amounts: number
  spent: bigint
  /** The days of the first and the last dated sale. */
  first: string | null
  last: string | null
}

export function buyersOf(silver: Silver): Buyer[] {
  type Bought = { transactions: number; orders: Set<string>; amounts: number; spent: bigint; days: string[] }
  const bought = new Map<string, Bought>()
  for (const [place, document] of silver.transactions.entries()) {
    const id = textOrNull(document, 'customer_id')
    if (id === null) continue
    const of = grouped<Bought>(bought, id, () => ({
      transactions: 0,
      orders: new Set(),
      amounts: 0,
      spent: 0n,
      days: [],
    }))
    const total = centsOf(document, 'total_amount')
    of.transactions++
    of.orders.add(orderOf(document, place))
    if (total !== null) of.amounts++
    of.spent += total ?? 0n
    const day = dayOf(document, 'timestamp')?.toISOString().slice(0, 10)
    if (day !== undefined) of.days.push(day)
  }
  const buyers: Buyer[] = []
  for (const document of silver.customers) {
    const id = textOf(document, 'customer_id')
    const of = bought.get(id)
    if (of === undefined) continue
    const { days, orders, ...counted } = of
    days.sort()
    buyers.push({
      id,
      name: textOf(document, 'full_name'),
      city: textOf(document, 'city'),
      country: textOf(document, 'country'),
      ...counted,
      orders: orders.size,
      first: days.at(0) ?? null,
      last: days.at(-1) ?? null,
    })
  }
  return buyers
}
