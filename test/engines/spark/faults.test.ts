import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ObjectId } from 'bson'
import { beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { generate } from '../../../src/bronze/sample/generator.ts'
import { lockSilver } from '../../../src/runs/lock.ts'
import { openProxy } from '../../chaos/proxy.ts'
import { lingot, type Settings, start, startLingot, workFolder } from '../../process.ts'
import { useCluster } from './cluster.ts'
import { type JobOptions, SMALL, useLayers } from './layers.ts'
import { type Process, processes, tasks, tryKill, untilIn } from './tasks.ts'

const cluster = useCluster()
const layers = useLayers()

/** The drivers of jobs on the cluster. */
function drivers(): Process[] {
  return processes().filter(({ command }) => command.includes('SparkSubmit') && command.includes(cluster().master))
}

/** Runs with a disturbance, which is told when the run is over; says what it came to. */
async function disturbed(disturb: (over: AbortSignal) => Promise<void>, options: JobOptions = {}) {
  const over = new AbortController()
  const [outcome] = await Promise.all([
    layers()
      .runOn(cluster(), options)
      .then(
        ({ outcome }) => outcome as string,
        (error: { kind?: string }) => error.kind ?? String(error),
      )
      .finally(() => over.abort()),
    disturb(over.signal),
  ])
  return outcome
}

async function expectExact(): Promise<void> {
  const { contents, local, spark, leftOvers } = layers()
  expect(await contents(spark)).toEqual(await contents(local))
  expect(await leftOvers(spark)).toEqual([])
}

function isAbove(pid: number, task: Process | undefined): boolean {
  const all = processes()
  for (let at = task; at !== undefined && at.pid > 1; at = all.find(({ pid }) => pid === at?.parent)) {
    if (at.parent === pid) return true
  }
  return false
}

describe.each([
  // The smaller bronze first: one that shrinks would not be believed.
  { way: 'in parts of 50 documents and seven buckets', scale: 0.02, division: SMALL },
  { way: 'in one task a step', scale: 2, division: {} },
])('$way', ({ scale, division }) => {
  beforeAll(async () => {
    await generate(layers().client, { database: layers().bronze, scale, seed: 8, force: true })
    await layers().runLocally()
  })

  test('executors that are killed, one in the middle of silver and one of gold, cost only their tasks', async () => {
    const outcome = await disturbed(async () => {
      for (const step of ['clean', 'model']) {
        const [task] = await untilIn(cluster(), step)
        const executor = cluster()
          .executors()
          .find((pid) => isAbove(pid, task))
        process.kill(executor ?? 0, 'SIGKILL')
      }
    }, division)
    expect(outcome).toBe('succeeded')
    await expectExact()
  })

  describe('a job that is given up', () => {
    test('since a task fails time and again leaves the old silver and gold', async () => {
      const { spark, contents } = layers()
      const before = await contents(spark)
      const outcome = await disturbed(
        async (over) => {
          await untilIn(cluster(), 'clean')
          while (!over.aborted) {
            for (const { pid } of tasks(cluster(), 'clean')) tryKill(pid)
            await setTimeout(50)
          }
        },
        { ...division, command: 'process' },
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
      const run = layers().runOn(cluster(), { ...division, signal: stopping.signal })
      const outcome = run.catch((error: Error) => error.message)
      await untilIn(cluster(), 'read')
      vi.unstubAllEnvs()
      stopping.abort(new Error('stopped'))
      expect(await outcome).toBe('stopped')
      expect(await contents(spark)).toEqual(before)
      // Spark's driver takes a moment to end.
      await vi.waitFor(() => expect(readdirSync(temporary)).toEqual([]), { timeout: 30_000 })
    })
  })

  test('a MongoDB that drops its connections, in silver and in gold, costs time, not documents, also right after a job that was given up', async () => {
    const uri = new URL(inject('mongodbUri'))
    const proxy = await openProxy(Number(uri.port))
    uri.port = String(proxy.port)
    try {
      const outcome = await disturbed(
        async (over) => {
          for (const step of ['clean', 'read', 'finish']) {
            await untilIn(cluster(), step, over)
            if (over.aborted) return
            await setTimeout(300)
            proxy.cut(1000)
          }
        },
        { ...division, mongodbUri: uri.href },
      )
      expect(['succeeded', 'server']).toContain(outcome)
      const { contents, local, spark } = layers()
      expect(await contents(spark)).toEqual(await contents(local))
    } finally {
      proxy.close()
    }
  })
})

test('a job that finds another run, and is not to wait, leaves at once and is none', async () => {
  const silver = layers().client.db(layers().spark.silver)
  const runs = () => silver.collection('runs').countDocuments()
  const before = await runs()
  const lock = await lockSilver(silver, { run: new ObjectId(), command: 'erase' })
  try {
    expect(await disturbed(async () => undefined, { command: 'process', noWait: true })).toBe('busy')
  } finally {
    await lock.release()
  }
  expect(await runs()).toBe(before)
})

describe('with the command line', () => {
  let settings: Settings

  beforeAll(() => {
    const { home } = cluster().spark
    settings = {
      LINGOT_HOME: cluster().home,
      MONGODB_URI: inject('mongodbUri'),
      POSTGRES_URL: inject('postgresUrl'),
      LINGOT_BRONZE_DB: layers().bronze,
      LINGOT_SILVER_DB: layers().spark.silver,
      LINGOT_GOLD_SCHEMA: layers().spark.goldSchema,
      ...(home !== undefined && { SPARK_HOME: home }),
    }
  })

  test('a `lingot` that is killed leaves nothing that the next run would not clear up', async () => {
    const running = startLingot(['process', '--engine', 'spark'], settings)
    await untilIn(cluster(), 'clean')
    running.child.kill('SIGKILL')
    expect(await disturbed(async () => undefined, { command: 'process' })).toBe('succeeded')
    await expectExact()
    await vi.waitFor(() => expect(drivers()).toEqual([]), { timeout: 60_000 })
  })

  test('a job that people submit themselves does its work, and frees the lock where Spark gives it up', async () => {
    const folder = join(workFolder(), 'a job')
    const master = ['--master', cluster().master]
    await lingot(['process', '--engine', 'spark', ...master, '--dry-run', folder], settings)
    const submit = () => start('sh', [join(folder, 'submit.sh')], { ...settings, ...cluster().environment }).ended

    const file = join(folder, 'job.sql')
    const sql = readFileSync(file, 'utf8')
    writeFileSync(file, sql.replace(/\} finish'/, "} nonsense'"))
    const { status, stderr } = await submit()
    expect({ status, stderr: stderr.slice(-600) }).toEqual({
      status: 2,
      stderr: expect.stringContaining('A job has no step nonsense.'),
    })
    expect(await layers().leftOvers(layers().spark)).toEqual([])
    expect(await lastRun()).toMatchObject({ command: 'process', engine: 'spark', outcome: 'failed' })
    expect((await lingot(['process', '--no-wait'], settings)).status).toBe(0)

    writeFileSync(file, sql)
    expect((await submit()).status).toBe(0)
    expect(await lastRun()).toMatchObject({ command: 'process', engine: 'spark', outcome: 'succeeded' })
    await expectExact()
  })

  async function lastRun() {
    return layers()
      .client.db(layers().spark.silver)
      .collection('runs')
      .findOne({}, { sort: { started: -1 } })
  }
})
