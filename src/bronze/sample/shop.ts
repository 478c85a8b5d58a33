import { type Document, Double, ObjectId } from 'bson'
import {
  audiences,
  campaignStatuses,
  campaignTypes,
  collisions,
  countries,
  firstNames,
  gaps,
  lastNames,
  mailDomains,
  nulls,
  occasions,
  payments,
  period,
  products,
  promotions,
  repeats,
  rhythm,
  saleStatuses,
  spending,
  standardSize,
  strangers,
} from './catalogue.ts'
import { below, between, fill, pick, quantile, type Random, shuffle, stream, weighted } from './random.ts'

export { standardSize }

/** A shop's raw documents, one at a time in the order they came in; each call begins anew and gives the same ones. */
export interface Shop {
  customers(): Generator<Document>
  transactions(): Generator<Document>
  campaigns(): Generator<Document>
}

export type Size = Record<keyof typeof standardSize, number>

/** How many documents a shop has. */
export function sizeOf(scale: number): Size {
  const times = (count: number) => Math.max(1, Math.round(count * scale))
  return {
    customers: times(standardSize.customers),
    transactions: times(standardSize.transactions),
    campaigns: times(standardSize.campaigns),
  }
}

/**
 * A shop that sells to French speakers, with the gaps and collisions of real feeds. No table of what was drawn is kept:
 * who has which id follows from a number, so it streams at any scale.
 *
 *     for (const sale of shop({ scale: 1, seed: 42 }).transactions()) console.log(sale)
 */
export function shop({ scale, seed }: { scale: number; seed: number }): Shop {
  const size = sizeOf(scale)
  const random = stream(seed, 0)
  const people = identities(size.customers, collisions.customers, random)
  const passersBy = Math.round(size.customers * strangers.customers)
  const customerId = ids('CUST', 5, people.count + passersBy, random)
  const byLoyalty = shuffle(people.count, random)
  const sales = size.transactions - Math.round(size.transactions * repeats.transactions)
  const receipts = identities(sales, collisions.transactions, random)
  const transactionId = ids('TXN', 5, receipts.count, random)
  const plans = size.campaigns - Math.round(size.campaigns * repeats.campaigns)
  const campaignId = ids('CAMP', 3, plans, random)
  const saleDay = quantile(dailySales(random))

  /** When the account at a share of all customers was opened; more and more are. */
  function openedAt(share: number): number {
    return instant(opened, daysOpen * share * (1.6 - 0.6 * share))
  }

  function* customers(): Generator<Document> {
    const random = stream(seed, 1)
    const objectId = objectIds(random)
    for (let position = 0; position < size.customers; position++) {
      const created = openedAt((position + random()) / size.customers)
      const id = customerId(people.at(position))
      yield withGaps(objectId(created), customer(id, new Date(created), random), gapsOf.customers, random)
    }
  }

  /** One who had an account at the time, the loyal more often; a few sales are older than the account, as in life. */
  function buyer(time: number, random: Random): number {
    let person = 0
    for (let tries = 0; tries < 8; tries++) {
      person = byLoyalty(Math.floor(people.count * loyalty(random())))
      if (openedAt(Math.min(1, person / people.count + 1 / size.customers)) <= time) break
    }
    return person
  }

  function* transactions(): Generator<Document> {
    const random = stream(seed, 2)
    const objectId = objectIds(random)
    function* eachSale(): Generator<[number, Document]> {
      for (let position = 0; position < sales; position++) {
        const time = instant(from, saleDay((position + random()) / sales))
        const isStranger = random() < strangers.sales && passersBy > 0
        const person = isStranger ? people.count + Math.floor(passersBy * loyalty(random())) : buyer(time, random)
        const id = transactionId(receipts.at(position))
        yield [time, transaction(id, customerId(person), new Date(time), random)]
      }
    }
    yield* withRepeats(eachSale(), sales, size.transactions, gapsOf.transactions, objectId, random)
  }

  function* campaigns(): Generator<Document> {
    const random = stream(seed, 3)
    const objectId = objectIds(random)
    function* eachCampaign(): Generator<[number, Document]> {
      for (let position = 0; position < plans; position++) {
        const start = from + Math.floor((days * (position + random())) / plans) * DAY
        yield [start, campaign(campaignId(position), new Date(start), random)]
      }
    }
    yield* withRepeats(eachCampaign(), plans, size.campaigns, gapsOf.campaigns, objectId, random)
  }

  return { customers, transactions, campaigns }
}

