import { hash } from 'node:crypto'
import { Binary, BSONSymbol, Decimal128, Double, Int32, Long, ObjectId, Timestamp, UUID } from 'bson'
import fc from 'fast-check'
import codes from 'i18n-iso-countries/codes.json' with { type: 'json' }
import { describe, expect, test } from 'vitest'
import { reread } from '../../src/contracts/contract.ts'
import { transactions } from '../../src/contracts/transactions.ts'
import * as countries from '../../src/rules/countries.ts'
import * as dates from '../../src/rules/dates.ts'
import { idTextOf, readSpelled } from '../../src/rules/extended_json.ts'
import * as numbers from '../../src/rules/numbers.ts'
import * as people from '../../src/rules/people.ts'
import * as values from '../../src/rules/values.ts'
import { runs } from '../garbage/seed.ts'

const rule = { ...values, ...numbers, ...dates, ...people, ...countries }

const md5 = (text: string) => hash('md5', text)

/** The clean value, or the reason there is none. */
function outcome(read: values.Outcome<unknown>): unknown {
  if (read instanceof values.Flaw) return `${read.kind}: ${read.reason}`
  return read instanceof values.Repaired ? read.value : read
}

const missing: [unknown, string][] = [
  [undefined, 'missing: absent'],
  [null, 'missing: null'],
  [Number.NaN, 'missing: NaN'],
  [new Double(Number.NaN), 'missing: NaN'],
  [Decimal128.fromString('NaN'), 'missing: NaN'],
  ['', 'missing: blank'],
  [' \u00a0\n', 'missing: blank'],
  ['\u200b\ufeff', 'missing: blank'],
  ...[
    ...['n/a', 'NA', 'N.A.', 'Null', 'none', 'nan', 'UNDEFINED', ' - ', '--', 'unknown', 'Inconnu', 'INCONNUE'],
    ...['#N/A', '(Not  set)', '(none)', '\\N', '\\n', '\u200eNone'],
  ].map((text): [unknown, string] => [text, 'missing: placeholder']),
]

/** What is near to a word for missing, and none. */
const notMissing = [
  '—',
  '?',
  '.',
  '(vide)',
  '<null>',
  'nil',
  '""',
  'no data',
  'nan nan',
  '[object Object]',
  'other',
  '0',
]

describe('what is missing', () => {
  const rules = {
    text: rule.text,
    id: rule.id,
    label: rule.label(['M', 'F']),
    country: rule.country(['France']),
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

  test.each(notMissing)('is not %j', (input) => {
    expect(rule.text(input)).toBe(input)
  })

  test('is nobody called Null or Na, written just so', () => {
    const read = (input: string) => outcome(rule.name(input))
    expect(['Null', ' Na ', 'NULL', 'null', 'NA', 'None'].map(read)).toEqual([
      'Null',
      'Na',
      ...Array(4).fill('missing: placeholder'),
    ])
    expect(outcome(rule.text('Null'))).toBe('missing: placeholder')
  })

  test('may have words of its own in a field', () => {
    const isMissing = rule.wordsFor([0, 'Guest'])
    const of = (inputs: unknown[]) => inputs.map(isMissing)
    expect(of([0, '0', -0, Decimal128.fromString('0.0'), Long.ZERO, 'guest', ' GUEST\u200b'])).toEqual(
      Array(7).fill(true),
    )
    expect(of(['0.0', '00', 'guests', 10, true, null, undefined, {}, new Date(0)])).toEqual(Array(9).fill(false))
  })
})

describe('text', () => {
  test.each([
    ['Paris', 'Paris'],
    ['  Saint   Denis ', 'Saint Denis'],
    ['Jean\u00a0Paul', 'Jean Paul'],
    ['Ame\u0301lie', 'Am\u00e9lie'],
    ['a\0b', 'ab'],
    ['half \ud83d', 'half \ufffd'],
    ['Par\u00adis\u200b', 'Paris'],
    ['\ufeffPa\u2060ris\u200f', 'Paris'],
    ['e\u200b\u0301', '\u00e9'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['🏳️\u200d🌈', '🏳️\u200d🌈'],
    ['\u200da\u200d\u200cb \u200d c\u200d', 'ab c'],
    ["'01000", "'01000"],
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
        if (typeof once === 'string' && !/^(missing|invalid):/.test(once)) expect(outcome(rule.text(once))).toBe(once)
      }),
      runs(100),
    )
  })
})

