import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contracts } from '../../src/contracts/contracts.ts'
import { country } from '../../src/rules/countries.ts'
import { date } from '../../src/rules/dates.ts'
import { readSpelled } from '../../src/rules/extended_json.ts'
import { consent, count, fractional, money } from '../../src/rules/numbers.ts'
import { email, phone } from '../../src/rules/people.ts'
import * as rule from '../../src/rules/values.ts'
import { decode, documentOf } from '../garbage/bson.ts'
import { runs } from '../garbage/seed.ts'
import { anyText, dated, dialled, mail, numeric, yesOrNo } from '../garbage/texts.ts'
import { anything } from '../garbage/values.ts'
import { centsToNumber, format } from '../oracle/exact.ts'
import * as oracle from '../oracle/values.ts'

const now = new Date('2025-06-30T12:00:00Z')
const latest = now.getTime() + 86_400_000
const words = contracts.flatMap(({ fields }) => Object.values(fields).flatMap(({ vocabulary = [] }) => vocabulary))

/** What a rule makes of a value, in the words of the oracle; a default stands for none. */
function plain(outcome: rule.Outcome<unknown>, otherwise: unknown): oracle.Read<unknown> {
  if (outcome instanceof rule.Flaw) return { value: otherwise, flaw: outcome.kind }
  if (outcome instanceof rule.Repaired) return { value: outcome.value, flaw: 'repaired' }
  return { value: outcome, flaw: undefined }
}

function inEuros({ value, flaw }: oracle.Read<bigint | null>): oracle.Read<unknown> {
  return { value: value === null ? null : centsToNumber(value), flaw }
}

interface Reading {
  name: string
  texts: fc.Arbitrary<string>
  read: (value: unknown) => rule.Outcome<unknown>
  wanted: (value: unknown) => oracle.Read<unknown>
  otherwise?: unknown
}

const readings: Reading[] = [
  { name: 'text', texts: anyText, read: rule.text, wanted: (value) => oracle.text(value) },
  { name: 'id', texts: anyText, read: rule.id, wanted: (value) => oracle.id(value) },
  {
    name: 'label',
    texts: fc.oneof(anyText, fc.mixedCase(fc.constantFrom(...words))),
    read: rule.label(words),
    wanted: (value) => oracle.label(value, words),
    otherwise: 'Unknown',
  },
  {
    name: 'name',
    texts: anyText,
    read: rule.label([], {}, rule.name),
    wanted: (value) => oracle.label(value, [], 'name'),
    otherwise: 'Unknown',
  },
  {
    name: 'country',
    texts: fc.constantFrom(
      'be',
      'BEL',
      'belgium',
      "COTE D'IVOIRE",
      'etats unis',
      'u.k.',
      'NA',
      'nam',
      'Wakanda',
      ' de\u200b',
    ),
    read: country(['France', 'Belgique', 'Suisse', 'Canada', 'Luxembourg']),
    wanted: (value) => oracle.country(value),
    otherwise: 'Unknown',
  },
  {
    name: 'money',
    texts: numeric,
    read: money(),
    wanted: (value) => inEuros(oracle.money(value, { mayBeNegative: true })),
  },
  {
    name: 'money of at least 0',
    texts: numeric,
    read: money(0),
    wanted: (value) => inEuros(oracle.money(value, { mayBeNegative: false })),
  },
  ...(['.', ','] as const).map((decimal) => ({
    name: `money with ${decimal}`,
    texts: numeric,
    read: money(undefined, { decimal, scale: 0.01 }),
    wanted: (value: unknown) => inEuros(oracle.money(value, { mayBeNegative: true, decimal, scale: '0.01' })),
  })),
  { name: 'count', texts: numeric, read: count(0), wanted: (value) => oracle.count(value, 0) },
  {
    name: 'count with thousands',
    texts: numeric,
    read: count(0, undefined, { hasThousands: true }),
    wanted: (value) => oracle.count(value, 0, 1e12, { points: 'thousands' }),
  },
  { name: 'age', texts: numeric, read: count(0, 120), wanted: (value) => oracle.count(value, 0, 120) },
  {
    name: 'fractional count',
    texts: numeric,
    read: fractional(),
    wanted: (value) => {
      const { value: millionths, flaw } = oracle.shares(value)
      return { value: millionths === null ? null : Number(format(millionths, 6)), flaw }
    },
  },
  {
    name: 'date',
    texts: dated,
    read: (value) => date(value, latest),
    wanted: (value) => oracle.date(value, now),
  },
  ...['Europe/Paris', 'America/New_York'].map((timeZone) => ({
    name: `date in ${timeZone}, month first`,
    texts: fc.oneof(
      dated,
      fc.constantFrom('2024-03-31 02:30', '2024-10-27 02:30:00', '03/10/2024 02:30', '20241103013000'),
    ),
    read: (value: unknown) => date(value, latest, { timeZone, isMonthFirst: true }),
    wanted: (value: unknown) => oracle.date(value, now, { zone: timeZone, monthFirst: true }),
  })),
  { name: 'consent', texts: yesOrNo, read: consent, wanted: (value) => oracle.consent(value), otherwise: false },
  { name: 'email', texts: mail('someone'), read: email, wanted: (value) => oracle.email(value) },
  {
    name: 'phone',
    texts: dialled('12345678'),
    read: (value) => phone(value, 'BE'),
    wanted: (value) => oracle.phone(value, 'Belgique'),
  },
]

describe.each(readings)(
  '$name agrees with a second reading of the rules',
  ({ texts, read, wanted, otherwise = null }) => {
    test('on texts of its kind', () => {
      fc.assert(
        fc.property(texts, (text) => {
          expect(plain(read(text), otherwise)).toEqual(wanted(text))
        }),
        runs(1500),
      )
    })

    test('on values of any BSON type', () => {
      fc.assert(
        fc.property(anything, (value) => {
          const stored: unknown = decode(documentOf([['v', value]])).document['v']
          const outcome = read(stored)
          const again = outcome instanceof rule.Flaw ? readSpelled(stored, outcome, read) : outcome
          expect(plain(again, otherwise)).toEqual(wanted(stored))
        }),
        runs(700),
      )
    })
  },
)
