/** Silver as rules.md words it, recomputed from bronze documents in plain loops. */
import { inspect } from 'node:util'
import { BSON, type Document } from 'bson'
import { compareIds } from './bson.ts'
import { centsToNumber, format } from './exact.ts'
import { consent, count, country, date, email, id, label, money, phone, shares } from './values.ts'

export interface Bronze {
  customers: Document[]
  transactions: Document[]
  campaigns: Document[]
}

export type SilverCustomer = {
  _id: unknown
  customer_id: string
  first_name: string
  last_name: string
  full_name: string
  email: string | null
  phone: string | null
  age: number | null
  country: string
  city: string
  postal_code: string
  gender: string
  marketing_consent: boolean
  created_at: Date | null
}

export type SilverTransaction = {
  _id: unknown
  transaction_id: string | null
  customer_id: string | null
  product: string
  amount: number | null
  quantity: number
  payment_method: string
  discount_applied: number
  shipping_cost: number
  timestamp: Date | null
  status: string
  total_amount: number | null
}

export type SilverCampaign = {
  _id: unknown
  campaign_id: string
  campaign_name: string
  campaign_type: string
  status: string
  target_audience: string
  budget: number | null
  spend: number | null
  impressions: number | null
  clicks: number | null
  conversions: number | null
  start_date: Date | null
  ctr: number | null
  conversion_rate: number | null
  cpc: number | null
  cpa: number | null
  roi: number | null
}

export type Quarantined = { collection: keyof Bronze; _id: unknown; reason: 'no id' | 'superseded' }

export type ExpectedSilver = {
  customers: SilverCustomer[]
  transactions: SilverTransaction[]
  campaigns: SilverCampaign[]
  duplicates: { customers: number; transactions: number; campaigns: number }
  quarantined: Quarantined[]
}

export type VocabularyName =
  | 'customers.country'
  | 'customers.gender'
  | 'transactions.product'
  | 'transactions.payment_method'
  | 'transactions.status'
  | 'campaigns.campaign_type'
  | 'campaigns.status'

export type Vocabularies = Partial<Record<VocabularyName, readonly string[]>>

/** The vocabularies the brief names; those of product, payment method and campaign type belong to the contract. */
export const BRIEF_VOCABULARIES: Vocabularies = {
  'customers.country': ['France', 'Belgique', 'Suisse', 'Canada', 'Luxembourg'],
  'customers.gender': ['M', 'F'],
  'transactions.status': ['Completed', 'Pending', 'Cancelled', 'Refunded'],
  'campaigns.status': ['Active', 'Paused', 'Completed', 'Draft'],
}

/** A document's own field; undefined where it is absent. */
function field(document: Document, name: string): unknown {
  return Object.hasOwn(document, name) ? document[name] : undefined
}

function inIdOrder(documents: readonly Document[]): Document[] {
  return [...documents].sort((left, right) => compareIds(field(left, '_id'), field(right, '_id')))
}

function asNumber(cents: bigint | null): number | null {
  return cents === null ? null : centsToNumber(cents)
}

// --------------------------------------------------------------------------------------------------------- customers

/** `full_name` from `first_name` and `last_name`: the known ones, joined by one space; 'Unknown' if neither is known. */
function fullName(first: unknown, last: unknown): string {
  const known: string[] = []
  for (const raw of [first, last]) {
    const { value, flaw } = label(raw, [], 'name')
    if (flaw === undefined || flaw === 'repaired') known.push(value)
  }
  return known.length === 0 ? 'Unknown' : known.join(' ')
}

function cleanCustomer(document: Document, id: string, now: Date, words: Vocabularies): SilverCustomer {
  const home = country(field(document, 'country')).value
  return {
    _id: field(document, '_id'), // "Silver keeps bronze's `_id`"
    customer_id: id,
    first_name: label(field(document, 'first_name'), [], 'name').value,
    last_name: label(field(document, 'last_name'), [], 'name').value,
    full_name: fullName(field(document, 'first_name'), field(document, 'last_name')),
    email: email(field(document, 'email')).value,
    phone: phone(field(document, 'phone'), home).value,
    age: count(field(document, 'age'), 0, 120).value, // "age 0 to 120"
    country: home,
    city: label(field(document, 'city')).value,
    postal_code: label(field(document, 'postal_code'), [], 'code').value,
    gender: label(field(document, 'gender'), words['customers.gender']).value,
    marketing_consent: consent(field(document, 'marketing_consent')).value,
    created_at: date(field(document, 'created_at'), now).value,
  }
}

