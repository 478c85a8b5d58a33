import { readdirSync, readFileSync, statSync } from 'node:fs'
import { chmod, chown, lchown, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NOBODY } from '../../src/servers/owner.ts'
import { openMongodb, openPostgres, openServers } from '../../src/servers/servers.ts'
import type { Config } from '../../src/settings/config.ts'
import { cli, lingot, root, start } from '../process.ts'
import { write, written } from './clients.ts'
import { removeHome, serversOver, settingsOf, temporaryConfig } from './home.ts'

const isRoot = process.getuid?.() === 0
/** PostgreSQL makes a cluster for users alone that the system has a name for. */
const SOMEONE = NOBODY.uid

/** Whether anyone may read what is in the folder. */
function isPublic(folder: string): boolean {
  return (statSync(folder).mode & 0o005) === 0o005 && (dirname(folder) === folder || isPublic(dirname(folder)))
}

let config: Config

beforeEach(async () => {
  config = await temporaryConfig()
})

afterEach(() => removeHome(config))

/** Runs the command as a user without any rights. */
function asSomeone(...args: string[]) {
  const user = ['--reuid', `${SOMEONE}`, '--regid', `${SOMEONE}`, '--clear-groups']
  return start('setpriv', [...user, process.execPath, cli, ...args], settingsOf(config), '/')
}

/** Who owns what is in the home, apart from the link to the shared mongod. */
function owners(): Set<number> {
  const inside = readdirSync(config.home, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('bin'),
  )
  return new Set(inside.map((name) => statSync(join(config.home, name)).uid))
}

describe.runIf(isRoot && isPublic(root))('another user than root', () => {
  test('starts both, and root can go on with what is theirs, and they after root', async () => {
    await chown(config.home, SOMEONE, SOMEONE)
    const up = asSomeone('up')
    await up.printed('Press Ctrl-C')
    up.child.kill('SIGTERM')
    expect(await up.ended).toMatchObject({ status: 0, stderr: '' })

    const servers = await openServers(config)
    await write(servers)
    expect(await lingot(['down'], settingsOf(config))).toMatchObject({ status: 0, stderr: '' })
    expect(owners()).toEqual(new Set([SOMEONE]))

    const again = asSomeone('up')
    await again.printed('Press Ctrl-C')
    expect(await written(servers)).toEqual([1, 1])
    again.child.kill('SIGINT')
    expect(await again.ended).toMatchObject({ status: 0, stderr: '' })
  })

  test('is told whose folder it is where they may not write', async () => {
    const { status, stdout, stderr } = await asSomeone('up').ended
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
    expect(stderr).toBe(
      `${config.home} belongs to user 0; user ${SOMEONE} may not write there.\n` +
        '→ Change its owner, or set LINGOT_HOME to a folder of yours.\n',
    )
    const doctor = await asSomeone('doctor').ended
    expect(doctor).toMatchObject({ status: 4, stdout: expect.stringContaining('✖ Data folder') })
  })

  test('is told where no folder can be made', async () => {
    await mkdir(join(config.home, 'theirs'))
    await chmod(config.home, 0o755)
    config = { ...config, home: join(config.home, 'theirs', 'home') }
    const { status, stderr } = await asSomeone('up').ended
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: expect.stringMatching(/home cannot be made: EACCES.*\n→ .*LINGOT_HOME to a folder of yours/),
    })
  })
})

describe.skipIf(process.platform === 'win32')('a folder that others may write', () => {
  const modeOf = (...path: string[]) => statSync(join(config.home, ...path)).mode & 0o777

  test('is closed to them before anything runs from it, where it is this user’s', async () => {
    await chmod(config.home, 0o777)
    await chmod(join(config.home, 'bin'), 0o777)
    await openServers(config)
    expect([modeOf(), modeOf('bin')]).toEqual([isRoot ? 0o711 : 0o700, 0o755])
  })

  test.runIf(isRoot).each([
    ['', 0o700, '', true],
    ['', 0o777, 'can be changed by other users of this machine', false],
    ['bin', 0o755, 'belongs to user 1234', false],
    ['bin/mongod', 0o755, 'belongs to user 1234', false],
  ])('is refused where it is another’s: %j of mode %o', async (path, mode, problem, works) => {
    const uid = path === '' ? SOMEONE : 1234
    if (path === 'bin/mongod') {
      await rm(join(config.home, path))
      await writeFile(join(config.home, path), '#!/bin/sh\n')
    }
    await chown(join(config.home, path), uid, uid)
    await chmod(join(config.home, path), mode)
    const opened = await openServers(config).then(
      () => 'opened',
      (error: Error) => error.message,
    )
    // Root works over another's folder as that user, and may where nobody else can change it.
    expect(opened).toEqual(works ? 'opened' : expect.stringContaining(problem))
    if (!works) expect(serversOver(config)).toEqual([])
  })

  test('is not reached through somebody else’s link', async () => {
    if (!isRoot) return
    const link = `${config.home}-link`
    await symlink(config.home, link)
    await lchown(link, 1234, 1234)
    const { status, stderr } = await lingot(['ask'], { ...settingsOf(config), LINGOT_HOME: link })
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: `${link} belongs to user 1234.\n→ Change its owner, or set LINGOT_HOME to a folder of yours.\n`,
    })
    await rm(link)
  })

  test('is told of where it is above', async () => {
    const above = join(config.home, 'above')
    await mkdir(above)
    const detail = async (mode: number) => {
      await chmod(above, mode)
      return (await lingot(['doctor'], { ...settingsOf(config), LINGOT_HOME: join(above, 'home') })).stdout
    }
    expect(await detail(0o777)).toContain(`everybody may write in ${above}`)
    expect(await detail(0o1777)).not.toContain('everybody may write')
    expect(await detail(0o755)).not.toContain('everybody may write')
  })

  test('has root write through no link in it', async () => {
    if (!isRoot) return
    const elsewhere = join(config.home, 'bin', 'roots')
    await writeFile(elsewhere, 'theirs')
    for (const name of ['mongodb.log', 'postgres.log', 'mongodb.port', 'postgres.port']) {
      await symlink(elsewhere, join(config.home, name))
    }
    await chown(config.home, SOMEONE, SOMEONE)
    const opened = await Promise.allSettled([openMongodb(config), openPostgres(config)])
    expect(opened.map((one) => one.status === 'rejected' && one.reason.kind)).toEqual(['config', 'config'])
    expect(readFileSync(elsewhere, 'utf8')).toBe('theirs')
    expect(statSync(elsewhere).uid).toBe(0)
  })
})
