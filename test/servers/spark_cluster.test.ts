import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { runningCluster, startCluster, stopCluster } from '../../src/servers/spark/cluster.ts'
import type { Spark } from '../../src/servers/spark/installation.ts'
import { inTurn } from '../../src/servers/spark/turn.ts'
import { identityOf, isRunning } from '../../src/system/alive.ts'
import { root, start, until } from '../process.ts'

const above = mkdtempSync(join(tmpdir(), 'lingot test-'))
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(above, 'home '))
})

afterAll(() => rmSync(above, { recursive: true }))

/** A Spark whose daemons do this instead. */
function fakeSpark(script: string): Spark {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'spark-class'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return { home: folder, sparkSql: join(bin, 'spark-sql'), origin: 'SPARK_HOME' }
}

describe('a cluster that cannot start', () => {
  test('says what its master said last, after a few attempts', async () => {
    const spark = fakeSpark('echo no heap >&2; echo >>../attempts; exit 1')
    await expect(startCluster({ spark, home: folder })).rejects.toMatchObject({
      kind: 'server',
      message: 'The Spark cluster could not be started.\nno heap',
      next: expect.stringContaining(join(folder, 'spark')),
    })
    expect(readFileSync(join(folder, 'attempts'), 'utf8')).toBe('\n\n\n')
    expect(await stopCluster(folder)).toEqual({ masters: 0, workers: 0 })
  })

  test('leaves nothing behind when it is interrupted', async () => {
    const spark = fakeSpark('echo $$ >../pid; exec sleep 600')
    await expect(startCluster({ spark, home: folder, signal: AbortSignal.timeout(1000) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    expect(isRunning(identityOf(Number(readFileSync(join(folder, 'pid'), 'utf8'))))).toBe(false)
    expect(await runningCluster(folder)).toBeUndefined()
  })

  test('gives its daemons none of the settings for other clusters', async () => {
    const spark = fakeSpark('env >../env; exit 1')
    const env = {
      ...process.env,
      SPARK_MASTER_OPTS: '-Dother=1',
      SPARK_DIST_CLASSPATH: '/hadoop',
      SPARK_LOCAL_IP: '::',
    }
    await expect(startCluster({ spark, home: folder, env })).rejects.toMatchObject({ kind: 'server' })
    const lines = readFileSync(join(folder, 'env'), 'utf8').split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([`SPARK_HOME=${folder}`, 'SPARK_DIST_CLASSPATH=/hadoop', 'SPARK_LOCAL_IP=127.0.0.1']),
    )
    expect(lines.join()).not.toContain('other')
  })
})

test('a process whose starter is killed before it could remember it does nothing', async () => {
  const { sparkSql } = fakeSpark('echo >../ran')
  const script = join(folder, 'killed.ts')
  writeFileSync(
    script,
    `import { startDaemon } from ${JSON.stringify(join(root, 'src', 'servers', 'spark', 'daemon.ts'))}
    const sparkClass = ${JSON.stringify(join(sparkSql, '..', 'spark-class'))}
    const start = { sparkClass, args: [], env: process.env, folder: ${JSON.stringify(join(folder, 'bin'))} }
    startDaemon({ name: 'master', uiPort: 1 }, start, ({ pid }) => {
      console.log(pid)
      process.kill(process.pid, process.argv[2])
    })
    setTimeout(() => undefined, 500)`,
  )
  const run = (signal: string) => start(join(root, 'node_modules', '.bin', 'jiti'), [script, signal], {}).ended
  const { stdout } = await run('SIGKILL')
  await until(() => !isRunning(identityOf(Number(stdout))))
  expect([Number(stdout) > 0, existsSync(join(folder, 'ran'))]).toEqual([true, false])
  await run('SIGCONT')
  expect(existsSync(join(folder, 'ran'))).toBe(true)
})

describe('a turn', () => {
  test('is one at a time, and ends with the work, whether it failed or not', async () => {
    const file = join(folder, 'turn')
    let atWork = 0
    const done = await Promise.allSettled(
      Array.from({ length: 6 }, (_, i) =>
        inTurn(file, async () => {
          expect(++atWork).toBe(1)
          await setTimeout(20)
          atWork--
          if (i % 2 === 0) throw new Error('failed')
          return i
        }),
      ),
    )
    expect(done.map(({ status }) => status)).toEqual(Array(3).fill(['rejected', 'fulfilled']).flat())
    expect(readdirSync(folder)).toEqual([])
  })

  test.each([
    ['has ended', () => '999999999\nonce'],
    ['had the number that another process has now', () => `${process.pid}\nonce`],
  ])('is taken over from a process that %s, by one of those who wait', async (_, holder) => {
    const file = join(folder, 'turn')
    writeFileSync(file, holder())
    // Who was clearing up behind it has died as well.
    writeFileSync(`${file}.dead`, holder())
    let atWork = 0
    const work = async () => {
      expect(++atWork).toBe(1)
      await setTimeout(20)
      atWork--
    }
    await Promise.all([inTurn(file, work), inTurn(file, work), inTurn(file, work)])
    expect(readdirSync(folder)).toEqual([])
  })

  test('is waited for while its process runs, until one does not want to any more', async () => {
    const file = join(folder, 'turn')
    const other = spawn('sleep', ['60'])
    writeFileSync(file, `${other.pid}\n${identityOf(other.pid ?? 0).beginning}`)
    let waited = 0
    const waiting = { onWait: () => waited++, signal: AbortSignal.timeout(300) }
    await expect(inTurn(file, async () => 1, waiting)).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(waited).toBeGreaterThan(0)
    const next = inTurn(file, async () => 2)
    other.kill()
    expect(await next).toBe(2)
  })
})
