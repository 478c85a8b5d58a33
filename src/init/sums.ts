import type { Collection, MongoClient } from 'mongodb'
import type { Path } from '../contracts/contract.ts'
import { likenessOf, UNLIKE } from '../contracts/likeness.ts'
import { parse } from '../mongo/bson_reader.ts'
import { money } from '../rules/numbers.ts'
import { cleanOf } from '../rules/values.ts'
import { readable } from '../text/terminal.ts'
import { type CollectionMatch, type FieldMatch, toldIn, withSure } from './matching.ts'
import { type FieldSurvey, firstOf } from './survey.ts'

/*
 * Whether a price is that of one or of them all its name does not tell, but arithmetic does: the lines of an order add up
 * to its total.
 */

const SAMPLE = 500
/** Documents from which on sums prove something, and the share of them that has to be right. */
const ENOUGH = 5
const ALMOST_ALL = 0.95

/** The match with the one way to read amounts whose sums are those of a total in the documents, if there is one. */
export async function withProvenAmount(
  client: MongoClient,
  collection: Collection,
  match: CollectionMatch,
  options: { signal?: AbortSignal },
): Promise<CollectionMatch> {
  const { each, fields } = match
  const amounts = fields.filter(({ field }) => field === 'amount')
  const ways = amounts.filter(({ source }) => source !== null && source.list === each?.name)
  if (!amounts.every(({ doubt }) => doubt !== undefined) || ways.length === 0) return match
  const totals = toldIn(match.source).filter((total) => {
    return total.list === undefined && likenessOf('transactions', 'amount', total.path.at(-1) ?? '') < UNLIKE
  })
  const found = new Map<string, { way: FieldMatch; total: FieldSurvey; right: number; wrong: number }>()
  const about = totals.flatMap((total) =>
    ways.flatMap((way, i) => (way.source === total ? [] : [{ way, total, key: `${total.name} ${i}` }])),
  )
  const costs = fields.filter(({ field, source }) => ADDED.has(field) && source !== null && source.list === undefined)
  for await (const bytes of firstOf(client, collection, { ...options, most: SAMPLE })) {
    const document = parse(bytes)
    const records = each === undefined ? [document] : listAt(document, each.path)
    const extra = costs.map(
      ({ field, source }) => (ADDED.get(field) ?? 0) * (numberAt(document, source?.path ?? []) ?? 0),
    )
    for (const { way, total, key } of about) {
      const whole = numberAt(document, total.path)
      const sum = sumOf(records, way, each?.path.length ?? 0)
      if (whole === undefined || sum === undefined || records.length === 0) continue
      const isRight = [0, ...extra, extra.reduce((all, one) => all + one, 0)].some((more) => isSame(sum + more, whole))
      const counts = found.get(key) ?? { way, total, right: 0, wrong: 0 }
      found.set(key, { ...counts, ...(isRight ? { right: counts.right + 1 } : { wrong: counts.wrong + 1 }) })
    }
  }
  const proven = [...found.values()].filter(
    ({ right, wrong }) => right >= ENOUGH && right >= ALMOST_ALL * (right + wrong),
  )
  const [first] = proven
  if (first === undefined || proven.some(({ way }) => way !== first.way)) return match
  const { way, total, right, wrong } = first
  const whose = each === undefined ? 'it is' : `the sums of ${each.name} are`
  const why = `${whose} what ${total.name} says in ${readable(right)} of ${readable(right + wrong)} documents`
  return withSure(match, way, why)
}

/** What of a whole document is added to its lines, or taken off. */
const ADDED: ReadonlyMap<string, number> = new Map([
  ['shipping_cost', 1],
  ['discount_applied', -1],
])

function sumOf(records: readonly unknown[], { source, how }: FieldMatch, below: number): number | undefined {
  let sum = 0
  for (const record of records) {
    const value = numberAt(record, source?.path.slice(below) ?? [])
    const factor = how?.times === undefined ? 1 : numberAt(record, how.times.path.slice(below))
    if (value === undefined || factor === undefined) return undefined
    sum += value * factor * (how?.scale ?? 1)
  }
  return sum
}

/** Whether two sums differ by no more than what rounding makes of them. */
function isSame(one: number, other: number): boolean {
  return Math.abs(one - other) < 0.011 + Math.abs(other) * 0.0001
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  )
}

function listAt(document: unknown, path: Path): unknown[] {
  const list = valueAt(document, path)
  return Array.isArray(list) ? list : []
}

function numberAt(value: unknown, path: Path): number | undefined {
  return cleanOf(money()(valueAt(value, path)))
}
