import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('./peers/', import.meta.url))

/** A Python with what the peers need, made once; undefined where there is no Python to make it from. */
export function peerPython(home: string): string | undefined {
  const environment = join(home, 'bench-python')
  const python = join(environment, 'bin', 'python')
  const isMade = join(environment, 'made')
  try {
    if (!existsSync(isMade)) {
      execFileSync('python3', ['-m', 'venv', '--clear', environment])
      const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
      execFileSync(python, [...install, '-r', join(folder, 'requirements.txt')], { stdio: ['ignore', 2, 2] })
      execFileSync('touch', [isMade])
    }
    return python
  } catch (error) {
    console.error(`No Python peers: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

export function peerScript(name: 'pandas' | 'arrow' | 'grocer'): string {
  return join(folder, name === 'grocer' ? 'grocer.py' : `${name}_pipeline.py`)
}
