import { inspect } from 'node:util'
import { BSON, type Document, Int32 } from 'bson'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { elementsOf, recordsOf } from '../../src/bronze/elements.ts'
import type { Contract } from '../../src/contracts/contract.ts'
import { contracts } from '../../src/contracts/contracts.ts'
import { transactions } from '../../src/contracts/transactions.ts'
import { Flaw } from '../../src/rules/values.ts'
import { cleaner, unobserved } from '../../src/silver/clean/cleaner.ts'
import { restsOf } from '../../src/silver/versions.ts'
import { decode, documentOf, Fields } from '../garbage/bson.ts'
import { vocabularies } from '../garbage/contract.ts'
import { value } from '../garbage/documents.ts'
import { runs } from '../garbage/seed.ts'
import { numeric } from '../garbage/texts.ts'
import { anything } from '../garbage/values.ts'
import { silverDifferences } from '../oracle/compare.ts'
import { centsToNumber } from '../oracle/exact.ts'
import { expectedFlaws, type Flaws } from '../oracle/flaws.ts'
import { flattened, unwound } from '../oracle/paths.ts'
import { type Bronze, expectedSilver } from '../oracle/silver.ts'
import { moneyTimes } from '../oracle/values.ts'

const now = new Date('2025-06-30T12:00:00Z')
const context = { latest: now.getTime() + 86_400_000, region: 'FR' } as const

type Paths = Record<string, readonly string[]>

/** Few keys, so that many fields stand below one of them. */
const key = fc.constantFrom('a', 'b', 'ab', '0', '1', '12', 'x.y', 'é')
const path = fc.array(key, { minLength: 1, maxLength: 4 }).filter(([top = '']) => /\D/.test(top))

/** Documents in which the values of fields stand at their paths, in lists as well as below keys. */
function nested(contract: Contract, paths: Paths): fc.Arbitrary<Fields> {
  const placed = Object.entries(contract.fields).map(([name, field]) => ({
    path: paths[name] ?? [],
    value: value(name, field),
  }))
  return documentAt(placed)
}

type Placed = { path: readonly string[]; value: fc.Arbitrary<unknown> }[]

function documentAt(placed: Placed): fc.Arbitrary<Fields> {
  const keys = [...new Set(placed.map(({ path: [first = ''] }) => first))]
  const found = keys.map((key) =>
    fc
      .array(fc.tuple(fc.constant(key), valueAt(placed.filter(({ path: [first] }) => first === key))), {
        // A key may be absent, or come twice.
        minLength: 0,
        maxLength: 2,
      })
      .map((list) => list.slice(0, 2)),
  )
  const other = fc.array(fc.tuple(fc.constantFrom('c', 'a.b', '2', 'updated_at'), anything), { maxLength: 2 })
  return fc
    .tuple(...found, other)
    .chain((lists) => {
      const all = lists.flat()
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
    })
    .map((list) => new Fields(list))
}

/** What stands under a key: the value of the field that ends there, what the others need below it, or anything else. */
function valueAt(placed: Placed): fc.Arbitrary<unknown> {
  const ending = placed.filter(({ path }) => path.length === 1).map(({ value }) => value)
  const deeper = placed.flatMap(({ path, value }) => (path.length > 1 ? [{ path: path.slice(1), value }] : []))
  const below =
    deeper.length === 0
      ? []
      : [
          { arbitrary: documentAt(deeper), weight: 6 },
          { arbitrary: listAt(deeper), weight: 4 },
        ]
  return fc.oneof(
    ...ending.map((arbitrary) => ({ arbitrary, weight: 4 })),
    ...below,
    { arbitrary: fc.constantFrom(null, '', 'n/a', [], new Fields([]), Number.NaN, undefined), weight: 1 },
    { arbitrary: anything, weight: 1 },
  )
}

function listAt(placed: Placed): fc.Arbitrary<unknown[]> {
  const places = [0, 1, 2].map((place) => {
    const here = placed.filter(({ path: [first] }) => first === `${place}`)
    return here.length === 0 ? anything : valueAt(here)
  })
  return fc.tuple(...places).chain((list) => fc.nat(3).map((length) => list.slice(0, length)))
}

