import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ObjectId } from 'bson'
import { describe, expect, test } from 'vitest'
import { generate } from '../../../src/bronze/sample/generator.ts'
import { readModels } from '../../../src/gold/models.ts'
import { lockSilver } from '../../../src/runs/lock.ts'
import type { RunRecord } from '../../../src/runs/record.ts'
import { hostileBronze } from '../../oracle/hostile.ts'
import { workFolder } from '../../process.ts'
import { useCluster } from './cluster.ts'
import { useLayers } from './layers.ts'

const cluster = useCluster()
const layers = useLayers()

/** What a record says of the data, whichever run it is of and however long it took. */
function told({ silver, gold, reconciliation, checks }: RunRecord): object {
  // Which documents are met first is for the engine; how many there are is not.
  const counts = JSON.parse(JSON.stringify(silver, (name, value) => (name === 'examples' ? value.length : value)))
  const details = checks?.map((check) => ({ ...check, detail: check.detail.replace(/, such as .*/, '') }))
  return { silver: counts, gold, reconciliation, checks: details }
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

/** Has Spark divide what it groups, which it would not do for so few documents. */
const DIVIDED = ['--conf', 'spark.sql.shuffle.partitions=3']

/** Has Spark compile and adapt the models, as it does where there is much to do. */
const AS_IF_LARGE = [
  ...['--conf', 'spark.sql.adaptive.enabled=true', '--conf', 'spark.sql.codegen.wholeStage=true'],
  ...['--conf', 'spark.sql.codegen.factoryMode=FALLBACK'],
]

describe('silver, quarantine, gold and the record are those of the local engine, cell by cell', () => {
  test('of a run on the sample', async () => {
    await generate(layers().client, { database: layers().bronze, scale: 1, force: true })
    const locally = await layers().runLocally()
    const events = workFolder()
    const kept = [
      ...['--conf', 'spark.eventLog.enabled=true', '--conf', 'spark.eventLog.compress=false'],
      ...['--conf', `spark.eventLog.dir=file://${encodeURI(events)}`],
    ]
    const record = await layers().runOn(cluster(), { args: [...DIVIDED, ...AS_IF_LARGE, ...kept] })
    await expectEqualLayers()
    expect(told(record)).toEqual(told(locally))
    expect(record).toMatchObject({ command: 'run', engine: 'spark', outcome: 'succeeded' })
    for (const step of ['copy', 'check']) expect(builtAgain(events, step), step).toEqual([])
  })

  test('of process and then aggregate on a hostile bronze, of which several tasks have a part each', async () => {
    const { client, spark } = layers()
    await loadHostile()
    const locally = await layers().runLocally()
    const other = await lockSilver(client.db(spark.silver), { run: new ObjectId(), command: 'erase' })
    const notes: string[] = []
    const processed = await layers().runOn(cluster(), {
      ...{ command: 'process', postgresUrl: undefined, args: DIVIDED, noWait: false },
      onNote(note) {
        notes.push(note)
        void other.release()
      },
    })
    expect(notes).toEqual([expect.stringContaining('Waiting for `lingot erase`')])
    await layers().leaveBehind(layers().spark)
    const aggregated = await layers().runOn(cluster(), { command: 'aggregate', args: DIVIDED })
    await expectEqualLayers()
    const { silver } = processed
    expect(told({ ...aggregated, ...(silver && { silver }) })).toEqual(told(locally))
    expect(processed.gold).toBeUndefined()
    expect(aggregated.silver).toBeUndefined()
  })
})

/** The models that a step does not take from Spark's memory, after the log of its events. */
function builtAgain(events: string, step: string): string[] {
  const [file] = readdirSync(events, { recursive: true, encoding: 'utf8' }).filter((name) => /\/events_1_/.test(name))
  const lines = readFileSync(join(events, file ?? ''), 'utf8')
    .trim()
    .split('\n')
  const plans = lines.map((line) => (JSON.parse(line) as { physicalPlanDescription?: string }).physicalPlanDescription)
  const plan = plans.find((plan) => plan?.includes(`lingot.mjs ${step}`))
  return readModels().flatMap(({ name }) => (plan?.includes(`Scan In-memory table ${name} (`) ? [] : [name]))
}

async function loadHostile(): Promise<void> {
  const { client, bronze } = layers()
  // By itself it would be too small to be divided.
  await generate(client, { database: bronze, scale: 2, force: true })
  for (const [name, documents] of Object.entries(hostileBronze())) {
    await client.db(bronze).collection(name).insertMany(documents, { forceServerObjectId: true })
  }
}
