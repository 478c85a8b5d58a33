import { describe, expect, test } from 'vitest'
import type { FieldObservations, Refined } from '../../src/runs/record.ts'
import { driftOf } from '../../src/trust/drift.ts'

type Counts = Partial<Record<'missing' | 'invalid' | 'repaired', number>>

function field(documents: number, { missing = 0, invalid = 0, repaired = 0 }: Counts): FieldObservations {
  const tally = (reason: string, count: number) => (count === 0 ? {} : { [reason]: { count, examples: [] } })
  return {
    present: documents - missing,
    missing: tally('absent', missing),
    invalid: tally('not a number', invalid),
    repaired: tally('text to number', repaired),
  }
}

/** One collection `sales` with one field `amount`. */
function sales(bronze: number, counts: Counts, unnamed: Refined['unnamed'] = []): Record<string, Refined> {
  const refined: Refined = {
    bronze,
    silver: bronze,
    duplicates: 0,
    quarantined: { noId: 0, superseded: 0 },
    erased: 0,
    sharedIds: 0,
    fields: { amount: field(bronze, counts) },
    unnamed,
    suspicious: {},
  }
  return { sales: refined }
}

function told(now: Record<string, Refined>, before: Record<string, Refined> | undefined): string[] {
  return driftOf(now, before).map(({ collection, field, change, detail }) =>
    [`${collection}.${field}`, change, detail].join(' | '),
  )
}

describe('a rate that moved since the run before', () => {
  test.each([
    // documents, counts before, documents, counts now, what is told
    [10_000, { missing: 1000 }, 10_000, { missing: 1400 }, []],
    [10_000, { missing: 1000 }, 10_000, { missing: 1600 }, ['sales.amount | missing more | 10.0 % → 16.0 %']],
    [10_000, { missing: 1600 }, 10_000, { missing: 1000 }, ['sales.amount | missing less | 16.0 % → 10.0 %']],
    // few, but many times as many as before
    [10_000, {}, 10_000, { invalid: 90 }, []],
    [10_000, {}, 10_000, { invalid: 150 }, ['sales.amount | invalid more | 0.0 % → 1.5 %']],
    [10_000, { repaired: 100 }, 10_000, { repaired: 250 }, ['sales.amount | repaired more | 1.0 % → 2.5 %']],
    [10_000, { repaired: 250 }, 10_000, { repaired: 100 }, []],
    // what chance does to a small collection
    [200, { missing: 100 }, 200, { missing: 120 }, []],
    [200, { missing: 100 }, 200, { missing: 150 }, ['sales.amount | missing more | 50.0 % → 75.0 %']],
    [10, { invalid: 1 }, 10, { invalid: 4 }, []],
    // a feed that grows tenfold
    [1000, { missing: 100 }, 10_000, { missing: 1000 }, []],
  ] as const)('%i documents %j, then %i documents %j', (before, were, now, are, expected) => {
    expect(told(sales(now, are), sales(before, were))).toEqual(expected)
  })
})

describe('a field that went', () => {
  test.each([
    [100, { missing: 0 }, 100, ['sales.amount | gone | 0.0 % → 100.0 %']],
    [5, { missing: 0 }, 5, ['sales.amount | gone | 0.0 % → 100.0 %']],
    [200, { missing: 100 }, 200, ['sales.amount | gone | 50.0 % → 100.0 %']],
    // a rare field, or a tiny collection, may be missing everywhere by chance
    [1000, { missing: 999 }, 1000, []],
    [2, { missing: 1 }, 2, []],
    [100, { missing: 100 }, 100, []],
  ] as const)('of %i documents %j, then in none of %i', (before, were, now, expected) => {
    expect(told(sales(now, { missing: now }), sales(before, were))).toEqual(expected)
  })

  test('is told of a whole collection at once', () => {
    expect(told(sales(0, {}), sales(7, {}))).toEqual(['sales. | gone | 7 documents → none'])
    expect(told(sales(0, {}), sales(0, {}))).toEqual([])
  })
})

describe('fields that no contract names', () => {
  const coupon = { field: 'coupon', count: 3 }
  const note = { field: 'note', count: 9 }
  test.each([
    ['the first run', [coupon], undefined, ['sales.coupon | not in the contract | in 3 of 10 documents']],
    ['a new one', [coupon], [], ['sales.coupon | new, not in the contract | in 3 of 10 documents']],
    ['one that is known', [coupon], [coupon], ['sales.coupon | not in the contract | in 3 of 10 documents']],
    [
      'new ones first',
      [note, coupon],
      [note],
      [
        'sales.coupon | new, not in the contract | in 3 of 10 documents',
        'sales.note | not in the contract | in 9 of 10 documents',
      ],
    ],
    [
      'more names than the run before kept: nobody knows which are new',
      [coupon],
      [{ field: '(others)', count: 40 }],
      ['sales.coupon | not in the contract | in 3 of 10 documents'],
    ],
    [
      'names that are not shown',
      [{ field: '(not a plain name)', count: 12 }],
      [{ field: '(not a plain name)', count: 12 }],
      ['sales.(not a plain name) | not in the contract | 12 times'],
    ],
  ])('%s', (_, now, before, expected) => {
    expect(told(sales(10, {}, now), before && sales(10, {}, before))).toEqual(expected)
  })
})

test('nothing is compared on the first run, nor with an empty collection', () => {
  expect(told(sales(100, { missing: 100 }), undefined)).toEqual([])
  expect(told(sales(100, { missing: 100 }), sales(0, {}))).toEqual([])
  expect(told(sales(100, { missing: 100 }), {})).toEqual([])
})
