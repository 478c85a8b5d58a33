import fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { contracts } from '../../../src/contracts/contracts.ts'
import { portions } from '../../../src/system/portions.ts'
import { disagreements, leaks } from '../../garbage/agreement.ts'
import { drafts } from '../../garbage/documents.ts'
import { fillBronze, type Layers, openLayers, type Written } from '../../garbage/layers.ts'
import { runs } from '../../garbage/seed.ts'
import { oddId, plainId } from '../../garbage/values.ts'
import { type RunOptions, runPipeline } from '../../run.ts'

let layers: Layers

beforeAll(async () => {
  layers = await openLayers()
})

afterAll(() => layers.close())

/** Bronze with a few hundred documents a collection, each field of them anything, under `_id`s of this kind. */
function bronze(id: fc.Arbitrary<unknown>, count: number): fc.Arbitrary<{ written: Written }> {
  const collections = contracts.map((contract) =>
    drafts(contract, count).chain((list) =>
      fc
        .array(id, { minLength: list.length, maxLength: list.length, size: 'max' })
        .map((ids) => list.map((fields, i) => ({ id: ids[i], fields }))),
    ),
  )
  return fc.tuple(...collections).map((written) => ({
    written: Object.fromEntries(contracts.map(({ collection }, i) => [collection, written[i] ?? []])),
    [fc.toStringMethod]: () => `bronze with ${written.flat().length} documents`,
  }))
}

/** How the work is divided: as usual, and among three threads in parts of 50 documents, and into seven buckets. */
const ways: Partial<RunOptions>[] = [
  {},
  { portions: { ...portions, documents: 50, part: 50, buckets: 7 }, workers: 3, mongodbUri: inject('mongodbUri') },
]

async function expectAgreement({ written }: { written: Written }): Promise<void> {
  await fillBronze(layers, written)
  for (const way of ways) {
    const record = await runPipeline(layers.client, layers.postgresUrl, { ...layers.names, ...way, acceptShrink: true })
    expect(await disagreements(layers, record)).toEqual([])
    expect(await leaks(layers, record)).toEqual([])
  }
}

test('whatever bronze holds, silver and gold are what the rules make of it, and nobody is named', async () => {
  // A smaller bronze that fails would take hundreds of runs to find; what fails names field and document.
  await fc.assert(fc.asyncProperty(bronze(plainId, 250), expectAgreement), { ...runs(4), endOnFailure: true })
})

test('whatever MongoDB takes as an _id stays as it is', async () => {
  await fc.assert(fc.asyncProperty(bronze(oddId, 60), expectAgreement), { ...runs(1), endOnFailure: true })
})
