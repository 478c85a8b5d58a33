import { hash } from 'node:crypto'
import { BSONSymbol, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'bson'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as rule from '../../src/rules/values.ts'

const md5 = (text: string) => hash('md5', text)

/** The clean value, or the reason there is none. */
function outcome(read: rule.Outcome<unknown>): unknown {
  if (read instanceof rule.Flaw) return `${read.kind}: ${read.reason}`
  return read instanceof rule.Repaired ? read.value : read
}

const missing: [unknown, string][] = [
  [undefined, 'missing: absent'],
  [null, 'missing: null'],
  [Number.NaN, 'missing: NaN'],
  [new Double(Number.NaN), 'missing: NaN'],
  [Decimal128.fromString('NaN'), 'missing: NaN'],
  ['', 'missing: blank'],
  [' \u00a0\n', 'missing: blank'],
  ...['n/a', 'NA', 'Null', 'none', 'nan', 'UNDEFINED', ' - '].map((text): [unknown, string] => [
    text,
    'missing: placeholder',
  ]),
]

describe('what is missing', () => {
  const rules = {
    text: rule.text,
    label: rule.label(['M', 'F']),
    money: rule.money(),
    count: rule.count(0),
    date: (value: unknown) => rule.date(value, Date.now()),
    consent: rule.consent,
    email: rule.email,
    phone: (value: unknown) => rule.phone(value, 'FR'),
  }
  for (const [name, read] of Object.entries(rules)) {
    test.each(missing)(`is missing for ${name}: %o`, (input, expected) => {
      expect(outcome(read(input))).toBe(expected)
    })
  }
})

describe('text', () => {
  test.each([
    ['Paris', 'Paris'],
    ['  Saint   Denis ', 'Saint Denis'],
    ['Jean\u00a0Paul', 'Jean Paul'],
    ['Ame\u0301lie', 'Am\u00e9lie'],
    ['a\0b', 'ab'],
    ['half \ud83d', 'half \ufffd'],
    ['O\'Brien "le Grand"', 'O\'Brien "le Grand"'],
    ["Robert'); DROP TABLE customers; --", "Robert'); DROP TABLE customers; --"],
    ['é'.repeat(300), 'é'.repeat(300)],
    ['李小龍 محمد Владимир', '李小龍 محمد Владимир'],
    ['👩‍👩‍👧 🇫🇷', '👩‍👩‍👧 🇫🇷'],
    ['x'.repeat(500), 'x'.repeat(500)],
    [` ${'x'.repeat(500)}\n`, 'x'.repeat(500)],
    ['x'.repeat(501), 'invalid: too long'],
    ['e\u0301'.repeat(500), '\u00e9'.repeat(500)],
    ['😀'.repeat(251), 'invalid: too long'],
    ['😀', '😀'],
    [`<b>O'Neil</b>; drop table`, `<b>O'Neil</b>; drop table`],
    [75001, '75001'],
    [75001.5, '75001.5'],
    [new Int32(7), '7'],
    [Long.fromString('9007199254740993'), '9007199254740993'],
    [Decimal128.fromString('12.50'), '12.50'],
    [true, 'invalid: not a text'],
    [new Date(0), 'invalid: not a text'],
    [['a'], 'invalid: not a text'],
    [{ a: 1 }, 'invalid: not a text'],
    [new ObjectId(), 'invalid: not a text'],
    [new BSONSymbol(' a '), 'a'],
    [new Timestamp(1n), 'invalid: not a text'],
  ])('%o is %o', (input, expected) => {
    expect(outcome(rule.text(input))).toBe(expected)
  })

  test('may be megabytes long before it is tidy, not after', () => {
    expect(outcome(rule.text(`a${' '.repeat(5_000_000)}b`))).toBe('a b')
    expect(outcome(rule.text('9 '.repeat(5_000_000)))).toBe('invalid: too long')
  })

  test('is stable: cleaning a clean text changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (input) => {
        const once = outcome(rule.text(input))
        if (typeof once === 'string' && !once.startsWith('missing')) expect(rule.text(once)).toBe(once)
      }),
    )
  })
})

