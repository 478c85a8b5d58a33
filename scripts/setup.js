// Makes a clone ready to run: installs what is missing, builds what is stale. Needs Node and npm alone.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Lingot needs Node 20.19 or newer; this is ${process.version}. Install a newer one from https://nodejs.org.`,
  )
  process.exit(3)
}

const lock = join(root, '.setup.lock')
const { build, isStale } = await import('./build.js')
if (!isReady()) {
  await takeLock()
  try {
    if (!isInstalled()) install()
    if (isStale()) await build()
  } finally {
    rmSync(lock, { force: true })
  }
}

function isReady() {
  return isInstalled() && !isStale()
}

function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  return existsSync(installed) && changed(join(root, 'package-lock.json')) <= changed(installed)
}

function install() {
  console.error('Installing dependencies…')
  const onWindows = process.platform === 'win32'
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync(onWindows ? 'npm.cmd' : 'npm', ['ci', ...options], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: onWindows,
  })
  if (status === 0) return
  rmSync(lock, { force: true })
  console.error('npm could not install the dependencies; its message above says why.')
  process.exit(status ?? 1)
}

/** Two starts at once must not install into one folder: the second waits, unless the first has died. */
async function takeLock() {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    await setTimeout(500) // long enough for a new owner to have written its id
    if (!isAlive(readOwner())) rmSync(lock, { force: true })
  }
}

function readOwner() {
  try {
    return Number(readFileSync(lock, 'utf8'))
  } catch {
    return 0
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** @param {string} file */
function changed(file) {
  return statSync(file).mtimeMs
}
