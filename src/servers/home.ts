import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { nameOf, runs } from '../system/alive.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { giveToOwner, isRoot, ownerOf, type User } from './owner.ts'
import { hasEnded, namesFolder, serverOver } from './process.ts'

/** The one path of a folder, however it was come by: a server is told by the path of its data. */
export function realHome(home: string): string {
  if (existsSync(home)) {
    const { uid } = lstatSync(home)
    // Somebody else's link leads wherever they want.
    if (!isTrusted(uid, realpathSync(home))) throw foreign(`${home} belongs to user ${uid}`)
    return realpathSync(home)
  }
  const above = dirname(home)
  return above === home ? home : join(realHome(above), basename(home))
}

/** Makes the home folder, private to its user; root lets others pass through it to PostgreSQL's data. */
export function makeHome(home: string): void {
  let problem: string | undefined
  try {
    mkdirSync(home, { recursive: true, mode: PRIVATE })
    for (const path of guarded(home)) if (isOwnAndOpen(path)) chmodSync(path, path === home ? PRIVATE : 0o755)
    problem = homeProblem(home)
    if (problem === undefined) leaveOutOfGit(home)
  } catch (error) {
    problem = `${home} cannot be made: ${reasonOf(error)}`
  }
  if (problem !== undefined) throw foreign(problem)
}

/** Data of people and keys have no place in a repository. */
function leaveOutOfGit(home: string): void {
  const file = join(home, '.gitignore')
  try {
    // Through no link, wherever it leads.
    writeFileSync(file, '*\n', { mode: 0o600, flag: 'wx' })
  } catch {
    return // it is there
  }
  giveToOwner(file)
}

const PRIVATE = isRoot ? 0o711 : 0o700

function foreign(problem: string): LingotError {
  return new LingotError('config', `${problem}.`, 'Change its owner, or set LINGOT_HOME to a folder of yours.')
}

/** Why this user cannot work in the home folder, or not without others changing what runs from it, if that is so. */
export function homeProblem(home: string): string | undefined {
  if (!existsSync(home)) return undefined
  try {
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK)
    if (!statSync(home).isDirectory()) return `${home} is not a folder`
  } catch {
    return `${home} belongs to user ${statSync(home).uid}; user ${process.getuid?.()} may not write there`
  }
  for (const path of guarded(home)) {
    const { uid } = statSync(path)
    if (!isTrusted(uid, home)) return `${path} belongs to user ${uid}, who could change what runs from there`
    if (isOpen(path) && !isOwnAndOpen(path))
      return `${path} can be changed by other users of this machine, and so what runs from there`
  }
  return undefined
}

/** A folder above the home, if there is one, in which anybody may put another in its place. */
export function openAbove(home: string): string | undefined {
  const above = dirname(home)
  if (above === home) return undefined
  return isOpen(above, 0o002) && !isSticky(above) ? above : openAbove(above)
}

/** What programs are run from: who can change it can have them run by who works here. */
function guarded(home: string): string[] {
  return [home, join(home, 'bin'), join(home, 'bin', 'mongod')].filter((path) => existsSync(path))
}

/** Whether nothing is to be feared of a user: this one, root, and where this is root whose folder it is. */
function isTrusted(uid: number, home: string): boolean {
  return process.getuid === undefined || [0, process.getuid(), ownerOf(home)?.uid].includes(uid)
}

/** Whether others than its owner may write there, where the system knows such rights. */
function isOpen(path: string, others = 0o022): boolean {
  return process.getuid !== undefined && (statSync(path).mode & others) !== 0
}

/** Whether a start closes it to others: not where a folder is shared on purpose, as /tmp. */
function isOwnAndOpen(path: string): boolean {
  return isOpen(path) && statSync(path).uid === process.getuid?.() && !isSticky(path)
}

function isSticky(path: string): boolean {
  return (statSync(path).mode & 0o1000) !== 0
}

/** Makes a data folder beside its place, and moves it there in one step. */
export async function makeData(
  data: string,
  user: User | undefined,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(`${data}${INIT}${nameOf(process.pid)}-`)
  try {
    if (user !== undefined) chownSync(folder, user.uid, user.gid)
    await fill(folder)
    await rename(folder, data).catch((error: unknown) => {
      // When another process was faster, its folder stands and this one goes.
      if (!existsSync(data)) throw error
    })
  } finally {
    await remove(folder)
  }
}

const INIT = '.init-'
/** A first start elsewhere, as in another container, is over by then. */
const DAY = 86_400_000

/** Removes what first starts left that were killed: their folders, and a server still running over one. */
export async function clearInterrupted(data: string): Promise<void> {
  const prefix = basename(data) + INIT
  for (const name of await readdir(dirname(data))) {
    const folder = join(dirname(data), name)
    if (!name.startsWith(prefix)) continue
    const maker = name.slice(prefix.length, name.lastIndexOf('-'))
    if (runs(maker) ?? Date.now() - statSync(folder).mtimeMs < DAY) continue
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