// ------------------------------------------------------------------------------------------------ what documents hold

const drawCountry = weighted(countries.map((country) => ({ ...country, city: weighted(country.cities) })))
const drawDomain = weighted(mailDomains)
const drawProduct = weighted(products)
const drawPayment = weighted(payments)
const drawSaleStatus = weighted(saleStatuses)
const drawCampaignType = weighted(campaignTypes)
const drawCampaignStatus = { recent: weighted(campaignStatuses.recent), past: weighted(campaignStatuses.past) }

function customer(customer_id: string, created_at: Date, random: Random): Document {
  const country = drawCountry(random)
  const city = country.city(random)
  const gender = random() < 0.52 ? 'F' : 'M'
  const first_name = pick(random, firstNames[gender])
  const last_name = pick(random, lastNames)
  const digits = customer_id.slice('CUST12'.length)
  return {
    customer_id,
    first_name,
    last_name,
    email: `${plain(first_name)}.${plain(last_name)}${digits}@${drawDomain(random).name}`,
    phone: fill(pick(random, country.phones), random),
    age: 18 + Math.floor(75 * nearHalf(random) ** 2),
    country: country.name,
    city: city.name,
    postal_code: fill(pick(random, city.postal), random),
    gender,
    marketing_consent: random() < 0.62,
    created_at,
  }
}

function transaction(transaction_id: string, customer_id: string, timestamp: Date, random: Random): Document {
  const product = drawProduct(random)
  const quantity = random() < product.several ? 2 + Math.floor(3 * random() * random()) : 1
  // Prices end in .99 and stay within a tenth of the product's.
  const amount = quantity * (Math.round(product.price * between(random, 0.92, 1.08)) - 0.01)
  const isPromoted = random() < (promotions.includes(timestamp.getUTCMonth()) ? 0.6 : 0.3)
  const discount = isPromoted ? pick(random, [0.05, 0.1, 0.1, 0.15, 0.2]) : 0
  const isFree = random() < 0.25
  return {
    transaction_id,
    customer_id,
    product: product.name,
    amount: money(amount),
    quantity,
    payment_method: drawPayment(random).name,
    discount_applied: money(amount * discount),
    shipping_cost: money(isFree ? 0 : 3.9 + 0.9 * product.parcel * quantity),
    status: drawSaleStatus(random).name,
    timestamp,
  }
}

function campaign(campaign_id: string, start_date: Date, random: Random): Document {
  const type = drawCampaignType(random)
  const isRecent = start_date.getTime() >= to - 42 * DAY
  const status = drawCampaignStatus[isRecent ? 'recent' : 'past'](random).name
  const occasion = pick(random, occasions[start_date.getUTCMonth()] as string[])
  // Small budgets are more common than large ones.
  const budget = 100 * Math.round(between(random, type.least, between(random, type.least, type.most)) / 100)
  const spend = budget * between(random, spending.least, spending.most)
  // A draft has cost something already, and shown nothing yet.
  const impressions = status === 'Draft' ? 0 : Math.round((spend / type.cpm) * 1000 * between(random, 0.7, 1.3))
  const isMiscounted = random() < spending.miscounted
  const clicks = Math.round(
    impressions * (isMiscounted ? between(random, 1.05, 1.6) : type.ctr * between(random, 0.6, 1.4)),
  )
  return {
    campaign_id,
    campaign_name: `${occasion} ${start_date.getUTCFullYear()}`,
    campaign_type: type.name,
    budget: money(budget),
    spend: money(spend),
    impressions,
    clicks,
    conversions: Math.round(clicks * type.conversion * between(random, 0.6, 1.4)),
    start_date,
    status,
    target_audience: pick(random, audiences),
  }
}

/** From 0 to 1, seldom near either. */
function nearHalf(random: Random): number {
  return (random() + random() + random()) / 3
}

/** Two decimals, and a BSON double even where they are nought. */
function money(amount: number): Double {
  return new Double(Math.round(amount * 100) / 100)
}

/** A name as addresses have it. */
function plain(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^a-z-]/gi, '')
    .toLowerCase()
}

