import type { MongoClient } from 'mongodb'
import { type Contract, UNKNOWN } from '../../contracts/contract.ts'
import { areBuyers } from '../../contracts/contracts.ts'
import { REVERSED } from '../../contracts/transactions.ts'
import { whenShown } from '../../rules/dates.ts'
import type { Filter } from '../../settings/filters.ts'
import { LingotError } from '../../system/errors.ts'
import { type ExplainOptions, explained, type GivenRow, untilOf } from './explain.ts'
import type { Explanation } from './explanation_schema.ts'
import * as formula from './formulas.ts'
import { type Lineage, lineagesOf, type Source } from './lineage.ts'

/** Some of the sales, as a dashboard is narrowed to them. */
export interface Cut {
  /** The first and the last month as `2025-03`, or day as `2025-03-10`; all time, with sales that have no date, if null. */
  months: { from: string; to: string } | null
  /** That of customers in `customers`. */
  country: Chosen | undefined
  product: Chosen | undefined
  /** Whether sales that were taken back are left out. */
  isNet: boolean
  /** Values of the shop's own filters. */
  kept: readonly (Filter & Chosen)[]
}

/** What is chosen of a column. */
export interface Chosen {
  /** All where there are none. */
  values: readonly string[]
  /** Whether Unknown is left out. */
  isKnown: boolean
}

/** Some of the sales, and what gold says that they come to: one row of the columns of {@link meanings}. */
export interface CutOfSales extends Omit<GivenRow, 'meanings'> {
  cut: Cut
  /** The query that gives the row. */
  sql: string
}

const meanings = {
  revenue: 'Sum of total_amount where known; 0.00 if none is known.',
  transactions: 'Number of transactions.',
  average: 'Mean of the known total_amount; null if none is known.',
  avg_price: 'Mean of the known amount; null if none is known.',
  orders: 'Number of different orders; a transaction that names none is one of its own.',
  average_order_value: 'Revenue by the orders with a transaction whose amount is known; null if there is none.',
}

/** Explains what some of the sales come to, as `explain` does a row of gold. */
export async function explainedCut(
  mongodb: MongoClient,
  { cut, sql, ...given }: CutOfSales,
  options: ExplainOptions,
): Promise<Explanation> {
  const { months, country, product, isNet, kept } = cut
  const named = [{ name: 'product', ...product }, { name: 'country', ...country }, ...kept]
  const chosen = [
    ...(months === null ? [] : [['month', spanOf(months)]]),
    ...named.flatMap(({ name, values = [], isKnown = false }) => [
      ...(values.length === 0 ? [] : [[name, values.join(', ')]]),
      ...(isKnown ? [[name, 'known']] : []),
    ]),
    ...(isNet ? [['revenue', 'net']] : []),
  ]
  const until = untilOf(options)
  return {
    subject: 'sales',
    table: 'sales',
    description: 'What some of the sales come to.',
    key: { column: chosen.map(([name]) => name).join(' / '), value: chosen.map(([, value]) => value).join(' / ') },
    sql: { file: 'cut.sql', text: sql },
    ...(await explained(mongodb, { ...given, meanings }, lineageOfCut(cut, options.contracts), '', until, options)),
  }
}

