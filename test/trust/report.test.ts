import { ObjectId } from 'bson'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { describeReport } from '../../src/commands/report.ts'
import type { ReconciliationPart } from '../../src/runs/record.ts'
import { fieldsNamed, revenueOf } from '../../src/trust/report.ts'
import type { Report } from '../../src/trust/report_schema.ts'
import { hostileBronze } from '../oracle/hostile.ts'
import { readReport, runAggregator, runPipeline, runProcessor } from '../run.ts'
import { openPlace, type Place } from './place.ts'

let place: Place
const silver = () => place.client.db(place.names.silver)
const run = () => runPipeline(place.client, place.postgresUrl, place.names)

beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.leave())

const byHand = {
  customers: [
    { _id: 1, customer_id: 'C1', first_name: 'Zébulon', last_name: 'Quatrevingt', email: 'zebulon@example.org' },
    { _id: 2, customer_id: 'C2', last_name: 'Quatrevingt', email: 'not an address', phone: 'zero six' },
    { _id: 3, customer_id: 'C1', first_name: ' Zébulon', email: 'Zebulon@Example.org', loyalty: 'gold' },
  ],
  transactions: [
    { _id: 1, transaction_id: 'T1', customer_id: 'C1', amount: '10,00 €', discount_applied: 20, status: 'Refunded' },
    { _id: 2, transaction_id: 'T1', customer_id: 'C1', amount: -5 },
    { _id: 3, transaction_id: 'T2', amount: 'a lot', loyalty: 1, 'jean@example.org': true },
    { _id: 4, customer_id: 'C9', amount: null, discount_applied: -1 },
    { _id: 5, transaction_id: 'T3', customer_id: 'C2', amount: 0.1, shipping_cost: 0.2, product: 'Laptop' },
    { _id: 6, transaction_id: 'T3', customer_id: 'C2', amount: 0.1, shipping_cost: 0.2, product: 'Laptop' },
  ],
  campaigns: [{ _id: 'a', campaign_id: 'CAMP1', clicks: 9, impressions: 8, conversions: 10 }],
}

