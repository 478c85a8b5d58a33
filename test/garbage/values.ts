/** Values of every BSON type, at any depth. */
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'bson'
import fc from 'fast-check'
import { Bytes, cString, documentOf, Fields, int32, int64, sized } from './bson.ts'
import { anyText } from './texts.ts'

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((some) => Buffer.from(some))

export const objectId = bytes(12).map((some) => new ObjectId(some))

export const decimal = fc.oneof(
  bytes(16).map((some) => new Decimal128(some)), // NaN, Infinity and forms that no writer makes among them
  fc
    .constantFrom(
      'NaN',
      'Infinity',
      '-Infinity',
      '-0',
      '1.0',
      '1E+0',
      '4.0',
      '2.5',
      '10.005',
      '-10.005',
      '1E+3',
      '1E+6000',
    )
    .map((text) => Decimal128.fromString(text)),
  fc
    .constantFrom(
      '1E-6000',
      '4.000000000000000000001',
      '0.0049999999999999999999',
      '999999999999.995',
      '1700000000.1239',
    )
    .map((text) => Decimal128.fromString(text)),
)

/** Numbers where rules turn, and any others. */
const EDGES = [
  0,
  -0,
  1,
  2.5,
  10.005,
  -10.005,
  1.005,
  0.005,
  120,
  121,
  999_999_999,
  1e9,
  1e11,
  1e12,
  1e12 + 1,
  -1e12 - 1,
]
const double = fc
  .oneof(
    fc.double(),
    fc.constantFrom(
      ...EDGES,
      Number.NaN,
      Infinity,
      -Infinity,
      5e-324,
      1e308,
      2 ** 53,
      1.7e9 + 0.5,
      1_699_999_999_999.7,
    ),
    fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 100),
    fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((thousandths) => thousandths / 1000),
  )
  .map((number) => new Double(number))

const int = fc.oneof(
  fc.integer().map((number) => new Int32(number)),
  fc
    .constantFrom(...EDGES.filter(Number.isInteger).filter((edge) => Math.abs(edge) < 2 ** 31))
    .map((edge) => new Int32(edge)),
)

const long = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((number) => Long.fromBigInt(number)),
  fc.constantFrom(0, 1, -1, 42, 1e9, 1e11, 1e12, 1_699_999_999_999).map((number) => Long.fromNumber(number)),
)

const date = fc.oneof(
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(0, -1, 8.64e15, -8.64e15).map((time) => new Date(time)),
  fc.date({ min: new Date('2020-01-01'), max: new Date('2024-12-31'), noInvalidDate: true }),
)

const binary = fc
  .tuple(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 8, 128))
  .map(([content, subtype]) => new Binary(content, subtype))

const timestamp = fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t: t + 1, i })) // the server sets a first one of 0 to its own time

const code = anyText.map((text) => new Code(text))

const END = Buffer.from([0])

/** What MongoDB takes as an `_id` and js-bson writes as it reads it. */
const plainScalar = fc.oneof(
  objectId,
  anyText,
  double,
  int,
  long,
  decimal,
  date,
  fc.boolean(),
  fc.constant(null),
  binary,
  fc.uuid().map((uuid) => new UUID(uuid)),
  timestamp,
  code,
  fc.constantFrom(new MinKey(), new MaxKey()),
  anyText.map((text) => new BSONSymbol(text)),
)

