import { describe, expect, test } from 'vitest'
import { generate } from '../../src/bronze/generator.ts'
import type { RunRecord } from '../../src/quality/runs.ts'
import { hostileBronze } from '../oracle/hostile.ts'
import { useCluster } from './cluster.ts'
import { useLayers } from './layers.ts'

const cluster = useCluster()
const layers = useLayers()

/** What a record says of the data, whichever run it is of and however long it took. */
function told({ silver, gold, reconciliation, checks }: RunRecord): object {
  // Which documents are met first is for the engine; how many there are is not.
  const counts = JSON.parse(JSON.stringify(silver, (name, value) => (name === 'examples' ? value.length : value)))
  return { silver: counts, gold, reconciliation, checks }
}

async function expectEqualLayers(): Promise<void> {
  const { contents, local, spark, leftOvers } = layers()
  const [expected, actual] = [await contents(local), await contents(spark)]
  for (const [name, rows] of Object.entries(expected)) {
    expect(actual[name]?.length, name).toBe(rows.length)
    expect(actual[name], name).toEqual(rows)
  }
  expect(await leftOvers(spark)).toEqual([])
}

/** Has Spark compile and adapt the models, as it does where there is much to do. */
const AS_IF_LARGE = [
  ...['--conf', 'spark.sql.adaptive.enabled=true', '--conf', 'spark.sql.codegen.wholeStage=true'],
  ...['--conf', 'spark.sql.codegen.factoryMode=FALLBACK'],
]

describe('silver, quarantine, gold and the record are those of the local engine, cell by cell', () => {
  test('of a run on the sample', async () => {
    await generate(layers().client, { database: layers().bronze, scale: 1, force: true })
    const locally = await layers().runLocally()
    const record = await layers().runOn(cluster(), { args: AS_IF_LARGE })
    await expectEqualLayers()
    expect(told(record)).toEqual(told(locally))
    expect(record).toMatchObject({ command: 'run', engine: 'spark', outcome: 'succeeded' })
  })

  test('of process and then aggregate on a hostile bronze', async () => {
    await loadHostile()
    const locally = await layers().runLocally()
    const processed = await layers().runOn(cluster(), { command: 'process', postgresUrl: undefined })
    await layers().leaveBehind(layers().spark)
    const aggregated = await layers().runOn(cluster(), { command: 'aggregate' })
    await expectEqualLayers()
    const { silver } = processed
    expect(told({ ...aggregated, ...(silver && { silver }) })).toEqual(told(locally))
    expect(processed.gold).toBeUndefined()
    expect(aggregated.silver).toBeUndefined()
  })
})

async function loadHostile(): Promise<void> {
  const { client, bronze } = layers()
  await client.db(bronze).dropDatabase()
  for (const [name, documents] of Object.entries(hostileBronze())) {
    await client.db(bronze).collection(name).insertMany(documents, { forceServerObjectId: true })
  }
}
