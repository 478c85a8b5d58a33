import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { identityOf, isRunning } from '../../src/system/alive.ts'
import { failures } from '../../src/system/errors.ts'
import type { Status } from '../../src/web/api.ts'
import { lingot, type Running, root, start, startLingot } from '../process.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'
import { ask, listenTo, post } from './http.ts'

let place: Place

beforeAll(async () => {
  place = await openPlace()
  await generate(place.client, { database: place.names.bronze, seed: 1, scale: 0.5 })
})

afterAll(() => place.leave())

async function started(...args: string[]): Promise<{ served: Running; port: number; token: string }> {
  const served = startLingot(['serve', ...args], settingsOf(place.names))
  await served.printed('\n')
  const [, port = '', token = ''] =
    /^http:\/\/127\.0\.0\.1:(\d+)\/#token=([\w-]{32})\n$/.exec(served.output.stdout) ?? []
  return { served, port: Number(port), token }
}

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  test('ends it within a second, with listeners and statements under way', async () => {
    const { served, port, token } = await started('--port', '0')
    const events = listenTo<Status>(port, '/api/events')
    await events.until(({ canRun }) => canRun)
    post(port, '/api/sql', { sql: 'select pg_sleep(9)' }, { authorization: `Bearer ${token}` }).catch(() => undefined)
    await setTimeout(300)
    const told = Date.now()
    served.child.kill(signal)
    expect(await served.ended).toMatchObject({ status: 0, stderr: 'Press Ctrl-C to end it.\n' })
    expect(Date.now() - told).toBeLessThan(1000)
    events.end()
  })
})

test('a run that it started has ended, and left the lock, when it has', async () => {
  const { served, port, token } = await started('--port', '0')
  const events = listenTo<Status>(port, '/api/events')
  expect(await post(port, '/api/runs', {}, { authorization: `Bearer ${token}` })).toMatchObject({ status: 202 })
  const lock = () => place.client.db(place.names.silver).collection('lock').findOne()
  const pid: number = (await lock())?.['holder'].pid
  expect(isRunning(identityOf(pid))).toBe(true)
  served.child.kill('SIGINT')
  expect(await served.ended).toMatchObject({ status: 0 })
  expect(isRunning(identityOf(pid))).toBe(false)
  expect(await lock()).not.toHaveProperty('holder')
  expect(await lock()).not.toHaveProperty('progress')
  events.end()
})

test('an edit of a query is told and shown at once', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'lingot package-'))
  for (const part of ['package.json', 'dist', 'src']) cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  expect(await lingot(['run'], settingsOf(place.names))).toMatchObject({ status: 0 })
  const served = start(
    process.execPath,
    [join(copy, 'dist', 'cli.js'), 'serve', '--port', '0'],
    settingsOf(place.names),
  )
  await served.printed('\n')
  const port = Number(/:(\d+)\//.exec(served.output.stdout)?.[1])
  const read = async () => {
    const paths = ['/api/queries', '/api/answers', '/api/pages/overview?period=all']
    const told = await Promise.all(paths.map((path) => ask(port, path)))
    expect(told.map(({ status }) => status)).toEqual([200, 200, 200])
    return told.map(({ text }) => text.includes('Edited just now'))
  }
  expect(await read()).toEqual([false, false, false])
  for (const file of ['gold/questions/2_best_product.sql', 'web/figures/overview/totals.sql']) {
    const path = join(copy, 'src', file)
    writeFileSync(path, `-- Edited just now.\n${readFileSync(path, 'utf8')}`)
  }
  expect(await read()).toEqual([true, true, true])
  served.child.kill('SIGTERM')
  await served.ended
  rmSync(copy, { recursive: true })
})

test('a port that is taken is refused where it was set, and passed by where not', async () => {
  const taken = createServer().listen(7007, '127.0.0.1')
  // Where somebody has it already, it is taken as well.
  taken.on('error', () => undefined)
  await setTimeout(50)
  const { status, stdout, stderr } = await lingot(['serve', '--port', '7007'], settingsOf(place.names))
  expect({ status, stdout }).toEqual({ status: failures.server.exit, stdout: '' })
  expect(stderr).toMatch(/^127\.0\.0\.1, port 7007: something else listens there\.\n→ .*--port/)
  const { served, port } = await started()
  expect(port).toBeGreaterThan(7007)
  expect((await ask(port, '/api/status')).status).toBe(200)
  served.child.kill('SIGTERM')
  await served.ended
  taken.close()
})

test('where others reach it, the token is printed with which a reader is asked, and a name that is allowed leads to it', async () => {
  const args = ['serve', '--host', '0.0.0.0', '--port', '0', '--allow-host', 'a.example', '--allow-host', 'b.example']
  const served = startLingot(args, { ...settingsOf(place.names), POSTGRES_READER_URL: place.postgresUrl })
  await served.printed('\n')
  const [, port, token] = /^http:\/\/0\.0\.0\.0:(\d+)\/#token=([\w-]{32})\n$/.exec(served.output.stdout) ?? []
  const statusOf = async (host: string, headers = {}) =>
    (await post(Number(port), '/api/sql', { sql: 'select 1' }, { host, ...headers })).status
  for (const host of ['a.example', 'b.example']) {
    expect(await statusOf(host)).toBe(401)
    expect(await statusOf(host, { authorization: `Bearer ${token}` })).not.toBe(401)
  }
  expect(await statusOf('c.example', { authorization: `Bearer ${token}` })).toBe(403)
  served.child.kill('SIGTERM')
  await served.ended
})

test.each([
  [['--port', '70000'], failures.usage.exit, /at most 65535/],
  [['--allow-host', 'dashboard.example:7007'], failures.usage.exit, /host name, without a port/],
  [['--base-path', 'shop'], failures.usage.exit, /must be a path such as \/shop/],
  [['--host', ''], failures.usage.exit, /^The address to listen on is empty, .*\n→ .*127\.0\.0\.1/],
  [['--host', ' '], failures.usage.exit, /^The address to listen on is empty/],
  [['--host', '203.0.113.1'], failures.server.exit, /^203\.0\.113\.1, port .*EADDRNOTAVAIL/],
])('serve %j is refused', async (args, exit, message) => {
  const { status, stdout, stderr } = await lingot(['serve', ...args], settingsOf(place.names))
  expect({ status, stdout }).toEqual({ status: exit, stdout: '' })
  expect(stderr).toMatch(message)
})