/** Texts that are no UTF-8: half of a character, bytes that never stand in one, surrogates one by one, overlong forms. */
const brokenText = fc
  .array(fc.constantFrom('41', 'c3', 'ff', 'eda080', 'edb080', 'c080', 'f8888080', '20', 'e282'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => new Bytes(0x02, sized(Buffer.from(parts.join(''), 'hex')), 'text that is no UTF-8'))

const unusual = fc.oneof(
  brokenText,
  fc.constant(new Bytes(0x06, new Uint8Array(), 'undefined')),
  fc.constant(new Bytes(0x0c, Buffer.concat([sized('db.c'), Buffer.alloc(12, 7)]), 'DBPointer')),
  fc
    .constantFrom(2n ** 63n - 1n, -(2n ** 63n), 8_640_000_000_000_001n)
    .map((time) => new Bytes(0x09, int64(time), 'date beyond JavaScript’s')),
  fc
    .tuple(fc.constantFrom('.*', '(', ''), fc.constantFrom('', 'i', 'zz', 'mi', 'é'))
    .map(([pattern, options]) => new Bytes(0x0b, Buffer.concat([cString(pattern), cString(options)]), 'pattern')),
  fc.constantFrom('a', '[0-9]+').map((pattern) => new BSONRegExp(pattern, 'i')),
  fc.constant(
    new Bytes(0x05, Buffer.concat([int32(5), Buffer.from([2]), int32(77), END]), 'old binary with a wrong length'),
  ),
  fc.constant(new Bytes(0x05, Buffer.concat([int32(1), Buffer.from([9]), END]), 'vector without a head')),
  anyText.map((text) => codeWithScope(text.replaceAll('\0', ''))),
)
function codeWithScope(text: string): Bytes {
  const scope = documentOf([
    ['2', 1],
    ['1', 2],
  ])
  const rest = Buffer.concat([sized(text), scope])
  return new Bytes(0x0f, Buffer.concat([int32(4 + rest.length), rest]), 'code with scope')
}

const NAMES = [
  'a',
  'b',
  '1',
  '0',
  '',
  'a.b',
  '$gt',
  '$ref',
  '$id',
  '_id',
  '_bsontype',
  '__proto__',
  'toBSON',
  'amount',
  'é',
]
const name = fc.constantFrom(...NAMES)

const { nested } = fc.letrec<{ nested: unknown; value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, plainScalar, unusual, tie('nested')),
  nested: fc.oneof(
    { maxDepth: 3 },
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map((list) => new Fields(list)),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
}))

/** Extended JSON that was stored as it stood, and what only looks so. */
const asItStood: fc.Arbitrary<Fields> = fc
  .tuple(
    fc.constantFrom('$oid', '$date', '$uuid', '$numberInt', '$numberLong', '$numberDouble', '$numberDecimal', '$date '),
    fc.oneof(
      fc.constantFrom<unknown>(
        ...['65a000000000000000000001', '00000000-0000-4000-8000-000000000001', '5', '-5', '777.0', '12.50', 'NaN'],
        ...['Infinity', '2147483648', '9007199254740993', '99999999999999999999', '1E+3', '1e7000', 'x', ''],
        ...['2024-01-05', '2024-01-05T00:00:00Z', '2024-02-30', '2024', '1704412800000'],
        ...[5, 1704412800000, new Int32(7), true, null],
        new Fields([['$numberLong', '1704412800000']]),
        new Fields([['$numberInt', 5]]),
        new Fields([['$oid', 'x']]),
      ),
      anyText,
    ),
    fc.constantFrom<[string, unknown][]>([], [], [], [['more', 1]]),
  )
  .map(([type, spelled, more]) => new Fields([[type, spelled], ...more]))

/** As deep as MongoDB lets anything be, and a little less. */
const deep = fc.tuple(fc.integer({ min: 90, max: 150 }), fc.boolean()).map(([levels, inLists]) => {
  let inmost: unknown = new Int32(1)
  for (let level = 0; level < levels; level++) inmost = inLists ? [inmost] : new Fields([['a', inmost]])
  return inmost
})

/** Anything that BSON can hold. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: anyText, weight: 10 },
  { arbitrary: plainScalar, weight: 14 },
  { arbitrary: unusual, weight: 5 },
  { arbitrary: nested, weight: 3 },
  { arbitrary: asItStood, weight: 3 },
  { arbitrary: deep, weight: 1 },
)

const idName = name.filter((text) => !text.startsWith('$'))

/** An `_id` that js-bson writes as it reads it: every type, and documents of them. */
export const plainId: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: plainScalar, weight: 9 },
  {
    arbitrary: fc
      .uniqueArray(fc.tuple(idName, plainScalar), { maxLength: 3, selector: ([field]) => field })
      .map((list) => new Fields(list)),
    weight: 1,
  },
)

/** An `_id` that changes unless its bytes are kept: MongoDB holds these too. */
export const oddId: fc.Arbitrary<unknown> = fc
  .oneof(
    brokenText,
    unusual,
    fc
      .tuple(fc.nat(), fc.array(fc.tuple(idName, fc.oneof(unusual, nested)), { maxLength: 3 }))
      .map(([n, list]) => new Fields([...list, ['n', n]])),
  )
  .filter((id) => !(id instanceof BSONRegExp) && !(id instanceof Bytes && [0x06, 0x0b].includes(id.type)))
