// Compiles src/ to dist/. The new dist/ takes the place of the old one whole, so a command never meets half a build.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')

/** True when a source file is newer than the build, or there is no build. */
export function isStale() {
  const marker = join(dist, 'cli.js')
  if (!existsSync(marker)) return true
  const built = statSync(marker).mtimeMs
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return [...sources, join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json')].some(
    (file) => statSync(file).mtimeMs > built,
  )
}

/** The TypeScript compiler, if it is installed. */
export function compiler() {
  try {
    const found = createRequire(import.meta.url).resolve('typescript/package.json')
    return join(dirname(found), 'bin', 'tsc')
  } catch {
    return undefined
  }
}

/** Builds, or ends the process with the compiler's own message and status. */
export async function build() {
  const tsc = compiler()
  if (tsc === undefined) {
    console.error('TypeScript is not installed, and Lingot is built with it.\n→ Run `npm ci --include=dev`.')
    process.exit(3)
  }
  clearAbandoned()
  const next = join(root, `dist.${process.pid}`)
  const old = join(root, `dist.${process.pid}.old`)
  const status = await run(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', next])
  if (status !== 0) {
    rmSync(next, { recursive: true, force: true })
    process.exit(status)
  }
  chmodSync(join(next, 'cli.js'), 0o755)
  if (existsSync(dist)) renameSync(dist, old)
  renameSync(next, dist)
  rmSync(old, { recursive: true, force: true })
}

/** Removes what builds left that were interrupted long ago. */
function clearAbandoned() {
  for (const name of readdirSync(root)) {
    const folder = join(root, name)
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (/^dist\.\d+(\.old)?$/.test(name) && Date.now() - made > 600_000)
      rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Runs a program to its end, with this process's messages as its output, and gives its status. It ends with this process.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<number>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options })
    const end = () => child.kill()
    process.once('exit', end)
    child.on('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.on('close', (status) => {
      process.off('exit', end)
      resolve(status ?? 1)
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // npm prepares a clone also to run `npx lingot` in it, before anything is installed: the command then sets itself up.
  const isForNpx = process.argv.includes('--if-installed') && compiler() === undefined
  if (!isForNpx) await build()
}
