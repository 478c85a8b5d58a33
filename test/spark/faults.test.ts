import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { generate } from '../../src/bronze/generator.ts'
import type { SparkRun } from '../../src/spark/engine.ts'
import { openProxy } from '../chaos/proxy.ts'
import { workFolder } from '../process.ts'
import { useCluster } from './cluster.ts'
import { useLayers } from './layers.ts'

const cluster = useCluster()
const layers = useLayers()

beforeAll(async () => {
  await generate(layers().client, { database: layers().bronze, scale: 2, seed: 8, force: true })
  await layers().runLocally()
})

interface Process {
  pid: number
  parent: number
  command: string
}

function processes(): Process[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 }).split(
    '\n',
  )
  return lines.flatMap((line) => {
    const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
  })
}

/** The processes of a step that executors of the cluster run now. */
function tasks(step: string): Process[] {
  const all = processes()
  const executors = cluster().executors()
  const isOurs = ({ parent }: Process): boolean => {
    if (executors.includes(parent)) return true
    const above = all.find(({ pid }) => pid === parent)
    return above !== undefined && above.pid > 1 && isOurs(above)
  }
  return all.filter((found) => found.command.includes(`lingot.mjs ${step}`) && isOurs(found))
}

/** Waits until a step runs on the cluster. */
async function untilIn(step: string): Promise<Process[]> {
  for (const end = Date.now() + 200_000; Date.now() < end; await setTimeout(20)) {
    const found = tasks(step)
    if (found.length > 0) return found
  }
  throw new Error(`${step} never ran`)
}

/** Runs with a disturbance; says what the run came to. */
async function disturbed(disturb: () => Promise<void>, options: Partial<SparkRun> = {}) {
  const [outcome] = await Promise.all([
    layers()
      .runOn(cluster(), options)
      .then(
        ({ outcome }) => outcome as string,
        (error: { kind?: string }) => error.kind ?? String(error),
      ),
    disturb(),
  ])
  return outcome
}

async function expectExact(): Promise<void> {
  const { contents, local, spark, leftOvers } = layers()
  expect(await contents(spark)).toEqual(await contents(local))
  expect(await leftOvers(spark)).toEqual([])
}

test('executors that are killed, one in the middle of silver and one of gold, cost only their tasks', async () => {
  const outcome = await disturbed(async () => {
    for (const step of ['clean', 'copy']) {
      const [task] = await untilIn(step)
      const executor = cluster()
        .executors()
        .find((pid) => isAbove(pid, task))
      process.kill(executor ?? 0, 'SIGKILL')
    }
  })
  expect(outcome).toBe('succeeded')
  await expectExact()
})

function isAbove(pid: number, task: Process | undefined): boolean {
  const all = processes()
  for (let at = task; at !== undefined && at.pid > 1; at = all.find(({ pid }) => pid === at?.parent)) {
    if (at.parent === pid) return true
  }
  return false
}

describe('a job that is given up', () => {
  test('since a task fails time and again leaves the old silver and gold', async () => {
    const { spark, contents } = layers()
    const before = await contents(spark)
    const over = new AbortController()
    const outcome = await disturbed(
      async () => {
        await untilIn('clean')
        while (!over.signal.aborted) {
          for (const { pid } of tasks('clean')) tryKill(pid)
          await setTimeout(50)
        }
      },
      { command: 'process', onStep: (step) => step === 'clear up' && over.abort() },
    )
    expect(outcome).toBe('server')
    expect(await contents(spark)).toEqual(before)
  })

  test('by Ctrl-C leaves the old silver and gold, no secret on the disk, and lets the next one begin at once', async () => {
    const { spark, contents } = layers()
    const before = await contents(spark)
    const stopping = new AbortController()
    const temporary = workFolder()
    vi.stubEnv('TMPDIR', temporary)
    const run = layers().runOn(cluster(), { signal: stopping.signal })
    const outcome = run.catch((error: Error) => error.message)
    await untilIn('read')
    vi.unstubAllEnvs()
    stopping.abort(new Error('stopped'))
    expect(await outcome).toBe('stopped')
    expect(await contents(spark)).toEqual(before)
    // Spark's driver takes a moment to end.
    await vi.waitFor(() => expect(readdirSync(temporary)).toEqual([]), { timeout: 30_000 })
  })
})

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

test('a MongoDB that drops its connections costs time, not documents, also right after a job that was given up', async () => {
  const uri = new URL(inject('mongodbUri'))
  const proxy = await openProxy(Number(uri.port))
  uri.port = String(proxy.port)
  try {
    const outcome = await disturbed(
      async () => {
        await untilIn('clean')
        await setTimeout(300)
        proxy.cut(1000)
      },
      { command: 'process', mongodbUri: uri.href },
    )
    expect(['succeeded', 'server']).toContain(outcome)
    const { contents, local, spark } = layers()
    expect(await contents(spark)).toEqual(await contents(local))
  } finally {
    proxy.close()
  }
})