describe('label with a vocabulary', () => {
  const read = rule.label(['France', 'Bank Transfer', 'Évian'])
  test.each([
    ['France', 'France'],
    ['FRANCE', 'France'],
    ['fránce', 'France'],
    ['banktransfer', 'Bank Transfer'],
    [' BANK  transfer', 'Bank Transfer'],
    ['evian', 'Évian'],
    ['Allemagne', 'Allemagne'],
    [['France'], 'invalid: not a text'],
  ])('%o is %o', (input, expected) => {
    expect(outcome(read(input))).toBe(expected)
  })
})

describe('money', () => {
  test.each([
    [999.99, 999.99],
    [-0, 0],
    [10.005, 10.01],
    [-10.005, -10.01],
    [1.115, 1.12],
    [0.004, 0],
    [1e-7, 0],
    [1e12, 1e12],
    [1e12 + 1, 'invalid: too large'],
    [-1e12 - 1, 'invalid: too small'],
    [Number.POSITIVE_INFINITY, 'invalid: not a number'],
    [Decimal128.fromString('10.005'), 10.01],
    [Decimal128.fromString('1E+3'), 1000],
    [Decimal128.fromString('Infinity'), 'invalid: not a number'],
    [Decimal128.fromString('1E+6000'), 'invalid: too large'],
    [Long.fromNumber(12), 12],
    [12n, 12],
    ['10.005', 10.01],
    ['1e3', 1000],
    ['1234.5', 1234.5],
    ['1 234,50 €', 1234.5],
    ['€1,234.50', 1234.5],
    ['1.234,50', 1234.5],
    ['1,234', 1234],
    ['1,23', 1.23],
    ['1,2345', 1.23],
    ['0,5', 0.5],
    ['1,234,567', 1234567],
    ['1.234.567', 1234567],
    ["1'234.50 CHF", 1234.5],
    ['1_000', 1000],
    ['1\u202f234\u00a0567,89 EUR', 1234567.89],
    ['-5 $', -5],
    ['$-5', -5],
    ['-£5', -5],
    ['\u22125', -5],
    ['cad 7', 7],
    ['12 34', 'invalid: not a number'],
    ['1,2,3', 'invalid: not a number'],
    ['1.2.3', 'invalid: not a number'],
    ['--5', 'invalid: not a number'],
    ['-€-5', 'invalid: not a number'],
    ['1.234,5', 1234.5],
    ['1\u2019234,5', 1234.5],
    ['1234 567', 1234567],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3 €', 1000],
    ['2e-3', 0],
    ['€5€', 'invalid: not a number'],
    ['€5 EUR', 'invalid: not a number'],
    ['1.234 567', 'invalid: not a number'],
    ['1,234 567', 'invalid: not a number'],
    ['1,234.567,8', 'invalid: not a number'],
    ['1,5e3', 'invalid: not a number'],
    ['1 000e3', 'invalid: not a number'],
    ['.', 'invalid: not a number'],
    ['1e999', 'invalid: too large'],
    ['-1e999', 'invalid: too small'],
    ['0'.repeat(501), 'invalid: too long'],
    [`${'0'.repeat(450)}5`, 5],
    [new BSONSymbol('12,50'), 12.5],
    ['five', 'invalid: not a number'],
    ['€', 'invalid: not a number'],
    ['Infinity', 'invalid: not a number'],
    ['0x10', 'invalid: not a number'],
    [true, 'invalid: not a number'],
    [[5], 'invalid: not a number'],
    [{ amount: 5 }, 'invalid: not a number'],
    [new Date(5), 'invalid: not a number'],
  ])('%o is %o', (input, expected) => {
    expect(outcome(rule.money()(input))).toBe(expected)
  })

  test.each([
    [10.5, 'as it stood'],
    [Decimal128.fromString('10.50'), 'as it stood'],
    [Decimal128.fromString('10.500000000000000000001'), 'rounded to cents'],
    [Decimal128.fromString('1E-6000'), 'rounded to cents'],
    [10.005, 'rounded to cents'],
    ['10.50', 'text to number'],
  ])('%o is %s', (input, reason) => {
    const read = rule.money()(input)
    expect(read instanceof rule.Repaired ? read.reason : 'as it stood').toBe(reason)
  })

  test('that may not be negative', () => {
    expect(outcome(rule.money(0)(-0.01))).toBe('invalid: too small')
    expect(outcome(rule.money(0)(-0.001))).toBe(0)
  })

  test('with two decimals is kept as it is, as a number and as its text', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e14, max: 1e14 }), (cents) => {
        expect(rule.money()(cents / 100)).toBe(cents / 100 === 0 ? 0 : cents / 100)
        expect(outcome(rule.money()((cents / 100).toFixed(2)))).toBe(cents / 100 === 0 ? 0 : cents / 100)
      }),
    )
  })
})

