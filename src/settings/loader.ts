import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LingotError, reasonOf } from '../system/errors.ts'

/** What the configuration file may be called. */
const NAMES = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `lingot.config.${extension}`)

/** The configuration file of a folder, if it has one. */
export function findConfigFile(folder: string): string | undefined {
  const found = entriesOf(folder).filter((name) => NAMES.includes(name))
  const [name, other] = found
  if (other !== undefined) {
    throw new LingotError('config', `${folder} holds ${found.join(' and ')}.`, 'Keep one of them.')
  }
  return name === undefined ? undefined : resolve(folder, name)
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw new LingotError('config', `${folder} cannot be read: ${reasonOf(error)}`, 'Check its permissions.', {
      cause: error,
    })
  }
}

/** Bytes of a file that somebody wrote. */
const MOST_BYTES = 2 ** 20

/** The text of a file with settings. A pipe or a device may never end, and what is larger is none. */
export function readSettingsFile(file: string): string {
  const there = statSync(file)
  const problem = there.isFile() ? (there.size > MOST_BYTES ? 'is larger than 1 MB' : undefined) : 'is no regular file'
  if (problem !== undefined) {
    throw new LingotError('config', `${file} ${problem}, and is not read.`, 'Put a file with settings in its place.')
  }
  return readFileSync(file, 'utf8')
}

/** What a configuration file holds: the JSON, or the default export. */
export async function readConfigFile(file: string): Promise<unknown> {
  try {
    const text = readSettingsFile(file)
    const value = file.endsWith('.json') ? JSON.parse(text) : await defaultExport(file)
    if (value === undefined) throw new Error('it has no default export')
    return value
  } catch (error) {
    if (error instanceof LingotError) throw error
    const reason = reasonOf(error).replaceAll(/\s+/g, ' ')
    throw new LingotError('config', `${file} cannot be loaded: ${reason}`, 'Correct it.', { cause: error })
  }
}

async function defaultExport(file: string): Promise<unknown> {
  if ((!file.endsWith('ts') || stripsTypes()) && !isCommonJs(file)) {
    try {
      return (await import(pathToFileURL(file).href)).default
    } catch (error) {
      if (!isHelperMissing(error)) throw error
    }
  }
  const { createJiti } = await import('jiti')
  const alias = { lingot: createRequire(import.meta.url).resolve('lingot') }
  const loader = createJiti(import.meta.url, { alias, fsCache: false, moduleCache: false, interopDefault: false })
  return (await loader.import<{ default?: unknown }>(file)).default
}

/** Whether the nearest package.json makes it CommonJS, as that of `npm init` does: Node takes no `import` in it then. */
function isCommonJs(file: string): boolean {
  if (/\.m[jt]s$/.test(file)) return false
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).type === 'commonjs'
    if (folder === dirname(folder)) return false
  }
}

/** Whether this Node runs TypeScript itself. */
function stripsTypes(): boolean {
  return 'typescript' in process.features && Boolean(process.features.typescript)
}

/** Whether the file asks for `defineConfig` where no package of this name is installed, as beside a global install. */
function isHelperMissing(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && /'lingot'/.test(error.message)
  )
}
