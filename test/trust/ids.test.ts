import { Binary, Decimal128, Double, Long, MinKey, ObjectId, Timestamp, UUID } from 'bson'
import { expect, test } from 'vitest'
import { plainId, shownId } from '../../src/trust/ids.ts'

const hex = '65a000000000000000000018'

test.each<[unknown, unknown, string]>([
  [new ObjectId(hex), { $oid: hex }, hex],
  ['doc-1', 'doc-1', '"doc-1"'],
  [7, 7, '7'],
  [new Double(5.5), 5.5, '5.5'],
  [new Double(Number.NaN), { $numberDouble: 'NaN' }, 'NaN'],
  [Long.fromNumber(7), 7, '7'],
  [Long.fromString('9007199254741009'), { $numberLong: '9007199254741009' }, 'Long("9007199254741009")'],
  [
    { n: Long.fromString('9007199254741009') },
    { n: { $numberLong: '9007199254741009' } },
    '{"n":{"$numberLong":"9007199254741009"}}',
  ],
  [Decimal128.fromString('1.250'), { $numberDecimal: '1.250' }, 'Decimal128("1.250")'],
  [new Date(0), { $date: '1970-01-01T00:00:00Z' }, 'ISODate("1970-01-01T00:00:00Z")'],
  [
    new UUID('00000000-0000-4000-8000-00000000002a'),
    { $binary: { base64: 'AAAAAAAAQACAAAAAAAAAKg==', subType: '04' } },
    'UUID("00000000-0000-4000-8000-00000000002a")',
  ],
  [
    new Binary(Buffer.from('ab')),
    { $binary: { base64: 'YWI=', subType: '00' } },
    '{"$binary":{"base64":"YWI=","subType":"00"}}',
  ],
  [new Timestamp({ t: 1, i: 2 }), { $timestamp: { t: 1, i: 2 } }, '{"$timestamp":{"t":1,"i":2}}'],
  [new MinKey(), { $minKey: 1 }, '{"$minKey":1}'],
  [null, null, 'null'],
  [true, true, 'true'],
  [{ city: 'Liège' }, { city: 'Liège' }, '{"city":"Liège"}'],
  ['\u001b[2J', '\u001b[2J', '"\\u001b[2J"'],
  ['\u202egnp', '\u202egnp', '"\ufffdgnp"'],
])('an _id %j is %j as JSON, and is read as %s', (id, plain, shown) => {
  expect(plainId(id)).toEqual(plain)
  expect(shownId(plainId(id), 50)).toBe(shown)
})

test.each([
  ['a'.repeat(40), 10, '"aaaa…aaa"'],
  [new ObjectId(hex), 24, hex],
  [new ObjectId(hex), 9, '65a0…0018'],
  ['abc', 1, '…'],
])('%s in %i characters is %s', (id, most, expected) => {
  expect(shownId(plainId(id), most)).toBe(expected)
})