// ------------------------------------------------------------------------------------------------------ transactions

function cleanTransaction(document: Document, now: Date, words: Vocabularies): SilverTransaction {
  // "`amount` may be negative (kept, reported); `discount_applied`, `shipping_cost`, `budget`, `spend` may not."
  const amount = money(field(document, 'amount'), { mayBeNegative: true }).value
  // "An event that is missing did not happen. (`discount_applied` 0, `shipping_cost` 0, `quantity` 1 …)"
  const discount = money(field(document, 'discount_applied'), { mayBeNegative: false }).value ?? 0n
  const shipping = money(field(document, 'shipping_cost'), { mayBeNegative: false }).value ?? 0n
  return {
    _id: field(document, '_id'),
    transaction_id: id(field(document, 'transaction_id')).value,
    customer_id: id(field(document, 'customer_id')).value,
    product: label(field(document, 'product'), words['transactions.product']).value,
    amount: asNumber(amount),
    quantity: count(field(document, 'quantity'), 1).value ?? 1, // "quantity ≥ 1"
    payment_method: label(field(document, 'payment_method'), words['transactions.payment_method']).value,
    discount_applied: centsToNumber(discount),
    shipping_cost: centsToNumber(shipping),
    timestamp: date(field(document, 'timestamp'), now).value,
    status: label(field(document, 'status'), words['transactions.status'], 'sale status').value,
    // `total_amount = amount - discount_applied + shipping_cost`; "nothing is computed from" an amount that is missing
    total_amount: amount === null ? null : centsToNumber(amount - discount + shipping),
  }
}

// --------------------------------------------------------------------------------------------------------- campaigns

/** "In a text of impressions and clicks one or more `.` before groups of exactly three digits separate thousands" */
const SHOWN = { points: 'thousands' } as const

/** "null where an input is unknown or the denominator is 0. Not rounded." */
function quotient(top: bigint | null, bottom: bigint | null): number | null {
  return top === null || bottom === null || bottom === 0n ? null : Number(top) / Number(bottom)
}

function cleanCampaign(document: Document, id: string, now: Date, words: Vocabularies): SilverCampaign {
  const budget = money(field(document, 'budget'), { mayBeNegative: false }).value
  const spend = money(field(document, 'spend'), { mayBeNegative: false }).value
  const impressions = count(field(document, 'impressions'), 0, 1e12, SHOWN).value // "impressions, clicks ≥ 0"
  const clicks = count(field(document, 'clicks'), 0, 1e12, SHOWN).value
  const conversions = shares(field(document, 'conversions')).value // in millionths
  const whole = (value: number | null, times = 1n): bigint | null => (value === null ? null : BigInt(value) * times)
  return {
    _id: field(document, '_id'),
    campaign_id: id,
    campaign_name: label(field(document, 'campaign_name')).value,
    campaign_type: label(field(document, 'campaign_type'), words['campaigns.campaign_type']).value,
    status: label(field(document, 'status'), words['campaigns.status']).value,
    target_audience: label(field(document, 'target_audience')).value,
    budget: asNumber(budget),
    spend: asNumber(spend),
    impressions,
    clicks,
    conversions: conversions === null ? null : Number(format(conversions, 6)),
    start_date: date(field(document, 'start_date'), now).value,
    ctr: quotient(whole(clicks, 100n), whole(impressions)), // clicks / impressions * 100
    conversion_rate: quotient(conversions === null ? null : conversions * 100n, whole(clicks, 1_000_000n)), // conversions / clicks * 100
    cpc: quotient(spend, whole(clicks, 100n)), // spend / clicks; spend is in cents
    cpa: quotient(spend === null ? null : spend * 10_000n, conversions), // spend / conversions
    roi: quotient(budget === null || spend === null ? null : (budget - spend) * 100n, budget), // (budget - spend) / budget * 100
  }
}

// -------------------------------------------------------------------------------------------------------------- whole

/** The fields that the brief and rules.md name: what a contract reads. */
const NAMED: Record<'transactions' | 'campaigns', readonly string[]> = {
  transactions:
    '_id transaction_id customer_id product amount quantity payment_method discount_applied shipping_cost timestamp status'.split(
      ' ',
    ),
  campaigns:
    '_id campaign_id campaign_name campaign_type status target_audience budget spend impressions clicks conversions start_date'.split(
      ' ',
    ),
}

