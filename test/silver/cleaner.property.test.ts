import type { Document } from 'bson'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Contract } from '../../src/contracts/contract.ts'
import { contracts } from '../../src/contracts/contracts.ts'
import { idElement } from '../../src/mongo/bson_reader.ts'
import { wrap } from '../../src/mongo/bson_writer.ts'
import { Flaw } from '../../src/rules/values.ts'
import { cleaner, type Observer } from '../../src/silver/clean/cleaner.ts'
import { decode, documentOf } from '../garbage/bson.ts'
import { brokenValues, vocabularies } from '../garbage/contract.ts'
import { draft, withId } from '../garbage/documents.ts'
import { leaksIn } from '../garbage/secrets.ts'
import { runs } from '../garbage/seed.ts'
import { plainId } from '../garbage/values.ts'
import { silverDifferences } from '../oracle/compare.ts'
import { expectedFlaws, type Flaws } from '../oracle/flaws.ts'
import { type Bronze, expectedSilver } from '../oracle/silver.ts'

const now = new Date('2025-06-30T12:00:00Z')
const context = { latest: now.getTime() + 86_400_000, region: 'FR' } as const

interface Cleaned {
  silver: Document
  told: Record<string, Flaws>
  reasons: string[]
  unnamed: Set<string>
}

/** The silver document of one of bronze, by its bytes, and what the observer was told. */
function clean(contract: Contract, bytes: Uint8Array): Cleaned {
  const fields = Object.keys(contract.fields)
  const told = Object.fromEntries(fields.map((name) => [name, { missing: 0, invalid: 0, repaired: 0 }]))
  const reasons: string[] = []
  const unnamed = new Set<string>()
  const observer: Observer = {
    value: (field, outcome) => {
      reasons.push(outcome.reason)
      const flaws = told[field] as Flaws
      flaws[outcome instanceof Flaw ? outcome.kind : 'repaired']++
    },
    suspicious: (suspicion) => reasons.push(suspicion),
    unnamed: (field) => unnamed.add(field),
  }
  return { silver: { ...cleaner(contract, context).clean(Buffer.from(bytes), observer) }, told, reasons, unnamed }
}

function expected(contract: Contract, document: Document): Document[] {
  const bronze: Bronze = { customers: [], transactions: [], campaigns: [], [contract.collection]: [document] }
  return expectedSilver(bronze, now, vocabularies)[contract.collection as keyof Bronze]
}

describe.each(contracts)('whatever a document of $collection holds', (contract) => {
  const written = fc.tuple(plainId, draft(contract)).map(([id, fields]) => withId(id, fields))

  test('its silver one is what the rules make of it, and nothing goes unreported', () => {
    fc.assert(
      fc.property(written, ({ list }) => {
        const bytes = documentOf(list)
        const { silver, told, reasons, unnamed } = clean(contract, bytes)
        const { document } = decode(bytes)

        expect(brokenValues(contract, silver, context.latest)).toEqual([])
        const [wanted] = expected(contract, { ...document, _id: 1 })
        if (wanted !== undefined) expect(silverDifferences([wanted], [{ ...silver, _id: 1 }])).toEqual([])
        else expect(silver[contract.key]).toBeNull()
        expect(told).toEqual(expectedFlaws(contract.collection as keyof Bronze, [document], now, vocabularies))
        const named = new Set(['_id', ...Object.keys(told)])
        expect(unnamed).toEqual(new Set(Object.keys(document).filter((name) => !named.has(name))))
        expect(leaksIn([{ ...silver, _id: 1 }], contract)).toEqual([])
        expect(leaksIn(reasons)).toEqual([])
      }),
      runs(1000),
    )
  })

  test('its _id stays byte by byte', () => {
    fc.assert(
      fc.property(plainId, (id) => {
        expect(decode(wrap(idElement(documentOf([['_id', id]])))).id).toBe(decode(documentOf([['_id', id]])).id)
      }),
      runs(300),
    )
  })
})