describe.each(contracts)('wherever the fields of $collection stand', (contract) => {
  const names = Object.keys(contract.fields)
  const shaped = fc
    .uniqueArray(path, { minLength: names.length, maxLength: names.length, selector: (keys) => keys.join('\0') })
    .map((list): Paths => Object.fromEntries(names.map((name, i) => [name, list[i] ?? []])))
    .chain((paths) => nested(contract, paths).map((fields) => ({ paths, fields })))

  test('silver is what the rules make of the values there', () => {
    let found = 0
    fc.assert(
      fc.property(shaped, ({ paths, fields }) => {
        const fieldsAt = Object.entries(contract.fields).map(([name, field]) => [
          name,
          { ...field, source: paths[name] },
        ])
        const told = Object.fromEntries(names.map((name) => [name, { missing: 0, invalid: 0, repaired: 0 }]))
        const observer = {
          value: (field: string, outcome: unknown) => {
            const flaws = told[field] as Flaws
            flaws[outcome instanceof Flaw ? outcome.kind : 'repaired']++
          },
          suspicious: () => undefined,
          unnamed: () => undefined,
        }
        const bytes = documentOf([['_id', 1], ...fields.list])
        const read = cleaner({ ...contract, fields: Object.fromEntries(fieldsAt) }, context)
        // Nothing of the document before is left.
        read.clean(documentOf([['_id', 0], ...fields.list, ...fields.list]), { ...observer, value: () => undefined })
        const silver = { ...read.clean(bytes, observer), _id: 1 }

        const flat = { ...flattened(decode(bytes).document, paths), _id: 1 }
        const bronze: Bronze = { customers: [], transactions: [], campaigns: [], [contract.collection]: [flat] }
        const [wanted] = expectedSilver(bronze, now, vocabularies)[contract.collection as keyof Bronze]
        if (wanted !== undefined) expect(silverDifferences([wanted], [silver])).toEqual([])
        else expect(silver[contract.key as keyof typeof silver]).toBeNull()
        expect(told).toEqual(expectedFlaws(contract.collection as keyof Bronze, [flat], now, vocabularies))
        found += names.filter((name) => flat[name as keyof typeof flat] !== undefined).length
      }),
      runs(1000),
    )
    // Most of it is there to be read.
    expect(found).toBeGreaterThan(1000)
  })
})

test('an amount is the exact product of any two values, rounded once', () => {
  const number = fc.oneof(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.integer({ min: -1000, max: 1000 }),
    fc.integer({ min: -99_999, max: 99_999 }).map((n) => n / 1000),
    numeric,
    anything,
  )
  const amount = { ...transactions.fields.amount, source: ['price'], times: ['n'] }
  const { clean } = cleaner({ ...transactions, fields: { ...transactions.fields, amount } }, context)
  fc.assert(
    fc.property(number, number, (price, n) => {
      let told: string | undefined
      const observer = {
        value: (field: string, outcome: unknown) => {
          if (field === 'amount') told = outcome instanceof Flaw ? outcome.kind : 'repaired'
        },
        suspicious: () => undefined,
        unnamed: () => undefined,
      }
      const bytes = documentOf([
        ['price', price],
        ['n', n],
      ])
      const { document } = decode(bytes)
      const { value, flaw } = moneyTimes(document['price'], document['n'], { mayBeNegative: true })
      expect(clean(bytes, observer)['amount']).toBe(value === null ? null : centsToNumber(value))
      if (flaw !== 'repaired') expect(told === 'repaired' ? undefined : told).toBe(flaw)
    }),
    runs(3000),
  )
})

