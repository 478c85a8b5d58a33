import { spawn, spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { root } from '../process.ts'

/*
 * Shops that nobody made for Lingot, from packages of npm and PyPI: fetched when they are tested, since the data has
 * owners.
 */

function run(program: string, args: readonly string[], cwd: string, timeout = 120_000): Promise<boolean> {
  const child = spawn(program, args, { cwd, timeout, stdio: 'ignore' })
  return new Promise((resolve) =>
    child.once('error', () => resolve(false)).once('close', (code) => resolve(code === 0)),
  )
}

/** A package of npm in a folder; undefined where it cannot be had. */
export async function npmPackage(name: string, folder: string): Promise<string | undefined> {
  const isThere = await run('npm', ['install', '--ignore-scripts', '--no-audit', '--prefix', folder, name], folder)
  return isThere ? join(folder, 'node_modules', name) : undefined
}

/** A wheel of PyPI, unpacked; undefined where it cannot be had. */
export async function pythonPackage(name: string, folder: string): Promise<string | undefined> {
  const into = join(folder, name)
  mkdirSync(into)
  const options = ['--no-deps', '--only-binary', ':all:', '-d', into]
  if (!(await run('python3', ['-m', 'pip', 'download', ...options, name], folder))) return undefined
  const wheel = readdirSync(into).find((file) => file.endsWith('.whl'))
  return wheel !== undefined && (await run('python3', ['-m', 'zipfile', '-e', wheel, '.'], into)) ? into : undefined
}

/** Programs with all that they need, in a folder that later runs use again; undefined where they cannot be had. */
async function kept(
  pinned: readonly string[],
  platform: string,
  install: (folder: string) => Promise<boolean>,
): Promise<string | undefined> {
  const above = join(root, '.lingot', 'clients')
  const folder = join(above, hash('sha256', JSON.stringify([platform, ...pinned])).slice(0, 16))
  if (existsSync(folder)) return folder
  const beside = `${folder}.${process.pid}`
  mkdirSync(beside, { recursive: true })
  try {
    // Another run may have put it there meanwhile.
    if (await install(beside)) renameSync(beside, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
  if (existsSync(folder)) return folder
  console.error(`${pinned.join(', ')} cannot be installed here: the tests of it are skipped.`)
  return undefined
}

const LONG = 900_000

/** Packages of PyPI, each as `name==version`: what they bring for the command line is in `bin`. */
export function keptFromPyPI(...pinned: readonly string[]): Promise<string | undefined> {
  const { stdout } = spawnSync('python3', ['--version'], { encoding: 'utf8' })
  const options = ['-m', 'pip', 'install', '--quiet', '--no-compile', '--only-binary', ':all:', '--target']
  return kept(pinned, `${stdout}`.trim(), (folder) => run('python3', [...options, folder, ...pinned], folder, LONG))
}

/** Packages of npm, each as `name@version`. */
export function keptFromNpm(...pinned: readonly string[]): Promise<string | undefined> {
  const options = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix']
  return kept(pinned, process.platform, (folder) => run('npm', [...options, folder, ...pinned], folder, LONG))
}

/** The rows of a CSV file, its cells in quotes where they hold a comma. */
export function csvRows(file: string): Record<string, string>[] {
  const [head = [], ...rows] = readFileSync(file, 'utf8')
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain,
      ),
    )
  return rows.map((cells) => Object.fromEntries(head.map((name, i) => [name, cells[i] ?? ''])))
}

/** What a query says of Parquet files. */
export async function parquetRows(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** A file below a folder, wherever it lies there. */
export function fileIn(folder: string, name: string): string {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) => file.endsWith(name))
  const file = join(folder, found ?? name)
  if (!existsSync(file)) throw new Error(`There is no ${name} in the package.`)
  return file
}
