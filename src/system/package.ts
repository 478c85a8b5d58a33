import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a program carries of this package that runs where it is not installed. */
export interface CarriedPackage {
  root: string
  /** Texts by their path in the package. */
  files: Record<string, string>
}

declare global {
  var lingotPackage: CarriedPackage | undefined
}

/** The folder of this package, whether this code runs from its sources or from its build. */
export const packageRoot = globalThis.lingotPackage?.root ?? rootAbove(dirname(fileURLToPath(import.meta.url)))

export function packageVersion(): string {
  const { version } = JSON.parse(packageFile('package.json')) as { version: string }
  return version
}

/** A file of this package. */
export function packageFile(path: string): string {
  return globalThis.lingotPackage?.files[path] ?? readFileSync(join(packageRoot, path), 'utf8')
}

/** A file of this package that only its build has. */
export function packageFileIfAny(path: string): string | undefined {
  const isThere = globalThis.lingotPackage?.files[path] !== undefined || existsSync(join(packageRoot, path))
  return isThere ? packageFile(path) : undefined
}

/** The names of the files in a folder of this package. */
export function packageFolder(path: string): string[] {
  const carried = Object.keys(globalThis.lingotPackage?.files ?? {})
  const within = carried.flatMap((file) => (dirname(file) === path ? [file.slice(path.length + 1)] : []))
  return within.length > 0 ? within : readdirSync(join(packageRoot, path))
}

/** The models and questions of this package, and what their SQL needs, for a program to carry. */
export function carriedPackage(): CarriedPackage {
  const folders = ['src/gold', 'src/gold/models', 'src/gold/models/intermediate', 'src/gold/questions']
  const paths = folders.flatMap((folder) => packageFolder(folder).map((name) => `${folder}/${name}`))
  const texts = [...paths.filter((path) => /\.(sql|yml)$/.test(path)), 'dist/declarations.json'].map(
    (path) => [path, packageFile(path)] as const,
  )
  return { root: packageRoot, files: Object.fromEntries(texts) }
}

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder))
}