describe('each element of a list', () => {
  const items = fc.oneof(
    { arbitrary: fc.array(fc.oneof(documentOfItems(), anything), { maxLength: 4 }), weight: 5 },
    { arbitrary: documentOfItems(), weight: 1 },
    { arbitrary: fc.oneof(anything, fc.constantFrom(null, [], '', undefined)), weight: 1 },
  )
  /** A document that holds a list at a path, among other things, or does not. */
  const holding = (path: readonly string[]): fc.Arbitrary<unknown> => {
    const [key, ...rest] = path
    if (key === undefined) return items
    const inner = fc.oneof({ arbitrary: holding(rest), weight: 8 }, { arbitrary: anything, weight: 1 })
    const others = fc.array(fc.tuple(fc.constantFrom('p', 'é', 'items', 'order', '0'), anything), { maxLength: 3 })
    const fields = fc
      .tuple(inner, others, others)
      .map(([value, before, after]) => new Fields([...before, [key, value], ...after.filter(([name]) => name !== key)]))
    if (!/^\d+$/.test(key)) return fields
    const list = fc.tuple(
      fc.array(anything, { minLength: Number(key), maxLength: Number(key) }),
      inner,
      fc.array(anything, { maxLength: 1 }),
    )
    return fc.oneof(
      list.map(([before, value, after]) => [...before, value, ...after]),
      fields,
    )
  }

  test.each([[['items']], [['order', 'items']], [['order', '1', 'items']], [['a.b', 'p', '0']]])(
    'at %j is a document with the element in place of the list',
    (each) => {
      let met = 0
      fc.assert(
        fc.property(holding(each), anything, fc.boolean(), (holder, id, isFirst) => {
          if (!(holder instanceof Fields)) return
          const others = holder.list.filter(([name]) => name !== '_id')
          const bytes = documentOf(isFirst ? [['_id', id], ...others] : [...others, ['_id', id]])
          const expected = unwound(decode(bytes).document, each)
          const found = [...elementsOf(bytes, each)]
          expect(found.map(({ isObject }) => isObject)).toEqual(expected.map(({ record }) => record !== undefined))
          for (const [i, { record }] of expected.entries()) {
            const actual = decode(found[i]?.record ?? new Uint8Array()).document
            if (record === undefined) expect(actual['_id'].element.valueOf()).toBe(i)
            else expect(inspect(actual, { depth: null })).toBe(inspect(inOrder(record, i), { depth: null }))
            met++
          }
        }),
        runs(500),
      )
      expect(met).toBeGreaterThan(100)
    },
  )
})

test('the records of a long list are not heavier for what nothing reads beside it, and tell it apart all the same', () => {
  const long = (text: string) => Array.from({ length: 2000 }, (_, n) => ({ n, text }))
  const contract: Contract = {
    ...transactions,
    each: ['order', 'items'],
    fields: { ...transactions.fields, product: { ...transactions.fields.product, source: ['log', '1', 'text'] } },
  }
  const document = (text: string) =>
    Buffer.from(
      BSON.serialize({ _id: 1, customer_id: 'C1', log: long(text), order: { items: long('x'), log: long(text) } }),
    )
  const [one, other] = [document('a'), document('b')].map((bytes) => [...recordsOf(contract, bytes)])
  expect(one?.length).toBe(2000)
  expect(one?.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(2000 * 1000)
  const { clean } = cleaner(contract, context)
  const silver = { ...clean(one?.[7] ?? Buffer.alloc(0), unobserved) }
  expect(silver).toMatchObject({ customer_id: 'C1', product: 'a' })
  const keys = Object.keys(decode(one?.[7] ?? Buffer.alloc(0)).document)
  expect(keys).toEqual(['_id', 'customer_id', 'log', 'order'])
  const restOf = restsOf(contract)
  const [first, again, second] = [one, [...recordsOf(contract, document('a'))], other].map((records) =>
    restOf(records?.[0] ?? Buffer.alloc(0)).toString('hex'),
  )
  expect(again).toBe(first)
  expect(second).not.toBe(first)
})

function documentOfItems(): fc.Arbitrary<Fields> {
  return fc
    .array(fc.tuple(fc.constantFrom('name', 'n', 'items', '_id'), anything), { maxLength: 3 })
    .map((list) => new Fields(list))
}

/** The `_id` comes first, and its place is a number of 32 bits. */
function inOrder({ _id, ...record }: Document, place: number): Document {
  return { _id: { document: _id.document, element: new Int32(place) }, ...record }
}
