import { type Contract, type Field, sourceOf } from '../../contracts/contract.ts'
import { buyerColumn } from '../../contracts/owners.ts'
import { valueIn } from '../../mongo/bson_reader.ts'
import { currencyCode, currencyIn, isCurrencyName, isOpenSeparator, monthPlace } from '../../rules/suspicious.ts'
import type { Tally } from '../../runs/record.ts'
import type { Suspicion } from '../../settings/suspicious.ts'
import type { CleanValues, Labels } from './cleaner.ts'
import { added } from './tally.ts'

/** What tells values of a field apart that are odd together: which currency, where the month stands. */
type Trait = 'currency' | 'separator' | 'month' | 'time'

/** What may be odd about the values of a collection; whether it is shows when all parts are together. */
export interface Watched {
  traits: { field: string; trait: Trait; value: string; tally: Tally }[]
  labels: Labels
  /** Sales by a few bits of their customer. */
  buyers: number[]
}

/** Watches the values of a collection while it is cleaned. */
export interface Watch {
  /** Texts that had to be read, or could not be: a value, and what it is multiplied by. */
  texts: (field: string, values: readonly string[], document: Buffer) => void
  /** A field that the contract does not name, and where its element stands in the document. */
  unnamed: (field: string, document: Buffer, start: number, end: number) => void
  /** A clean document. */
  document: (clean: CleanValues, document: Buffer) => void
  watched: (labels: Labels) => Watched
}

/** Names that are data themselves can be any number. */
const MOST_NAMES = 1000
/** The more there are, the fewer customers share one. */
const BUYERS = 1024
const DAY = 86_400_000

export function watching(contract: Contract, note: (tally: Tally, document: Buffer) => Tally): Watch {
  const met = new Map<string, { field: string; trait: Trait; values: Map<string, Tally> }>()
  const buyers = new Uint32Array(BUYERS)
  const buyer = buyerColumn(contract)

  const listOf = (field: string, trait: Trait): Map<string, Tally> => {
    const key = `${trait} ${field}`
    const known = met.get(key) ?? { field, trait, values: new Map<string, Tally>() }
    met.set(key, known)
    return known.values
  }
  const count = (values: Map<string, Tally>, value: string, document: Buffer) => {
    values.set(value, note(values.get(value) ?? { count: 0, examples: [] }, document))
  }

  const dates = Object.entries(contract.fields)
    .filter(([, { kind, how }]) => kind === 'date' && how.timeZone !== undefined && how.holds !== 'day')
    .map(([name]) => ({ name, values: listOf(name, 'time') }))
  const currencies = Object.entries(contract.fields)
    .filter(([name, field]) => isCurrencyName(sourceOf(name, field)?.at(-1) ?? ''))
    .map(([name]) => ({ name, values: listOf(name, 'currency') }))

  const known = new Map<string, boolean>()
  const namesCurrency = (field: string): boolean => {
    const found = known.get(field)
    if (found !== undefined) return found
    const isOne = isCurrencyName(field.slice(field.lastIndexOf('.') + 1))
    if (known.size < MOST_NAMES) known.set(field, isOne)
    return isOne
  }

  return {
    texts(field, values, document) {
      const { kind, how } = contract.fields[field] as Field<unknown>
      if (kind === 'date') {
        const place = monthPlace(values[0] ?? '')
        if (place !== undefined) count(listOf(field, 'month'), place, document)
      } else if (NUMBERS.has(kind)) {
        for (const currency of new Set(values.flatMap((value) => currencyIn(value) ?? []))) {
          count(listOf(field, 'currency'), currency, document)
        }
        if (how.decimal === undefined && values.some(isOpenSeparator)) count(listOf(field, 'separator'), '', document)
      }
    },
    unnamed(field, document, start, end) {
      if (!namesCurrency(field)) return
      const currency = currencyCode(valueIn(document.subarray(start, end)))
      if (currency !== undefined) count(listOf(field, 'currency'), currency, document)
    },
    document(clean, document) {
      for (const { name, values } of dates) {
        const date = clean[name] as Date | null
        if (date !== null) count(values, date.getTime() % DAY === 0 ? 'midnight' : 'other', document)
      }
      for (const { name, values } of currencies) {
        const currency = currencyCode(clean[name])
        if (currency !== undefined) count(values, currency, document)
      }
      const customer = buyer === undefined ? null : clean[buyer]
      if (typeof customer === 'string') (buyers[bucketOf(customer)] as number)++
    },
    watched: (labels) => ({
      traits: [...met.values()].flatMap(({ field, trait, values }) =>
        [...values].map(([value, tally]) => ({ field, trait, value, tally })),
      ),
      labels,
      buyers: buyer === undefined ? [] : [...buyers],
    }),
  }
}

