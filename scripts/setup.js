// Makes a clone ready to run: installs what is missing, builds what is stale. Needs Node and npm alone.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Lingot needs Node 20.19 or newer; this is ${process.version}. Install a newer one from https://nodejs.org.`,
  )
  process.exit(3)
}

const installed = join(root, 'node_modules', '.package-lock.json')
if (!existsSync(installed) || changed(join(root, 'package-lock.json')) > changed(installed)) {
  console.error('Installing dependencies…')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const install = spawnSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (install.status !== 0) {
    console.error('npm could not install the dependencies; its message above says why.')
    process.exit(install.status ?? 1)
  }
}

const { build, isStale } = await import('./build.js')
if (isStale()) {
  console.error('Building…')
  build()
}

/** @param {string} file */
function changed(file) {
  return statSync(file).mtimeMs
}