/** "whose name begins with `_` or is created_at, updated_at, …" */
const BOOKKEEPING = /^(?:_.*|(?:created|updated|inserted|received|extracted|loaded|synced|ingested)_at)$/s

/** "fields … not [named by a contract] (as they are)": each by its name, in no order. */
function rest(document: Document, named: readonly string[]): string {
  const counted = Object.keys(document).filter((name) => !named.includes(name) && !BOOKKEEPING.test(name))
  return JSON.stringify(counted.sort().map((name) => [name, bytesOf(document[name])]))
}

function bytesOf(value: unknown): string {
  try {
    return Buffer.from(BSON.serialize({ value })).toString('hex')
  } catch {
    return inspect(value, { depth: null })
  }
}

/** Every cleaned field but `_id`, and what no contract names, as one text that is equal for equal documents. */
function content({ _id, ...clean }: SilverTransaction | SilverCampaign, beside: string): string {
  return JSON.stringify([clean, beside])
}

/**
 * "documents with an id that are equal in every field but `_id`, named by a contract (cleaned) or not (as they are), are
 * one document inserted twice; the lowest `_id` stays. … Equal ids with different content are different records and all
 * stay". The documents come in `_id` order.
 */
function withoutTwins<T extends SilverTransaction | SilverCampaign>(
  documents: { raw: Document; clean: T }[],
  named: readonly string[],
  id: (document: T) => string | null,
) {
  const kept: T[] = []
  const seen = new Set<string>()
  let duplicates = 0
  for (const { raw, clean } of documents) {
    const same = content(clean, rest(raw, named))
    if (id(clean) !== null && seen.has(same)) {
      duplicates++
      continue
    }
    seen.add(same)
    kept.push(clean)
  }
  return { kept, duplicates }
}

/** What silver must hold for this bronze. Every list is in the order of `_id`. */
export function expectedSilver(bronze: Bronze, now = new Date(), vocabularies: Vocabularies = {}): ExpectedSilver {
  const words = { ...BRIEF_VOCABULARIES, ...vocabularies }
  const quarantined: Quarantined[] = []

  // "one per `customer_id`; of several the last inserted (highest `_id` in MongoDB's order) wins whole, …;
  //  the others are quarantined as superseded"; "No `customer_id` in a customer …: quarantined, not lost"
  const winners = new Map<string, Document>()
  for (const document of inIdOrder(bronze.customers)) {
    const key = id(field(document, 'customer_id')).value
    if (key === null) {
      quarantined.push({ collection: 'customers', _id: field(document, '_id'), reason: 'no id' })
      continue
    }
    const earlier = winners.get(key)
    if (earlier !== undefined) {
      quarantined.push({ collection: 'customers', _id: field(earlier, '_id'), reason: 'superseded' })
    }
    winners.set(key, document)
  }
  const customers: SilverCustomer[] = []
  for (const [id, document] of winners) customers.push(cleanCustomer(document, id, now, words))
  customers.sort((left, right) => compareIds(left._id, right._id))

  // "A transaction without ids is kept: it is a sale."
  const sales: { raw: Document; clean: SilverTransaction }[] = []
  for (const raw of inIdOrder(bronze.transactions)) sales.push({ raw, clean: cleanTransaction(raw, now, words) })
  const transactions = withoutTwins(sales, NAMED.transactions, (sale) => sale.transaction_id)

  // "no `campaign_id` in a campaign: quarantined, not lost"
  const records: { raw: Document; clean: SilverCampaign }[] = []
  for (const document of inIdOrder(bronze.campaigns)) {
    const key = id(field(document, 'campaign_id')).value
    if (key === null) quarantined.push({ collection: 'campaigns', _id: field(document, '_id'), reason: 'no id' })
    else records.push({ raw: document, clean: cleanCampaign(document, key, now, words) })
  }
  const campaigns = withoutTwins(records, NAMED.campaigns, (record) => record.campaign_id)

  return {
    customers,
    transactions: transactions.kept,
    campaigns: campaigns.kept,
    duplicates: { customers: 0, transactions: transactions.duplicates, campaigns: campaigns.duplicates },
    quarantined,
  }
}
