import { accessSync, chownSync, constants, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isAlive } from '../alive.ts'
import { LingotError, reasonOf } from '../errors.ts'
import { isRoot, type User } from './owner.ts'
import { hasEnded, namesFolder, serverOver } from './process.ts'

/** The one path of a folder, however it was come by: a server is told by the path of its data. */
export function realHome(home: string): string {
  if (existsSync(home)) return realpathSync(home)
  const above = dirname(home)
  return above === home ? home : join(realHome(above), basename(home))
}

/** Makes the home folder, private to its user; root lets others pass through it to PostgreSQL's data. */
export function makeHome(home: string): void {
  let problem: string | undefined
  try {
    mkdirSync(home, { recursive: true, mode: isRoot ? 0o711 : 0o700 })
    problem = homeProblem(home)
  } catch (error) {
    problem = `${home} cannot be made: ${reasonOf(error)}`
  }
  if (problem !== undefined) {
    throw new LingotError('config', `${problem}.`, 'Change its owner, or set LINGOT_HOME to a folder of yours.')
  }
}

/** Why this user cannot work in the home folder, if that is so. */
export function homeProblem(home: string): string | undefined {
  if (!existsSync(home)) return undefined
  try {
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK)
    return statSync(home).isDirectory() ? undefined : `${home} is not a folder`
  } catch {
    return `${home} belongs to user ${statSync(home).uid}; user ${process.getuid?.()} may not write there`
  }
}

/** Folders that this process is filling. */
const underWay = new Set<string>()

/** Makes a data folder beside its place, and moves it there in one step. */
export async function makeData(
  data: string,
  user: User | undefined,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(`${data}${INIT}${process.pid}-`)
  underWay.add(folder)
  try {
    if (user !== undefined) chownSync(folder, user.uid, user.gid)
    await fill(folder)
    await rename(folder, data).catch((error: unknown) => {
      // When another process was faster, its folder stands and this one goes.
      if (!existsSync(data)) throw error
    })
  } finally {
    await remove(folder)
    underWay.delete(folder)
  }
}

const INIT = '.init-'

/** Removes what first starts left that were killed: their folders, and a server still running over one. */
export async function clearInterrupted(data: string): Promise<void> {
  const prefix = basename(data) + INIT
  for (const name of await readdir(dirname(data))) {
    const folder = join(dirname(data), name)
    if (!name.startsWith(prefix) || underWay.has(folder)) continue
    const maker = Number.parseInt(name.slice(prefix.length), 10)
    // An own id that is not under way was another process's before.
    if (maker !== process.pid && isAlive(maker)) continue
    const server = serverOver(folder)
    if (server !== undefined) await end(server, 'SIGKILL')
    await remove(folder)
  }
}

/** Ends the server of a data folder that was moved while it ran: by its old name it finds no file. Whether there was one. */
export async function endMoved(data: string): Promise<boolean> {
  const pid = serverOver(data)
  if (pid === undefined || namesFolder(pid, data)) return false
  if (!(await end(pid, 'SIGINT'))) await end(pid, 'SIGKILL')
  return true
}

async function end(pid: number, signal: NodeJS.Signals): Promise<boolean> {
  try {
    process.kill(pid, signal)
  } catch {
    return true // it has just ended
  }
  return hasEnded(pid, 5000)
}

/** A program that was just killed may have left a child that still writes: then it takes a few attempts. */
function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
}
