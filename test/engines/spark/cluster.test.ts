import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hasEnded } from '../../../src/servers/process.ts'
import { type Cluster, runningCluster, startCluster, stopCluster } from '../../../src/servers/spark/cluster.ts'
import type { Spark } from '../../../src/servers/spark/installation.ts'
import { identityOf, isRunning } from '../../../src/system/alive.ts'
import { type Ended, lingot, type Running, start, startLingot, until, workFolder } from '../../process.ts'
import { removeSparkHome, temporaryHome, testSpark } from './cluster.ts'

let spark: Spark
const home = temporaryHome()
const settings = () => ({ LINGOT_HOME: home, SPARK_HOME: spark.home ?? '' })
const up = () => startCluster({ spark, home, memoryMb: 1024 })

beforeAll(async () => {
  spark = await testSpark()
})

afterAll(() => removeSparkHome(home))

function pidsOf({ masterPid, workers }: Cluster): number[] {
  return [masterPid, ...workers.map(({ pid }) => pid)]
}

function stateFile(): string {
  return join(home, 'spark', 'cluster.json')
}

async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await hasEnded(pid, 10_000)
}

/** Runs a statement on the cluster, with these settings. */
function onCluster(cluster: Cluster, sql: string, environment: Record<string, string>): Promise<Ended> {
  return startOnCluster(cluster, sql, environment).ended
}

function startOnCluster({ master }: Cluster, sql: string, environment: Record<string, string>): Running {
  const script = join(workFolder(), 'job.sql')
  writeFileSync(script, sql)
  const catalog = ['--conf', 'spark.sql.catalogImplementation=in-memory']
  return start(spark.sparkSql, ['--master', master, ...catalog, '-f', script], {
    SPARK_HOME: spark.home ?? '',
    ...environment,
  })
}

describe('a cluster', () => {
  test('is a master and two workers, which run a program as processes of their own', async () => {
    const cluster = await up()
    expect(cluster.workers).toMatchObject([
      { cores: 1, memoryMb: 1024 },
      { cores: 1, memoryMb: 1024 },
    ])
    expect(new Set(pidsOf(cluster)).size).toBe(3)
    const sql = `select transform(id) using 'sh -c "tr 0-9 a-j"' as (letters string) from range(10, 14, 1, 4);`
    const { status, stdout, stderr } = await onCluster(cluster, sql, cluster.environment)
    expect({ status, letters: stdout.trim().split('\n').sort() }, stderr).toEqual({
      status: 0,
      letters: ['ba', 'bb', 'bc', 'bd'],
    })
  })

  test('works for nobody who does not know its secret, which stands in one private file', async () => {
    const cluster = await up()
    const refused = startOnCluster(cluster, 'select 1;', { SPARK_LOCAL_IP: '127.0.0.1' })
    await until(() => refused.output.stderr.includes('SASL'))
    // By itself it gives up after a minute.
    refused.child.kill('SIGTERM')
    expect((await refused.ended).stdout).toBe('')

    const file = join(cluster.environment['SPARK_CONF_DIR'] ?? '', 'spark-defaults.conf')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const [, secret = ''] = /^spark\.authenticate\.secret (\w{64})$/m.exec(readFileSync(file, 'utf8')) ?? []
    expect(secret).not.toBe('')
    const shown = await Promise.all([
      start('ps', ['-e', '-ww', '-o', 'args='], {}).ended.then(({ stdout }) => stdout),
      fetch(cluster.masterUi).then((page) => page.text()),
      fetch(`${cluster.masterUi}/environment`).then((page) => page.text()),
    ])
    expect(shown.join()).not.toContain(secret)
    expect(shown.join()).toContain('spark.authenticate')
  })

  test.runIf(spawnSync('ss', ['-V']).status === 0)('listens on this machine alone', async () => {
    const pids = pidsOf(await up())
    const { stdout } = await start('ss', ['-ltnpH'], {}).ended
    const addresses = stdout
      .split('\n')
      .filter((line) => pids.some((pid) => line.includes(`pid=${pid},`)))
      .map((line) => line.trim().split(/\s+/)[3]?.replace(/:\d+$/, ''))
    // Three pages and three ports to talk on.
    expect(addresses).toEqual(Array(6).fill('[::ffff:127.0.0.1]'))
  })

  test('is used again by the next start, and by two at once', async () => {
    const first = await up()
    expect(await Promise.all([up(), up()])).toEqual([first, first])
    expect(await runningCluster(home)).toEqual(first)
  })

  test('gets another worker for one that was killed', async () => {
    const before = await up()
    const [killed, other] = before.workers
    await kill(killed?.pid ?? 0)
    const after = await up()
    expect(after.master).toBe(before.master)
    expect(after.workers).toHaveLength(2)
    expect(after.workers).toContainEqual(other)
    expect(after.workers).not.toContainEqual(killed)
  })

  test('begins anew where its master was killed', async () => {
    const before = await up()
    await kill(before.masterPid)
    expect(await runningCluster(home)).toBeUndefined()
    const after = await up()
    expect(pidsOf(before).filter((pid) => isRunning(identityOf(pid)))).toEqual([])
    expect(pidsOf(after).filter((pid) => isRunning(identityOf(pid)))).toHaveLength(3)
  })

  test('is known by more than its pids: others that were given them are left alone', async () => {
    const cluster = await up()
    const foreign = spawn('sleep', ['600'], { detached: true })
    const kept = JSON.parse(readFileSync(stateFile(), 'utf8'))
    for (const pid of pidsOf(cluster)) await kill(pid)
    const other = (daemon: object) => ({ ...daemon, pid: foreign.pid })
    const stale = { ...kept, master: other(kept.master), workers: kept.workers.map(other) }
    try {
      writeFileSync(stateFile(), JSON.stringify(stale))
      expect(await runningCluster(home)).toBeUndefined()
      expect(await stopCluster(home)).toEqual({ masters: 0, workers: 0 })
      writeFileSync(stateFile(), JSON.stringify(stale))
      expect(pidsOf(await up())).not.toContain(foreign.pid)
      expect(foreign.exitCode).toBeNull()
      expect(foreign.signalCode).toBeNull()
    } finally {
      foreign.kill()
    }
  })

  test('ends whole, with what it left on the disk, and may be ended again', async () => {
    const cluster = await up()
    expect(await stopCluster(home)).toEqual({ masters: 1, workers: 2 })
    expect(pidsOf(cluster).filter((pid) => isRunning(identityOf(pid)))).toEqual([])
    expect(await runningCluster(home)).toBeUndefined()
    expect(readdirSync(join(home, 'spark')).sort()).toEqual(['conf', 'master.log', 'worker-1.log', 'worker-2.log'])
    expect(await stopCluster(home)).toEqual({ masters: 0, workers: 0 })
  })
})

