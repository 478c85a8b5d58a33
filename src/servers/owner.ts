import { randomUUID } from 'node:crypto'
import { existsSync, lchownSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A program to run; where `user` is not given, as the user of this process. */
export interface Program {
  command: string
  args: readonly string[]
  user?: User
  /** Its environment, where it is not that of this process. */
  env?: NodeJS.ProcessEnv
  /** What messages call it, where another program runs it. */
  name?: string
}

export interface User {
  uid: number
  gid: number
}

export const isRoot = process.getuid?.() === 0

/** The user that runs PostgreSQL in place of root, which it refuses: `nobody`. */
export const NOBODY: User = { uid: 65_534, gid: 65_534 }

/**
 * Where this process is root and the folder another user's, that user: what root leaves there must stay theirs.
 * Of several folders the first that is there counts.
 */
export function ownerOf(...folders: readonly string[]): User | undefined {
  const folder = folders.find(existsSync)
  if (!isRoot || folder === undefined) return undefined
  const { uid, gid } = statSync(folder)
  return uid === 0 ? undefined : { uid, gid }
}

/** Gives what root made in a folder of another user's to that user: it itself, whatever a link there leads to. */
export function giveToOwner(path: string): void {
  const owner = ownerOf(dirname(path))
  if (owner !== undefined) lchownSync(path, owner.uid, owner.gid)
}

/** Writes a file for its owner's eyes, whole or not at all: a link that is there is replaced, and not followed. */
export function writeWhole(file: string, text: string): void {
  const beside = join(dirname(file), `.${randomUUID()}.tmp`)
  writeFileSync(beside, text, { mode: 0o600, flag: 'wx' })
  giveToOwner(beside)
  renameSync(beside, file)
}

/**
 * A program as root runs it for another user.
 *
 * A private parent folder would keep that user out: then the program keeps the one capability to read past it.
 */
export function asUser(user: User | undefined, program: Program, paths: readonly string[]): Program {
  if (user === undefined) return program
  if (paths.every((path) => isOpenTo(user, dirname(path)))) return { ...program, user }
  const read = '-all,+dac_read_search'
  const capabilities = [`--inh-caps=${read}`, `--ambient-caps=${read}`, `--bounding-set=${read}`]
  // Without the bit the kernel drops the capability wherever a program asks whether it may read a file.
  const options = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', '--securebits=+no_setuid_fixup']
  const args = [...options, ...capabilities, '--', program.command, ...program.args]
  return { ...program, command: 'setpriv', args, name: program.command }
}

/** Whether a user may pass through a folder and all above it. */
function isOpenTo(user: User, folder: string): boolean {
  const { mode, uid } = existsSync(folder) ? statSync(folder) : { mode: 0o777, uid: 0 }
  const isOpen = (mode & (uid === user.uid ? 0o100 : 0o001)) !== 0
  return isOpen && (dirname(folder) === folder || isOpenTo(user, dirname(folder)))
}

/** Makes a folder that others cannot look into. */
export function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  giveToOwner(folder)
}