/** What the sums of a cut come to by themselves, and from which records of silver. */
function lineageOfCut(cut: Cut, contracts: readonly Contract[]): Lineage {
  const { months, country, product, isNet, kept } = cut
  const ofSales = kept.filter(({ collection }) => collection === 'transactions')
  const ofCustomers = kept.filter(({ collection }) => collection === 'customers')
  const isOfCustomers = country !== undefined || ofCustomers.length > 0
  if (isOfCustomers && areBuyers(contracts)) {
    const next = 'Explain a month, a product or a customer.'
    throw new LingotError('usage', 'This shop has no customers, who would lead to their sales.', next)
  }
  const unknown = ofCustomers.find(({ values }) => values.includes(UNKNOWN))
  if (unknown !== undefined) {
    const what = `Sales of unknown ${unknown.name} are those of nobody known as well, to whom no record of customers leads.`
    throw new LingotError('usage', what, 'Choose a value that is known.')
  }
  const sourceOf = (subject: string, collection: string): Source => {
    const found = lineagesOf(contracts)
      .find((lineage) => lineage.subject === subject)
      ?.sources.find((source) => source.collection === collection)
    if (found === undefined) throw new LingotError('bug', `A ${subject} comes from no ${collection}.`)
    return found
  }
  const having = (filters: typeof kept) =>
    Object.fromEntries(
      filters.map(({ collection, name, ...chosen }) => [name, among(contracts, collection, name, chosen)]),
    )
  const words = (parts: readonly (Partial<Chosen> & { name: string })[]) =>
    parts
      .flatMap(({ name, values = [], isKnown = false }) => [
        ...(values.length === 0 ? [] : [`${name} is ${values.join(' or ')}`]),
        ...(isKnown ? [`${name} is known`] : []),
      ])
      .join(' and ')
  const sales: Source = {
    ...sourceOf('month', 'transactions'),
    words: (_, timeZone = 'UTC') =>
      [
        ...(isOfCustomers ? ['of these customers'] : []),
        ...(months === null ? [] : [`whose timestamp is in ${spanOf(months)} (${timeZone})`]),
        ...[words([{ name: 'product', ...product }, ...ofSales])].flatMap((said) =>
          said === '' ? [] : `whose ${said}`,
        ),
        ...(isNet ? [`whose status is not ${REVERSED.join(' or ')}`] : []),
      ].join(', '),
    filter: (_, timeZone) => ({
      ...(months !== null && { timestamp: within(months, timeZone) }),
      ...(product !== undefined && { product: among(contracts, 'transactions', 'product', product) }),
      ...(isNet && { status: { $nin: REVERSED } }),
      ...having(ofSales),
    }),
    ...(isOfCustomers && { ofCustomers: true }),
  }
  const customers = (): Source => ({
    ...sourceOf('country', 'customers'),
    words: () => `whose ${words([{ name: 'country', ...country }, ...ofCustomers])}`,
    filter: () => ({
      ...(country !== undefined && { country: among(contracts, 'customers', 'country', country) }),
      ...having(ofCustomers),
    }),
  })
  return {
    subject: 'sales',
    model: 'monthly_sales',
    key: 'month',
    sources: isOfCustomers ? [sales, customers()] : [sales],
    columns: {
      revenue: formula.sum('transactions', 'total_amount'),
      transactions: formula.count('transactions'),
      average: formula.mean('transactions', 'total_amount'),
      avg_price: formula.mean('transactions', 'amount'),
      orders: formula.orders('transactions'),
      average_order_value: formula.meanOrder('transactions', 'total_amount'),
    },
  }
}

/** `2025-03`, or `2025-03 – 2025-06`. */
export function spanOf({ from, to }: NonNullable<Cut['months']>): string {
  return from === to ? from : `${from} – ${to}`
}

function within({ from, to }: NonNullable<Cut['months']>, timeZone: string | undefined) {
  const isOfDays = to.length > '2025-03'.length
  const [first, last] = [from, to].map((text) => new Date(isOfDays ? text : `${text}-01`)) as [Date, Date]
  const [year, month, day] = [last.getUTCFullYear(), last.getUTCMonth(), last.getUTCDate()]
  const next = new Date(isOfDays ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1))
  return { $gte: whenShown(first, timeZone), $lt: whenShown(next, timeZone) }
}

/** What has no label of its own for what is missing gets it from the models. */
function among(contracts: readonly Contract[], collection: string, name: string, { values, isKnown }: Chosen) {
  const field = contracts.find((contract) => contract.collection === collection)?.fields[name]
  const meant = (value: string) => (value === UNKNOWN && field?.default === null ? [null, value] : [value])
  const all = values.flatMap(meant)
  return {
    ...(values.length > 0 && (all.length === 1 ? { $eq: all[0] } : { $in: all })),
    ...(isKnown && { $nin: meant(UNKNOWN) }),
  }
}
