import { hostname } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { ObjectId } from 'bson'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { failures } from '../../src/system/errors.ts'
import { lingot, type Running, startLingot, until } from '../process.ts'
import { runPipeline } from '../run.ts'
import { type Layers, openLayers } from './layers.ts'

let layers: Layers
/** What undisturbed runs give, of one bronze and of the other. */
let one: Awaited<ReturnType<Layers['contents']>>
let other: typeof one
let restore: () => Promise<void>

beforeAll(async () => {
  layers = await openLayers()
  await runPipeline(layers.client, layers.postgresUrl, { ...layers.names, bronze: layers.names.otherBronze })
  other = await layers.contents()
  await runPipeline(layers.client, layers.postgresUrl, layers.names)
  one = await layers.contents()
  restore = await layers.keep()
})

beforeEach(() => restore())

afterAll(() => layers.close())

async function succeed(run: Running): Promise<void> {
  expect(await run.ended).toMatchObject({ status: 0 })
}

/** A run that is stopped while it writes beside silver; its lock is as good as it was. */
async function stoppedAtWork(command: 'run' | 'process', bronze = layers.settings): Promise<Running> {
  const run = startLingot([command, '--take-over'], bronze)
  while ((await layers.staged()).length === 0) expect(run.child.exitCode).toBeNull()
  run.child.kill('SIGSTOP')
  return run
}

const locks = () => layers.silver.collection<{ _id: string }>('lock')

describe('of two runs at once', () => {
  test('the second waits, says for whom, and then succeeds', async () => {
    const first = await stoppedAtWork('run')
    const second = startLingot(['run', '--take-over'], layers.otherSettings)
    await until(() => second.output.stderr.includes('\n'))
    expect(second.output.stderr).toMatch(
      new RegExp(
        `^Waiting for \`lingot run\`, process ${first.child.pid} on ${hostname()}, since [\\d-]+ [\\d:]+ UTC\\.\n$`,
      ),
    )
    expect(await layers.contents()).toEqual(one)
    first.child.kill('SIGCONT')
    await succeed(first)
    await succeed(second)
    expect(await layers.contents()).toEqual(other)
  })

  test('the second leaves at once with --no-wait, and names the first', async () => {
    const first = await stoppedAtWork('run')
    for (const command of ['run', 'process', 'aggregate']) {
      const { status, stdout, stderr } = await lingot([command, '--no-wait', '--take-over'], layers.settings)
      expect({ status, stdout }).toEqual({ status: failures.busy.exit, stdout: '' })
      expect(stderr).toContain(
        `${layers.names.silver} is being changed by \`lingot run\`, process ${first.child.pid} on `,
      )
      expect(stderr).toMatch(/^→ Wait for it, or run again without --no-wait\.$/m)
    }
    first.child.kill('SIGKILL')
    await first.ended
  })
})

test('the lock of a process that was killed is not waited for', async () => {
  const killed = await stoppedAtWork('run')
  killed.child.kill('SIGKILL')
  await killed.ended
  expect(await layers.lock()).toMatchObject({ holder: { pid: killed.child.pid } })
  expect(await lingot(['run', '--no-wait', '--take-over'], layers.otherSettings)).toMatchObject({
    status: 0,
    stderr: '',
  })
  expect(await layers.contents()).toEqual(other)
  expect(await layers.staged()).toEqual([])
})

describe('the lock of another machine', () => {
  const hold = async (sinceMs: number) => {
    const holder = { run: new ObjectId(), command: 'run', pid: process.pid, host: 'elsewhere', machine: 'elsewhere' }
    const renewed = new Date(Date.now() - sinceMs)
    await locks().updateOne({ _id: 'silver' }, { $set: { holder: { ...holder, since: renewed }, renewed } })
  }

  test('keeps others out while it is renewed', async () => {
    await hold(0)
    const { status, stderr } = await lingot(['process', '--no-wait', '--take-over'], layers.settings)
    expect({ status, stderr }).toEqual({ status: failures.busy.exit, stderr: expect.stringContaining(' on elsewhere') })
    await hold(60_000)
    expect(await lingot(['process', '--no-wait', '--take-over'], layers.settings)).toMatchObject({
      status: 0,
      stderr: '',
    })
  })

  test('is waited for until its lease of 30 seconds is over', async () => {
    await hold(26_000)
    const started = Date.now()
    const { status, stderr } = await lingot(['process', '--take-over'], layers.settings)
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^Waiting for .* on elsewhere/) })
    expect(Date.now() - started).toBeGreaterThan(2000)
  })
})

test('a run that was stopped for longer than its lease changes nothing when another took over', async () => {
  const stopped = await stoppedAtWork('process', layers.otherSettings)
  // Half a minute passes.
  await locks().updateOne({ _id: 'silver' }, { $set: { renewed: new Date(Date.now() - 31_000) } })
  await succeed(startLingot(['process', '--take-over'], layers.settings))
  const runs = await layers.runs()
  stopped.child.kill('SIGCONT')
  const { status, stderr } = await stopped.ended
  expect({ status, stderr }).toEqual({
    status: failures.busy.exit,
    stderr: expect.stringMatching(/^Another run took over: .*30 seconds\.\n→ Look at `lingot report`/),
  })
  await setTimeout(100)
  expect(await layers.runs()).toEqual(runs)
  expect((await layers.contents()).silver).toEqual(one.silver)
  expect(await layers.lock()).not.toHaveProperty('holder')
})
