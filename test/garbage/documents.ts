/** Bronze documents whose every field may be anything: absent, good, nearly good, wrong, twice, or in no contract. */
import { Binary, BSONSymbol, Code, Decimal128, Double, Int32, Long, ObjectId, UUID } from 'bson'
import fc from 'fast-check'
import type { Contract, Field } from '../../src/contracts/contract.ts'
import { Bytes, Fields, sized } from './bson.ts'
import { anyText, dated, dialled, mail, numeric, yesOrNo } from './texts.ts'
import { anything } from './values.ts'

/** What stands in personal values and nowhere else, so that a leak shows. A name may stand in the columns for names. */
export const SECRETS = { email: 'qzmail', phone: '70717273', name: 'qzname', hidden: 'qzhidden' }

/** A document of bronze, its fields without `_id`. */
export type Draft = Fields

// --------------------------------------------------------------------------------------------------- personal values

const email = fc.oneof(
  fc.nat(99).map((n) => `${SECRETS.email}${n}@mail.fr`),
  fc.nat(99).map((n) => ` QzMail${n}@Mail.fr\t`),
  mail(SECRETS.email),
)

const phone = fc.oneof(
  fc.constantFrom('+336', '06 ', '+32 4', '+41 7', '+1 514 2', '+352 6', '').map((lead) => lead + SECRETS.phone),
  dialled(SECRETS.phone),
  fc.constantFrom(6, 33_6, 0).map((lead) => new Double(lead * 1e8 + Number(SECRETS.phone))),
  fc.constantFrom(6, 33_6, 9_999).map((lead) => Long.fromNumber(lead * 1e8 + Number(SECRETS.phone))),
)

const personName = fc.oneof(
  fc.constantFrom('Jean', 'Émilie', ' Le  Goff ').map((word) => `${word} ${SECRETS.name}`),
  anyText.map((text) => `${SECRETS.name} ${text}`),
  fc.constant(new Bytes(0x02, sized(Buffer.from(`${SECRETS.name} \xff`, 'latin1')), 'a name that is no UTF-8')),
  fc.constant(new BSONSymbol(SECRETS.name)),
)

/** A personal text where none is expected: within a list, a document, a name of a field, a type that is no text. */
function misplaced(text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  return text.chain((secret) =>
    fc.constantFrom<unknown>(
      [secret],
      [[{ deep: secret }]],
      new Fields([['value', secret]]),
      new Fields([[secret, true]]),
      new Code(secret),
      new Binary(Buffer.from(secret)),
    ),
  )
}

const hidden = misplaced(fc.constant(`Jean ${SECRETS.hidden}`))

const personal: Record<string, fc.Arbitrary<unknown>> = {
  email: fc.oneof(
    { arbitrary: email, weight: 8 },
    { arbitrary: misplaced(email), weight: 1 },
    { arbitrary: hidden, weight: 1 },
  ),
  phone: fc.oneof(
    { arbitrary: phone, weight: 8 },
    { arbitrary: misplaced(phone.map(String)), weight: 1 },
    { arbitrary: hidden, weight: 1 },
  ),
  label: fc.oneof({ arbitrary: personName, weight: 6 }, { arbitrary: hidden, weight: 1 }),
}

// ------------------------------------------------------------------------------------------------------- good values

/** Few ids, so that many documents share one, in several spellings. */
/** Ids of other types than texts. */
const numbered = fc.oneof(
  fc.nat(9).map((n) => Decimal128.fromString(`${n}.0`)),
  fc.nat(9).map((n) => new Fields([['$numberInt', `${n}`]])),
  fc.nat(9).map((n) => `'${n}`),
  fc.nat(9).map((n) => new ObjectId(`${n}`.repeat(24))),
  fc.nat(9).map((n) => new Fields([['$oid', `${n}`.repeat(24)]])),
  fc.nat(9).map((n) => new UUID(`0000000${n}-0000-4000-8000-000000000000`)),
  fc.constantFrom(2.5, 2 ** 53, 2 ** 53 + 2).map((n) => new Double(n)),
)
const key = fc
  .tuple(fc.constantFrom('', ' ', '\0'), fc.constantFrom('K', 'k', 'É', 'E\u0301'), fc.nat(40))
  .map(([before, letter, n]) => `${before}${letter}${n}`)
const ids = fc.oneof(
  { arbitrary: key, weight: 8 },
  { arbitrary: fc.nat(9).map((n) => new Int32(n)), weight: 1 },
  { arbitrary: fc.nat(9).map((n) => new Double(n)), weight: 1 },
  { arbitrary: numbered, weight: 1 },
)

const COUNTRIES = [
  ...['Allemagne', 'Germany', 'DEU', 'Espagne', 'Royaume-Uni', 'UK', 'USA', 'États-Unis', 'Belgium', 'BE', 'bel', 'CH'],
  ...['Côte d’Ivoire', "Côte d'Ivoire", 'Ivory Coast', 'Réunion', 'Wakanda', 'Schweiz', 'Unknown', 'NA', 'NAM'],
]
const OTHER_STATUSES = ['canceled', 'wc-completed', 'Annulée', 'rembourse', 'en attente', 'Terminé', 'refund', 'lost']

