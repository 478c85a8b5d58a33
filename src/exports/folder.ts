import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { nameOf, runs } from '../system/alive.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { inJson } from '../text/printable.ts'

/** The file in which an export says what it is. */
const MANIFEST = 'manifest.json'

/** What every manifest says. */
export interface Manifest {
  /** What made it, and in which form: `{ export: 'parquet', version: '0.1.0' }`. */
  lingot: { export: string; version: string }
  /** When, in ISO 8601. */
  exported: string
  /** The files beside it, with slashes. */
  files: string[]
}

/**
 * Fills a folder that somebody named, which appears whole or not at all: `fill` writes into one beside it and gives the
 * manifest. Throws where something stands there that is no earlier export, before anything is written.
 */
export async function writeFolder<M extends Manifest>(
  folder: string,
  fill: (beside: string) => Promise<M>,
): Promise<M> {
  const target = await realpath(folder).catch(() => resolve(folder))
  await refuseOther(folder, target)
  const beside = await makeBeside(folder, target)
  try {
    const manifest = await fill(beside)
    await writeFile(join(beside, MANIFEST), `${inJson(manifest, 2)}\n`)
    await refuseOther(folder, target)
    await putInPlace(beside, target)
    return manifest
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

async function refuseOther(folder: string, target: string): Promise<void> {
  const foreign = await foreignIn(target)
  if (foreign === undefined) return
  throw new LingotError(
    'usage',
    `${folder} is not an earlier export alone: ${foreign}. It stays as it is.`,
    'Name a folder that is new, empty, or an earlier export.',
  )
}

/** What of a folder no export left there; undefined where there is nothing else. */
async function foreignIn(target: string): Promise<string | undefined> {
  const files = await filesOf(join(target, MANIFEST))
  let found: string[]
  try {
    if (files === undefined) {
      return (await readdir(target)).length === 0 ? undefined : `it has no ${MANIFEST} of Lingot's`
    }
    const entries = await readdir(target, { recursive: true, withFileTypes: true })
    found = entries
      .filter((entry) => !entry.isDirectory())
      .map(({ parentPath, name }) =>
        join(parentPath, name)
          .slice(target.length + 1)
          .replaceAll('\\', '/'),
      )
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    return codeOf(error) === 'ENOTDIR' ? 'it is a file' : reasonOf(error)
  }
  const other = found.find((file) => file !== MANIFEST && !files.includes(file))
  return other && `it holds ${other}`
}

/** The files that an export says are its own; undefined where it is none. */
async function filesOf(manifest: string): Promise<string[] | undefined> {
  try {
    const said: unknown = JSON.parse(await readFile(manifest, 'utf8'))
    if (typeof said !== 'object' || said === null || !('lingot' in said) || !('files' in said)) return undefined
    return Array.isArray(said.files) ? said.files.map(String) : undefined
  } catch {
    return undefined
  }
}

/** What is called as processes are, and nothing else. */
const OWN_NAME = /^\d+-[0-9a-f]{12}-[0-9a-f]{12}-[0-9a-f]{6}(-old)?$/
const OLD = /-old$/

/** A folder of this process's own beside the one that is wanted; those that killed processes left go. */
async function makeBeside(folder: string, target: string): Promise<string> {
  const prefix = `.${basename(target)}.lingot-`
  const above = dirname(target)
  try {
    for (const name of await readdir(above)) {
      const own = name.startsWith(prefix) ? name.slice(prefix.length) : ''
      if (!OWN_NAME.test(own) || runs(own.replace(OLD, '')) !== false) continue
      // Killed between its two renames: the earlier export is the one that is left.
      const isTaken =
        OLD.test(own) &&
        (await rename(join(above, name), target).then(
          () => true,
          () => false,
        ))
      if (!isTaken) await rm(join(above, name), { recursive: true, force: true })
    }
    const beside = join(above, `${prefix}${nameOf(process.pid)}-${randomBytes(3).toString('hex')}`)
    // Names of people may be in it.
    await mkdir(beside, { mode: 0o700 })
    return beside
  } catch (error) {
    throw new LingotError(
      'usage',
      `${folder} cannot be written: ${reasonOf(error)}.`,
      'Name a folder in one that you may write to.',
    )
  }
}

/** An earlier one goes aside first, since no folder is renamed over one that holds anything. */
async function putInPlace(beside: string, target: string): Promise<void> {
  const old = `${beside}-old`
  const isThere = await rename(target, old).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return false
      throw error
    },
  )
  try {
    await rename(beside, target)
  } catch (error) {
    if (isThere) await rename(old, target)
    throw error
  }
  await rm(old, { recursive: true, force: true })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