describe('of a bronze made by hand, the report', () => {
  let report: Report

  beforeAll(async () => {
    await place.load(byHand)
    await run()
    report = await readReport(silver())
  })

  test.each([
    // field: documents, present, missing, invalid, repaired; and why, with the documents
    [
      'transactions.amount',
      [6, 5, 1, 1, 1],
      ['invalid not a number 1 [3]', 'missing null 1 [4]', 'repaired text to number 1 [1]'],
    ],
    ['transactions.discount_applied', [6, 2, 4, 1, 0], ['invalid too small 1 [4]', 'missing absent 4 [2,3,5]']],
    ['transactions.transaction_id', [6, 5, 1, 0, 0], ['missing absent 1 [4]']],
    ['customers.email', [3, 3, 0, 1, 1], ['invalid not an email 1 [2]', 'repaired case or spacing 1 [3]']],
    ['customers.phone', [3, 1, 2, 1, 0], ['invalid not a phone number 1 [2]', 'missing absent 2 [1,3]']],
    ['customers.first_name', [3, 2, 1, 0, 1], ['missing absent 1 [2]', 'repaired spacing or encoding 1 [3]']],
    ['campaigns.clicks', [1, 1, 0, 0, 0], []],
  ])('counts %s', (name, counts, reasons) => {
    const [field] = fieldsNamed(report, name)
    expect([field?.documents, field?.present, field?.missing, field?.invalid, field?.repaired]).toEqual(counts)
    const told = field?.reasons.map(
      ({ kind, what, count, examples }) => `${kind} ${what} ${count} ${JSON.stringify(examples)}`,
    )
    expect(told).toEqual(reasons)
  })

  test('tells what became of each collection', () => {
    const told = report.silver?.collections.map(({ suspicious, reasons, ...counts }) => counts)
    expect(told).toEqual([
      {
        collection: 'transactions',
        bronze: 6,
        silver: 5,
        duplicates: 1,
        duplicateRevenue: '0.30',
        quarantined: 0,
        erased: 0,
        leftOut: 0,
        addsUp: true,
        sharedIds: 1,
      },
      {
        collection: 'customers',
        bronze: 3,
        silver: 2,
        duplicates: 0,
        duplicateRevenue: null,
        quarantined: 1,
        erased: 0,
        leftOut: 0,
        addsUp: true,
        sharedIds: 1,
      },
      {
        collection: 'campaigns',
        bronze: 1,
        silver: 1,
        duplicates: 0,
        duplicateRevenue: null,
        quarantined: 0,
        erased: 0,
        leftOut: 0,
        addsUp: true,
        sharedIds: 0,
      },
    ])
  })

  test('finds what is suspicious', () => {
    const told = report.silver?.collections.flatMap(({ collection, suspicious }) =>
      suspicious.map(({ what, count, examples }) => `${collection}: ${what} ${count} ${JSON.stringify(examples)}`),
    )
    expect(told).toEqual([
      'transactions: amount is negative 1 [2]',
      'transactions: discount exceeds amount 1 [1]',
      'customers: last one wins over _ids that are no ObjectIds 1 [1]',
      'campaigns: clicks exceed impressions 1 ["a"]',
      'campaigns: conversions exceed clicks 1 ["a"]',
    ])
  })

  test('names the fields that no contract names, but none that is a value', () => {
    const told = report.silver?.drift.map(({ collection, field, count }) => `${collection}.${field} ${count}`)
    expect(told?.sort()).toEqual(['customers.loyalty 1', 'transactions.(not a plain name) 1', 'transactions.loyalty 1'])
  })

  test('accounts for all revenue, to the cent', () => {
    const { revenue } = report.gold ?? {}
    expect(revenue?.duplicates).toEqual({ documents: 1, revenue: '0.30' })
    expect(revenue).toMatchObject({ total: '-14.70', transactions: 5, amountUnknown: 2 })
    const tables = revenue?.tables.map(({ table, holds, outside, addsUp }) => [
      table,
      holds,
      outside.filter(({ transactions }) => transactions > 0).map(({ part, revenue }) => `${part} ${revenue}`),
      addsUp,
    ])
    expect(tables).toEqual([
      ['country_statistics', '-14.70', ['customer not in customers 0.00', 'no customer 0.00'], true],
      ['customer_metrics', '-14.70', ['customer not in customers 0.00', 'no customer 0.00'], true],
      ['monthly_revenue', '0.00', ['no date -14.70'], true],
      ['product_performance', '-14.70', [], true],
    ])
  })

  test('never holds a personal value', async () => {
    const [stored] = await silver().collection('runs').find().toArray()
    const quarantined = await silver().collection('quarantine').find().toArray()
    for (const text of [
      JSON.stringify(report),
      describeReport(report),
      JSON.stringify(stored),
      JSON.stringify(quarantined),
    ]) {
      expect(text.toLowerCase()).not.toMatch(/zebulon|zébulon|quatrevingt|not an address|zero six|jean@/)
    }
  })

  test.each(['transactions', 'transactions.amount'])('knows the fields of %s', (name) => {
    const fields = fieldsNamed(report, name)
    expect(fields.length).toBe(name === 'transactions' ? 10 : 1)
    for (const { collection } of fields) expect(collection).toBe('transactions')
  })

  test('does not know others', () => {
    expect(() => fieldsNamed(report, 'transactions.price')).toThrow(expect.objectContaining({ kind: 'usage' }))
  })
})

describe('from run to run, the report', () => {
  test('finds no drift in feeds that differ by chance alone', async () => {
    const fresh = await openPlace()
    for (const seed of [1, 2, 3, 4]) {
      await generate(fresh.client, { database: fresh.names.bronze, scale: 0.2, seed, force: true })
      await runProcessor(fresh.client, fresh.names)
      const { silver } = await readReport(fresh.client.db(fresh.names.silver))
      expect(silver?.drift, `seed ${seed}`).toEqual([])
    }
    await fresh.leave()
  })

  test('keeps the history, newest first, and says what gold was made from', async () => {
    await place.client.db(place.names.silver).dropDatabase()
    await place.load(byHand)
    await run()
    await runProcessor(place.client, place.names)
    const stale = await readReport(silver())
    expect(stale.runs.map(({ command, outcome }) => [command, outcome])).toEqual([
      ['process', 'succeeded'],
      ['run', 'succeeded'],
    ])
    expect(stale.gold?.isOlderThanSilver).toBe(true)
    expect(stale.silver?.since?.id).toBe(stale.runs[1]?.id)

    await runAggregator(place.client, place.postgresUrl, place.names)
    const fresh = await readReport(silver(), { last: 2 })
    expect(fresh.runs.map(({ command, documents, revenue }) => [command, documents, revenue])).toEqual([
      ['aggregate', null, '-14.70'],
      ['process', 10, null],
    ])
    expect(fresh.gold?.isOlderThanSilver).toBe(false)
    expect(fresh.silver?.run.id).toBe(fresh.runs[1]?.id)
  })

  test('tells of a run that failed, and of the silver that stays', async () => {
    await place.client.db(place.names.bronze).dropDatabase()
    await expect(run()).rejects.toMatchObject({ kind: 'bronze' })
    const report = await readReport(silver())
    expect(report.runs[0]).toMatchObject({ outcome: 'failed', failure: { kind: 'bronze' }, documents: null })
    expect(report.silver?.collections).toHaveLength(3)
  })

  test('is an error where nothing ran', async () => {
    const nowhere = place.client.db(`${place.names.silver}x`)
    await expect(readReport(nowhere)).rejects.toMatchObject({
      kind: 'data',
      next: expect.stringContaining('lingot run'),
    })
  })
})

