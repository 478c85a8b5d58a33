import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contracts } from '../../src/contracts/contracts.ts'
import * as rule from '../../src/rules/values.ts'
import { decode, documentOf } from '../garbage/bson.ts'
import { runs } from '../garbage/seed.ts'
import { anyText, dated, dialled, mail, numeric, yesOrNo } from '../garbage/texts.ts'
import { anything } from '../garbage/values.ts'
import { centsToNumber } from '../oracle/exact.ts'
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
  { name: 'text', texts: anyText, read: rule.text, wanted: oracle.text },
  {
    name: 'label',
    texts: fc.oneof(anyText, fc.mixedCase(fc.constantFrom(...words))),
    read: rule.label(words),
    wanted: (value) => oracle.label(value, words),
    otherwise: 'Unknown',
  },
  {
    name: 'money',
    texts: numeric,
    read: rule.money(),
    wanted: (value) => inEuros(oracle.money(value, { mayBeNegative: true })),
  },
  {
    name: 'money of at least 0',
    texts: numeric,
    read: rule.money(0),
    wanted: (value) => inEuros(oracle.money(value, { mayBeNegative: false })),
  },
  { name: 'count', texts: numeric, read: rule.count(0), wanted: (value) => oracle.count(value, 0) },
  { name: 'age', texts: numeric, read: rule.count(0, 120), wanted: (value) => oracle.count(value, 0, 120) },
  {
    name: 'date',
    texts: dated,
    read: (value) => rule.date(value, latest),
    wanted: (value) => oracle.date(value, now),
  },
  { name: 'consent', texts: yesOrNo, read: rule.consent, wanted: oracle.consent, otherwise: false },
  { name: 'email', texts: mail('someone'), read: rule.email, wanted: oracle.email },
  {
    name: 'phone',
    texts: dialled('12345678'),
    read: (value) => rule.phone(value, 'BE'),
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
          expect(plain(read(stored), otherwise)).toEqual(wanted(stored))
        }),
        runs(700),
      )
    })
  },
)