test.each([
  ['Paris', undefined],
  [' Paris', 'spacing or encoding'],
  ['Par\u200bis', 'spacing or encoding'],
  ['Ame\u0301lie', 'spacing or encoding'],
  ['no \ufffd', 'spacing or encoding'],
  [75001, 'number to text'],
])('%o is a text repaired for %o', (input, reason) => {
  const read = rule.text(input)
  expect(read instanceof values.Repaired ? read.reason : undefined).toBe(reason)
})

describe('a spreadsheet’s mark', () => {
  const read = { id: rule.id, money: rule.money(), phone: (value: unknown) => rule.phone(value, 'FR') }
  test.each<[keyof typeof read, string, unknown]>([
    ['id', "'0042", '0042'],
    ['id', '’7', '7'],
    ['id', "'K7", "'K7"],
    ['id', "''7", "''7"],
    ['money', "'5", 5],
    ['money', "'+5,50", 5.5],
    ['money', "'-5", 'invalid: not a number'],
    ['phone', "'+33612345678", md5('+33612345678')],
  ])('goes from the %s %j: %j', (kind, input, expected) => {
    expect(outcome(read[kind](input))).toBe(expected)
  })

  test('goes from dates and postal codes', () => {
    expect(outcome(rule.date("'2024-01-05", Date.now()))).toEqual(new Date('2024-01-05'))
    expect(outcome(rule.markedText("'75008"))).toBe('75008')
  })
})

describe('id', () => {
  const uuid = '8f14e45f-ceea-467f-a0e2-1f0b5f3d4c5a'
  test.each([
    [' K 1 ', 'K 1'],
    [777, '777'],
    [new Double(777), '777'],
    [Decimal128.fromString('777.0'), '777'],
    [Decimal128.fromString('7.77E+2'), '777'],
    [Long.fromNumber(777), '777'],
    [-0, '0'],
    ['777.0', '777.0'],
    [Long.fromString('9007199254740993'), '9007199254740993'],
    [Decimal128.fromString('23850000000000123'), '23850000000000123'],
    [2 ** 53, '9007199254740992'],
    [2 ** 53 + 2, 'invalid: a double beyond 2^53'],
    [-(2 ** 53) - 2, 'invalid: a double beyond 2^53'],
    [new Double(23_850_000_000_000_124), 'invalid: a double beyond 2^53'],
    [7.5, 'invalid: not a whole number'],
    [Decimal128.fromString('777.01'), 'invalid: not a whole number'],
    [Decimal128.fromString('1E+600'), 'invalid: too long'],
    [Number.POSITIVE_INFINITY, 'invalid: not an id'],
    [new ObjectId('6248ae64b650c7fd1e041188'), '6248ae64b650c7fd1e041188'],
    [new UUID(uuid), uuid],
    [new Binary(new UUID(uuid).buffer, 3), 'invalid: not an id'],
    [new Binary(Buffer.from('abc'), 4), 'invalid: not an id'],
    [true, 'invalid: not an id'],
    [new Date(0), 'invalid: not an id'],
    [{ a: 1 }, 'invalid: not an id'],
    [new Timestamp(1n), 'invalid: not an id'],
  ])('%o is %o', (input, expected) => {
    expect(outcome(rule.id(input))).toBe(expected)
  })
})

