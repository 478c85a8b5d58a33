/** "A value that breaks its rule is treated as missing and **reported**, never silently dropped: which field, why, how often." */
import type { Document } from 'bson'
import type { Bronze, Vocabularies } from './silver.ts'
import {
  consent,
  count,
  country,
  date,
  email,
  type Flaw,
  id,
  label,
  money,
  phone,
  type Read,
  shares,
} from './values.ts'

export type Flaws = { missing: number; invalid: number; repaired: number }

type Reader = (raw: unknown, document: Document) => Read<unknown>

function readers(now: Date, words: Vocabularies): Record<keyof Bronze, Record<string, Reader>> {
  const positive = { mayBeNegative: false }
  const countryOf = (document: Document) => country(document['country']).value
  const since: Reader = (raw) => date(raw, now)
  const plain: Reader = (raw) => label(raw)
  const counted: Reader = (raw) => count(raw, 0, 1e12, { points: 'thousands' })
  const named: Reader = (raw) => label(raw, [], 'name')
  const cost: Reader = (raw) => money(raw, positive)
  return {
    customers: {
      customer_id: (raw) => id(raw),
      first_name: named,
      last_name: named,
      email: (raw) => email(raw),
      age: (raw) => count(raw, 0, 120),
      country: (raw) => country(raw),
      phone: (raw, document) => phone(raw, countryOf(document)),
      city: plain,
      postal_code: (raw) => label(raw, [], 'code'),
      gender: (raw) => label(raw, words['customers.gender']),
      marketing_consent: (raw) => consent(raw),
      created_at: since,
    },
    transactions: {
      transaction_id: (raw) => id(raw),
      customer_id: (raw) => id(raw),
      product: (raw) => label(raw, words['transactions.product']),
      amount: (raw) => money(raw, { mayBeNegative: true }),
      quantity: (raw) => count(raw, 1),
      payment_method: (raw) => label(raw, words['transactions.payment_method']),
      discount_applied: cost,
      shipping_cost: cost,
      timestamp: since,
      status: (raw) => label(raw, words['transactions.status'], 'sale status'),
    },
    campaigns: {
      campaign_id: (raw) => id(raw),
      campaign_name: plain,
      campaign_type: (raw) => label(raw, words['campaigns.campaign_type']),
      status: (raw) => label(raw, words['campaigns.status']),
      target_audience: plain,
      budget: cost,
      spend: cost,
      impressions: counted,
      clicks: counted,
      conversions: (raw) => shares(raw),
      start_date: since,
    },
  }
}

/** How many values of each field are missing, invalid or repaired, in every document of bronze. */
export function expectedFlaws(
  collection: keyof Bronze,
  documents: readonly Document[],
  now: Date,
  words: Vocabularies,
): Record<string, Flaws> {
  const fields = Object.entries(readers(now, words)[collection]).map(([name, read]) => {
    const flaws: Flaws = { missing: 0, invalid: 0, repaired: 0 }
    for (const document of documents) {
      const flaw: Flaw = read(Object.hasOwn(document, name) ? document[name] : undefined, document).flaw
      if (flaw !== undefined) flaws[flaw]++
    }
    return [name, flaws] as const
  })
  return Object.fromEntries(fields)
}