const NUMBERS: ReadonlySet<string> = new Set(['money', 'count', 'fractional'])

/** The last characters differ most, and which customers share a number does not matter. */
function bucketOf(text: string): number {
  const at = (back: number) => text.charCodeAt(text.length - back)
  return (Math.imul(at(1), 0x9e5) ^ Math.imul(at(2), 0x3d) ^ at(3) ^ text.length) & (BUYERS - 1)
}

/** The share of dates from which on they are taken for days: of a shop's sales at night one may be so by chance. */
const ALMOST_ALL = 0.95

/** What is odd about the values of a field, which a contract may not name. */
export interface OddValues {
  field: string
  suspicion: Suspicion
  tally: Tally
}

/** What is odd about the values that the parts of a collection met. */
export function suspicionsOf({ fields, currency }: Contract, parts: readonly Watched[]): OddValues[] {
  const met = new Map<string, { field: string; trait: Trait; values: Map<string, Tally> }>()
  for (const { field, trait, value, tally } of parts.flatMap(({ traits }) => traits)) {
    const key = `${trait} ${field}`
    const known = met.get(key) ?? { field, trait, values: new Map<string, Tally>() }
    known.values.set(value, added(known.values.get(value), tally))
    met.set(key, known)
  }
  // In one order, whichever part met which first.
  const inOrder = [...met].sort(([one], [other]) => (one < other ? -1 : 1))
  return inOrder.flatMap(([, { field, trait, values }]) => {
    const found = judges[trait](values, fields[field], currency)
    return found === undefined ? [] : [{ field, ...found }]
  })
}

type Found = { suspicion: Suspicion; tally: Tally } | undefined

/** Whether the values of a field are odd, and which of them. */
const judges: Record<
  Trait,
  (values: ReadonlyMap<string, Tally>, field: Field<unknown> | undefined, currency: string | undefined) => Found
> = {
  separator: (values) => found('one mark before three digits', [...values.values()]),
  currency(values, _, currency) {
    const others = [...values].flatMap(([code, tally]) => (code === currency ? [] : tally))
    return found('several currencies', currency === undefined ? butMost([...values.values()]) : others)
  },
  month(values, field) {
    const beyond = values.has(field?.how.dates === 'month first' ? 'second' : 'first')
    return beyond
      ? found(
          'day and month may be exchanged',
          [...values].flatMap(([at, tally]) => (at === 'either' ? tally : [])),
        )
      : undefined
  },
  time(values) {
    const [midnight, other] = [values.get('midnight'), values.get('other')]
    if (midnight === undefined || midnight.count < ALMOST_ALL * (midnight.count + (other?.count ?? 0))) return undefined
    return found('all at midnight UTC', [midnight])
  },
}

function found(suspicion: Suspicion, tallies: readonly Tally[]): Found {
  const tally = tallies.reduce<Tally | undefined>((sum, tally) => added(sum, tally), undefined)
  return tally && { suspicion, tally }
}

/** All but the one that is met most. */
function butMost(tallies: readonly Tally[]): Tally[] {
  return tallies.toSorted((a, b) => b.count - a.count).slice(1)
}

/** Sales of known customers by a few bits of these. */
export function buyersOf(parts: readonly Watched[]): number[] {
  return Array.from({ length: BUYERS }, (_, i) => parts.reduce((sum, { buyers }) => sum + (buyers[i] ?? 0), 0))
}

/** The labels of a field that any part met, in their order as texts. */
export function labelsOf(parts: readonly Watched[], field: string): string[] {
  const met = parts.flatMap(({ labels }) => labels.find((label) => label.field === field)?.values ?? [])
  return [...new Set(met)].sort()
}