function word(vocabulary: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom('Paris', 'Élite', 'x', ...vocabulary), fc.nat(5)).map(([label, spelling]) => {
    if (spelling === 0) return label.toUpperCase()
    if (spelling === 1) return ` ${label.toLowerCase()}\u00a0`
    if (spelling === 2) return label.normalize('NFD').replace('a', 'a\u0301')
    return spelling === 3 ? label.replace(' ', '') : label
  })
}

function good(name: string, { kind, vocabulary = [] }: Field<unknown>): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'id':
      return ids
    case 'label':
      return word([
        ...vocabulary,
        ...(name === 'country'
          ? COUNTRIES
          : name === 'status'
            ? OTHER_STATUSES
            : name === 'city'
              ? ["'75008", 'Na']
              : []),
      ])
    case 'money':
      return fc.oneof(
        fc.integer({ min: -100, max: 2_000_000 }).map((cents) => new Double(cents / 100)),
        fc.constantFrom(999_999_999_999.99, 1e12, 0.01, 0).map((money) => new Double(money)),
        numeric,
      )
    case 'count':
      return fc.oneof(
        fc.nat(100_000).map((n) => new Int32(n)),
        fc.nat(150).map((n) => `${n}`),
        numeric,
      )
    case 'fractional':
      return fc.oneof(
        fc.nat(100_000).map((n) => new Int32(n)),
        fc.nat(1_000_000).map((n) => new Double(n / 1000)),
        fc.nat(100_000_000).map((n) => `${n / 1e7}`),
        numeric,
      )
    case 'date':
      return fc.oneof(fc.date({ min: new Date('2023-01-01'), max: new Date('2024-12-31'), noInvalidDate: true }), dated)
    case 'consent':
      return fc.oneof(fc.boolean(), yesOrNo)
    case 'email':
    case 'phone':
      return personal[kind] as fc.Arbitrary<unknown>
  }
}

/** A value of a field: now good, now anything. What is anything holds no personal text but in personal fields. */
export function value(name: string, field: Field<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { arbitrary: field.personal ? (personal[field.kind] as fc.Arbitrary<unknown>) : good(name, field), weight: 3 },
    { arbitrary: anything, weight: 2 },
  )
}

// ---------------------------------------------------------------------------------------------------------- documents

/** Names of fields that no contract holds; some hold what a name never should. */
const UNNAMED = [
  '',
  'a.b',
  '$set',
  '$ref',
  '$id',
  '__proto__',
  'constructor',
  'toBSON',
  '_bsontype',
  'Email',
  'email ',
  'vip',
  'Montant été',
  `${SECRETS.email}@mail.fr`,
  `06 ${SECRETS.phone}`,
  '\u001b[31m',
  'x'.repeat(300),
]

/** What makes js-bson take a document for a reference to another. */
const REFERENCE: [string, unknown][] = [
  ['$ref', 'clients'],
  ['$id', new Int32(1)],
]

/** A document of a contract's collection. */
export function draft({ fields, key }: Contract): fc.Arbitrary<Draft> {
  const named = Object.entries(fields).map(([name, field]) =>
    fc
      .option(value(name, field), { nil: undefined, freq: name === key ? 20 : 5 })
      .map((found): [string, unknown][] => (found === undefined ? [] : [[name, found]])),
  )
  const twice = fc
    .constantFrom(...Object.entries(fields))
    .chain(([name, field]) => value(name, field).map((found): [string, unknown] => [name, found]))
  const unnamed = fc.tuple(fc.oneof(fc.constantFrom(...UNNAMED), fc.string({ maxLength: 8 })), anything)
  const more = fc.oneof(
    {
      arbitrary: fc.array(fc.oneof({ arbitrary: unnamed, weight: 3 }, { arbitrary: twice, weight: 1 }), {
        maxLength: 3,
      }),
      weight: 9,
    },
    { arbitrary: fc.constant(REFERENCE), weight: 1 },
  )
  return fc
    .tuple(fc.tuple(...named), fc.option(more, { nil: [], freq: 2 }))
    .chain(([found, others]) => {
      const list = [...found.flat(), ...others].filter(([name]) => name !== '_id')
      // Most documents have the order of their contract.
      return fc.oneof({ arbitrary: fc.constant(list), weight: 3 }, { arbitrary: shuffled(list), weight: 1 })
    })
    .map((list) => new Fields(list))
}

function shuffled<T>(list: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length })
}

/** Documents of a collection, some of them inserted twice under another `_id`. */
export function drafts(contract: Contract, count: number): fc.Arbitrary<Draft[]> {
  return fc
    .tuple(
      fc.array(draft(contract), { minLength: count, maxLength: count, size: 'max' }),
      fc.array(fc.nat(count - 1), { minLength: count / 10, maxLength: count / 5, size: 'max' }),
    )
    .map(([list, again]) => [...list, ...again.map((i) => list[i] as Draft)])
}

/** The document with its `_id`, which stands first in MongoDB wherever it is written. */
export function withId(id: unknown, { list }: Draft): Fields {
  return new Fields([['_id', id], ...list])
}
