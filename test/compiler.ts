import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './process.ts'

const TSC = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const STRICTLY = ['--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2022']

/** What the compiler has to say of files of a folder, strict, with the types of these packages and no others. */
export function compiled(cwd: string, types: string, ...args: string[]): string {
  return spawnSync(process.execPath, [TSC, ...STRICTLY, '--types', types, ...args], { cwd, encoding: 'utf8' }).stdout
}
