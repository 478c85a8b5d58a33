import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openServers } from '../../src/servers/servers.ts'
import type { Config } from '../../src/settings/config.ts'
import { startLingot, until } from '../process.ts'
import { write } from './clients.ts'
import { leftovers, removeHome, serversOver, settingsOf, temporaryConfig } from './home.ts'

let config: Config

beforeEach(async () => {
  config = await temporaryConfig()
})

afterEach(() => removeHome(config))

const isThere = (name: string) => existsSync(join(config.home, name))

/** Whether a file is in one of the folders that a process is filling. */
function isMade(pid: number | undefined, name: string): boolean {
  return leftovers(config).some((folder) => folder.includes(`.init-${pid}-`) && isThere(join(folder, name)))
}

async function expectGoodStart(): Promise<void> {
  await write(await openServers(config))
  expect(leftovers(config)).toEqual([])
  expect(serversOver(config)).toHaveLength(2)
}

test('by two processes at once ends with one server of each kind', async () => {
  const one = startLingot(['up'], settingsOf(config))
  await until(() => isMade(one.child.pid, 'PG_VERSION'))
  const ups = [one, startLingot(['up'], settingsOf(config))]
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

test('that is killed or interrupted leaves nothing that the next one would stumble over', async () => {
  const stop = async (signal: NodeJS.Signals, isReached: (pid: number | undefined) => boolean) => {
    const { child, ended } = startLingot(['up'], settingsOf(config))
    await until(() => isReached(child.pid))
    child.kill(signal)
    const asked = Date.now()
    return { ...(await ended), took: Date.now() - asked }
  }
  await stop('SIGKILL', (pid) => isMade(pid, 'mongod.lock'))
  await stop('SIGKILL', (pid) => isMade(pid, 'PG_VERSION'))
  await stop('SIGKILL', (pid) => isMade(pid, 'postmaster.pid'))
  const interrupted = await stop('SIGINT', (pid) => isMade(pid, 'postmaster.pid'))
  expect(interrupted).toMatchObject({ status: 130, stdout: '', stderr: expect.stringMatching(/^Stopped\./) })
  expect(interrupted.took).toBeLessThan(2500)
  await stop('SIGKILL', () => isThere('mongodb'))
  await stop('SIGKILL', () => isThere('postgres'))
  await expectGoodStart()
})
