import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { constants, openSync, type Stats } from 'node:fs'
import { access, chmod, chown, lstat, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { LingotError, reasonOf } from './errors.ts'

/** How standard output is named where a file is asked for. */
export const STDOUT = '-'

/**
 * Writes a file that somebody asked for, and says where that was. A regular one is replaced whole, never half, and keeps
 * its mode; where a link leads to it, the link stays. A pipe or a terminal is written to. With `isNew` a file that is
 * there stays as it is.
 */
export async function writeOutput(file: string, text: string, { isNew = false } = {}): Promise<'file' | 'stdout'> {
  const place = { path: resolve(file) }
  try {
    if (file === STDOUT || (await follow(place)) === 'stdout') {
      await toStdout(text)
      return 'stdout'
    }
    const { path } = place
    const there = await statOf(path)
    if (isNew) await create(path, text)
    else if (there === undefined || there.isFile()) await replace(path, text, there)
    else if (there.isFIFO()) await toPipe(path, text)
    else if (there.isCharacterDevice()) await writeFile(path, text, { flag: constants.O_WRONLY })
    else throw new Error(there.isDirectory() ? 'it is a folder' : 'it is neither a file, a pipe nor a terminal')
    return 'file'
  } catch (error) {
    throw new LingotError(
      'usage',
      `${file} cannot be written: ${await whyNot(error, dirname(place.path))}.`,
      `Name a file in a folder that you may write to, or ${STDOUT} for standard output.`,
    )
  }
}

function toStdout(text: string): Promise<void> {
  return new Promise((done, fail) => {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`, (error) => (error ? fail(error) : done()))
  })
}

/** Links that are followed: as many as Linux does. */
const MOST_LINKS = 40

/** Follows the links of a file to where they lead, whether there is something or not. */
async function follow(place: { path: string }): Promise<'file' | 'stdout'> {
  for (let followed = 0; followed < MOST_LINKS; followed++) {
    const folder = await realpath(dirname(place.path))
    const name = basename(place.path)
    place.path = join(folder, name)
    // An open file of this process is what it leads to, whatever that is called.
    if (folder === '/dev/fd' || folder === `/proc/${process.pid}/fd`) return name === '1' ? 'stdout' : 'file'
    const link = await readlink(place.path).catch(() => undefined)
    if (link === undefined) return 'file'
    place.path = resolve(folder, link)
  }
  throw new Error('its links lead in a circle')
}

async function statOf(target: string): Promise<Stats | undefined> {
  try {
    return await stat(target)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function create(target: string, text: string): Promise<void> {
  try {
    await writeFile(target, text, { flag: 'wx' })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') await rm(target, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Writes beside it first. */
async function replace(target: string, text: string, there: Stats | undefined): Promise<void> {
  // Who may write the folder could replace also what is protected.
  if (there !== undefined) await access(target, constants.W_OK)
  const beside = join(dirname(target), `.lingot-${randomBytes(6).toString('hex')}`)
  try {
    // Until it has its own rights nobody else reads it.
    await writeFile(beside, text, { flag: 'wx', ...(there !== undefined && { mode: 0o600 }) })
    if (there !== undefined) {
      await keepOwner(beside, there)
      await chmod(beside, there.mode & 0o7777)
    }
    await rename(beside, target)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Root alone can give a file away; everybody else's new file is their own. */
async function keepOwner(file: string, { uid, gid }: Stats): Promise<void> {
  const own = await lstat(file)
  if (own.uid === uid && own.gid === gid) return
  await chown(file, uid, gid).catch((error: unknown) => {
    if (codeOf(error) !== 'EPERM') throw error
  })
}

/** Without waiting for a reader: where there is none, that is told. */
async function toPipe(target: string, text: string): Promise<void> {
  // A FileHandle would close the socket's file a second time once it is collected.
  const fd = openSync(target, constants.O_WRONLY | constants.O_NONBLOCK)
  const socket = new Socket({ fd, readable: false })
  socket.end(text)
  await once(socket, 'close')
}

/** Why something cannot be written, without the names that only Lingot uses. */
async function whyNot(error: unknown, folder: string): Promise<string> {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `there is no folder ${await missingIn(folder)}`
    case 'ENOTDIR':
      return `${folder} is no folder`
    case 'EEXIST':
      return 'it is there already'
    case 'ENXIO':
      return 'nobody reads from this pipe'
    case 'EACCES':
    case 'EPERM':
      if (error instanceof Error && 'syscall' in error && error.syscall === 'access') return 'it is protected'
      return `you may not write in ${folder}`
    case 'EROFS':
      return `${folder} is on a file system that can only be read`
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk of ${folder} is full`
    case 'EBUSY':
      return `it is mounted into ${folder}, which keeps it from being replaced`
    case 'ENAMETOOLONG':
      return 'its name is too long'
    case undefined:
      return reasonOf(error)
    default:
      return `${folder} does not take it (${codeOf(error)})`
  }
}

/** The first folder on a way that is not there. */
async function missingIn(folder: string): Promise<string> {
  const above = dirname(folder)
  if (above === folder || (await statOf(above).catch(() => undefined)) !== undefined) return folder
  return missingIn(above)
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
