/** "A value that breaks its rule is treated as missing and **reported**, never silently dropped: which field, why, how often." */
import type { Document } from 'bson'
import type { Bronze, Vocabularies } from './silver.ts'
import { consent, count, date, email, type Flaw, label, money, phone, type Read, text } from './values.ts'

export type Flaws = { missing: number; invalid: number; repaired: number }

type Reader = (raw: unknown, document: Document) => Read<unknown>

function readers(now: Date, words: Vocabularies): Record<keyof Bronze, Record<string, Reader>> {
  const positive = { mayBeNegative: false }
  const countryOf = (document: Document) => label(document['country'], words['customers.country']).value
  const since: Reader = (raw) => date(raw, now)
  const plain: Reader = (raw) => label(raw)
  const counted: Reader = (raw) => count(raw, 0)
  const cost: Reader = (raw) => money(raw, positive)
  return {
    customers: {
      customer_id: text,
      first_name: plain,
      last_name: plain,
      email,
      age: (raw) => count(raw, 0, 120),
      country: (raw) => label(raw, words['customers.country']),
      phone: (raw, document) => phone(raw, countryOf(document)),
      city: plain,
      postal_code: plain,
      gender: (raw) => label(raw, words['customers.gender']),
      marketing_consent: consent,
      created_at: since,
    },
    transactions: {
      transaction_id: text,
      customer_id: text,
      product: (raw) => label(raw, words['transactions.product']),
      amount: (raw) => money(raw, { mayBeNegative: true }),
      quantity: (raw) => count(raw, 1),
      payment_method: (raw) => label(raw, words['transactions.payment_method']),
      discount_applied: cost,
      shipping_cost: cost,
      timestamp: since,
      status: (raw) => label(raw, words['transactions.status']),
    },
    campaigns: {
      campaign_id: text,
      campaign_name: plain,
      campaign_type: (raw) => label(raw, words['campaigns.campaign_type']),
      status: (raw) => label(raw, words['campaigns.status']),
      target_audience: plain,
      budget: cost,
      spend: cost,
      impressions: counted,
      clicks: counted,
      conversions: counted,
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
