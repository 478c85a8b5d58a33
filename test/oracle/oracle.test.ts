/**
 * The oracle's own tests: small cases worked out by hand, in the order of rules.md and under its sentences.
 */
import { createHash } from 'node:crypto'
import {
  Binary,
  BSON,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'bson'
import { describe, expect, test } from 'vitest'
import { compareIds } from './bson.ts'
import { differences, idText, silverDifferences } from './compare.ts'
import type { Row } from './documents.ts'
import { divideRounded, format, parseDecimal, ratio } from './exact.ts'
import { type ExpectedGold, expectedGold, KEYS } from './gold.ts'
import { hostileBronze } from './hostile.ts'
import { type Bronze, type ExpectedSilver, expectedSilver, type Vocabularies } from './silver.ts'
import { consent, count, date, email, isMissing, label, money, number, phone, text } from './values.ts'

const NOW = new Date('2025-06-30T12:00:00Z')
const decimal = (digits: string): Decimal128 => Decimal128.fromString(digits)
const long = (digits: string): Long => Long.fromString(digits)
const md5 = (plain: string): string => createHash('md5').update(plain).digest('hex')
const VOCABULARY = ['France', 'Belgique', 'Refusé', 'Carte bancaire']

type Case = readonly [input: unknown, expected: unknown, flaw?: 'missing' | 'invalid' | 'repaired']

/** One test for each input of a table. */
function table(read: (input: unknown) => { value: unknown; flaw: unknown }, cases: readonly Case[]): void {
  test.each(cases.map(([input, expected, flaw]) => ({ input, expected, flaw })))('$input → $expected', (one) => {
    expect(read(one.input)).toEqual({ value: one.expected, flaw: one.flaw })
  })
}

function silverOf(bronze: Partial<Bronze>, vocabularies?: Vocabularies): ExpectedSilver {
  return expectedSilver({ customers: [], transactions: [], campaigns: [], ...bronze }, NOW, vocabularies)
}

function goldOf(bronze: Partial<Bronze>): ExpectedGold {
  return expectedGold(silverOf(bronze))
}

function only<T>(list: readonly T[]): T {
  expect(list).toHaveLength(1)
  return list[0] as T
}

// =========================================================================================================== principles

describe('three principles', () => {
  test('a label that is missing is called `Unknown`', () => {
    const customer = only(silverOf({ customers: [{ _id: 1, customer_id: 'C' }] }).customers)
    const sale = only(silverOf({ transactions: [{ _id: 1 }] }).transactions)
    const campaign = only(silverOf({ campaigns: [{ _id: 1, campaign_id: 'K' }] }).campaigns)
    const labels = [customer.first_name, customer.last_name, customer.full_name, customer.country, customer.city]
    labels.push(customer.gender, customer.postal_code, sale.product, sale.payment_method, sale.status)
    labels.push(campaign.campaign_name, campaign.campaign_type, campaign.status, campaign.target_audience)
    expect(new Set(labels)).toEqual(new Set(['Unknown']))
  })

  test('an event that is missing did not happen', () => {
    const sale = only(silverOf({ transactions: [{ _id: 1, amount: 10 }] }).transactions)
    expect(sale).toMatchObject({ discount_applied: 0, shipping_cost: 0, quantity: 1, total_amount: 10 })
    expect(only(silverOf({ customers: [{ _id: 1, customer_id: 'C' }] }).customers).marketing_consent).toBe(false)
  })

  test('a measurement or an identity that is missing stays null, and nothing is computed from it', () => {
    const customer = only(silverOf({ customers: [{ _id: 1, customer_id: 'C' }] }).customers)
    expect(customer).toMatchObject({ age: null, email: null, phone: null, created_at: null })
    const sale = only(silverOf({ transactions: [{ _id: 1, discount_applied: 5 }] }).transactions)
    expect(sale).toMatchObject({ transaction_id: null, customer_id: null, amount: null, timestamp: null })
    expect(sale.total_amount).toBeNull() // not minus the discount
    const campaign = only(silverOf({ campaigns: [{ _id: 1, campaign_id: 'K', budget: 100 }] }).campaigns)
    expect(campaign).toMatchObject({
      impressions: null,
      clicks: null,
      conversions: null,
      spend: null,
      start_date: null,
    })
    expect(campaign.roi).toBeNull() // not 100 %
  })
})

// =============================================================================================================== values

describe('missing: absent, null, NaN, an empty or blank text, and the texts n/a, na, … in any case', () => {
  const missing = [undefined, null, Number.NaN, new Double(Number.NaN), decimal('NaN'), '', ' ', '\t\n\u00a0', '\u0000']
  const texts = [
    ...[
      'n/a',
      'N/A',
      'na',
      'Na',
      'NULL',
      'null',
      'None',
      'nan',
      'NaN',
      'Undefined',
      '-',
      ' n/a ',
      ' - ',
      '--',
      '\u200b',
    ],
    ...['unknown', 'Inconnu', 'inconnue', '#N/A', 'N.A.', '(not set)', '(none)', '\\N'],
  ]
  test.each([...missing, ...texts].map((input) => ({ input })))('$input is missing', ({ input }) => {
    expect(isMissing(input)).toBe(true)
  })
  test.each([0, false, '0', 'no', 'n a', '---', 'nil', 'unknowns', [], {}].map((input) => ({ input })))(
    '$input is not',
    ({ input }) => {
      expect(isMissing(input)).toBe(false)
    },
  )
})

describe('text: trimmed, inner white space collapsed, Unicode NFC', () => {
  table(text, [
    ['Jean', 'Jean'],
    ['  Jean ', 'Jean', 'repaired'],
    ['a \t\r\n\u00a0 b', 'a b', 'repaired'],
    ['Ge\u0301rard', 'Gérard', 'repaired'],
    ['a\u0000b', 'ab', 'repaired'],
    ['a \u0000 b', 'a b', 'repaired'],
    ['x\ud800', 'x\ufffd', 'repaired'],
    ['\u001b[31m', '\u001b[31m'],
    ['x'.repeat(300), 'x'.repeat(300)],
    ['O\'Brien <b>"; DROP', 'O\'Brien <b>"; DROP'],
    [' n/a', null, 'missing'],
    [new BSONSymbol('symbol'), 'symbol'],
  ])
})

describe('text: a number becomes its text; a boolean, date, list or object does not (missing, reported)', () => {
  table(text, [
    [42, '42', 'repaired'],
    [new Int32(42), '42', 'repaired'],
    [new Double(42), '42', 'repaired'],
    [new Double(4.5), '4.5', 'repaired'],
    [long('9007199254740993'), '9007199254740993', 'repaired'],
    [decimal('12.50'), '12.50', 'repaired'],
    [-0, '0', 'repaired'],
    [Number.POSITIVE_INFINITY, null, 'invalid'],
    [true, null, 'invalid'],
    [new Date(0), null, 'invalid'],
    [['a'], null, 'invalid'],
    [{ a: 1 }, null, 'invalid'],
    [{ _bsontype: 'Int32', value: 1 }, null, 'invalid'], // only looks like a number
    [new ObjectId('65a000000000000000000000'), null, 'invalid'],
    [new UUID('11111111-1111-4111-8111-111111111111'), null, 'invalid'],
    [new Timestamp({ t: 1, i: 1 }), null, 'invalid'],
    [new BSONRegExp('a'), null, 'invalid'],
    [/a/, null, 'invalid'],
    [new Code('1'), null, 'invalid'],
    [new MinKey(), null, 'invalid'],
  ])
})

describe("labels take the vocabulary's spelling when they differ from it only in case, accents or spacing; others are kept", () => {
  table(
    (input) => label(input, VOCABULARY),
    [
      ['France', 'France'],
      ['FRANCE', 'France', 'repaired'],
      [' france ', 'France', 'repaired'],
      ['Fránce', 'France', 'repaired'],
      ['F rance', 'France', 'repaired'],
      ['refuse', 'Refusé', 'repaired'],
      ['cartebancaire', 'Carte bancaire', 'repaired'],
      ['CARTE  BANCAIRE', 'Carte bancaire', 'repaired'],
      ['Belgium', 'Belgium'],
      ['France.', 'France.'],
      [' Pays-Bas ', 'Pays-Bas', 'repaired'],
      [5, '5', 'repaired'],
      ['n/a', 'Unknown', 'missing'],
      [undefined, 'Unknown', 'missing'],
      [true, 'Unknown', 'invalid'],
    ],
  )
})

describe('number', () => {
  const read = (input: unknown) => {
    const { value, flaw } = number(input)
    return { value: value === null ? null : Number(value.digits) / 10 ** value.scale, flaw }
  }
  describe('any BSON number', () => {
    table(read, [
      [7, 7],
      [1.5, 1.5],
      [1e-7, 1e-7],
      [1e21, 1e21],
      [new Int32(-3), -3],
      [new Double(2.25), 2.25],
      [long('-12'), -12],
      [12n, 12],
      [decimal('1.10'), 1.1],
      [decimal('1E+3'), 1000],
      [decimal('-2.5E-3'), -0.0025],
    ])
  })
  describe('or a text with optional currency sign or code (€ $ £ EUR USD CHF CAD GBP)', () => {
    table(read, [
      ['12', 12, 'repaired'],
      [' 12 ', 12, 'repaired'],
      ['-12.5', -12.5, 'repaired'],
      ['+12.5', 12.5, 'repaired'],
      ['10 €', 10, 'repaired'],
      ['€10', 10, 'repaired'],
      ['$ 10', 10, 'repaired'],
      ['£10.50', 10.5, 'repaired'],
      ['EUR 10', 10, 'repaired'],
      ['10USD', 10, 'repaired'],
      ['CHF 10', 10, 'repaired'],
      ['10 CAD', 10, 'repaired'],
      ['GBP10', 10, 'repaired'],
      ['-€10', -10, 'repaired'],
      ['€-10', -10, 'repaired'],
      ['€10 EUR', null, 'invalid'],
      ['10 JPY', null, 'invalid'],
      ['€', null, 'invalid'],
      ['-€-10', null, 'invalid'],
    ])
  })
  describe('and thousands separators (space, no-break space, apostrophe, underscore)', () => {
    table(read, [
      ['1 234', 1234, 'repaired'],
      ['1\u00a0234\u00a0567', 1234567, 'repaired'],
      ['1\u202f234', 1234, 'repaired'],
      ["1'234.5", 1234.5, 'repaired'],
      ['1’234', 1234, 'repaired'],
      ['1_000_000', 1000000, 'repaired'],
      ['1 234,56 €', 1234.56, 'repaired'],
      ['1 2 3', null, 'invalid'],
      ["1''000", null, 'invalid'],
    ])
  })
  describe('with both `.` and `,` the last is the decimal mark', () => {
    table(read, [
      ['1,234.56', 1234.56, 'repaired'],
      ['1.234,56', 1234.56, 'repaired'],
      ['1.234.567,89', 1234567.89, 'repaired'],
      ['1,234,567.891', 1234567.891, 'repaired'],
      ['1.234,567', 1234.567, 'repaired'],
      ['1,2,3.4.5', null, 'invalid'],
      ['1.234,5,6', null, 'invalid'],
    ])
  })
  describe('one `,` is the decimal mark unless exactly three digits follow it (then it separates thousands)', () => {
    table(read, [
      ['12,5', 12.5, 'repaired'],
      ['12,50', 12.5, 'repaired'],
      ['1,234', 1234, 'repaired'],
      ['1,2345', 1.2345, 'repaired'],
      ['1.234', 1.234, 'repaired'], // that is said of `,` only
      ['1,234,567', 1234567, 'repaired'],
      ['1.234.567', 1234567, 'repaired'],
      ['1,23,45', null, 'invalid'],
    ])
  })
  describe('Infinity, booleans, lists and objects are not numbers', () => {
    table(read, [
      [Number.POSITIVE_INFINITY, null, 'invalid'],
      [new Double(Number.NEGATIVE_INFINITY), null, 'invalid'],
      [decimal('Infinity'), null, 'invalid'],
      ['Infinity', null, 'invalid'],
      [true, null, 'invalid'],
      [[1], null, 'invalid'],
      [{ n: 1 }, null, 'invalid'],
      [new Date(0), null, 'invalid'],
      [new Timestamp({ t: 1, i: 1 }), null, 'invalid'],
      ['abc', null, 'invalid'],
      ['0x10', null, 'invalid'],
      ['', null, 'missing'],
      ['nan', null, 'missing'],
    ])
  })
})

describe('money: rounded to cents, half away from zero as its decimal text reads (10.005 is 10.01), at most 1e12 in size', () => {
  table(
    (input) => money(input, { mayBeNegative: true }),
    [
      [10, 1000n],
      [999.99, 99999n],
      [10.005, 1001n, 'repaired'],
      [-10.005, -1001n, 'repaired'],
      [1.005, 101n, 'repaired'],
      [0.0049, 0n, 'repaired'],
      [-0.004, 0n, 'repaired'],
      ['10,005 €', 1000500n, 'repaired'], // three digits: thousands
      [decimal('10.00499999999999999999999'), 1000n, 'repaired'],
      [decimal('10.005'), 1001n, 'repaired'],
      [decimal('10.500'), 1050n],
      [1e12, 100_000_000_000_000n],
      [-1e12, -100_000_000_000_000n],
      [1_000_000_000_001, null, 'invalid'],
      [decimal('1000000000000.01'), null, 'invalid'],
      [1e300, null, 'invalid'],
      [decimal('1E+6000'), null, 'invalid'],
      [decimal('1E-6000'), 0n, 'repaired'],
      [long('9223372036854775807'), null, 'invalid'],
    ],
  )
  describe('`amount` may be negative (kept, reported); `discount_applied`, `shipping_cost`, `budget`, `spend` may not', () => {
    table(
      (input) => money(input, { mayBeNegative: false }),
      [
        [0, 0n],
        [-0.01, null, 'invalid'],
        ['-5', null, 'invalid'],
        [-0.004, 0n, 'repaired'], // it is 0.00
      ],
    )
  })
})

describe('count: a whole number (4.0 is one, 2.5 is not)', () => {
  table(
    (input) => count(input, 0),
    [
      [4, 4],
      [new Double(4), 4],
      [decimal('4.0'), 4],
      [long('4'), 4],
      ['4.0', 4, 'repaired'],
      ['100 000', 100000, 'repaired'],
      ['1,000', 1000, 'repaired'],
      [0, 0],
      [2.5, null, 'invalid'],
      ['2,5', null, 'invalid'],
      [-1, null, 'invalid'],
      [1e12, 1e12],
      [1e12 + 1, null, 'invalid'],
      [true, null, 'invalid'],
      [null, null, 'missing'],
    ],
  )
  describe('age 0 to 120', () => {
    table(
      (input) => count(input, 0, 120),
      [
        [0, 0],
        [120, 120],
        [121, null, 'invalid'],
        [130, null, 'invalid'],
        ['35', 35, 'repaired'],
      ],
    )
  })
})

describe('date', () => {
  const read = (input: unknown) => {
    const { value, flaw } = date(input, NOW)
    return { value: value?.toISOString() ?? null, flaw }
  }
  describe('BSON date', () => {
    table(read, [
      [new Date('2024-01-31T10:00:00.123Z'), '2024-01-31T10:00:00.123Z'],
      [new Timestamp({ t: 1_700_000_000, i: 1 }), null, 'invalid'],
    ])
  })
  describe('ISO 8601 text (UTC where it names no zone)', () => {
    table(read, [
      ['2024-01-31', '2024-01-31T00:00:00.000Z', 'repaired'],
      ['2024-01-31T10:20', '2024-01-31T10:20:00.000Z', 'repaired'],
      ['2024-01-31T10:20:30', '2024-01-31T10:20:30.000Z', 'repaired'],
      ['2024-01-31 10:20:30', '2024-01-31T10:20:30.000Z', 'repaired'],
      ['2024-01-31T10:20:30Z', '2024-01-31T10:20:30.000Z', 'repaired'],
      ['2024-01-31T10:20:30.5Z', '2024-01-31T10:20:30.500Z', 'repaired'],
      ['2024-01-31T10:20:30.123456Z', '2024-01-31T10:20:30.123Z', 'repaired'],
      ['2024-02-01T00:30:00+02:00', '2024-01-31T22:30:00.000Z', 'repaired'],
      ['2024-01-31T23:30:00-0530', '2024-02-01T05:00:00.000Z', 'repaired'],
      ['2024-01-31T23:30:00-05', '2024-02-01T04:30:00.000Z', 'repaired'],
      ['2024-01-31T10:20:30+25:00', null, 'invalid'],
      ['2024-01-31T24:00:01', null, 'invalid'],
      ['2024-01-31T10:60', null, 'invalid'],
      ['yesterday', null, 'invalid'],
    ])
  })
  describe('`ISODate("…")` text; dd/mm/yyyy', () => {
    table(read, [
      ['ISODate("2024-03-05T10:00:00Z")', '2024-03-05T10:00:00.000Z', 'repaired'],
      ['ISODate("2024-03-05")', '2024-03-05T00:00:00.000Z', 'repaired'],
      ['ISODate("05/03/2024")', null, 'invalid'],
      ['ISODate("2024-02-30")', null, 'invalid'],
      ['05/03/2024', '2024-03-05T00:00:00.000Z', 'repaired'],
      [' 31/12/2023 ', '2023-12-31T00:00:00.000Z', 'repaired'],
      ['12/31/2023', null, 'invalid'],
    ])
  })
  describe('a number ≥ 1e11 as epoch milliseconds, from 1e9 as seconds', () => {
    table(read, [
      [1e11, '1973-03-03T09:46:40.000Z', 'repaired'],
      [1_700_000_000_000, '2023-11-14T22:13:20.000Z', 'repaired'],
      [long('1700000000001'), '2023-11-14T22:13:20.001Z', 'repaired'],
      [decimal('1700000000000'), '2023-11-14T22:13:20.000Z', 'repaired'],
      [1e9, '2001-09-09T01:46:40.000Z', 'repaired'],
      [new Int32(1_700_000_000), '2023-11-14T22:13:20.000Z', 'repaired'],
      [1_700_000_000.25, '2023-11-14T22:13:20.250Z', 'repaired'],
      ['1700000000', '2023-11-14T22:13:20.000Z', 'repaired'],
      [99_999_999_999, null, 'invalid'], // seconds, in 5138
      [999_999_999, null, 'invalid'],
      [0, null, 'invalid'],
      [-1_700_000_000, null, 'invalid'],
      [1e300, null, 'invalid'],
      [Number.POSITIVE_INFINITY, null, 'invalid'],
    ])
  })
  describe('before 1970, later than a day from now, or not in the calendar: not a date', () => {
    table(read, [
      [new Date(0), '1970-01-01T00:00:00.000Z'],
      [new Date(-1), null, 'invalid'],
      ['1969-12-31', null, 'invalid'],
      [new Date('2025-07-01T12:00:00.000Z'), '2025-07-01T12:00:00.000Z'],
      [new Date('2025-07-01T12:00:00.001Z'), null, 'invalid'],
      ['2099-01-01', null, 'invalid'],
      ['2024-02-29', '2024-02-29T00:00:00.000Z', 'repaired'],
      ['2023-02-29', null, 'invalid'],
      ['2000-02-29', '2000-02-29T00:00:00.000Z', 'repaired'],
      ['31/02/2024', null, 'invalid'],
      ['2024-04-31', null, 'invalid'],
      ['2024-13-01', null, 'invalid'],
      ['2024-00-01', null, 'invalid'],
      ['2024-01-00', null, 'invalid'],
      [new Date(Number.NaN), null, 'invalid'],
      [true, null, 'invalid'],
      [[new Date(0)], null, 'invalid'],
      ['n/a', null, 'missing'],
    ])
  })
})

describe('consent: true, 1, and the texts true, yes, oui, y, o, 1, on are yes; everything else is no', () => {
  const yes = [true, 1, new Double(1), long('1'), decimal('1.0'), 'true', 'YES', ' Oui ', 'y', 'O', '1', 'on']
  test.each(yes.map((input) => ({ input })))('$input is yes', ({ input }) => expect(consent(input).value).toBe(true))
  const no = [false, 0, 2, -1, 1.5, 'false', 'no', 'non', '0', '1.00', 'si', 'ouii', '', null, undefined, [true], {}]
  test.each(no.map((input) => ({ input })))('$input is no', ({ input }) => expect(consent(input).value).toBe(false))
})

describe('email: trimmed, lower case, must look like `x@y.z`; then MD5 in lower-case hex', () => {
  const hash = md5('jean@email.com')
  expect(hash).toMatch(/^[0-9a-f]{32}$/)
  table(email, [
    ['jean@email.com', hash],
    [' Jean@EMAIL.com\n', hash, 'repaired'],
    ['x@y.z', md5('x@y.z')],
    ["o'brien+tag@mail.example.fr", md5("o'brien+tag@mail.example.fr")],
    ['jean@email', null, 'invalid'],
    ['jean.email.com', null, 'invalid'],
    ['a@b@c.d', null, 'invalid'],
    ['je an@email.com', null, 'invalid'],
    ['@y.z', null, 'invalid'],
    ['x@.z', null, 'invalid'],
    ['x@y.', null, 'invalid'],
    [5, null, 'invalid'],
    [['x@y.z'], null, 'invalid'],
    ['N/A', null, 'missing'],
  ])
  test('a known MD5', () => expect(email('a@b.c').value).toBe('5d60d4e28066df254d5452f92c910092'))
})

describe("phone: normalised to E.164 (the customer's country gives the region, France where unknown), then MD5", () => {
  const french = md5('+33612345678')
  const cases: [input: unknown, country: string, expected: string | null][] = [
    ['+33612345678', 'France', french],
    ['06 12 34 56 78', 'France', french],
    ['06.12.34.56.78', 'Unknown', french],
    ['06-12-34-56-78', 'Atlantis', french],
    ['0033 6 12 34 56 78', 'France', french],
    ['+33 (0)6 12 34 56 78', 'Belgique', french],
    [612345678, 'France', french],
    [long('612345678'), 'France', french],
    ['0470 12 34 56', 'Belgique', md5('+32470123456')],
    ['079 123 45 67', 'Suisse', md5('+41791234567')],
    ['(514) 555-0123', 'Canada', md5('+15145550123')],
    ['621 123 456', 'Luxembourg', md5('+352621123456')],
    ['+33 6 12 34 56 7', 'France', null], // one digit short
    ['+33 6 12 34 56 78 9', 'France', null], // one too many
    ['+33 8 99 99 99 99', 'France', md5('+33899999999')], // possible is enough, assigned need not be
    ['123', 'France', null],
    ['not a phone', 'France', null],
    ['+999 123456', 'France', null],
    [true, 'France', null],
    [['+33612345678'], 'France', null],
    ['-', 'France', null],
  ]
  test.each(cases)('%s in %s', (input, country, expected) => expect(phone(input, country).value).toBe(expected))
})

// ============================================================================================================ documents

describe('documents', () => {
  test('`_id` may be of any BSON type, mixed; silver keeps it; every contract field is present, no other', () => {
    const ids = [new ObjectId(), 'x', new Int32(1), new Double(2.5), long('3'), { a: 1 }, new Date(0), true, null]
    const { transactions } = silverOf({ transactions: ids.map((_id) => ({ _id, secret: 'x', Amount: 5 })) })
    expect(new Set(transactions.map((sale) => sale._id))).toEqual(new Set(ids))
    for (const sale of transactions) {
      expect(Object.keys(sale).join()).toBe(
        '_id,transaction_id,customer_id,product,amount,quantity,payment_method,discount_applied,shipping_cost,timestamp,status,total_amount',
      )
    }
    const customer = only(silverOf({ customers: [{ _id: 1, customer_id: 'C', ssn: 1 }] }).customers)
    expect(Object.keys(customer).join()).toBe(
      '_id,customer_id,first_name,last_name,full_name,email,phone,age,country,city,postal_code,gender,marketing_consent,created_at',
    )
    const campaign = only(silverOf({ campaigns: [{ _id: 1, campaign_id: 'K', x: 1 }] }).campaigns)
    expect(Object.keys(campaign).join()).toBe(
      '_id,campaign_id,campaign_name,campaign_type,status,target_audience,budget,spend,impressions,clicks,conversions,start_date,ctr,conversion_rate,cpc,cpa,roi',
    )
  })

  test("a field of the prototype is not a document's own", () => {
    const document: Document = { _id: 1, ...JSON.parse('{"__proto__": {"customer_id": "polluted"}}') }
    expect(silverOf({ customers: [document] }).quarantined).toHaveLength(1)
  })

  test('no `customer_id` in a customer or no `campaign_id` in a campaign: quarantined, not lost', () => {
    const silver = silverOf({
      customers: [
        { _id: 1, customer_id: 'n/a' },
        { _id: 2, customer_id: true },
        { _id: 3 },
        { _id: 4, customer_id: 0 },
      ],
      campaigns: [{ _id: 'k', campaign_id: [] }],
    })
    expect(silver.customers.map((customer) => customer.customer_id)).toEqual(['0'])
    expect(silver.campaigns).toEqual([])
    expect(silver.quarantined).toEqual([
      { collection: 'customers', _id: 1, reason: 'no id' },
      { collection: 'customers', _id: 2, reason: 'no id' },
      { collection: 'customers', _id: 3, reason: 'no id' },
      { collection: 'campaigns', _id: 'k', reason: 'no id' },
    ])
  })

  test('a transaction without ids is kept: it is a sale', () => {
    const { transactions, duplicates } = silverOf({
      transactions: [{ _id: 1, amount: 5 }, { _id: 2, amount: 5 }, { _id: 3 }],
    })
    expect(transactions).toHaveLength(3)
    expect(duplicates.transactions).toBe(0)
  })

  test('customers: the highest `_id` wins whole, never mixed; the others are quarantined as superseded', () => {
    const silver = silverOf({
      customers: [
        { _id: 'z', customer_id: 'C', first_name: 'Last' },
        { _id: 9, customer_id: ' C ', first_name: 'First', email: 'first@x.fr' },
        { _id: 'a', customer_id: 'C', first_name: 'Middle', city: 'Lyon' },
        { _id: 1, customer_id: 'c', first_name: 'Other' },
      ],
    })
    expect(silver.customers.map((customer) => [customer._id, customer.full_name])).toEqual([
      [1, 'Other'],
      ['z', 'Last'],
    ])
    expect(silver.customers[1]).toMatchObject({ email: null, city: 'Unknown' })
    expect(silver.quarantined).toEqual([
      { collection: 'customers', _id: 9, reason: 'superseded' },
      { collection: 'customers', _id: 'a', reason: 'superseded' },
    ])
    expect(silver.duplicates.customers).toBe(0)
  })

  test('documents with an id that are equal in every field but `_id` and bookkeeping are one; the lowest `_id` stays', () => {
    const silver = silverOf({
      transactions: [
        { _id: 3, transaction_id: 'T', amount: '10.00 €', quantity: 0, line: 1, _loaded: 'y', updated_at: 2 },
        { _id: 1, updated_at: 1, line: 1, transaction_id: 'T', amount: 10 },
        { _id: 2, transaction_id: 'T', amount: 10.01, line: 1 },
        { _id: 4, transaction_id: 'T', amount: 10, line: 2 },
        { _id: 5, transaction_id: 'T', amount: 10, line: '1' },
        { _id: 6, transaction_id: 'T', amount: 10, line: 1, updatedAt: 1 },
      ],
      campaigns: [
        { _id: 2, campaign_id: 'K', clicks: '5', start_date: '2024-01-31' },
        { _id: 1, campaign_id: ' K', clicks: 5, start_date: '31/01/2024' },
      ],
    })
    expect(silver.transactions.map((sale) => sale._id)).toEqual([1, 2, 4, 5, 6]) // "equal ids with different content … all stay"
    expect(silver.campaigns.map((campaign) => campaign._id)).toEqual([1])
    expect(silver.duplicates).toEqual({ customers: 0, transactions: 1, campaigns: 1 })
  })

  test('full_name: the known ones of first and last name', () => {
    const names: [first: unknown, last: unknown, full: string][] = [
      ['Jean', 'Dupont', 'Jean Dupont'],
      [' Jean ', undefined, 'Jean'],
      ['n/a', 'Dupont', 'Dupont'],
      [true, [], 'Unknown'],
      [7, 'of  Nine', '7 of Nine'],
    ]
    for (const [first_name, last_name, full] of names) {
      const { customers } = silverOf({ customers: [{ _id: 1, customer_id: 'C', first_name, last_name }] })
      expect(only(customers).full_name).toBe(full)
    }
  })

  test("a phone's region is the cleaned country", () => {
    const { customers } = silverOf({
      customers: [{ _id: 1, customer_id: 'C', country: 'BELGIQUE', phone: '0470123456' }],
    })
    expect(only(customers)).toMatchObject({ country: 'Belgique', phone: md5('+32470123456') })
  })

  test('vocabularies: those of the brief, and those that are given', () => {
    const transactions = [{ _id: 1, product: 'laptop', status: 'COMPLETED' }]
    expect(only(silverOf({ transactions }).transactions)).toMatchObject({ product: 'laptop', status: 'Completed' })
    const given = { 'transactions.product': ['Laptop'] }
    expect(only(silverOf({ transactions }, given).transactions)).toMatchObject({
      product: 'Laptop',
      status: 'Completed',
    })
  })

  test('total_amount = amount - discount_applied + shipping_cost, exact to the cent', () => {
    const sums: [amount: unknown, discount: unknown, shipping: unknown, total: number | null][] = [
      [0.1, 0, 0.2, 0.3],
      [999.99, 50, 10, 959.99],
      [-5, 1, 0, -6],
      [10, 20, 0, -10],
      [10.005, 0.005, 0.005, 10.01],
      [10, -3, -4, 10], // neither may be negative
      ['x', 5, 5, null],
      [1e12, 0, 1e12, 2e12],
    ]
    for (const [amount, discount_applied, shipping_cost, total] of sums) {
      const { transactions } = silverOf({ transactions: [{ _id: 1, amount, discount_applied, shipping_cost }] })
      expect(only(transactions).total_amount).toBe(total)
    }
  })

  test('KPI: null where an input is unknown or the denominator is 0; not rounded', () => {
    const kpis = (fields: Document) => {
      const { ctr, conversion_rate, cpc, cpa, roi } = only(
        silverOf({ campaigns: [{ _id: 1, campaign_id: 'K', ...fields }] }).campaigns,
      )
      return [ctr, conversion_rate, cpc, cpa, roi]
    }
    const full = { impressions: 100_000, clicks: 5000, conversions: 250, spend: 8500, budget: 10_000 }
    expect(kpis(full)).toEqual([5, 5, 1.7, 34, 15])
    expect(kpis({ ...full, impressions: 0 })).toEqual([null, 5, 1.7, 34, 15])
    expect(kpis({ ...full, clicks: 0 })).toEqual([0, null, null, 34, 15])
    expect(kpis({ ...full, conversions: 0 })).toEqual([5, 0, 1.7, null, 15])
    expect(kpis({ ...full, budget: 0 })).toEqual([5, 5, 1.7, 34, null])
    expect(kpis({ ...full, spend: null })).toEqual([5, 5, null, null, null])
    expect(kpis({ impressions: 3, clicks: 1, budget: 3, spend: 10 })).toEqual([100 / 3, null, 10, null, -700 / 3])
    expect(kpis({ impressions: -1, clicks: 2.5, budget: -1, spend: -1 })).toEqual([null, null, null, null, null])
  })
})

// ======================================================================================================= the `_id` order

describe("MongoDB's order of `_id`s", () => {
  const ascending: unknown[] = [
    new MinKey(),
    null,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    new Double(-1e300),
    new Int32(-5),
    0,
    decimal('0.1'), // less than the double 0.1, which is 0.1000000000000000055…
    0.1,
    new Double(0.5),
    decimal('0.75'),
    1,
    long('9007199254740992'),
    decimal('9007199254740992.5'),
    long('9007199254740993'),
    1e300,
    decimal('1E+6000'),
    Number.POSITIVE_INFINITY,
    '',
    'Z',
    'a',
    'a\u0000',
    'aa',
    'é',
    '\uffee', // after the emoji in UTF-16, before it in UTF-8
    '👩',
    {},
    { b: 1 },
    { b: 1, c: 1 },
    { b: 2 },
    { c: 1 },
    { a: 'x' }, // type first, then name, then value
    [1],
    new Binary(Buffer.from([9]), 0),
    new Binary(Buffer.from([1, 1]), 0),
    new Binary(Buffer.from([1, 2]), 0),
    new Binary(Buffer.from([1, 1]), 5),
    new UUID('00000000-0000-4000-8000-000000000001'),
    new UUID('00000000-0000-4000-8000-000000000002'),
    new ObjectId('65a000000000000000000000'),
    new ObjectId('65a0000000000000000000ff'),
    false,
    true,
    new Date(-1),
    new Date(0),
    new Timestamp({ t: 1, i: 5 }),
    new Timestamp({ t: 4_000_000_000, i: 1 }),
    new BSONRegExp('a'),
    new Code('a'),
    new MaxKey(),
  ]
  test('sorts each before the next, and any two as they stand', () => {
    for (let i = 0; i < ascending.length; i++) {
      for (let j = 0; j < ascending.length; j++) {
        expect([i, j, Math.sign(compareIds(ascending[i], ascending[j]))]).toEqual([i, j, Math.sign(i - j)])
      }
    }
  })
  test('numbers of any type are equal by value', () => {
    for (const one of [1, new Int32(1), new Double(1), long('1'), decimal('1.00')]) expect(compareIds(1, one)).toBe(0)
    expect(compareIds(new Double(0), new Double(-0))).toBe(0)
  })
})

// ================================================================================================================= gold

describe('exact decimals', () => {
  test('half away from zero', () => {
    const halves: [bigint, bigint, bigint][] = [
      [5n, 2n, 3n],
      [-5n, 2n, -3n],
      [5n, -2n, -3n],
      [1n, 3n, 0n],
      [2n, 3n, 1n],
      [-1n, 3n, 0n],
    ]
    for (const [top, bottom, result] of halves) expect(divideRounded(top, bottom)).toBe(result)
  })
  test('as PostgreSQL prints them', () => {
    expect([format(12340n, 2), format(5n, 2), format(-5n, 2), format(0n, 6)]).toEqual([
      '123.40',
      '0.05',
      '-0.05',
      '0.000000',
    ])
    expect([ratio(1n, 3n, 6), ratio(-2n, 3n, 6), ratio(1n, 0n, 6)]).toEqual(['0.333333', '-0.666667', null])
  })
  test('a number as its text reads', () => {
    expect(parseDecimal('1.5e-7')).toEqual({ digits: 15n, scale: 8 })
    expect(parseDecimal('1E+3')).toEqual({ digits: 1000n, scale: 0 })
    expect([parseDecimal('Infinity'), parseDecimal(''), parseDecimal('.')]).toEqual([null, null, null])
  })
})

const PEOPLE: Document[] = [
  { _id: 1, customer_id: 'C1', first_name: 'Jean', country: 'France', city: 'Paris', marketing_consent: true },
  { _id: 2, customer_id: 'C2', country: 'France' },
  { _id: 3, customer_id: 'C3', country: 'Suisse', marketing_consent: 'oui' },
  { _id: 4, customer_id: 'C4', country: 'france' },
]

const SALES: Document[] = [
  { _id: 1, transaction_id: 'T1', customer_id: 'C1', product: 'A', amount: 10, timestamp: '2024-01-31T23:30:00Z' },
  {
    _id: 2,
    transaction_id: 'T2',
    customer_id: 'C1',
    product: 'A',
    amount: 0.01,
    shipping_cost: 5,
    timestamp: '2024-02-01',
  },
  { _id: 3, transaction_id: 'T3', customer_id: 'C1', product: 'B', timestamp: '2023-01-01' }, // amount unknown
  { _id: 4, transaction_id: 'T4', customer_id: 'C3', product: 'B' }, // nothing known
  { _id: 5, transaction_id: 'T5', customer_id: 'GONE', product: 'A', amount: 100, timestamp: '2024-02-10' },
  { _id: 6, transaction_id: 'T6', amount: 1, discount_applied: 3 }, // no customer, no product, no date
  { _id: 7, transaction_id: 'T7', customer_id: 'C2', product: 'A', amount: 7, status: 'Cancelled' }, // all statuses count
]

describe('gold', () => {
  const gold = goldOf({ customers: PEOPLE, transactions: SALES })

  test('customer_metrics: customers in silver with at least one transaction', () => {
    expect(gold.customer_metrics).toEqual([
      {
        customer_id: 'C1',
        full_name: 'Jean',
        country: 'France',
        city: 'Paris',
        total_transactions: '3',
        total_spent: '15.01',
        avg_transaction_amount: '7.51', // 15.01 over the two that are known: 7.505
        first_purchase_date: '2023-01-01',
        last_purchase_date: '2024-02-01',
      },
      {
        customer_id: 'C2',
        full_name: 'Unknown',
        country: 'France',
        city: 'Unknown',
        total_transactions: '1',
        total_spent: '7.00',
        avg_transaction_amount: '7.00',
        first_purchase_date: null,
        last_purchase_date: null,
      },
      {
        customer_id: 'C3',
        full_name: 'Unknown',
        country: 'Suisse',
        city: 'Unknown',
        total_transactions: '1',
        total_spent: '0.00', // "0.00 if none is known"
        avg_transaction_amount: null, // "null if none"
        first_purchase_date: null,
        last_purchase_date: null,
      },
    ])
  })

  test('product_performance: avg_price averages the known `amount`; unique_customers in `customers` or not; `Unknown` stays', () => {
    expect(gold.product_performance).toEqual([
      { product: 'A', total_sales: '4', total_revenue: '122.01', avg_price: '29.25', unique_customers: '3' }, // 117.01 / 4
      { product: 'B', total_sales: '2', total_revenue: '0.00', avg_price: null, unique_customers: '2' },
      { product: 'Unknown', total_sales: '1', total_revenue: '-2.00', avg_price: '1.00', unique_customers: '0' },
    ])
  })

  test('monthly_revenue: sales with a known date, in UTC months', () => {
    const columns = ['month', 'total_revenue', 'total_transactions', 'unique_customers', 'avg_transaction_value']
    expect(gold.monthly_revenue.map((row) => Object.values(row))).toEqual([
      ['2023-01-01', '0.00', '1', '1', null],
      ['2024-01-01', '10.00', '1', '1', '10.00'],
      ['2024-02-01', '105.01', '2', '2', '52.51'], // 52.505
    ])
    expect(Object.keys(gold.monthly_revenue[0] ?? {})).toEqual(columns)
  })

  test('country_statistics: every silver customer counts; revenue is that of those customers', () => {
    expect(gold.country_statistics).toEqual([
      {
        country: 'France',
        total_customers: '3',
        total_revenue: '22.01',
        avg_customer_value: '7.34', // 7.3366…
        marketing_consent_rate: '33.333333',
      },
      {
        country: 'Suisse',
        total_customers: '1',
        total_revenue: '0.00',
        avg_customer_value: '0.00',
        marketing_consent_rate: '100.000000',
      },
    ])
  })

  test('averages of half a cent are rounded away from zero', () => {
    const sale = (_id: number, product: string, amount: number) => ({ _id, product, amount })
    const { product_performance } = goldOf({
      transactions: [sale(1, 'P', 0.01), sale(2, 'P', 0.02), sale(3, 'M', -0.01), sale(4, 'M', -0.02)],
    })
    expect(product_performance.map((row) => row['avg_price'])).toEqual(['-0.02', '0.02'])
  })

  test('campaign_performance: records added up; ratios of sums over the records where both inputs are known', () => {
    const { campaign_performance } = goldOf({
      campaigns: [
        { _id: 1, campaign_id: 'K', impressions: 1000, clicks: 10, spend: 5, budget: 10 },
        { _id: 2, campaign_id: 'K', impressions: 500, spend: 7, conversions: 3 },
        { _id: 3, campaign_id: 'K', clicks: 90, conversions: 2, budget: 100 },
        { _id: 4, campaign_id: 'K', impressions: 300, clicks: 30, spend: 1, budget: 20, conversions: 4 },
      ],
    })
    expect(only(campaign_performance)).toEqual({
      campaign_id: 'K',
      campaign_name: 'Unknown',
      campaign_type: 'Unknown',
      total_impressions: '1800',
      total_clicks: '130',
      total_conversions: '9',
      avg_ctr: '3.076923', // 40 / 1300
      avg_conversion_rate: '5.000000', // 6 / 120
      avg_cpc: '0.150000', // 6 / 40
      avg_cpa: '1.142857', // 8 / 7
      roi: '80.000000', // (30 - 6) / 30
      status: 'Unknown',
    })
  })

  test('a campaign of which nothing is known, and one whose denominators are 0', () => {
    const { campaign_performance } = goldOf({
      campaigns: [
        { _id: 1, campaign_id: 'K0', impressions: 0, clicks: 0, conversions: 0, spend: 0, budget: 0 },
        { _id: 2, campaign_id: 'K1' },
      ],
    })
    const numbers = (row: Row | undefined) => Object.values(row ?? {}).slice(3, 11)
    expect(numbers(campaign_performance[0])).toEqual(['0', '0', '0', null, null, null, null, null])
    expect(numbers(campaign_performance[1])).toEqual([null, null, null, null, null, null, null, null])
  })

  test('for one record: its own KPI', () => {
    const campaigns = [{ _id: 1, campaign_id: 'K', impressions: 7, clicks: 3, conversions: 1, spend: 10, budget: 3 }]
    const own = only(silverOf({ campaigns }).campaigns)
    const row = only(goldOf({ campaigns }).campaign_performance)
    expect(row['avg_ctr']).toBe(own.ctr?.toFixed(6))
    expect(row['avg_conversion_rate']).toBe(own.conversion_rate?.toFixed(6))
    expect(row['avg_cpc']).toBe(own.cpc?.toFixed(6))
    expect(row['avg_cpa']).toBe(own.cpa?.toFixed(6))
    expect(row['roi']).toBe(own.roi?.toFixed(6))
  })

  test('name, type and status are those of the latest record (start_date, then `_id`) that has one', () => {
    const { campaign_performance } = goldOf({
      campaigns: [
        { _id: 9, campaign_id: 'K', campaign_name: 'Undated', campaign_type: 'Radio', status: 'Draft' },
        { _id: 3, campaign_id: 'K', campaign_name: 'Early', campaign_type: 'Email', start_date: '2023-01-01' },
        { _id: 'a', campaign_id: 'K', campaign_name: 'Late, by _id', start_date: '2024-01-01' },
        { _id: 5, campaign_id: 'K', campaign_name: 'Late', start_date: '2024-01-01' },
        { _id: 6, campaign_id: 'K', campaign_name: ' n/a ', start_date: '2024-06-01' },
      ],
    })
    expect(only(campaign_performance)).toMatchObject({
      campaign_name: 'Late, by _id',
      campaign_type: 'Email',
      status: 'Draft',
    })
  })

  test('rows are sorted by key, as UTF-8 bytes; columns are those of the brief', () => {
    const { product_performance } = goldOf({
      transactions: ['b', 'B', 'é', '\uffee', '👩'].map((product, _id) => ({ _id, product })),
    })
    expect(product_performance.map((row) => row['product'])).toEqual(['B', 'b', 'é', '\uffee', '👩'])
    expect(Object.keys(product_performance[0] ?? {}).join()).toBe(
      'product,total_sales,total_revenue,avg_price,unique_customers',
    )
  })

  test('silver of a wrong type is refused, not guessed at', () => {
    const sale = { ...only(silverOf({ transactions: [{ _id: 1, amount: 1 }] }).transactions) }
    const broken = { customers: [], campaigns: [], transactions: [{ ...sale, total_amount: '1.00' }] }
    expect(() => expectedGold(broken)).toThrow('total_amount')
    expect(() => expectedGold({ ...broken, transactions: [{ ...sale, total_amount: 0.001 }] })).toThrow('whole cents')
    expect(
      expectedGold({ ...broken, transactions: [{ ...sale, total_amount: new Double(1) }] }).product_performance,
    ).toEqual([
      { product: 'Unknown', total_sales: '1', total_revenue: '1.00', avg_price: '1.00', unique_customers: '0' },
    ])
  })
})

// ============================================================================================================== compare

describe('differences', () => {
  const rows: Row[] = [
    { id: 'a', n: '1' },
    { id: 'b', n: null },
  ]
  test('none', () => expect(differences(rows, [...rows].reverse(), ['id'])).toEqual([]))
  test('of every kind', () => {
    const actual: Row[] = [
      { id: 'a', n: '1.0' },
      { id: 'c', n: '1' },
      { id: 'c', n: '1' },
    ]
    expect(differences(rows, actual, ['id'])).toEqual([
      'row id="c": comes more than once',
      'row id="a", n: expected "1", actual "1.0"',
      'row id="b": missing',
      'row id="c": not expected',
      'row id="c": not expected',
    ])
  })
  test('null is neither absent nor empty; the order of columns counts', () => {
    expect(differences([{ id: 'a', n: null }], [{ id: 'a' }], ['id'])).toEqual([
      'row id="a", n: expected null, actual absent',
    ])
    expect(differences([{ id: 'a', n: null }], [{ id: 'a', n: '' }], ['id'])).toHaveLength(1)
    expect(differences([{ id: 'a', n: '1' }], [{ n: '1', id: 'a' }], ['id'])).toEqual([
      'columns: expected id, n; actual n, id',
    ])
  })
  test('at most 20 lines', () => {
    const many = Array.from({ length: 50 }, (_, n) => ({ id: String(n) }))
    const lines = differences(many, [], ['id'])
    expect(lines).toHaveLength(20)
    expect(lines[19]).toBe('… and 31 more differences')
  })
})

describe('silverDifferences', () => {
  const expected: Document = { _id: 5, amount: 10.5, ctr: 100 / 3, at: new Date(0), name: 'x', none: null, flag: false }
  test('wrapped numbers are numbers; KPI to a relative tolerance', () => {
    const actual = {
      ...expected,
      _id: new Int32(5),
      amount: new Double(10.5),
      ctr: new Double((100 / 3) * (1 + 1e-14)),
    }
    expect(silverDifferences([expected], [actual])).toEqual([])
    expect(silverDifferences([expected], [{ ...actual, ctr: 33.333 }])).toHaveLength(1)
  })
  test('`_id` by its exact type, as a server stores it', () => {
    expect(silverDifferences([expected], [{ ...expected, _id: new Double(5) }])).toHaveLength(2)
    expect(idText({ _id: 2 ** 40 })).toBe(idText({ _id: new Double(2 ** 40) }))
    expect(idText({ _id: new UUID('11111111-1111-4111-8111-111111111111') })).toContain('$binary')
  })
  test('types, missing and extra fields', () => {
    const { none, ...rest } = expected
    expect(none).toBeNull()
    const actual = { ...rest, amount: '10.5', at: '1970-01-01T00:00:00Z', flag: null, secret: 1 }
    const lines = silverDifferences([expected], [actual])
    expect(lines.map((line) => /, (\w+): expected/.exec(line)?.[1])).toEqual(['amount', 'at', 'none', 'flag', 'secret'])
    expect(lines[0]).toBe('document {"_id":{"$numberInt":"5"}}, amount: expected 10.5, actual "10.5" (string)')
  })
  test('one BSON type per field', () => {
    const actual = [
      { ...expected, _id: 1, amount: new Int32(1) },
      { ...expected, _id: 2, amount: new Double(1.5) },
    ]
    const wanted = [
      { ...expected, _id: 1, amount: 1 },
      { ...expected, _id: 2, amount: 1.5 },
    ]
    expect(silverDifferences(wanted, actual)).toEqual(['field amount: more than one BSON type (Int32, Double)'])
  })
})

// ============================================================================================================== hostile

describe('the hostile bronze', () => {
  const collections = ['customers', 'transactions', 'campaigns'] as const
  const bronze = hostileBronze()
  const silver = expectedSilver(bronze, NOW)

  test('no two `_id`s of a collection are equal to a server, and all kinds are there', () => {
    for (const name of collections) {
      const ids = bronze[name].map((document) => document['_id'] as unknown).sort(compareIds)
      for (let i = 1; i < ids.length; i++) expect(compareIds(ids[i - 1], ids[i])).toBeLessThan(0)
      const kinds = new Set(
        ids.map((id) => Object.prototype.toString.call(id) + (id as Document | null)?.constructor.name),
      )
      expect(kinds.size).toBeGreaterThanOrEqual(14)
    }
  })

  test('counts add up: bronze = silver + duplicates + quarantined', () => {
    for (const name of collections) {
      const quarantined = silver.quarantined.filter(({ collection }) => collection === name)
      expect(silver[name].length + silver.duplicates[name] + quarantined.length).toBe(bronze[name].length)
    }
    expect(silver.duplicates).toEqual({ customers: 0, transactions: 6, campaigns: 2 })
  })

  test('what a server gives back of it has the same silver and gold', () => {
    const options = { promoteValues: false, promoteLongs: false, bsonRegExp: true }
    const stored = (documents: Document[]) => documents.map((one) => BSON.deserialize(BSON.serialize(one), options))
    const promoted = (documents: Document[]) => documents.map((one) => BSON.deserialize(BSON.serialize(one)))
    for (const read of [stored, promoted]) {
      const again = expectedSilver(
        {
          customers: read(bronze.customers).reverse(),
          transactions: read(bronze.transactions).reverse(),
          campaigns: read(bronze.campaigns).reverse(),
        },
        NOW,
      )
      if (read === stored) {
        for (const name of collections) expect(silverDifferences(silver[name], again[name])).toEqual([])
      }
      const gold = expectedGold(silver)
      const goldAgain = expectedGold(again)
      for (const name of Object.keys(KEYS) as (keyof ExpectedGold)[]) {
        expect(differences(gold[name], goldAgain[name], KEYS[name])).toEqual([])
      }
    }
  })

  test('one BSON type per silver field, null apart', () => {
    for (const name of collections) {
      const types = new Map<string, Set<string>>()
      for (const document of silver[name]) {
        for (const [field, value] of Object.entries(document)) {
          if (field === '_id' || value === null) continue
          types.set(field, (types.get(field) ?? new Set()).add(value instanceof Date ? 'date' : typeof value))
        }
      }
      for (const [field, seen] of types) expect([field, seen.size]).toEqual([field, 1])
    }
  })

  test('no e-mail and no phone number is in silver', () => {
    const written = JSON.stringify(silver.customers)
    for (const personal of ['jean@email', 'JEAN@', "o'brien@", '612345678', '06 12', '514) 555', '5145550123']) {
      expect(written).not.toContain(personal)
    }
  })

  test('revenue by product, and by customer with the rest, is the whole revenue', () => {
    const gold = expectedGold(silver)
    const cents = (value: string | null | undefined) => BigInt((value ?? '').replace('.', ''))
    let whole = 0n
    let elsewhere = 0n
    const known = new Set(silver.customers.map((customer) => customer.customer_id))
    for (const sale of silver.transactions) {
      const total = sale.total_amount === null ? 0n : cents(sale.total_amount.toFixed(2))
      whole += total
      if (sale.customer_id === null || !known.has(sale.customer_id)) elsewhere += total
    }
    const sum = (rows: Row[], column: string) => rows.reduce((total, row) => total + cents(row[column]), 0n)
    expect(sum(gold.product_performance, 'total_revenue')).toBe(whole)
    expect(sum(gold.customer_metrics, 'total_spent') + elsewhere).toBe(whole)
    expect(sum(gold.country_statistics, 'total_revenue') + elsewhere).toBe(whole)
  })
})
