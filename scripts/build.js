// Compiles src/ to dist/. The new dist/ replaces the old one in one rename, so a command never meets half a build.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
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

/** Builds, or ends the process with the compiler's own message and status. */
export async function build() {
  const next = join(root, `dist.${process.pid}`)
  const old = join(root, `dist.${process.pid}.old`)
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace('package.json', 'bin/tsc')
  const compiled = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', next], {
    stdio: ['ignore', 2, 2],
  })
  if (compiled.status !== 0) {
    rmSync(next, { recursive: true, force: true })
    process.exit(compiled.status ?? 1)
  }
  chmodSync(join(next, 'cli.js'), 0o755)
  if (existsSync(dist)) renameSync(dist, old)
  renameSync(next, dist)
  rmSync(old, { recursive: true, force: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // npm prepares a clone also to run `npx lingot` in it, before anything is installed: the command then sets itself up.
  const isForNpx = process.argv.includes('--if-installed') && !existsSync(join(root, 'node_modules'))
  if (!isForNpx) await build()
}
