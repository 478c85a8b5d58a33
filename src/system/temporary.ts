import { lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nameOf, runs } from './alive.ts'

/*
 * Folders that a process works in and takes away when it ends; those of processes that were killed are found by their
 * names.
 */

/** What is worked on there: what models are made in, or all that a plan needs. */
export type Purpose = 'models' | 'plan'

const prefixOf = (purpose: Purpose) => `lingot-${purpose}-`

/** A folder of this process's own. */
export function temporaryFolder(purpose: Purpose = 'models'): string {
  return mkdtempSync(join(tmpdir(), `${prefixOf(purpose)}${nameOf(process.pid)}-`))
}

/** The folders of processes that were killed. */
export function abandonedFolders(purpose: Purpose): string[] {
  const prefix = prefixOf(purpose)
  return readdirSync(tmpdir()).flatMap((name) => {
    const folder = join(tmpdir(), name)
    // Whatever else is called alike is somebody's.
    if (!name.startsWith(prefix) || !NAME.test(name.slice(prefix.length))) return []
    const isOurs = tolerant(() => isOwn(folder), false)
    return isOurs && !tolerant(() => runs(name.slice(prefix.length)) ?? isInUse(folder), true) ? [folder] : []
  })
}

/** As a process is called there, and what keeps folders apart. */
const NAME = /^\d+(-[0-9a-f]*){0,2}-[A-Za-z0-9]{6}$/

function isOwn(folder: string): boolean {
  const { uid } = lstatSync(folder)
  return lstatSync(folder).isDirectory() && (process.getuid?.() ?? uid) === uid
}

/** Removes a folder; another user's stays. */
export function removeFolder(folder: string): void {
  tolerant(() => rmSync(folder, { recursive: true, force: true }), undefined)
}

function tolerant<T>(work: () => T, otherwise: T): T {
  try {
    return work()
  } catch (error) {
    const isAnothers = error instanceof Error && 'code' in error && /^(EACCES|EPERM|ENOENT)$/.test(String(error.code))
    if (!isAnothers) throw error
    return otherwise
  }
}

/** Of a process elsewhere that shares this folder only what it wrote tells: none works for a day without writing. */
function isInUse(folder: string): boolean {
  const written = [folder, ...readdirSync(folder).map((name) => join(folder, name))].map(
    (file) => statSync(file).mtimeMs,
  )
  return Date.now() - Math.max(...written) < DAY
}

const DAY = 86_400_000
