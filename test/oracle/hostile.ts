/**
 * A bronze made by hand, in which every value that can be wrong is wrong: for the product on real servers and for the
 * oracle. Nothing in it comes from the generator.
 *
 * Every call gives new documents. Insert them with `forceServerObjectId: true`, so that the driver leaves the `_id: null`
 * of each collection as it is. Dates depend on no clock: they lie in 1969–1970, 2001–2024, or far in the future.
 */
import {
  Binary,
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
import type { Bronze } from './silver.ts'

const decimal = (text: string): Decimal128 => Decimal128.fromString(text)
const long = (text: string): Long => Long.fromString(text)
const utc = (text: string): Date => new Date(text)
const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0')

// ------------------------------------------------------------------------------------------------------------- `_id`s

/** `_id`s that come once in a collection. */
const RARE_IDS: (() => unknown)[] = [
  () => null,
  () => true,
  () => false,
  () => new MinKey(),
  () => new MaxKey(),
  () => '',
  () => new Double(Number.NaN),
  () => new Double(Number.POSITIVE_INFINITY),
  () => new Double(-1e300),
  () => new Binary(Buffer.alloc(0)),
  () => new Code('function () { return 1 }'),
  () => ({}),
  () => '$where',
  () => 'quarantine"; DROP TABLE customers; --',
  () => '\u001b[2J\u0007',
]

/** The n-th `_id` of a collection: the rare ones first, then all common types in turn, no two of them equal. */
function idAt(n: number): unknown {
  const rare = RARE_IDS[n]
  if (rare !== undefined) return rare()
  switch (n % 12) {
    case 0:
      return new ObjectId(`65a0000000000000${hex(n, 8)}`)
    case 1:
      return `doc-${n}`
    case 2:
      return new Int32(n - 100) // some below zero
    case 3:
      return new Double(n + 0.5)
    case 4:
      return long(`9007199254740993`).add(n) // no double can hold it
    case 5:
      return { n: new Int32(n), at: { city: 'Liège' } }
    case 6:
      return new Date(Date.UTC(2024, 0, 1) - n * 86_400_000) // the later inserted, the lower
    case 7:
      return new UUID(`00000000-0000-4000-8000-${hex(n, 12)}`)
    case 8:
      return new Double(1_000_000 + n) // a whole number that is a Double all the same
    case 9:
      return decimal(`${n}.250`)
    case 10:
      return new Timestamp({ t: 1_700_000_000, i: n })
    default:
      return `${n} – ид 🧾`
  }
}

class Collection {
  readonly documents: Document[] = []
  readonly #prefix: string
  readonly #key: string

  constructor(key: string, prefix: string) {
    this.#key = key
    this.#prefix = prefix
  }

  /** A document as it is, with the next `_id` unless it brings its own. */
  add(fields: Document): void {
    this.documents.push({ _id: idAt(this.documents.length), ...fields })
  }

  /** One document for each bad value of one field, each with an id of its own. */
  each(field: string, values: readonly unknown[], rest: Document = {}): void {
    for (const value of values) {
      this.add({ [this.#key]: `${this.#prefix}${this.documents.length}`, ...rest, [field]: value })
    }
  }
}

// ------------------------------------------------------------------------------------------------- values that are bad

/** What "missing" is. */
const MISSING: unknown[] = [
  null,
  undefined,
  Number.NaN,
  decimal('NaN'),
  '',
  ' \t\n\u00a0',
  'n/a',
  'N/A',
  'NA',
  ' Null ',
]
const MISSING_TEXTS: unknown[] = ['None', 'NaN', 'undefined', '-', ' - ', '\u0000']

/** Neither text nor number nor boolean nor date. */
const WRONG_TYPES: unknown[] = [
  [],
  ['x', 1],
  {},
  { $gt: '' },
  new ObjectId('65b000000000000000000001'),
  new Binary(Buffer.from('bytes')),
  new UUID('11111111-1111-4111-8111-111111111111'),
  new Timestamp({ t: 1_700_000_000, i: 1 }),
  new BSONRegExp('.*', 'i'),
  new Code('while (true) {}'),
  new MinKey(),
  new MaxKey(),
]

const NAMES: unknown[] = [
  "O'Brien",
  'Jean "le Grand"',
  "Robert'); DROP TABLE customers; --",
  '<script>alert(1)</script>',
  '<b onmouseover="x()">&amp;',
  'x'.repeat(300),
  'é'.repeat(300),
  'Ge\u0301raldine', // decomposed
  '👩‍👩‍👧 🇫🇷',
  '李小龍',
  'محمد',
  'Ελένη',
  'Владимир',
  '\u202egnitset',
  '\u001b[31mred\u001b[0m\u0007',
  'null\u0000byte',
  '\ud800lone',
  '  two\t words \r\n here ',
  'no\u00a0break\u2003space',
  'l'.repeat(500),
  'l'.repeat(501), // longer than any text may be
  `${'l'.repeat(499)}😀`,
  ` ${'é'.repeat(500)}\t`, // as long as it may be once it is tidy
  new BSONSymbol('a symbol'),
  '\\N', // NULL in PostgreSQL's COPY
  '\\.', // its end
  'back\\slash\\',
  'a,b;"c"',
  '=1+1',
  '{{7*7}} $(7*7) %s %n',
  'NULL; --',
  42,
  new Double(4),
  new Double(4.5),
  long('9007199254740993'),
  decimal('12345678901234567890'),
  true,
  new Date(0),
  ['Jean'],
  { first: 'Jean' },
]

/** Numbers as feeds write them; money and counts both see all of them. */
const NUMBERS: unknown[] = [
  '999.99',
  '1 234,56',
  '1\u00a0234,56 €',
  '1\u202f234,56€',
  '1.234,56',
  '1,234.56',
  '1,234',
  '12,5',
  '12,50',
  '1,2345',
  '1.234',
  "1'234.50",
  '1’234.50',
  '1_000',
  '10 000 000',
  '1.234.567,89',
  '1,234,567.89',
  '1,234,567', // several of one kind: thousands
  '1.234.567',
  '€10',
  '10 €',
  '10€',
  '$5',
  '£5.5',
  'EUR 10',
  '10 EUR',
  'USD 8',
  "CHF 1'234.50",
  '7 CAD',
  'GBP9',
  '-5',
  '+5',
  ' 7 ',
  '007',
  '4.0',
  '2.5',
  '\u00007\u0000',
  '1.234,5',
  '1 234,50 €',
  '1e5',
  '-1.5E+3 €',
  '2e-3',
  '.5',
  '5.',
  ',5',
  '\u2212 5',
  '- € 5',
  "1'234 567,8",
  '1234 567',
  new BSONSymbol('12,5'),
]

const NOT_NUMBERS: unknown[] = [
  '1,2,3.4.5',
  '1.2.3,4,5',
  '1,23,45',
  'abc',
  '12abc',
  'ten euros',
  '€',
  '--5',
  '1/2',
  '0x10',
  '5 %',
  'Infinity',
  '-Infinity',
  'true',
  '10 JPY',
  '€10€',
  '-€-5',
  '12 34',
  '1.234 567',
  '1,234 567',
  '1,5e3',
  '1,234.567,8',
  '.',
  '1e1000',
  `${'0'.repeat(500)}5`,
  new BSONSymbol('ten'),
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  decimal('Infinity'),
  decimal('-Infinity'),
  true,
  false,
  utc('2024-01-01T00:00:00Z'),
  [10],
  [[10]],
  { amount: 10 },
]

const SIZES: unknown[] = [
  0,
  new Double(-0),
  10.005,
  -10.005,
  1.005,
  2.675,
  0.005,
  -0.005,
  0.004,
  1e12,
  -1e12,
  1_000_000_000_001,
  1e13,
  '1 000 000 000 001',
  1e308,
  5e-324,
  new Int32(7),
  long('12'),
  long('9223372036854775807'),
  decimal('10.005'),
  decimal('0.0049999999999999999999'),
  decimal('1E+3'),
  decimal('1E+6000'),
  decimal('1E-6000'),
  decimal('999999999999.99'),
  decimal('999999999999.995'),
  decimal('1000000000000.0049'),
  decimal('-0'),
  '1e-400',
  '0.00499999999999999999999999999',
]

const DATES: unknown[] = [
  '2024-01-31',
  '2024-01-31T10:00:00Z',
  '2024-01-31T10:00:00',
  '2024-01-31T10:00',
  '2024-02-01T00:30:00+02:00', // still January in UTC
  '2024-01-31T23:30:00-05:00', // already February in UTC
  '2024-01-31T23:30:00-0500',
  '2024-01-31 10:00:00',
  '2024-06-15T10:00:00.123Z',
  '2024-06-15T10:00:00.123456Z',
  'ISODate("2024-03-05T10:00:00Z")',
  'ISODate("2024-03-05")',
  'ISODate("2024-02-31")',
  '31/12/2023',
  ' 05/03/2024 ',
  '2024-02-29',
  '2023-02-29',
  '31/02/2024',
  '2024-04-31',
  '12/31/2023',
  '2024-13-01',
  '2024-00-10',
  '2024-01-31T25:00:00Z',
  '2024-01-31T10:61:00Z',
  '1970-01-01',
  '1969-12-31T23:59:59.999Z',
  '1900-01-01',
  '2099-01-01',
  '31/12/2099',
  'yesterday',
  '31 janvier 2024',
  new Int32(1_699_999_999),
  1_699_999_999_999,
  new Double(1_700_000_000.5),
  long('1700000000000'),
  decimal('1700000000000'),
  1e11,
  99_999_999_999, // as seconds it lies in 5138
  1e9,
  999_999_999,
  0,
  -1,
  1e300,
  Number.POSITIVE_INFINITY,
  new Date(0),
  new Date(-1),
  utc('2099-12-31T00:00:00Z'),
  new Date(8.64e15),
  new Date(-8.64e15),
  true,
  [utc('2024-01-01T00:00:00Z')],
  { $date: '2024-01-01T00:00:00Z' },
  '01/02/2024', // in February
  '1/2/2024',
  '31/02/2024 10:00',
  '20240131',
  '20240131T103059Z',
  '2024-366',
  '2023-366',
  '2024-W05-3',
  '2020W537',
  '2024-W54-1',
  '2024-01-31T24:00:00', // in February
  '2024-01-31T24:00:01',
  '2024-01-31T10:00:00,5+0530',
  '2024-01-31T23:59:59.9999999',
  '2024-01-31T10:00:00+24:00',
  '2024-01-31T10:00:00+02:60',
  '2024-01-31T10:00:00[Europe/Paris]',
  '2024-01-31T',
  '2024-01',
  '10:30',
  "ISODate('2024-03-05')",
  `ISODate("2024-03-05')`,
  'ISODate("31/12/2023")',
  '1700000000',
  '1700000000.1239',
  '1 700 000 000',
  '+1700000000',
  1_699_999_999_999.7,
  decimal('1706745599.9999'), // not yet February
  new BSONSymbol('2024-01-31'),
  new Timestamp({ t: 1_700_000_000, i: 1 }),
]

/** Fields that no contract names, under names that are awkward. */
function drift(): Document {
  return {
    'a.b': 1,
    nested: { $gt: 1, deep: [[[{ deeper: new MinKey() }]]] },
    _bsontype_: 'Int32',
    credit_card: '4111 1111 1111 1111',
    constructor: 'x',
    ...JSON.parse('{"__proto__": {"customer_id": "polluted"}}'),
  }
}

// ---------------------------------------------------------------------------------------------------------- customers

function customers(): Document[] {
  const all = new Collection('customer_id', 'HC')

  // customers with whole documents, for transactions to name
  all.add({
    customer_id: 'CUST00001',
    first_name: 'Jean',
    last_name: 'Dupont',
    email: 'jean@email.com',
    phone: '+33612345678',
    age: 35,
    country: 'France',
    city: 'Paris',
    postal_code: '75001',
    gender: 'M',
    marketing_consent: true,
    created_at: utc('2023-05-01T10:00:00Z'),
    ...drift(),
  })
  all.add({
    customer_id: 'CUST00002',
    first_name: 'Anna',
    country: 'belgique',
    city: 'Liège',
    marketing_consent: 'oui',
  })
  all.add({ customer_id: 'CUST00003', last_name: 'Müller', country: 'SUISSE', marketing_consent: 0 })
  all.add({ customer_id: 'CUST00004', country: 'Allemagne', marketing_consent: 'peut-être' })
  all.add({ customer_id: 'CUST00005' })

  // one id, several people: the highest `_id` wins whole, so the loser's e-mail does not live on
  all.add({ customer_id: 'SHARED', first_name: 'First', email: 'first@x.fr', country: 'France', city: 'Lyon' })
  all.add({ customer_id: ' SHARED ', first_name: 'Second', country: 'Canada', age: 20 })
  all.add({ _id: new Date(Date.UTC(2024, 5, 1)), customer_id: 'SHARED\u0000', first_name: 'Last', country: 'Suisse' })
  all.add({ customer_id: 'shared', first_name: 'Another' }) // another id
  all.add({ _id: 'n1', customer_id: 42, first_name: 'Forty-two as a number' })
  all.add({ _id: 'n2', customer_id: '42', first_name: 'Forty-two as a text' })
  all.add({ _id: new Int32(-7), customer_id: new Double(42), first_name: 'Forty-two as a double' })
  all.add({ customer_id: long('42'), first_name: 'Forty-two as a long' })
  all.add({ _id: { a: 1 }, customer_id: 'Zoe\u0308', first_name: 'Decomposed' })
  all.add({ _id: { a: 2 }, customer_id: 'Zo\u00eb', first_name: 'Composed' })
  all.add({ _id: { b: 0 }, customer_id: "'; DROP TABLE customers; --", first_name: 'Bobby', country: 'canada' })

  // no id
  all.add({ first_name: 'Nobody', email: 'nobody@x.fr' })
  for (const value of [...MISSING, ...MISSING_TEXTS, true, false, Number.POSITIVE_INFINITY, utc('2024-01-01')]) {
    all.add({ customer_id: value, first_name: 'Nobody' })
  }
  for (const value of WRONG_TYPES) all.add({ customer_id: value, first_name: 'Nobody', email: 'nobody@x.fr' })

  NAMES.forEach((name, n) => {
    all.add({
      customer_id: `N${n}`,
      first_name: name,
      last_name: n % 2 === 0 ? NAMES[NAMES.length - 1 - n] : undefined,
    })
  })
  all.each('last_name', [...MISSING, ...MISSING_TEXTS], { first_name: 'Only' })

  all.each('email', ['Jean@Email.COM ', '\tJEAN@EMAIL.COM', 'jean@email', 'no-at.fr', 'a@b@c.d', 'in side@x.fr'])
  all.each('email', ['a@b..c', 'a@.b.c', 'a@b.c.', `${'a'.repeat(500)}@x.fr`, 'a@b.c\n', new BSONSymbol('A@b.fr')])
  all.each('email', ['@x.fr', 'x@.', 'x@y.z', 'je\u0000an@email.com', "o'brien@x.fr", 5, true, ['jean@email.com'], {}])

  const phones = ['06 12 34 56 78', '06.12.34.56.78', '0033612345678', '+33 (0)6 12 34 56 78', 612345678, '123', '0']
  all.each('phone', [...phones, 'not a phone', '+999 12', '+', 3.5, true, ['+33612345678'], { n: '+33612345678' }])
  all.add({ customer_id: 'P-BE', phone: '0470 12 34 56', country: ' BELGIQUE ' })
  all.add({ customer_id: 'P-CH', phone: '079 123 45 67', country: 'suisse' })
  all.add({ customer_id: 'P-CA', phone: '(514) 555-0123', country: 'Cánada' })
  all.add({ customer_id: 'P-LU', phone: '621 123 456', country: 'Luxem bourg' })
  all.add({ customer_id: 'P-DE', phone: '06 12 34 56 78', country: 'Allemagne' })
  all.add({ customer_id: 'P-DE-E164', phone: '+49 30 901820', country: 'Germany' })
  all.add({ customer_id: 'P-ES', phone: '612 345 678', country: ' ESPAGNE ' })
  all.add({ customer_id: 'P-GB', phone: '020 7946 0958', country: 'Royaume-Uni' })
  all.add({ customer_id: 'P-NONE', phone: '06 12 34 56 78', country: 'Wakanda' })
  all.add({ customer_id: 'P-LONG', phone: long('33612345678'), country: 'Suisse' })
  all.add({ customer_id: 'P-SYMBOL', phone: new BSONSymbol('06 12 34 56 78') })
  all.add({ customer_id: 'P-CA-FR', phone: '+33612345678', country: 'Canada' })

  all.each('age', [
    '35',
    ' 42 ',
    '35.0',
    35.5,
    '35,5',
    0,
    120,
    121,
    130,
    -1,
    new Double(40),
    decimal('40'),
    decimal('40.5'),
  ])
  all.each('age', [
    long('41'),
    'trente',
    true,
    [30],
    { age: 30 },
    Number.NaN,
    Number.POSITIVE_INFINITY,
    utc('2024-01-01'),
    decimal('40.000000000000000000001'),
    decimal('1E-6000'),
    '3e1',
    '1e-400',
    '0035',
  ])

  all.each('country', ['FRANCE', ' france ', 'Fránce', 'F r a n c e', 'Belgium', 'CANADA', 'luxembourg', 'Luxembourg '])
  all.each('country', [33, true, ['France'], 'n/a', 'フランス'])
  all.each('gender', ['m', ' F', 'f', 'Male', 'X', 1, true, null])
  all.each('city', ["L'Haÿ-les-Roses", '  Le   Havre ', 75, false, ['Paris'], 'N/A'])
  all.each('postal_code', [75001, '01000', ' L-1234 ', new Double(1000), long('2000'), true, null])

  const yes = [true, 1, new Double(1), long('1'), decimal('1'), 'true', 'YES', 'oui', ' Y ', 'o', '1', 'on']
  all.each('marketing_consent', [
    ...yes,
    false,
    0,
    2,
    'no',
    'non',
    'false',
    '0',
    'si',
    '',
    'n/a',
    null,
    [true],
    { yes: 1 },
  ])

  all.each('marketing_consent', [decimal('1.0'), decimal('1E+0'), decimal('0.0'), decimal('1.0000000000000000001')])
  all.each('marketing_consent', ['1.0', 'OUI\u0000', 'vrai', new BSONSymbol('yes'), new Double(-0), long('2')])

  all.each('created_at', DATES.slice(0, 16))

  // who bought when: without a date at all, with and without, and in months with gaps between
  all.add({ customer_id: 'UNDATED', country: 'L\'Île \\ 100 % "x" :product $1 ?', city: '50%_off' })
  all.add({ customer_id: 'GAPS', country: 'Atlantis', full_name: 'G', city: '50 to off' })
  return all.documents
}

// -------------------------------------------------------------------------------------------------------- transactions

function transactions(): Document[] {
  const all = new Collection('transaction_id', 'HT')
  const when = utc('2024-01-15T12:00:00Z')
  const sale = { customer_id: 'CUST00001', product: 'Laptop', amount: 100, timestamp: when }

  // one document inserted twice: equal once cleaned, whatever it looked like before
  all.add({ ...sale, transaction_id: 'TWIN', amount: 10, discount_applied: 1, shipping_cost: 2, status: 'Completed' })
  all.add({
    ...sale,
    transaction_id: 'TWIN',
    amount: '10.00 €',
    discount_applied: '1,00',
    shipping_cost: 2.001,
    status: 'completed',
  })
  all.add({
    ...sale,
    transaction_id: ' TWIN',
    amount: decimal('10.000'),
    discount_applied: 1,
    shipping_cost: '2 EUR',
    status: ' COMPLETED ',
    ...drift(),
  })
  all.add({
    ...sale,
    transaction_id: 'TWIN',
    amount: 10.01,
    discount_applied: 1,
    shipping_cost: 2,
    status: 'Completed',
  }) // not a twin
  all.add({ ...sale, transaction_id: 'DEFAULTS', quantity: 1, discount_applied: 0, shipping_cost: 0 })
  all.add({ ...sale, transaction_id: 'DEFAULTS' })
  all.add({ ...sale, transaction_id: 'DEFAULTS', quantity: 0, discount_applied: -5, shipping_cost: 'free' })
  all.add({ _id: 'same-day', ...sale, transaction_id: 'DAY', timestamp: '15/01/2024' })
  all.add({ _id: 'same day', ...sale, transaction_id: 'DAY', timestamp: '2024-01-15T00:00:00Z' })
  all.add({ _id: { t: 1 }, ...sale, transaction_id: 5, amount: 1 })
  all.add({ _id: { t: 2 }, ...sale, transaction_id: '5', amount: 1 })
  // one id, different sales: all stay
  all.add({ ...sale, transaction_id: 'SHARED', amount: 20 })
  all.add({ ...sale, transaction_id: 'SHARED', amount: 30, customer_id: 'CUST00002' })
  all.add({ ...sale, transaction_id: 'SHARED', amount: null })
  // sales without ids are sales, be they equal or not
  all.add({ ...sale, transaction_id: undefined })
  all.add({ ...sale })
  all.add({ ...sale, transaction_id: 'n/a' })
  all.add({ ...sale, transaction_id: true })
  all.add({})
  all.add({ transaction_id: null, customer_id: null, amount: null })

  all.each('amount', [...NUMBERS, ...NOT_NUMBERS, ...SIZES, ...MISSING, ...MISSING_TEXTS, ...WRONG_TYPES], {
    customer_id: 'CUST00002',
    product: 'Phone',
    timestamp: utc('2024-02-10T00:00:00Z'),
    discount_applied: '1,5',
  })
  all.each(
    'discount_applied',
    [5, '5,00 €', 10.005, -1, -0.001, '-3', 1e13, true, [5], 'abc', null, decimal('0.015')],
    sale,
  )
  all.each('shipping_cost', [5, '4.90 EUR', -0.01, 1e12, 1_000_000_000_001, false, { eur: 5 }, 'n/a', long('3')], sale)
  all.each(
    'quantity',
    [1, 3, '2', '2.0', 2.5, 0, -1, new Double(4), decimal('5'), long('6'), 1e12, 1e13, true, [1], 'x', null],
    sale,
  )

  all.each('timestamp', DATES, { customer_id: 'CUST00003', product: 'Tablet', amount: 50.5 })

  all.each('product', ['Laptop', ' laptop ', 'LAPTOP', 'lap top', 'Làptop', ...NAMES, ...MISSING], {
    customer_id: 'CUST00004',
    amount: 12.34,
    timestamp: utc('2023-11-30T23:59:59.999Z'),
  })
  all.each('payment_method', ['Card', 'card', ' CARD ', 'Espèces', 'Bitcoin', 4, true, [], null], sale)
  all.each('status', ['completed', 'CANCELLED', ' refunded', 'Pénding', 'Lost', 1, true, {}, 'n/a'], sale)

  // whose sale it is: in `customers` or not, missing, equal once cleaned
  const customers = ['CUST00005', ' CUST00005 ', 'SHARED', 'shared', 42, '42', new Double(42), 'Zoë', 'Zoe\u0308']
  all.each(
    'customer_id',
    [...customers, 'NOT-THERE', 'not-there', "'; DROP TABLE customers; --", 'N0', 'P-BE', 'P-CA'],
    {
      product: 'Casque',
      amount: 19.99,
      shipping_cost: 4.9,
      timestamp: '2024-03-31T23:30:00-01:00',
    },
  )
  all.each('customer_id', [...MISSING, true, ['CUST00001'], { id: 'CUST00001' }, utc('2024-01-01')], sale)

  // averages that end in half a cent, and revenue below zero
  all.each('amount', [0.01, 0.02], {
    product: 'Half a cent',
    customer_id: 'HALF',
    timestamp: utc('2001-09-09T00:00:00Z'),
  })
  all.each('amount', [-0.01, -0.02], { product: 'Minus half a cent', timestamp: utc('2001-10-09T00:00:00Z') })
  all.each('amount', [null, 'x'], { product: 'No price', customer_id: 'P-DE', timestamp: utc('2001-11-09T00:00:00Z') })
  all.add({
    transaction_id: 'BIG',
    product: 'Big',
    customer_id: 'P-LU',
    amount: 1e12,
    shipping_cost: 1e12,
    timestamp: when,
  })
  all.add({
    transaction_id: 'DEBT',
    product: 'Debt',
    customer_id: 'P-CH',
    amount: -1e12,
    discount_applied: 1e12,
    timestamp: when,
  })

  // lines of one order that only fields tell apart which no contract names, and one that was inserted again
  const line = { transaction_id: 'LINES', product: 'Line', amount: 20, timestamp: when }
  all.add({ ...line, line_item_id: 11, created_at: when })
  all.add({ ...line, line_item_id: 12, created_at: when })
  all.add({ _batch: 'b', line_item_id: 12, ...line })
  all.add({ ...line, line_item_id: '12' })

  // who bought when: without a date at all, with and without, and in months with gaps between
  const odd = 'It\'s \\ 50 % "off" :country $2 -- ?'
  all.each('amount', [5, 7.5], { customer_id: 'UNDATED', product: odd })
  const months = ['2001-01-31T23:59:59Z', '2001-01-01', '2001-03-15', 'n/a', '2002-05-01', '2002-12-31']
  all.each('timestamp', months, { customer_id: 'GAPS', product: odd, amount: 3 })
  all.each('timestamp', ['2001-02-01', '2002-05-02'], { customer_id: 'GAPS', product: 'Phone', amount: 4 })
  all.each('timestamp', ['2001-03-01', '2001-04-01'], { customer_id: 'NOT-THERE', product: odd, amount: 6 })
  return all.documents
}

// ----------------------------------------------------------------------------------------------------------- campaigns

function campaigns(): Document[] {
  const all = new Collection('campaign_id', 'HM')
  const whole = {
    campaign_name: 'Summer Sale',
    campaign_type: 'Email',
    status: 'Active',
    target_audience: '18-25',
    budget: 10_000,
    spend: 8500,
    impressions: 100_000,
    clicks: 5000,
    conversions: 250,
    start_date: utc('2024-01-01T00:00:00Z'),
  }
  all.add({ campaign_id: 'CAMP001', ...whole, ...drift() })
  all.add({ campaign_id: 'CAMP-AD', ...whole, ad: { id: 1 } })
  all.add({ campaign_id: 'CAMP-AD', ...whole, ad: { id: 2 } })
  all.add({ campaign_id: 'CAMP-AD', ...whole, ad: { id: 2 }, synced_at: 1 })

  // no id
  all.add(whole)
  for (const value of [
    null,
    '',
    'N/A',
    true,
    [],
    {},
    Number.NaN,
    utc('2024-01-01'),
    new ObjectId('65b000000000000000000002'),
  ]) {
    all.add({ ...whole, campaign_id: value })
  }

  // inserted twice
  all.add({ ...whole, campaign_id: 'TWIN' })
  all.add({
    ...whole,
    campaign_id: ' TWIN ',
    budget: '10 000,00 €',
    impressions: '100 000',
    status: 'ACTIVE',
    start_date: '2024-01-01',
  })
  all.add({ ...whole, campaign_id: 'TWIN', spend: 8500.01 }) // not a twin

  // several records: added up; ratios over the records where both inputs are known
  all.add({ campaign_id: 'SUM', impressions: 1000, clicks: 10, spend: 5, budget: 10, start_date: utc('2024-01-01') })
  all.add({ campaign_id: 'SUM', impressions: 500, spend: 7, conversions: 3, start_date: utc('2024-02-01') })
  all.add({ campaign_id: 'SUM', clicks: 90, conversions: 2, budget: 100, start_date: utc('2024-03-01') })
  // name, type and status of the latest record that has one
  all.add({
    campaign_id: 'LATEST',
    campaign_name: 'Old',
    campaign_type: 'Email',
    status: 'Draft',
    start_date: utc('2023-01-01'),
  })
  all.add({ campaign_id: 'LATEST', campaign_name: 'Newer', status: 'n/a', start_date: '2023-06-01' })
  all.add({
    campaign_id: 'LATEST',
    campaign_name: ' ',
    campaign_type: true,
    status: 'paused',
    start_date: utc('2023-12-01'),
  })
  all.add({ campaign_id: 'LATEST', campaign_name: 'Undated', campaign_type: 'Radio', status: 'Completed' })
  all.add({ _id: 'tie', campaign_id: 'TIE', campaign_name: 'Text id', start_date: utc('2024-01-01') })
  all.add({
    _id: new Int32(9_000),
    campaign_id: 'TIE',
    campaign_name: 'Number id',
    status: 'Draft',
    start_date: '01/01/2024',
  })
  all.add({ _id: { tie: 1 }, campaign_id: 'TIE', campaign_name: 'n/a', status: 'draft', start_date: utc('2024-01-01') })

  // denominators of 0, more clicks than impressions, more spend than budget
  all.add({ ...whole, campaign_id: 'ZERO', budget: 0, spend: 0, impressions: 0, clicks: 0, conversions: 0 })
  all.add({ ...whole, campaign_id: 'ZERO-CLICKS', clicks: 0 })
  all.add({ ...whole, campaign_id: 'ZERO-BUDGET', budget: 0.004 })
  all.add({ ...whole, campaign_id: 'A-CENT-LEFT', budget: 1e12, spend: 999_999_999_999.99 })
  all.add({ ...whole, campaign_id: 'MORE', impressions: 10, clicks: 30, conversions: 40, budget: 1, spend: 3 })
  all.add({ ...whole, campaign_id: 'THIRDS', impressions: 3, clicks: 1, conversions: 7, spend: 10, budget: 3 })
  all.add({ ...whole, campaign_id: 'HALF', impressions: 200_000_000, clicks: 1, conversions: 3, spend: 0.01 }) // ctr 0.0000005
  all.add({ campaign_id: 'NOTHING' })
  all.add({ campaign_id: 7, campaign_name: 7, campaign_type: 7, status: 7 })

  all.each(
    'impressions',
    [
      '100 000',
      '1,000',
      1000.0,
      2.5,
      decimal('7.000000000000000000001'),
      '7.0e0',
      '7,0',
      '2,5',
      -1,
      1e12,
      1e13,
      decimal('12'),
      long('13'),
      true,
      [1],
      'x',
    ],
    whole,
  )
  all.each('clicks', ['5 000', new Double(7), 2.5, -3, null, Number.NaN, Number.POSITIVE_INFINITY, { n: 1 }], whole)
  all.each('conversions', ['250', 0, -0.5, 'none', decimal('2.5'), decimal('250.00'), false], whole)
  all.each(
    'budget',
    ['10 000 €', "CHF 10'000.00", 10.005, -1, null, 1e13, true, [10_000], 'ten', decimal('99.995')],
    whole,
  )
  all.each('spend', ['8.500,00', '$8,500', -8500, 0, undefined, 'n/a', new Date(0), long('85')], whole)
  all.each('start_date', DATES.slice(10, 22), whole)
  all.each('campaign_name', NAMES.slice(0, 12), whole)
  all.each('campaign_type', ['email', ' EMAIL ', 'Réseaux sociaux', 'TV', 3, true, null], whole)
  all.each('status', ['active', ' PAUSED', 'Compléted', 'DRAFT', 'Archived', false, null], whole)
  all.each('target_audience', [' 18 - 25 ', 18, true, ['a'], 'NA', '<b>all</b>'], whole)
  return all.documents
}

/** Some hundreds of documents, as they would be inserted; no two of a collection have the same `_id`. */
export function hostileBronze(): Bronze {
  return { customers: customers(), transactions: transactions(), campaigns: campaigns() }
}
