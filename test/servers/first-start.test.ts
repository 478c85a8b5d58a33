import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Config } from '../../src/config.ts'
import { openServers } from '../../src/servers/servers.ts'
import { startLingot } from '../command.ts'
import { until, write } from './clients.ts'
import { leftovers, removeHome, serversOver, settingsOf, temporaryConfig } from './home.ts'

let config: Config

beforeEach(async () => {
  config = await temporaryConfig()
})

afterEach(() => removeHome(config))

async function expectGoodStart(): Promise<void> {
  await write(await openServers(config))
  expect(leftovers(config)).toEqual([])
  expect(serversOver(config)).toHaveLength(2)
}

test('by two processes at once ends with one server of each kind', async () => {
  const ups = [startLingot(['up'], settingsOf(config)), startLingot(['up'], settingsOf(config))]
  await Promise.all(ups.map(({ printed }) => printed('Press Ctrl-C')))
  const [first = [], second] = ups.map(({ output }) => output.stdout.match(/^ {2}(psql|mongosh) .*$/gm))
  expect(first).toHaveLength(2)
  expect(second).toEqual(first)
  await expectGoodStart()

  ups[0]?.child.kill('SIGTERM')
  const [ended, other] = await Promise.all(ups.map(({ ended }) => ended))
  expect(ended).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('Stopped. The data stays') })
  expect(other).toMatchObject({ status: 4, stderr: expect.stringContaining('has ended') })
  expect(serversOver(config)).toEqual([])
})

test('that is killed leaves nothing that the next one would stumble over', async () => {
  const isWithin = (name: string) => leftovers(config).some((folder) => existsSync(join(config.home, folder, name)))
  const isThere = (name: string) => existsSync(join(config.home, name))
  const moments = [
    () => isWithin('mongod.lock'),
    () => isWithin('PG_VERSION'),
    () => isWithin('postmaster.pid'),
    () => isThere('mongodb'),
    () => isThere('postgres'),
  ]
  for (const isReached of moments) {
    const { child, ended } = startLingot(['up'], settingsOf(config))
    await until(isReached)
    child.kill('SIGKILL')
    await ended
  }
  await expectGoodStart()
})

test('that is interrupted ends at once', async () => {
  const { child, ended } = startLingot(['up'], settingsOf(config))
  await until(() => leftovers(config).length === 2)
  const asked = Date.now()
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ status: 130, stdout: '', stderr: expect.stringMatching(/^Stopped\./) })
  expect(Date.now() - asked).toBeLessThan(3000)
  await expectGoodStart()
})
