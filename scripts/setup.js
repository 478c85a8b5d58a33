// Makes a clone ready to run: installs what is missing, builds what is stale. Needs Node and npm alone.
import '../bin/node-version.js'
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { build, compiler, isStale, root, run } from './build.js'

const NEEDED = 3
const lock = join(root, '.setup.lock')

/** Whoever holds the lock touches it this often; one that was not touched for a few times as long is abandoned. */
const BEAT_MS = 1000
const ABANDONED_MS = 5 * BEAT_MS

if (!isReady()) {
  await takeLock()
  if (!isInstalled() || (isStale() && compiler() === undefined)) await install()
  if (isStale()) await build()
  releaseLock()
}

function isReady() {
  return isInstalled() && !isStale()
}

function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  return existsSync(installed) && changed(join(root, 'package-lock.json')) <= changed(installed)
}

async function install() {
  console.error('Installing dependencies…')
  const onWindows = process.platform === 'win32'
  // What a build needs is needed wherever a clone runs, also where NODE_ENV says production.
  const options = ['--include=dev', '--include=optional', '--ignore-scripts']
  const silence = ['--no-audit', '--no-fund', '--loglevel=error']
  const status = await run(onWindows ? 'npm.cmd' : 'npm', ['ci', ...options, ...silence], { shell: onWindows })
  if (status !== 0) {
    console.error(
      'npm could not install the dependencies; its message above says why.\n→ Correct it, then start again.',
    )
    process.exit(NEEDED)
  }
}

/** Two starts at once must not install into one folder: the second waits, unless the first has died. */
async function takeLock() {
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    if (attempt === 1) console.error('Waiting for another start, which is setting up this folder…')
    if (isAbandoned()) rmSync(lock, { force: true })
    else await setTimeout(BEAT_MS / 2)
  }
  setInterval(touchLock, BEAT_MS).unref()
  process.once('exit', releaseLock)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130))
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

/** @param {string} file */
function changed(file) {
  return statSync(file).mtimeMs
}
