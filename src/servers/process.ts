import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname } from 'node:path'
import { LingotError } from '../errors.ts'

export const isRoot = process.getuid?.() === 0

/** The user that runs PostgreSQL in place of root, which it refuses: `nobody`. */
export const NOBODY = 65_534

const HIGHEST_LOG_BYTES = 10_000_000

/** Starts a server that outlives this process; what it prints goes to its log. */
export function launch(command: string, args: readonly string[], logFile: string): ChildProcess {
  if (existsSync(logFile) && statSync(logFile).size > HIGHEST_LOG_BYTES) truncateSync(logFile)
  const log = openSync(logFile, 'a', 0o600)
  try {
    const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], cwd: dirname(logFile) })
    // A command that cannot be run at all is met as an exit; without a listener it would end this process.
    child.on('error', () => undefined)
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

export function hasExited(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

/** Runs a program to its end, with a text on its standard input; gives what it printed. */
export function run(command: string, args: readonly string[], input = '', cwd?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...(cwd !== undefined && { cwd }) })
    let printed = ''
    child.stdout.on('data', (chunk) => (printed += chunk))
    child.stderr.on('data', (chunk) => (printed += chunk))
    child.on('error', reject)
    child.on('close', (status) => {
      if (status === 0) resolve(printed)
      else reject(new LingotError('server', `${command} failed: ${lastLines(printed)}`))
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

/**
 * A command line that runs a program as `nobody` where this process is root.
 *
 * A private parent folder would keep `nobody` out: then the program keeps the one capability to read past it.
 */
export function asNobody(command: string, args: readonly string[], paths: readonly string[]): [string, string[]] {
  if (!isRoot) return [command, [...args]]
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
  const read = '-all,+dac_read_search'
  const caps = [`--inh-caps=${read}`, `--ambient-caps=${read}`, `--bounding-set=${read}`]
  // Without the bit the kernel drops the capability wherever a program asks whether it may read a file.
  const capabilities = paths.every(isOpenToAll) ? [] : ['--securebits=+no_setuid_fixup', ...caps]
  return ['setpriv', [...user, ...capabilities, '--', command, ...args]]
}

/** Whether every folder above a path may be passed through by anyone. */
function isOpenToAll(path: string): boolean {
  const parent = dirname(path)
  return (!existsSync(parent) || (statSync(parent).mode & 0o001) !== 0) && (parent === path || isOpenToAll(parent))
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** The command line of a process; empty where there is none. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

/** Whether something listens on the port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket
      .on('connect', () => end(true))
      .on('error', () => end(false))
      .on('timeout', () => end(false))
  })
}

/** The port, if it is free; any free one for 0. */
export function freePort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(undefined))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined))
    })
  })
}

/** The end of a log, for an error message. */
export function lastLines(text: string, count = 5): string {
  return text.trim().split('\n').slice(-count).join('\n')
}
