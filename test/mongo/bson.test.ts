import { Binary, BSON, type Document, Double, Int32, Long, ObjectId } from 'bson'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contentOf, idElement, idOf, renamed } from '../../src/mongo/bson_reader.ts'
import { documentWriter, emptyBatch, wrap } from '../../src/mongo/bson_writer.ts'
import { fieldReader } from '../../src/mongo/field_reader.ts'
import { runs } from '../garbage/seed.ts'

const raw = (document: Document) => Buffer.from(BSON.serialize(document))

/** Anything that BSON holds and JavaScript has. */
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.array(fc.integer()),
  fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.integer()),
  fc.constantFrom(new ObjectId('65a000000000000000000000'), new Binary(Buffer.from([1, 0, 2]))),
)

describe('a field reader', () => {
  test('finds what a driver would, in any order, and tells of every other field', () => {
    const names = ['a', 'bb', 'ab', 'a_long_name', 'é']
    const { read } = fieldReader(names)
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names, 'ba', 'c', 'a_long_nam', ''), value), (document) => {
        const others: string[] = []
        const found = read(raw({ _id: 1, ...document }), (name) => others.push(name))
        const expected = BSON.deserialize(raw(document))
        expect(Object.fromEntries(names.map((name, i) => [name, found[i]]))).toEqual(
          Object.fromEntries(names.map((name) => [name, Object.hasOwn(document, name) ? expected[name] : undefined])),
        )
        expect(others).toEqual(Object.keys(document).filter((name) => !names.includes(name)))
      }),
      runs(100),
    )
  })

  test.each<[what: string, value: unknown, expected: unknown]>([
    ['a long that a double holds', Long.fromString('9007199254740991'), Number.MAX_SAFE_INTEGER],
    ['one that it does not', Long.fromString('9007199254740993'), Long.fromString('9007199254740993')],
    ['a negative one', Long.fromNumber(-5), -5],
    ['a date before 1970', new Date(-1), new Date(-1)],
    ['a double that is whole', new Double(5), 5],
    ['an empty text', '', ''],
  ])('reads %s', (_, value, expected) => {
    expect(fieldReader(['v']).read(raw({ v: value }))).toEqual([expected])
  })

  test('reads below as many lists and keys as BSON may nest', () => {
    const path = ['a', ...Array<string>(90).fill('0')]
    const lists = path.slice(1).reduce<unknown>((inner) => [inner], 'found')
    const documents = path.slice(1).reduce<unknown>((inner, key) => ({ [key]: inner }), 'found')
    const { read } = fieldReader([path])
    expect([...read(raw({ a: lists })), ...read(raw({ a: documents }))]).toEqual(['found', 'found'])
  })

  test('reads `_id` like any field where it is asked for', () => {
    const { read, place } = fieldReader(['_id', 'a'])
    expect(read(raw({ a: 1, _id: 'x' }))).toEqual(['x', 1])
    expect(place.end).toBeGreaterThan(place.start)
  })
})

describe('an `_id`', () => {
  test.each<[id: unknown]>([
    [new ObjectId()],
    ['x'],
    [new Double(5)],
    [new Int32(5)],
    [Long.fromNumber(7)],
    [
      new Map<string, unknown>([
        ['b', 1],
        ['1', new Map([['z', 'x']])],
        ['a', new Double(2)],
      ]),
    ],
    [null],
    [new Date(0)],
    [new Binary(Buffer.from([1, 2]), 5)],
  ])('%s is written back byte by byte', (id) => {
    const document = raw({ _id: id, a: 1 })
    expect(raw({ _id: idOf(document) }).equals(raw({ _id: id }))).toBe(true)
    expect(wrap(idElement(document)).equals(raw({ _id: id }))).toBe(true)
    expect(wrap(renamed(idElement(document), 'other')).equals(raw({ other: id }))).toBe(true)
    expect(contentOf(document).equals(contentOf(raw({ _id: 'something else', a: 1 })))).toBe(true)
  })
})

describe('a document writer', () => {
  const write = documentWriter([
    { name: 'text', as: 'string' },
    { name: 'number', as: 'double' },
    { name: 'whole', as: 'int64' },
    { name: 'when', as: 'date' },
    { name: 'flag', as: 'boolean' },
    { name: 'é', as: 'string' },
  ])
  const whole = fc.integer({ min: -1e12, max: 1e12 })
  const written = fc.record({
    text: fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 100, maxLength: 3000 }))),
    number: fc.option(fc.double({ noNaN: true })),
    whole: fc.option(whole),
    when: fc.option(fc.date({ noInvalidDate: true })),
    flag: fc.option(fc.boolean()),
    é: fc.option(fc.string({ unit: 'grapheme', maxLength: 50 })),
  })

  test('writes what a driver would, document after document, however small its batch was', () => {
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 20 }), (documents) => {
        const batch = emptyBatch(Buffer.alloc(1))
        const { read, place } = fieldReader([])
        documents.forEach((document, i) => {
          const original = raw({ other: 1, _id: `id ${i}` })
          read(original)
          write(batch, original, place, document)
        })
        const expected = documents.map((document, i) =>
          raw({
            _id: `id ${i}`,
            ...document,
            number: document.number === null ? null : new Double(document.number),
            whole: document.whole === null ? null : Long.fromNumber(document.whole),
          }),
        )
        expect(batch.documents).toBe(documents.length)
        expect(batch.bytes.subarray(0, batch.size).equals(Buffer.concat(expected))).toBe(true)
      }),
      runs(100),
    )
  })
})