function commandOf(pid: number): string {
  return spawnSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' }).stdout
}

describe('a start that is killed', () => {
  afterEach(async () => {
    await stopCluster(home)
  })

  test.each(['SIGKILL', 'SIGINT'] as const)(
    'with %s leaves no process that the next one does not know',
    async (how) => {
      await stopCluster(home)
      const running = startLingot(['spark', 'setup'], settings())
      await until(() => existsSync(stateFile()) && JSON.parse(readFileSync(stateFile(), 'utf8')).workers.length > 0)
      const left: { master: { pid: number }; workers: { pid: number }[] } = JSON.parse(
        readFileSync(stateFile(), 'utf8'),
      )
      const pids = [left.master, ...left.workers].map(({ pid }) => pid)
      // Until it is let go a process ends with the one that started it.
      await until(() => pids.every((pid) => !commandOf(pid).includes('read -r go')))
      running.child.kill(how)
      await running.ended
      // Ctrl-C ends what it started; what kill -9 left goes on to be used.
      if (how === 'SIGINT') expect(pids.filter((pid) => isRunning(identityOf(pid)))).toEqual([])
      const cluster = await up()
      expect(pidsOf(cluster).filter((pid) => pids.includes(pid))).toHaveLength(how === 'SIGINT' ? 0 : pids.length)
      expect(await stopCluster(home)).toEqual({ masters: 1, workers: 2 })
      expect([...pids, ...pidsOf(cluster)].filter((pid) => isRunning(identityOf(pid)))).toEqual([])
    },
  )
})

describe('the commands', () => {
  test('say what runs where and how to end it, and doctor sees it', async () => {
    const first = await lingot(['spark', 'setup'], settings())
    const cluster = await runningCluster(home)
    if (cluster === undefined) throw new Error(first.stderr)
    expect(first).toMatchObject({ status: 0, stderr: '' })
    const told = [cluster.master, cluster.masterUi, ...cluster.workers.map(({ ui }) => ui), 'started now']
    for (const text of [...told, 'lingot run --engine spark', 'lingot spark down']) expect(first.stdout).toContain(text)

    const second = await lingot(['spark', 'setup', '--json'], settings())
    expect(JSON.parse(second.stdout)).toMatchObject({ ...cluster, version: '4.3.0', startedNow: false })
    const found: { name: string }[] = JSON.parse((await lingot(['doctor', '--json'], settings())).stdout)
    expect(found.find(({ name }) => name === 'Spark')).toEqual({
      name: 'Spark',
      state: 'ok',
      detail: `4.3.0 at ${spark.home}, set by SPARK_HOME; its cluster runs at ${cluster.master}, workers: 2`,
    })

    expect(await lingot(['spark', 'down'], settings())).toEqual({
      status: 0,
      stdout: 'Stopped the master and 2 workers of Spark. It stays installed for the next start.\n',
      stderr: '',
    })
    expect(await lingot(['spark', 'down'], settings())).toEqual({
      status: 0,
      stdout: 'No Spark of Lingot is running here.\n',
      stderr: '',
    })
    expect(pidsOf(cluster).filter((pid) => isRunning(identityOf(pid)))).toEqual([])
  })
})
