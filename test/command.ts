import { execFileSync, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { STRICT } from './process.ts'
import { withoutProgress } from './quiet.ts'

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

// The command line is tested as it is built.
execFileSync(process.execPath, [fileURLToPath(new URL('../scripts/setup.js', import.meta.url))], { stdio: 'inherit' })

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

/** Runs the built command line in a folder, with this environment and no other settings. */
export function lingot(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Outcome> {
  return node([cli, ...args], cwd, env)
}

/** Runs Node in a folder. */
export async function node(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: tmpdir(), ...STRICT, ...env },
  })
  const outcome: Outcome = { code: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    outcome.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    outcome.stderr += text
  })
  outcome.code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  outcome.stderr = withoutProgress(outcome.stderr)
  return outcome
}
