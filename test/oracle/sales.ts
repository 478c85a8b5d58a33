/** The sales and the buyers of silver as the dashboard sees them: plain records, money in whole cents. */
import { centsOf, dayOf, grouped, type Silver, textOf, textOrNull } from './documents.ts'

export interface Sale {
  /** `2025-03`, or Unknown. */
  month: string
  product: string
  /** Known or not in customers; null where the sale names none. */
  customer: string | null
  country: string
  buyer: 'no customer' | 'customer not in customers' | 'customer known'
  total: bigint | null
  amount: bigint | null
}

export function monthOf(time: Date | null): string {
  return time === null ? 'Unknown' : time.toISOString().slice(0, 7)
}

export function salesOf(silver: Silver): Sale[] {
  const countries = new Map<string, string>()
  for (const customer of silver.customers) countries.set(textOf(customer, 'customer_id'), textOf(customer, 'country'))
  const sales: Sale[] = []
  for (const document of silver.transactions) {
    const customer = textOrNull(document, 'customer_id')
    const country = customer === null ? undefined : countries.get(customer)
    sales.push({
      month: monthOf(dayOf(document, 'timestamp')),
      product: textOf(document, 'product'),
      customer,
      country: country ?? 'Unknown',
      buyer: customer === null ? 'no customer' : country === undefined ? 'customer not in customers' : 'customer known',
      total: centsOf(document, 'total_amount'),
      amount: centsOf(document, 'amount'),
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
  amounts: number
  spent: bigint
  /** The days of the first and the last dated sale. */
  first: string | null
  last: string | null
}

export function buyersOf(silver: Silver): Buyer[] {
  const bought = new Map<string, { transactions: number; amounts: number; spent: bigint; days: string[] }>()
  for (const document of silver.transactions) {
    const id = textOrNull(document, 'customer_id')
    if (id === null) continue
    const of = grouped(bought, id, () => ({ transactions: 0, amounts: 0, spent: 0n, days: [] as string[] }))
    const total = centsOf(document, 'total_amount')
    of.transactions++
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
    const { days, ...counted } = of
    days.sort()
    buyers.push({
      id,
      name: textOf(document, 'full_name'),
      city: textOf(document, 'city'),
      country: textOf(document, 'country'),
      ...counted,
      first: days.at(0) ?? null,
      last: days.at(-1) ?? null,
    })
  }
  return buyers
}
