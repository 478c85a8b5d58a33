import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { clearInterrupted } from '../../src/servers/home.ts'
import { identityOf, isRunning, nameOf, runs } from '../../src/system/alive.ts'

const above = mkdtempSync(join(tmpdir(), 'lingot test-'))
afterAll(() => rmSync(above, { recursive: true }))

const me = identityOf(process.pid)
const NOBODY = 999_999_999

async function endedProcess() {
  const child = spawn('sleep', ['60'])
  const identity = identityOf(child.pid ?? 0)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return identity
}

test('a process is told by its number and by when it began', async () => {
  expect(isRunning(me)).toBe(true)
  expect(identityOf(process.pid)).toEqual(me)
  expect(isRunning({ ...me, beginning: 'once' })).toBe(false)
  expect(isRunning(identityOf(NOBODY))).toBe(false)
  expect(isRunning(await endedProcess())).toBe(false)
})

test.each([
  ['this one', nameOf(process.pid), true],
  ['one that had the number of this one', nameOf(process.pid).replace(/\w+$/, '000000000000'), false],
  ['one that has ended', nameOf(NOBODY), false],
  ['one elsewhere', `${process.pid}-000000000000-000000000000`, undefined],
  ['one that an older version named', String(process.pid), true],
  ['one that an older version named and that has ended', String(NOBODY), false],
])('by its name: %s', (_, name, expected) => {
  expect(runs(name)).toBe(expected)
})

test('what a first start left goes once its process has ended, or after a day where that is elsewhere', async () => {
  const elsewhere = `${process.pid}-000000000000-000000000000`
  const [own, others, ...gone] = [
    nameOf(process.pid),
    elsewhere,
    nameOf(process.pid).replace(/\w+$/, '000000000000'),
    nameOf(NOBODY),
    String(NOBODY),
  ].map((maker) => `postgres.init-${maker}-aBc123`)
  const old = `postgres.init-${elsewhere}-dEf456`
  for (const name of [own, others, ...gone, old, 'postgres']) mkdirSync(join(above, String(name)))
  utimesSync(join(above, old), 0, 0)
  await clearInterrupted(join(above, 'postgres'))
  expect(readdirSync(above).sort()).toEqual(['postgres', own, others].sort())
})
