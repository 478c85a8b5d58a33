import pg from 'pg'
import { LingotError } from '../system/errors.ts'

/** What a figure may be narrowed to; null is all, and for `before_…` that there is no period before. */
export interface Parameters {
  from_month: string | null
  to_month: string | null
  before_from: string | null
  before_to: string | null
  /** The month that a chart of months ends with; null is the last of the period. */
  drawn_to: string | null
  /** The days of what is drawn, and of what it is compared with. */
  from_day: string | null
  to_day: string | null
  before_from_day: string | null
  before_to_day: string | null
  grain: string | null
  country: string | null
  product: string | null
  /** Several of them, as a list in PostgreSQL's words. */
  countries: string | null
  products: string | null
  /** What is chosen of the shop's own filters, in their order; a query names those that are. */
  kept_1: string | null
  kept_2: string | null
  kept_3: string | null
  kept_4: string | null
  kept_5: string | null
  /** How many rows are wanted of a list that is cut before it is told of in full; null is all. */
  most: string | null
  /** The customer whom a figure is of. */
  customer: string | null
  /** How many orders they placed, where gold does not tell. */
  customer_orders: string | null
  /** The ranking of the products where it is read already; null is that a query ranks them itself. */
  ranking: string | null
}

export const nothingKept = { kept_1: null, kept_2: null, kept_3: null, kept_4: null, kept_5: null }

export const nothingChosen: Parameters = {
  from_month: null,
  to_month: null,
  before_from: null,
  before_to: null,
  drawn_to: null,
  from_day: null,
  to_day: null,
  before_from_day: null,
  before_to_day: null,
  grain: null,
  country: null,
  product: null,
  countries: null,
  products: null,
  ...nothingKept,
  most: null,
  customer: null,
  customer_orders: null,
  ranking: null,
}

/** A parameter as a query names it; `::` is a cast. */
const NAMED =
  /(?<!:):(from_month|to_month|before_from|before_to|drawn_to|from_day|to_day|before_from_day|before_to_day|grain|country|product|countries|products|kept_[1-5]|most|customer_orders|customer|ranking)\b/g

/** A query for the driver, with its parameters beside it. */
export function bound(sql: string, parameters: Parameters): { text: string; values: (string | null)[] } {
  const used: (keyof Parameters)[] = []
  const text = sql.replace(NAMED, (_, name: keyof Parameters) => {
    if (!used.includes(name)) used.push(name)
    return `$${used.indexOf(name) + 1}`
  })
  return { text, values: used.map((name) => checked(parameters[name])) }
}

/** A query with its parameters written in, as a person can run it. */
export function written(sql: string, parameters: Parameters): string {
  return sql.replace(NAMED, (_, name: keyof Parameters) => literal(parameters[name]))
}

export function literal(value: string | null): string {
  return value === null ? 'null' : pg.escapeLiteral(checked(value)).trimStart()
}

/** Several texts as one of PostgreSQL's lists. */
export function listText(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}

/** PostgreSQL has no text with a NUL in it. */
export function checked<T extends string | null>(value: T): T {
  if (!value?.includes('\0')) return value
  throw new LingotError(
    'usage',
    'What is looked for holds a NUL character, which no value of gold has.',
    'Leave it out.',
  )
}