describe('count', () => {
  test.each([
    [4, 4],
    [4.0, 4],
    [-0, 0],
    ['4', 4],
    ['4.0', 4],
    ['100 000', 100_000],
    [Decimal128.fromString('4.0'), 4],
    [Long.fromNumber(4), 4],
    [2.5, 'invalid: not a whole number'],
    [Decimal128.fromString('4.000000000000000000001'), 'invalid: not a whole number'],
    [Decimal128.fromString('1E-6000'), 'invalid: not a whole number'],
    ['1e-400', 'invalid: not a whole number'],
    ['4e0', 4],
    [Decimal128.fromString('4E+3'), 4000],
    [Long.fromString('9007199254740993'), 'invalid: too large'],
    [Number.POSITIVE_INFINITY, 'invalid: not a number'],
    ['2,5', 'invalid: not a whole number'],
    [-1, 'invalid: too small'],
    [1e13, 'invalid: too large'],
    [true, 'invalid: not a number'],
  ])('%o is %o', (input, expected) => {
    expect(outcome(rule.count(0)(input))).toBe(expected)
  })

  test.each([
    [0, 0],
    [120, 120],
    [121, 'invalid: too large'],
    [130, 'invalid: too large'],
    [-1, 'invalid: too small'],
  ])('age %o is %o', (input, expected) => {
    expect(outcome(rule.count(0, 120)(input))).toBe(expected)
  })

  test.each([
    [1, 1],
    [0, 'invalid: too small'],
  ])('quantity %o is %o', (input, expected) => {
    expect(outcome(rule.count(1)(input))).toBe(expected)
  })
})

