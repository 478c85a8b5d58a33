import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { describeFailure } from '../../src/system/errors.ts'
import { type Place, settingsOf } from '../trust/place.ts'

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

export interface Outcome {
  status: number
  stdout: string
  stderr: string
}

/** Runs the command line as a process of its own, on the databases of a place, from a folder without settings. */
export function lingot(names: Place['names'], args: readonly string[]): Promise<Outcome> {
  const env = { PATH: process.env['PATH'], ...settingsOf(names) }
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { cwd: tmpdir(), env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

/** Runs a command within the test: what it prints, and how the command line would end. */
export async function within(names: Place['names'], command: () => Promise<void>): Promise<Outcome> {
  for (const [name, value] of Object.entries(settingsOf(names))) vi.stubEnv(name, value)
  const printed: string[] = []
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  try {
    await command()
    return { status: 0, stdout: printed.join(''), stderr: '' }
  } catch (error) {
    const { text, exitCode } = describeFailure(error)
    return { status: exitCode, stdout: printed.join(''), stderr: text }
  } finally {
    spy.mockRestore()
    vi.unstubAllEnvs()
  }
}