describe('the revenue', () => {
  const part = (gold_table: string, part: string, in_table: boolean, revenue: string): ReconciliationPart => {
    return { gold_table, part, in_table, transactions: 1, revenue, amount_unknown: 0 }
  }
  test.each([
    ['10.00', ['7.50', true], ['2.50', false], true],
    ['10.00', ['7.50', true], ['2.51', false], false],
    ['99999999999999.99', ['99999999999999.98', true], ['0.01', false], true],
    ['99999999999999.99', ['99999999999999.98', true], ['0.00', false], false],
    ['-0.01', ['-10.00', true], ['9.99', false], true],
  ] as const)('%s of which %j and %j adds up: %s', (all, [held, isHeld], [left, isLeft], expected) => {
    const { tables } = revenueOf([
      part('all sales', 'all', true, all),
      part('months', 'dated', isHeld, held),
      part('months', 'no date', isLeft, left),
    ])
    expect(tables.map(({ holds, addsUp }) => [holds, addsUp])).toEqual([[held, expected]])
  })
})

describe('on a terminal the report', () => {
  /** The columns of the longest line; the wide characters here are Han. */
  const widthOf = (text: string) =>
    Math.max(...text.split('\n').map((line) => [...line.replace(/\p{Script=Han}/gu, 'xx')].length))

  test('of a hostile bronze fits a screen of 100 columns and 50 lines', async () => {
    await place.load({ ...hostileBronze() })
    for (let runs = 0; runs < 5; runs++) await run()
    const text = describeReport(await readReport(silver()))
    expect(text.split('\n').length).toBeLessThanOrEqual(50)
    expect(widthOf(text)).toBeLessThanOrEqual(100)
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })

  test('of the worst there can be fits as well', () => {
    const text = describeReport(worst())
    // With a line of orders, whose counts may be long.
    expect(text.split('\n').length).toBeLessThanOrEqual(51)
    expect(widthOf(text)).toBeLessThanOrEqual(100)
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })
})

describe('the whole report', () => {
  const wide = (report: Report) => {
    process.env['COLUMNS'] = '100'
    return describeReport(report, Number.POSITIVE_INFINITY)
  }

  test('leaves no line out and cuts none: statuses, fields with their reasons, examples, drift', () => {
    const report = worst()
    const statuses = Array.from({ length: 60 }, (_, i) => ({
      gold_table: 'by status',
      part: `status-${i}-of-a-plug-in`,
      in_table: i !== 7,
      transactions: 1,
      revenue: `${i}.50`,
      amount_unknown: 0,
    }))
    if (report.gold) report.gold.revenue.statuses = statuses
    const text = wide(report)
    const words = text.replace(/\s+/g, ' ')
    for (const { part, revenue, in_table } of statuses) {
      expect(words).toContain(`${part} ${revenue}${in_table ? '' : ' (left out by a setting)'}`)
    }
    for (const reason of ['invalid', 'missing', 'repaired']) {
      expect(words.match(new RegExp(`${reason} as never before 123,456,789`, 'g'))?.length).toBeGreaterThanOrEqual(36)
    }
    expect(words.match(/conversions exceed clicks 123,456: /g)).toHaveLength(27)
    expect(text).not.toMatch(/more; --all|and \d+ more/)
  })

  test('is offered wherever a part of it is not shown', () => {
    const text = describeReport(worst())
    const cut = text.split('\n').filter((line) => /\bmore\b/.test(line))
    expect(cut.length).toBeGreaterThan(5)
    for (const line of cut) expect(line).toMatch(/--all|lingot check/)
  })
})