describe('Extended JSON that was stored as it stood', () => {
  const read = { id: rule.id, money: rule.money(), date: (value: unknown) => rule.date(value, Date.now()) }
  const bare = { id: 'invalid: not an id', money: 'invalid: not a number', date: 'invalid: not a date' }
  test.each<[keyof typeof read, Record<string, unknown>, unknown]>([
    ['id', { $oid: '6248ae64b650c7fd1e041188' }, '6248ae64b650c7fd1e041188'],
    ['id', { $uuid: '8f14e45f-ceea-467f-a0e2-1f0b5f3d4c5a' }, '8f14e45f-ceea-467f-a0e2-1f0b5f3d4c5a'],
    ['id', { $numberInt: '5' }, '5'],
    ['id', { $numberLong: '9007199254740993' }, '9007199254740993'],
    ['id', { $numberDouble: '777.0' }, '777'],
    ['id', { $oid: 'x' }, bare.id],
    ['id', { $numberInt: '5.5' }, bare.id],
    ['id', { $numberInt: '5', more: 1 }, bare.id],
    ['id', { '$oid ': '6248ae64b650c7fd1e041188' }, bare.id],
    ['money', { $numberDecimal: '12.50' }, 12.5],
    ['money', { $numberInt: 5 }, 5],
    ['money', { $numberDouble: 'NaN' }, 'missing: NaN'],
    ['money', { $numberDouble: 'Infinity' }, bare.money],
    ['money', { $oid: '6248ae64b650c7fd1e041188' }, bare.money],
    ['money', { $numberDecimal: '12,50' }, bare.money],
    ['money', { $numberLong: '99999999999999999999' }, bare.money],
    ['money', { amount: 5 }, bare.money],
    ['date', { $date: '2024-01-05T00:00:00Z' }, new Date('2024-01-05')],
    ['date', { $date: { $numberLong: '1704412800000' } }, new Date('2024-01-05')],
    ['date', { $date: 1704412800000 }, new Date('2024-01-05')],
    ['date', { $numberLong: '1704412800000' }, new Date('2024-01-05')],
    ['date', { $date: '2024' }, bare.date],
    ['date', { '$date ': 'x' }, bare.date],
    ['date', { $date: { $numberLong: '-1' } }, 'invalid: before 1970'],
    ['date', { $timestamp: { t: 1704412800, i: 1 } }, bare.date],
  ])('the %s of %j is %o', (kind, input, expected) => {
    const first = read[kind](input)
    expect(outcome(first)).toBe(bare[kind])
    expect(outcome(readSpelled(input, first as values.Flaw, read[kind] as (value: unknown) => unknown))).toEqual(
      expected,
    )
  })

  test('is told as a repair, and names who was erased', () => {
    const input = { $numberInt: '5' }
    const flaw = rule.id(input) as values.Flaw
    expect(readSpelled(input, flaw, rule.id)).toEqual(new values.Repaired('5', 'Extended JSON'))
    expect([input, 5, '5', { $numberDouble: '5.0' }, { $oid: 'x' }].map(idTextOf)).toEqual([
      '5',
      '5',
      '5',
      '5',
      undefined,
    ])
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

  test.each([
    ["Pere l'Eglise", 'Père l’Église'],
    ['pere leglise', 'Père l’Église'],
    ['PÈRE L`ÉGLISE', 'Père l’Église'],
    ['Père-l’Église', 'Père-l’Église'],
  ])('ignores apostrophes: %o is %o', (input, expected) => {
    expect(outcome(rule.label(['Père l’Église'])(input))).toBe(expected)
  })
})

describe('status of a sale', () => {
  const read = transactions.fields.status.read
  const context = { latest: Date.now(), region: 'FR' } as const
  test.each([
    ['Cancelled', ['Cancelled', 'CANCELLED', 'canceled', 'wc-cancelled', 'annulé', 'Annulée', 'annule', 'ANNULEE']],
    ['Refunded', ['refund', 'WC-Refunded', 'remboursé', 'remboursée']],
    ['Completed', ['complete', 'wc-completed', 'terminé', 'Terminée']],
    ['Pending', ['wc-pending', 'en attente', 'En  Attente']],
    ['shipped', ['shipped']],
  ])('%s: %j', (expected, inputs) => {
    for (const input of inputs) expect(outcome(read(input, context, {}))).toBe(expected)
  })

  test('that a vocabulary does not have has no other names', () => {
    const { read } = reread(transactions.fields.status, { vocabulary: ['Annulé', 'Completed'] })
    expect(['canceled', 'annulée', 'annule', 'complete'].map((input) => outcome(read(input, context, {})))).toEqual([
      'canceled',
      'annulée',
      'Annulé',
      'Completed',
    ])
  })
})

describe('country', () => {
  const read = rule.country(['France', 'Belgique', 'Suisse', 'Canada', 'Luxembourg'])
  test.each([
    ['France', ['France', 'FRANCE', 'france ', 'Fránce', 'FR', 'fr', 'FRA', 'fra', 'F r a n c e', 'Fr\u00adance']],
    ['Belgique', ['BE', 'BEL', 'Belgium', 'belgique']],
    ['Suisse', ['CH', 'CHE', 'Switzerland']],
    ['Allemagne', ['DE', 'DEU', 'Germany', 'ALLEMAGNE']],
    ['Royaume-Uni', ['UK', 'GB', 'GBR', 'United Kingdom', 'Great Britain', 'royaume uni']],
    ['États-Unis', ['US', 'USA', 'U.S.A.', 'United States', 'Etats-Unis', 'etats unis', 'United States of America']],
    ['Côte d’Ivoire', ['CI', 'CIV', "Côte d'Ivoire", 'Côte d’Ivoire', "COTE D'IVOIRE", 'Ivory Coast', 'Cote dIvoire']],
    ['La Réunion', ['RE', 'Réunion', 'Reunion', 'La Réunion']],
    ['Namibie', ['NAM', 'Namibia']],
    ['Tchéquie', ['CZ', 'Czech Republic', 'Czechia', 'République tchèque']],
    ['Turquie', ['TR', 'Turkey', 'Türkiye']],
    ['Pays-Bas', ['NL', 'The Netherlands', 'pays bas', 'Hollande', 'HOLLAND']],
    ['Myanmar (Birmanie)', ['MM', 'Burma', 'birmanie', 'Myanmar']],
    ['État de la Cité du Vatican', ['VA', 'Vatican', 'Saint Siège', 'Vatican City']],
    ['Guyane française', ['GF', 'Guyane', 'French Guiana']],
    ['Kosovo', ['XK', 'XKX', 'kosovo']],
    ['missing: placeholder', ['NA', 'na']],
    ...[
      'Frankreich',
      'Schweiz',
      'England',
      'Wakanda',
      'Congo',
      '日本',
      '🇫🇷',
      'FranceFrance',
      'France métropolitaine',
    ].map((label): [string, string[]] => [label, [label]]),
  ])('%s: %j', (expected, inputs) => {
    for (const input of inputs) expect(outcome(read(input))).toBe(expected)
  })

  test('is spelled as CLDR does in French, whichever it is, by code and by name', () => {
    const french = new Intl.DisplayNames('fr', { type: 'region' })
    const english = new Intl.DisplayNames('en', { type: 'region' })
    for (const [code, three] of codes as [string, string][]) {
      const spelled = french.of(code)
      const own = [code.toLowerCase(), three, spelled, english.of(code)].filter((name) => name !== 'na')
      expect(own.map((name) => outcome(read(name)))).toEqual(own.map(() => spelled))
    }
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
    ['0,125', 0.13],
    ['0,999', 1],
    ['00,500', 0.5],
    [',500', 0.5],
    ['1234,567', 1234.57],
    ['12345,678', 12345.68],
    ['1 234,567', 1234.57],
    ["1'234,567", 1234.57],
    ['123,456', 123456],
    ['-1,234', -1234],
    ['€ 1,234', 1234],
    ['1.234', 1.23],
    ['(12.50)', -12.5],
    ['($1,234.50)', -1234.5],
    ['$ (12)', -12],
    ['(12) €', -12],
    ['12.50-', -12.5],
    ['1.234,50- €', -1234.5],
    ['$1,234.5\u2212', -1234.5],
    ['12,50 € -', -12.5],
    ['(1,234)', -1234],
    ['€(12.50)', -12.5],
    ['12.50 -€', -12.5],
    ['-,5', -0.5],
    ['1e3-', -1000],
    ['1_234,5', 1234.5],
    ['012,345', 12.35],
    ['12,345.678', 12345.68],
    ['12.345,678', 12345.68],
    ['10.00499999999999999999', 10],
    ['1000000000000.004', 1e12],
    ['1000000000000.005', 'invalid: too large'],
    ['-(12)', 'invalid: not a number'],
    ['(12.50)-', 'invalid: not a number'],
    ['1 2345', 'invalid: not a number'],
    ['12,,5', 'invalid: not a number'],
    ['1,23,456', 'invalid: not a number'],
    ['USD$12', 'invalid: not a number'],
    ['(-5)', 'invalid: not a number'],
    ['-5-', 'invalid: not a number'],
    ['((5))', 'invalid: not a number'],
    ['(5', 'invalid: not a number'],
    ['5+', 'invalid: not a number'],
    ['$-', 'invalid: not a number'],
    ['1.2345,6', 'invalid: not a number'],
    ['1,00,000.00', 'invalid: not a number'],
    ['12,50 Euro', 'invalid: not a number'],
    ['$12.50 CAD', 'invalid: not a number'],
    ['US$ 12.50', 'invalid: not a number'],
    ['5€50', 'invalid: not a number'],
    ['12,5 %', 'invalid: not a number'],
    ['１２３', 'invalid: not a number'],
    ['\u20135', 'invalid: not a number'],
    ['5\u200b', 5],
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
    expect(read instanceof values.Repaired ? read.reason : 'as it stood').toBe(reason)
  })

  test.each([
    ['1,234', ',', 1.23],
    ['1.234', ',', 1234],
    ['12.000', ',', 12_000],
    ['-1.234 €', ',', -1234],
    ['1,234', '.', 1234],
    ['1.234', '.', 1.23],
    // What is open to nobody is read as ever.
    ['12.5', ',', 12.5],
    ['1234.567', ',', 1234.57],
    ['0.125', ',', 0.13],
    ['12,5', '.', 12.5],
    ['0,125', '.', 0.13],
    ['1.234,56', '.', 1234.56],
    ['1,234.56', ',', 1234.56],
    ['1.234.567', '.', 1234567],
    ['1,234,567', ',', 1234567],
  ] as const)('%j where %j is the decimal mark is %d', (input, decimal, expected) => {
    expect(outcome(rule.money(undefined, { decimal })(input))).toBe(expected)
  })

  test.each([
    [2000, 0.01, 20],
    ['2000', 0.01, 20],
    ['2.000,5 €', 0.01, 20.01],
    [Long.fromNumber(1_234_500_000), 0.000001, 1234.5],
    [1, 1e-7, 0],
    [0.5, 0.01, 0.01],
    [-0.5, 0.01, -0.01],
    [1.5, 1000, 1500],
    [1e12, 10, 'invalid: too large'],
    [null, 0.01, 'missing: null'],
  ])('%o times %d is %o', (input, scale, expected) => {
    expect(outcome(rule.money(undefined, { scale })(input))).toBe(expected)
  })

  test('is as it stood where it was multiplied alone', () => {
    expect([rule.money(0, { scale: 0.01 })(2000), rule.count(0, 9, { scale: 0.001 })(2000)]).toEqual([20, 2])
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
      runs(100),
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

describe('count that has thousands', () => {
  test.each([
    ['100.000', 100_000, 100],
    ['1.000', 1000, 1],
    ['1.234.567', 1_234_567, 1_234_567],
    ['1,000', 1000, 1000],
    ['0.125', 'invalid: not a whole number', 'invalid: not a whole number'],
    ['012.000', 12, 12],
    ['1234.000', 1234, 1234],
    ['1 234.000', 1234, 1234],
    ['1.234,0', 1234, 1234],
    ['1.23', 'invalid: not a whole number', 'invalid: not a whole number'],
    ['(1.000)', 'invalid: too small', 'invalid: too small'],
    ['1.000.00', 'invalid: not a number', 'invalid: not a number'],
    ['1.000.000.000.001', 'invalid: too large', 'invalid: too large'],
    ['€1.000', 1000, 1],
    [1.234, 'invalid: not a whole number', 'invalid: not a whole number'],
  ])('%o is %o, and %o where it has none', (input, expected, otherwise) => {
    expect(outcome(rule.count(0, undefined, { hasThousands: true })(input))).toBe(expected)
    expect(outcome(rule.count(0)(input))).toBe(otherwise)
  })

  test.each([
    ['.', '100.000', 100],
    [',', '100.000', 100_000],
    [',', '1,000', 1],
  ] as const)('with %j as decimal mark: %j is %d', (decimal, input, expected) => {
    expect(outcome(rule.count(0, undefined, { decimal, hasThousands: true })(input))).toBe(expected)
  })
})

describe('fractional count', () => {
  test.each([
    [250, 250],
    [2.5, 2.5],
    ['2,5', 2.5],
    ['1.234', 1.234],
    ['1,234', 1234],
    ['1 234', 1234],
    [0.000001, 0.000001],
    [Decimal128.fromString('12.5000000'), 12.5],
    ['-0', 0],
    [0.0000001, 'invalid: more than six decimals'],
    [0.1 + 0.2, 'invalid: more than six decimals'],
    ['12.3456789', 'invalid: more than six decimals'],
    [-0.5, 'invalid: too small'],
    [1e13, 'invalid: too large'],
    ['12%', 'invalid: not a number'],
    [[{ action_type: 'purchase', value: '12' }], 'invalid: not a number'],
  ])('%o is %o', (input, expected) => {
    expect(outcome(rule.fractional()(input))).toBe(expected)
  })

  test('is exact up to six decimals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), (millionths) => {
        const shares = millionths / 1e6
        expect([shares, shares.toFixed(6)].map((input) => outcome(rule.fractional()(input)))).toEqual([shares, shares])
      }),
      runs(100),
    )
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
    [20250304, '2025-03-04T00:00:00.000Z'],
    [new Double(20250304), '2025-03-04T00:00:00.000Z'],
    [Decimal128.fromString('20250304.0'), '2025-03-04T00:00:00.000Z'],
    ['202503040506', '2025-03-04T05:06:00.000Z'],
    [Long.fromString('202503040506'), '2025-03-04T05:06:00.000Z'],
    ['20250304050607', '2025-03-04T05:06:07.000Z'],
    ['199912312359', '1999-12-31T23:59:00.000Z'],
    ['19900101', '1990-01-01T00:00:00.000Z'],
    ['19891231', '1989-12-31T00:00:00.000Z'],
    [19891231, 'invalid: not a date'],
    ['198912312359', '1976-04-21T05:25:12.359Z'],
    ['170413010000', '1975-05-27T08:56:50.000Z'],
    ['205012312359', 'invalid: in the future'],
    [20990101, 'invalid: in the future'],
    ['20240230', 'invalid: not in the calendar'],
    [20240230, 'invalid: not a date'],
    ['2024010512', 'invalid: in the future'],
    [20240105.5, 'invalid: not a date'],
    [45292, 'invalid: not a date'],
    ['2025-03-04 05:06:07 +0200', '2025-03-04T03:06:07.000Z'],
    ['2025-03-04 05:06:07 UTC', '2025-03-04T05:06:07.000Z'],
    ['2025-03-04T05:06:07gmt', '2025-03-04T05:06:07.000Z'],
    ['2025-03-04 05:06:07.123456 Utc', '2025-03-04T05:06:07.123Z'],
    ['2025-03-04 05:06:07+00', '2025-03-04T05:06:07.000Z'],
    ['2025-03-04 05:06:07 Z', '2025-03-04T05:06:07.000Z'],
    ['2025-03-04 05:06:07 CET', 'invalid: not a date'],
    ['2025-03-04 05:06  gMt', '2025-03-04T05:06:00.000Z'],
    ['20250304 05:06', '2025-03-04T05:06:00.000Z'],
    ['2025-063T05:06', '2025-03-04T05:06:00.000Z'],
    ['2020-W53-7', '2021-01-03T00:00:00.000Z'],
    ['31/12/2024 24:00', '2025-01-01T00:00:00.000Z'],
    ['2025-03-04T05:06:60', 'invalid: not in the calendar'],
    ['2025-03-04T05:06:07 UTC+2', 'invalid: not a date'],
    ['2025-03-04+02:00', 'invalid: not a date'],
    ['+002025-03-04', 'invalid: not a date'],
    ['05/01/2024T10:00', 'invalid: not a date'],
    ['1/1/0001', 'invalid: before 1970'],
    ['2025.03.04', 'invalid: not a date'],
    ['20251301', 'invalid: not in the calendar'],
    ['01741064767', '2025-03-04T05:06:07.000Z'],
    ['0999999999', 'invalid: not a date'],
    ['1741064767,5', 'invalid: not a date'],
    ['ISODate("20250304")', '2025-03-04T00:00:00.000Z'],
    ['isodate("2025-03-04")', 'invalid: not a date'],
    ['ISODate("1741064767008")', 'invalid: not a date'],
    ['2025-03-04 UTC', 'invalid: not a date'],
    ['31/12/2024 23:59', '2024-12-31T23:59:00.000Z'],
    ['31.12.2024 23:59:59', '2024-12-31T23:59:59.000Z'],
    ['5.1.2024', '2024-01-05T00:00:00.000Z'],
    ['05-01-2024', '2024-01-05T00:00:00.000Z'],
    ['5-1-2024 10:00', '2024-01-05T10:00:00.000Z'],
    ['2024/01/05', '2024-01-05T00:00:00.000Z'],
    ['2024/01/05 10:00:00', 'invalid: not a date'],
    ['2024/1/5', 'invalid: not a date'],
    ['05/01-2024', 'invalid: not a date'],
    ['05/01/24', 'invalid: not a date'],
    ['05/01/2024 10', 'invalid: not a date'],
    ['05/01/2024 9:30', 'invalid: not a date'],
    ['05/01/2024 25:00', 'invalid: not in the calendar'],
    ['05/01/2024 10:00 PM', 'invalid: not a date'],
    ['31/12/2024 à 23:59', 'invalid: not a date'],
    ['2024-1-5', 'invalid: not a date'],
    ['\u200e2024-01-05', '2024-01-05T00:00:00.000Z'],
    ['0000-00-00', 'invalid: not in the calendar'],
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

describe('date in the shop’s zone', () => {
  const latest = Date.parse('2025-06-15T12:00:00Z')
  const paris = { timeZone: 'Europe/Paris' }
  const newYork = { timeZone: 'America/New_York' }
  test.each<[unknown, dates.Calendar, string]>([
    ['2024-03-31 23:30:00', paris, '2024-03-31T21:30:00.000Z'],
    ['2024-01-31T23:30', newYork, '2024-02-01T04:30:00.000Z'],
    ['31/12/2024 23:59', paris, '2024-12-31T22:59:00.000Z'],
    ['202412312359', paris, '2024-12-31T22:59:00.000Z'],
    ['ISODate("2024-07-01T00:00:00")', paris, '2024-06-30T22:00:00.000Z'],
    // What names its zone stays where it is.
    ['2024-04-01T00:30:00+02:00', paris, '2024-03-31T22:30:00.000Z'],
    ['2024-03-31 23:30:00 UTC', paris, '2024-03-31T23:30:00.000Z'],
    [new Date('2024-03-31T22:30:00Z'), paris, '2024-03-31T22:30:00.000Z'],
    [1711924200, paris, '2024-03-31T22:30:00.000Z'],
    // A day is that day in UTC and in the zone.
    ['2024-01-01', paris, '2024-01-01T00:00:00.000Z'],
    ['2024-01-01', newYork, '2024-01-01T05:00:00.000Z'],
    ['01/01/2024', newYork, '2024-01-01T05:00:00.000Z'],
    [20240101, newYork, '2024-01-01T05:00:00.000Z'],
    // Clocks that go forward never show this, and back show it twice.
    ['2024-03-31 02:30', paris, '2024-03-31T01:30:00.000Z'],
    ['2024-10-27 02:30', paris, '2024-10-27T00:30:00.000Z'],
    ['2024-10-27 03:00', paris, '2024-10-27T02:00:00.000Z'],
  ])('%o with %j is %s', (input, calendar, expected) => {
    expect(outcome(rule.date(input, latest, calendar))).toEqual(new Date(expected))
  })

  test.each([
    ['12/31/2024', '2024-12-31T00:00:00.000Z'],
    ['01/02/2024', '2024-01-02T00:00:00.000Z'],
    ['1-2-2024 10:00', '2024-01-02T10:00:00.000Z'],
    ['31/12/2024', 'invalid: not in the calendar'],
    ['2024-02-01', '2024-02-01T00:00:00.000Z'],
    ['2024/02/01', '2024-02-01T00:00:00.000Z'],
  ])('the month first: %j is %s', (input, expected) => {
    const read = outcome(rule.date(input, latest, { isMonthFirst: true }))
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
    [new Date(0), 'invalid: neither yes nor no'],
    ...['true', 'Yes', 'OUI', 'y', 'o', 't', 'V', 'vrai', '1', '1.0', ' on '].map((word): [unknown, unknown] => [
      word,
      true,
    ]),
    ...['false', 'No', 'non', 'n', 'f', 'faux', '0', '0.0', 'off'].map((word): [unknown, unknown] => [word, false]),
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
    ...[
      ...['mailto:jean@email.com', '<jean@email.com>', '"jean@email.com"', "'jean@email.com'", '“jean@email.com”'],
      ...['jean@email.com;', 'jean@email.com,', 'jean@email.com.', 'jean@email.com.;,', ' MailTo:<Jean@Email.com>; '],
      ...['„jean@email.com“', '»jean@email.com«', '‹jean@email.com›', '`jean@email.com´', '”jean@email.com”'],
      ...['"<mailto:jean@email.com>."', '«\u00a0jean@email.com\u00a0»', 'jean@email\u00ad.com', '\ufeffjean@email.com'],
    ].map((input): [unknown, string] => [input, md5('jean@email.com')]),
    ['Jean Dupont <jean@email.com>', 'invalid: not an email'],
    ['jean@email.com; paul@email.com', 'invalid: not an email'],
    ['jean@email.com,paul@email.com', 'invalid: not an email'],
    ['jean@email,com', 'invalid: not an email'],
    ['mailto:', 'invalid: not an email'],
    ['jean%40email.com', 'invalid: not an email'],
    [['jean@email.com'], 'invalid: not an email'],
    ['jean@email', 'invalid: not an email'],
    ['jean@@email.com', 'invalid: not an email'],
    ['jean@email..com', 'invalid: not an email'],
    ['jean@.email.com', 'invalid: not an email'],
    [`${'a'.repeat(500)}@email.com`, 'invalid: too long'],
    [new BSONSymbol('Jean@email.com'), md5('jean@email.com')],
    ['@email.com', 'invalid: not an email'],
    ['jean@email.', 'invalid: not an email'],
    ['jean@email.com.', md5('jean@email.com')],
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
    ['tel:+33612345678', 'FR', french],
    ['TEL: 06 12 34 56 78', 'FR', french],
    ['33612345678', 'FR', french],
    ['\u202a+33612345678\u202c', 'FR', french],
    ['whatsapp:+33612345678', 'FR', 'invalid: not a phone number'],
    ['0475/12.34.56', 'BE', md5('+32475123456')],
    ['07 07 12 34 56', 'CI', md5('+2250707123456')],
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
    runs(500),
  )
})
