// Makes a clone ready to run: installs what is missing, builds what is stale. Needs Node and npm alone.
import '../bin/node-version.js'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build, isStale } from './build.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const lock = join(root, '.setup.lock')

/** Whoever holds the lock touches it this often; one that was not touched for much longer is abandoned. */
const BEAT_MS = 1000
const ABANDONED_MS = 10_000

if (!isReady()) {
  await takeLock()
  if (!isInstalled() || (isStale() && !hasCompiler())) await install()
  if (isStale()) {
    clearAbandoned()
    await build()
  }
  releaseLock()
}

function isReady() {
  return isInstalled() && !isStale()
}

function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  return existsSync(installed) && changed(join(root, 'package-lock.json')) <= changed(installed)
}

function hasCompiler() {
  return existsSync(join(root, 'node_modules', 'typescript'))
}

async function install() {
  console.error('Installing dependencies…')
  const onWindows = process.platform === 'win32'
  // What a build needs is needed wherever a clone runs, also where NODE_ENV says production.
  const options = [
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const npm = spawn(onWindows ? 'npm.cmd' : 'npm', ['ci', ...options], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: onWindows,
  })
  process.once('exit', () => npm.kill())
  const status = await new Promise((resolve) => npm.on('error', resolve).on('close', resolve))
  if (status === 0) return
  const why = status instanceof Error ? status.message : 'its message above says why'
  console.error(`npm could not install the dependencies: ${why}.\n→ Correct it, then start again.`)
  process.exit(3)
}

/** Two starts at once must not install into one folder: the second waits, unless the first has died. */
async function takeLock() {
  for (let attempt = 0; !isTaken(); attempt++) {
    if (attempt === 1) console.error('Waiting for another start, which is setting up this folder…')
    if (isAbandoned()) rmSync(lock, { force: true })
    else await setTimeout(BEAT_MS / 2)
  }
  setInterval(touchLock, BEAT_MS).unref()
  process.once('exit', releaseLock)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130))
}

function isTaken() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function isAbandoned() {
  try {
    return Date.now() - changed(lock) > ABANDONED_MS
  } catch {
    return false // it has just been released
  }
}

function touchLock() {
  try {
    utimesSync(lock, new Date(), new Date())
  } catch {
    // Somebody removed it: the work under way goes on.
  }
}

function releaseLock() {
  try {
    if (readFileSync(lock, 'utf8') === String(process.pid)) rmSync(lock)
  } catch {
    // It is released already.
  }
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

/** @param {string} file */
function changed(file) {
  return statSync(file).mtimeMs
}