describe('date', () => {
  const now = Date.parse('2025-06-15T12:00:00Z')
  const latest = now + 86_400_000
  test.each([
    [new Date('2025-03-04T05:06:07.008Z'), '2025-03-04T05:06:07.008Z'],
    ['2025-03-04', '2025-03-04T00:00:00.000Z'],
    ['2025-03-04T05:06:07', '2025-03-04T05:06:07.000Z'],
    ['2025-03-04 05:06:07', '2025-03-04T05:06:07.000Z'],
    ['2025-03-04T05:06:07Z', '2025-03-04T05:06:07.000Z'],
    ['2025-03-04t05:06:07z', '2025-03-04T05:06:07.000Z'],
    ['2025-03-04T05:06:07+02:00', '2025-03-04T03:06:07.000Z'],
    ['20250304T050607Z', '2025-03-04T05:06:07.000Z'],
    ['ISODate("2025-03-04T05:06:07Z")', '2025-03-04T05:06:07.000Z'],
    ["ISODate('2025-03-04')", '2025-03-04T00:00:00.000Z'],
    ['04/03/2025', '2025-03-04T00:00:00.000Z'],
    ['31/12/2024', '2024-12-31T00:00:00.000Z'],
    ['01/02/2024', '2024-02-01T00:00:00.000Z'],
    ['1/2/2024', '2024-02-01T00:00:00.000Z'],
    ['20250304', '2025-03-04T00:00:00.000Z'],
    ['2024-366', '2024-12-31T00:00:00.000Z'],
    ['2025-W10-2', '2025-03-04T00:00:00.000Z'],
    ['2024-12-31T24:00:00', '2025-01-01T00:00:00.000Z'],
    ['2024-12-31T23:59:59.9999999', '2024-12-31T23:59:59.999Z'],
    ['2025-03-04T05:06:07,5+0530', '2025-03-03T23:36:07.500Z'],
    ['2025-03-04T05:06:07+24:00', 'invalid: not a date'],
    ['2025-03-04T05:06:07+02:60', 'invalid: not a date'],
    ['2025-03-04T05:06:07[Europe/Paris]', 'invalid: not a date'],
    ['ISODate("04/03/2025")', 'invalid: not a date'],
    [`ISODate("2025-03-04')`, 'invalid: not a date'],
    ['1741064767.0089', '2025-03-04T05:06:07.008Z'],
    [1741064767008.9, '2025-03-04T05:06:07.008Z'],
    [1741064767.008, '2025-03-04T05:06:07.008Z'],
    ['1 741 064 767', 'invalid: not a date'],
    ['17e8', 'invalid: not a date'],
    [Number.POSITIVE_INFINITY, 'invalid: not a date'],
    [new BSONSymbol('2025-03-04'), '2025-03-04T00:00:00.000Z'],
    [new Timestamp({ t: 1_741_064_767, i: 1 }), 'invalid: not a date'],
    [1741064767008, '2025-03-04T05:06:07.008Z'],
    [1741064767, '2025-03-04T05:06:07.000Z'],
    ['1741064767', '2025-03-04T05:06:07.000Z'],
    [Long.fromNumber(1741064767008), '2025-03-04T05:06:07.008Z'],
    [Decimal128.fromString('1741064767'), '2025-03-04T05:06:07.000Z'],
    ['1970-01-01', '1970-01-01T00:00:00.000Z'],
    ['2025-06-16', '2025-06-16T00:00:00.000Z'],
    ['1969-12-31', 'invalid: before 1970'],
    ['2025-06-17', 'invalid: in the future'],
    ['2099-01-01', 'invalid: in the future'],
    [new Date('2099-01-01'), 'invalid: in the future'],
    [new Date(-1), 'invalid: before 1970'],
    [new Date(Number.NaN), 'invalid: not a date'],
    ['2025-02-31', 'invalid: not in the calendar'],
    ['31/02/2025', 'invalid: not in the calendar'],
    ['12/31/2024', 'invalid: not in the calendar'],
    [999_999_999, 'invalid: not a date'],
    ['2025', 'invalid: not a date'],
    ['10:30', 'invalid: not a date'],
    ['yesterday', 'invalid: not a date'],
    [true, 'invalid: not a date'],
    [[new Date()], 'invalid: not a date'],
    [{ $date: '2025-01-01' }, 'invalid: not a date'],
  ])('%o is %o', (input, expected) => {
    const read = outcome(rule.date(input, latest))
    expect(read instanceof Date ? read.toISOString() : read).toBe(expected)
  })
})

describe('consent', () => {
  test.each([
    [true, true],
    [false, false],
    [1, true],
    [new Double(1), true],
    [Long.fromNumber(1), true],
    [Decimal128.fromString('1.0'), true],
    [Decimal128.fromString('1.0000000000000000000001'), 'invalid: neither yes nor no'],
    [new BSONSymbol('oui'), true],
    [0, false],
    [new Double(-0), false],
    ['1.0', 'invalid: neither yes nor no'],
    [new Date(0), 'invalid: neither yes nor no'],
    ...['true', 'Yes', 'OUI', 'y', 'o', '1', ' on '].map((word): [unknown, unknown] => [word, true]),
    ...['false', 'No', 'non', 'n', '0', 'off'].map((word): [unknown, unknown] => [word, false]),
    ['maybe', 'invalid: neither yes nor no'],
    [2, 'invalid: neither yes nor no'],
    [[true], 'invalid: neither yes nor no'],
  ])('%o is %o', (input, expected) => {
    expect(outcome(rule.consent(input))).toBe(expected)
  })
})

