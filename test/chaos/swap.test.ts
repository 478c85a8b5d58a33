import { ObjectId } from 'bson'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RunRecord } from '../../src/runs/record.ts'
import { failures } from '../../src/system/errors.ts'
import { lingot } from '../process.ts'
import { aggregateSilver, prepareSilver, runPipeline, runProcessor } from '../run.ts'
import { type Layers, openLayers } from './layers.ts'

let layers: Layers
let old: Awaited<ReturnType<Layers['contents']>>
let next: typeof old
let restore: () => Promise<void>

beforeAll(async () => {
  layers = await openLayers()
  await runPipeline(layers.client, layers.postgresUrl, { ...layers.names, bronze: layers.names.otherBronze })
  next = await layers.contents()
  await runPipeline(layers.client, layers.postgresUrl, layers.names)
  old = await layers.contents()
  restore = await layers.keep()
})

beforeEach(() => restore())

afterAll(() => layers.close())

/** What writes, where silver was made of the other bronze. */
const owning = (command: string) => (/^(run|process|aggregate)$/.test(command) ? [command, '--take-over'] : [command])

/** Half of a swap: a new silver is complete, some of its collections are in place, and the run is dead. */
async function halfSwapped(names: readonly string[]): Promise<RunRecord> {
  const run = new ObjectId()
  const bronze = layers.names.otherBronze
  const { refined } = await prepareSilver(layers.client, { bronze, silver: layers.names.silver, run })
  for (const name of names) {
    await layers.silver.renameCollection(`next.${run.toHexString()}.${name}`, name, { dropTarget: true })
  }
  const now = new Date()
  const record = { _id: run, command: 'process', started: now, finished: now, steps: [] } as const
  return { ...record, steps: [], outcome: 'interrupted', silver: refined }
}

/** Notes that the swap has begun, as its run did. */
async function note(record: RunRecord): Promise<void> {
  const locks = layers.silver.collection<{ _id: string }>('lock')
  await locks.updateOne({ _id: 'silver' }, { $set: { swap: { run: record._id, record } } })
}

/** What is in place of a swap that died, and the next command. */
const deaths = [
  [[], 'check'],
  [['transactions'], 'aggregate'],
  [['transactions'], 'report'],
  [['transactions'], 'check'],
  [['customers', 'quarantine', 'campaigns'], 'quarantine'],
] as const

test.each(deaths)('a swap that died with %j in place is completed by `%s`', async (names, command) => {
  const record = await halfSwapped(names)
  await note(record)
  expect(await lingot(owning(command), layers.settings)).toMatchObject({ status: 0, stderr: '' })
  const found = await layers.contents()
  expect(found.silver).toEqual(next.silver)
  expect(found.gold).toEqual(command === 'aggregate' ? next.gold : old.gold)
  expect(await layers.runs()).toEqual([record._id.toHexString()])
  expect(await layers.staged()).toEqual([])
  expect(await layers.lock()).not.toHaveProperty('swap')
  const kept = await layers.silver.collection('runs').findOne({ _id: record._id })
  expect(kept).toMatchObject({ outcome: 'interrupted', silver: { customers: { ...record.silver?.['customers'] } } })
})

test.each(['run', 'process'])(
  'a swap that died is completed by `%s`, which then makes silver anew',
  async (command) => {
    const record = await halfSwapped(['campaigns'])
    await note(record)
    expect(await lingot(owning(command), layers.settings)).toMatchObject({ status: 0, stderr: '' })
    expect(await layers.contents()).toEqual(old)
    expect(await layers.staged()).toEqual([])
    expect(await layers.lock()).not.toHaveProperty('swap')
    expect(await layers.silver.collection('runs').findOne({ _id: record._id })).not.toBeNull()
  },
)

test('a run whose end a server forgot that was killed is as it was told', async () => {
  const locks = layers.silver.collection<{ _id: string }>('lock')
  const [run] = await layers.runs()
  const _id = ObjectId.createFromHexString(String(run))
  const record = await layers.silver.collection('runs').findOne({ _id })
  const holder = { run: _id, command: 'run', pid: 1, host: 'elsewhere', machine: 'elsewhere', since: new Date() }
  const swap = { run: _id, record: { ...record, outcome: 'interrupted' } }
  await locks.updateOne({ _id: 'silver' }, { $set: { holder, renewed: new Date(0), swap } })
  expect(await lingot(['check'], layers.settings)).toMatchObject({ status: 0, stderr: '' })
  expect(await layers.contents()).toEqual(old)
  expect(await layers.lock()).toEqual({ _id: 'silver' })
  expect(await layers.silver.collection('runs').findOne({ _id })).toEqual(record)
})

test('the record of a run whose swap failed half-way says what silver became when it is completed', async () => {
  const record = await halfSwapped(['customers'])
  await note(record)
  const { silver: _, ...failed } = record
  await layers.silver.collection('runs').insertOne({ ...failed, outcome: 'failed' })
  const { status, stdout } = await lingot(['report', '--json'], layers.settings)
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ silver: { run: { id: record._id.toHexString() } } })
})

describe('a silver whose collections are of two runs', () => {
  test.each(['aggregate', 'check'])('is refused by `%s`', async (command) => {
    // Nobody noted the swap, so nobody completes it.
    await halfSwapped(['customers'])
    const { status, stdout, stderr } = await lingot(owning(command), layers.settings)
    expect({ status, stdout }).toEqual({ status: failures.data.exit, stdout: '' })
    expect(stderr).toBe(
      `The collections of ${layers.names.silver} were not made by one run.\n→ Make silver anew: \`lingot process\`.\n`,
    )
    expect((await layers.contents()).gold).toEqual(old.gold)
  })
})

describe('a swap while silver is read', () => {
  test.each([
    ['aggregate', () => layers.postgresUrl],
    ['check', () => undefined],
  ])('is noticed by %s', async (_, postgresUrl) => {
    const swappedMeanwhile = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
      if (step === 'load transactions') {
        await runProcessor(layers.client, { ...layers.names, bronze: layers.names.otherBronze })
      }
      return work()
    }
    const aggregated = aggregateSilver(layers.client, postgresUrl(), { ...layers.names, timed: swappedMeanwhile })
    await expect(aggregated).rejects.toMatchObject({
      kind: 'data',
      message: `${layers.names.silver} was replaced while it was read; the old gold stays.`,
      next: 'Run it again.',
    })
    expect((await layers.contents()).gold).toEqual(old.gold)
  })
})
