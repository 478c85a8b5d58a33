import { describe, expect, test } from 'vitest'
import type { Observations } from '../../src/runs/record.ts'
import { threshold, thresholds } from '../../src/settings/thresholds.ts'
import { checkThresholds } from '../../src/trust/thresholds.ts'

/** 1,000 sales: 100 amounts missing, 50 invalid, 200 repaired. */
const silver: Record<string, Observations & { bronze: number }> = {
  transactions: {
    bronze: 1000,
    fields: {
      amount: {
        present: 900,
        missing: { absent: { count: 60, examples: [] }, null: { count: 40, examples: [] } },
        invalid: { 'not a number': { count: 50, examples: [] } },
        repaired: { 'text to number': { count: 200, examples: [] } },
      },
    },
    unnamed: [],
    suspicious: {},
  },
  campaigns: {
    bronze: 0,
    fields: { spend: { present: 0, missing: {}, invalid: {}, repaired: {} } },
    unnamed: [],
    suspicious: {},
  },
}

describe('a limit', () => {
  test.each([
    ['transactions.amount', { unknownAtMost: 15 }, [['at most 15 % unknown', true, '15.0 %']]],
    ['transactions.amount', { unknownAtMost: 14.99 }, [['at most 14.99 % unknown', false, '15.0 %']]],
    ['transactions.amount', { invalidAtMost: 0 }, [['at most 0 % invalid', false, '5.0 %']]],
    ['transactions.amount', { invalidAtMost: 4.999 }, [['at most 4.999 % invalid', false, '5.0 %']]],
    ['transactions.amount', { repairedAtMost: 20 }, [['at most 20 % repaired', true, '20.0 %']]],
    [
      'transactions.amount',
      { unknownAtMost: 20, repairedAtMost: 10 },
      [
        ['at most 20 % unknown', true, '15.0 %'],
        ['at most 10 % repaired', false, '20.0 %'],
      ],
    ],
    // a limit on nothing would hold for ever
    ['transactions.amuont', { unknownAtMost: 1 }, [['is a field of the contract', false, 'there is no such field']]],
    ['transaction.amount', { unknownAtMost: 1 }, [['is a field of the contract', false, 'there is no such field']]],
    // nor does one on documents that are not there, unless it is Lingot's own
    ['campaigns.spend', { unknownAtMost: 1 }, [['holds documents', false, 'there are none']]],
  ])('on %s of %j', (field, limit, expected) => {
    const results = checkThresholds([{ field, severity: 'error', ...limit }], silver)
    expect(results.map(({ name, passed, detail }) => [name, passed, detail])).toEqual(expected)
    for (const { subject, severity } of results) expect([subject, severity]).toEqual([field, 'error'])
  })

  test('is exceeded visibly', () => {
    const bronze = 100_000
    const missing = { absent: { count: 20_004, examples: [] } }
    const fields = { amount: { present: bronze - 20_004, missing, invalid: {}, repaired: {} } }
    const observed = { transactions: { bronze, fields, unnamed: [], suspicious: {} } }
    const [result] = checkThresholds([{ field: 'transactions.amount', unknownAtMost: 20, severity: 'warn' }], observed)
    expect(result).toMatchObject({ passed: false, detail: '20.004 %' })
  })

  test("of Lingot's own is not for a collection that a shop does not have", () => {
    const bronze = { bronze: 0, fields: { campaign_id: silver['campaigns']?.fields['spend'] } } as never
    expect(checkThresholds(thresholds, { campaigns: bronze }).map(({ subject }) => subject)).not.toContain(
      'campaigns.campaign_id',
    )
  })

  test('is not compared where no run observed silver', () => {
    expect(checkThresholds([{ field: 'transactions.amount', unknownAtMost: 1, severity: 'error' }], {})).toEqual([])
  })
})

describe('a declared limit', () => {
  test.each([
    [{ field: 'transactions.amount', unknownAtMost: 20 }, true],
    [{ field: 'transactions.amount', invalidAtMost: 0, severity: 'error' }, true],
    [{ field: 'transactions.amount' }, false],
    [{ field: 'amount', unknownAtMost: 20 }, false],
    [{ field: 'transactions.amount', unknownAtMost: 101 }, false],
    [{ field: 'transactions.amount', unknownAtMost: 20, severity: 'fatal' }, false],
    [{ field: 'transactions.amount', unknownAtmost: 20 }, false],
  ])('%j is valid: %s', (declared, expected) => {
    expect(threshold.safeParse(declared).success).toBe(expected)
  })

  test('warns unless it says otherwise', () => {
    expect(threshold.parse({ field: 'transactions.amount', unknownAtMost: 20 }).severity).toBe('warn')
  })
})
