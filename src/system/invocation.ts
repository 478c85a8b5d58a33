import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** How the command line is called on this machine: by its name where it is installed, else by npx. */
export function calledAs(): 'lingot' | 'npx lingot' {
  // npx and npm put folders of their own on PATH, which the user's shell does not have.
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.endsWith(OF_NPM))
  const names = process.platform === 'win32' ? ['lingot.cmd', 'lingot.exe'] : ['lingot']
  const isInstalled = folders.some((folder) => folder !== '' && names.some((name) => existsSync(join(folder, name))))
  return isInstalled ? 'lingot' : 'npx lingot'
}

const OF_NPM = join('node_modules', '.bin')

/** A text in which commands stand between backticks, or behind a prompt, as they are called on this machine. */
export function asCalled(text: string): string {
  return text.replace(/(`|^ *\$ )lingot(?=[ `])/gm, `$1${calledAs()}`)
}