/** Where a buyer stands among all: the first hundredth buys about eight times as often as the last half. */
function loyalty(share: number): number {
  const root = LEAST_RANK + share * (Math.sqrt(1 + LEAST_RANK ** 2) - LEAST_RANK)
  return Math.max(0, root * root - LEAST_RANK ** 2)
}
/** Bounds how often the best buys, whatever the scale. */
const LEAST_RANK = 0.08

// ------------------------------------------------------------------------------------------------------- when it sells

const HOUR = 3_600_000
const DAY = 24 * HOUR
const hourOfDay = quantile(rhythm.hours)
const [opened, from, to] = [Date.parse(period.opened), Date.parse(period.from), Date.parse(period.to)]
const daysOpen = (to - opened) / DAY
const days = (to - from) / DAY

/** The instant of a day and a fraction; within the day time goes by as customers are awake. */
function instant(start: number, day: number): number {
  const whole = Math.floor(day)
  return start + whole * DAY + Math.floor(hourOfDay(day - whole) * HOUR)
}

/** The weight of each day of the period: season, weekday, growth, and luck. */
function dailySales(random: Random): number[] {
  return Array.from({ length: days }, (_, day) => {
    const date = new Date(from + day * DAY)
    const month = rhythm.months[date.getUTCMonth()] as number
    const weekday = rhythm.days[date.getUTCDay()] as number
    return month * weekday * (1 + (rhythm.growth * day) / 365) * between(random, 0.75, 1.25)
  })
}

// -------------------------------------------------------------------------------------------------- what is amiss in it

/** Who each position is: all different, but for a share of all who appear at two positions, evenly spread. */
function identities(total: number, share: number, random: Random): { count: number; at: (position: number) => number } {
  const shared = Math.round((total * share) / (1 + share))
  const count = total - shared
  const partner = shuffle(count, random)
  const at = (position: number) => {
    const before = marksBefore(position, shared, total)
    return marksBefore(position + 1, shared, total) > before ? partner(before) : position - before
  }
  return { count, at }
}

/** How many of `marks`, evenly spread over `total`, lie before a position. */
function marksBefore(position: number, marks: number, total: number): number {
  return Math.floor((position * marks) / total)
}

/** Ids that look drawn and are all different, with as many digits as leave every other number unused. */
function ids(prefix: string, digits: number, count: number, random: Random): (number: number) => string {
  let least = 10 ** (digits - 1)
  while (9 * least < 2 * count) least *= 10
  const shuffled = shuffle(9 * least, random)
  return (number) => `${prefix}${least + shuffled(number)}`
}

type Gap = [field: string, share: number]

const gapsOf = {
  customers: Object.entries(gaps.customers),
  transactions: Object.entries(gaps.transactions),
  campaigns: Object.entries(gaps.campaigns),
} satisfies Record<string, Gap[]>

/** The document under its `_id`, each field missing in its share of cases: absent, or null in a part of them. */
function withGaps(_id: ObjectId, document: Document, gaps: readonly Gap[], random: Random): Document {
  const incomplete: Document = { _id }
  for (const [field, share] of gaps) {
    const luck = random()
    if (luck >= share) incomplete[field] = document[field]
    else if (luck < share * nulls) incomplete[field] = null
  }
  return incomplete
}

/** Gives the documents their gaps, and repeats some of them, evenly spread, under another `_id`. */
function* withRepeats(
  documents: Generator<[time: number, document: Document]>,
  count: number,
  total: number,
  gaps: readonly Gap[],
  objectId: (time: number) => ObjectId,
  random: Random,
): Generator<Document> {
  let position = 0
  for (const [time, document] of documents) {
    const copies = marksBefore(position + 1, total - count, count) - marksBefore(position, total - count, count)
    const kept = withGaps(objectId(time), document, gaps, random)
    yield kept
    for (let copy = 0; copy < copies; copy++) yield { ...kept, _id: objectId(time) }
    position += 1
  }
}

/** Makes `_id`s as drivers do: seconds, five bytes of the process, a counter. */
function objectIds(random: Random): (time: number) => ObjectId {
  const process = Array.from({ length: 5 }, () => below(random, 256))
  let counter = 0
  return (time) => {
    const bytes = new Uint8Array(12)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, Math.floor(time / 1000))
    // The counter has three bytes; the process covers the first of these four.
    view.setUint32(8, counter)
    bytes.set(process, 4)
    counter = (counter + 1) % 2 ** 24
    return new ObjectId(bytes)
  }
}