describe('email', () => {
  test.each([
    ['jean@email.com', md5('jean@email.com')],
    ['  Jean@Email.COM ', md5('jean@email.com')],
    ['jean.d+x@mail.example.fr', md5('jean.d+x@mail.example.fr')],
    ['jean@email', 'invalid: not an email'],
    ['jean@@email.com', 'invalid: not an email'],
    ['jean@email..com', 'invalid: not an email'],
    ['jean@.email.com', 'invalid: not an email'],
    [`${'a'.repeat(500)}@email.com`, 'invalid: too long'],
    [new BSONSymbol('Jean@email.com'), md5('jean@email.com')],
    ['@email.com', 'invalid: not an email'],
    ['jean@email.', 'invalid: not an email'],
    ['jean dupont@email.com', 'invalid: not an email'],
    [12, 'invalid: not an email'],
    [true, 'invalid: not an email'],
  ])('%o is %o', (input, expected) => {
    expect(outcome(rule.email(input))).toBe(expected)
  })
})

describe('phone', () => {
  const french = md5('+33612345678')
  test.each([
    ['+33612345678', 'FR', french],
    ['06 12 34 56 78', 'FR', french],
    ['06.12.34.56.78', 'FR', french],
    ['0033 6 12 34 56 78', 'FR', french],
    ['+33 (0)6 12 34 56 78', 'FR', french],
    [33612345678, 'FR', french],
    [612345678, 'FR', french],
    ['+33612345678', 'CH', french],
    ['044 668 18 00', 'CH', md5('+41446681800')],
    ['0470 12 34 56', 'BE', md5('+32470123456')],
    ['(514) 555-0123', 'CA', md5('+15145550123')],
    ['621 123 456', 'LU', md5('+352621123456')],
    ['030 901820', 'DE', md5('+4930901820')],
    ['612 345 678', 'ES', md5('+34612345678')],
    ['020 7946 0958', 'GB', md5('+442079460958')],
    [new BSONSymbol('06 12 34 56 78'), 'FR', french],
    ['12', 'FR', 'invalid: not a phone number'],
    ['+336123456789012', 'FR', 'invalid: not a phone number'],
    ['call me', 'FR', 'invalid: not a phone number'],
    [{ phone: 1 }, 'FR', 'invalid: not a phone number'],
  ] as const)('%o in %s is %o', (input, region, expected) => {
    expect(outcome(rule.phone(input, region))).toBe(expected)
  })

  test.each([
    ['France', 'FR'],
    ['Belgique', 'BE'],
    ['Suisse', 'CH'],
    ['Canada', 'CA'],
    ['Luxembourg', 'LU'],
    ['Germany', 'DE'],
    ['Allemagne', 'DE'],
    ['Atlantis', 'FR'],
  ])('%s is the region %s', (country, region) => {
    expect(rule.regionOf(country, 'FR')).toBe(region)
  })
})

test('no rule throws, whatever it is given', () => {
  const rules: ((value: unknown) => unknown)[] = [
    rule.text,
    rule.label(['a']),
    rule.money(),
    rule.money(0),
    rule.count(0),
    (value) => rule.date(value, Date.now()),
    rule.consent,
    rule.email,
    (value) => rule.phone(value, 'FR'),
  ]
  const anything = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withMap: true }),
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[-+€$.,' \d_eE]{0,12}$/),
    fc.stringMatching(/^\d{1,5}[-/]\d{1,3}[-/]\d{1,5}[T ]?[\d:.Z+]{0,9}$/),
    fc.double(),
  )
  fc.assert(
    fc.property(anything, (value) => {
      for (const read of rules) read(value)
    }),
    { numRuns: 500 },
  )
})