/** A report in which every part is as long as it can be, with texts that do not belong on a terminal. */
function worst(): Report {
  const nasty = '\u001b[2J日本語'.repeat(20)
  const examples = ['x'.repeat(200), { $oid: new ObjectId().toHexString() }, nasty]
  const reason = (kind: 'missing' | 'invalid' | 'repaired') => ({
    kind,
    what: `${kind} as never before`,
    count: 123_456_789,
    examples,
  })
  const run = {
    id: new ObjectId().toHexString(),
    command: 'aggregate' as const,
    started: new Date(),
    seconds: 12_345.6,
    outcome: 'failed' as const,
    failure: { kind: 'interrupted' as const, message: nasty },
    documents: 123_456_789,
    revenue: '-9999999999999.99',
    checks: { passed: 100, all: 200 },
  }
  const collections = ['transactions', 'customers', 'campaigns']
  const bigPart = (part: string, in_table: boolean): ReconciliationPart => {
    return { gold_table: '', part, in_table, transactions: 123_456_789, revenue: '99999999999.99', amount_unknown: 0 }
  }
  return {
    silver: {
      run,
      rules: 2,
      rulesBefore: 1,
      collections: collections.map((collection) => ({
        collection,
        bronze: 123_456_789,
        silver: 123_456_789,
        duplicates: 123_456_789,
        quarantined: 123_456_789,
        erased: 0,
        leftOut: 12_345,
        duplicateRevenue: '-9999999999999.99',
        addsUp: false,
        reasons: { 'no id': 123_456, superseded: 123_456 },
        sharedIds: 123_456_789,
        suspicious: Array.from({ length: 9 }, () => ({ what: 'conversions exceed clicks', count: 123_456, examples })),
      })),
      fields: collections.flatMap((collection) =>
        Array.from({ length: 12 }, () => ({
          collection,
          field: 'discount_applied',
          documents: 123_456_789,
          present: 123_456_789,
          missing: 123_456_789,
          invalid: 123_456_789,
          repaired: 123_456_789,
          isNumber: true,
          reasons: [reason('invalid'), reason('missing'), reason('repaired')],
        })),
      ),
      drift: collections.flatMap((collection) =>
        Array.from({ length: 40 }, (_, i) => ({
          collection,
          field: `日本語 ${'x'.repeat(30)}`,
          change: i % 2 === 0 ? ('new, not in the contract' as const) : ('not in the contract' as const),
          detail: 'in 123456789 of 123456789 documents',
          count: 123_456_789,
        })),
      ),
      since: run,
    },
    gold: {
      run,
      tables: {},
      isOlderThanSilver: true,
      history: { since: new Date(0), runs: 123_456, bytes: 123_456_789_012 },
      unmade: [],
      without: {},
      revenue: {
        total: '-9999999999999.99',
        transactions: 123_456_789,
        orders: 123_456_789,
        amountUnknown: 123_456_789,
        duplicates: { documents: 123_456_789, revenue: '-9999999999999.99' },
        tables: [
          { table: 'customer_metrics', left: ['customer not in customers', 'no customer', 'left out by status'] },
          { table: 'country_statistics', left: ['customer not in customers', 'no customer', 'left out by status'] },
          { table: 'monthly_revenue', left: ['no date', 'left out by status'] },
          { table: 'product_performance', left: ['left out by status'] },
        ].map(({ table, left }) => ({
          table,
          holds: '-9999999999999.99',
          inside: [bigPart('country unknown', true)],
          outside: left.map((part) => bigPart(part, false)),
          addsUp: false,
        })),
        statuses: Array.from({ length: 30 }, (_, i) => bigPart(nasty, i > 3)),
      },
    },
    checks: {
      run,
      results: Array.from({ length: 90 }, () => ({
        subject: 'country_statistics',
        name: nasty,
        severity: 'error' as const,
        passed: false,
        detail: nasty,
        rows: [{ product: nasty }],
      })),
    },
    runs: [run, run, run, run],
  }
}
