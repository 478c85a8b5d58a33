import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { withoutProgress } from './quiet.ts'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const cli = join(root, 'dist', 'cli.js')

export type Settings = Readonly<Record<string, string>>

/** What a process printed, and how it ended. */
export interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

export interface Running {
  child: ChildProcess
  /** What it has printed so far. */
  output: { stdout: string; stderr: string }
  ended: Promise<Ended>
  /** Returns once the text was printed on standard output; throws when the process ends without. */
  printed: (text: string) => Promise<void>
}

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder that has no `.env`, for commands to run in. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lingot work-'))
  folders.push(folder)
  return folder
}

const folder = workFolder()

/** Ends what uses that which the next version of Node or of a driver may refuse. */
export const STRICT = { NODE_OPTIONS: '--throw-deprecation' }

/** Starts a program with these settings and none of the tester's own. */
export function start(command: string, args: readonly string[], settings: Settings, cwd = folder): Running {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(LINGOT_|MONGODB_|POSTGRES_|NO_COLOR|FORCE_|CI$|npm_)/.test(name),
  )
  const child = spawn(command, args, { cwd, env: { ...Object.fromEntries(own), ...STRICT, ...settings } })
  const listeners: (() => void)[] = []
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      printed[name] += chunk
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, ...printed, stderr: withoutProgress(printed.stderr) }))
  })
  return {
    child,
    output: printed,
    ended,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = () => printed.stdout.includes(text) && resolve()
        listeners.push(look)
        look()
        ended.then((end) => reject(new Error(`ended without "${text}": ${JSON.stringify(end)}`)), reject)
      }),
  }
}

export function startLingot(args: readonly string[], settings: Settings, cwd?: string): Running {
  return start(process.execPath, [cli, ...args], settings, cwd)
}

/** Runs the command to its end. */
export function lingot(args: readonly string[], settings: Settings, cwd?: string): Promise<Ended> {
  return startLingot(args, settings, cwd).ended
}

/** Waits until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !isSo(); await setTimeout(5)) {
    if (Date.now() > end) throw new Error('it never became so')
  }
}
