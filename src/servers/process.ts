import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { identityOf, isRunning } from '../system/alive.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { giveToOwner, ownerOf, type Program } from './owner.ts'

const HIGHEST_LOG_BYTES = 10_000_000

/** Starts a server that outlives this process; what it prints goes to its log. */
export function launch(
  { command, args, user, env }: Program,
  logFile: string,
  input: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  const log = openLog(logFile)
  if (fstatSync(log).size > HIGHEST_LOG_BYTES) ftruncateSync(log)
  giveToOwner(logFile)
  try {
    const stdio = [input, log, log] satisfies [string, number, number]
    const options = { detached: true, stdio, cwd: dirname(logFile), ...user, ...(env !== undefined && { env }) }
    const child = spawn(command, args, options)
    // A command that cannot be run at all is met as an exit; without a listener it would end this process.
    child.on('error', () => undefined)
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

function openLog(file: string): number {
  // In a folder of another user's a link would have root write elsewhere.
  const noLink = ownerOf(dirname(file)) === undefined ? 0 : constants.O_NOFOLLOW
  try {
    return openSync(file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | noLink, 0o600)
  } catch (error) {
    const next = 'Have it be a file of the user whose folder it is in.'
    throw new LingotError('config', `${file} cannot be written: ${reasonOf(error)}.`, next, { cause: error })
  }
}

export function hasExited(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

/** Runs a program to its end, with a text on its standard input; gives what it printed. */
export function run({ command, args, user, name = command }: Program, input = '', cwd?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...user, ...(cwd !== undefined && { cwd }) })
    let printed = ''
    child.stdout.on('data', (chunk) => (printed += chunk))
    child.stderr.on('data', (chunk) => (printed += chunk))
    child.on('error', (error) =>
      reject(new LingotError('server', `${command} cannot be run: ${reasonOf(error)}.`, `Install ${command}.`)),
    )
    child.on('close', (status) => {
      if (status === 0) resolve(printed)
      else reject(new LingotError('server', `${name} failed: ${lastLines(printed)}`))
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

/** Tells a process, and those that it started in its group, to end. */
export function tellGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // The last of them has just ended.
  }
}

/** The command line of a process; empty where there is none. */
function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

/** The server that runs over a data folder, if the process that its lock file names is one. */
export function serverOver(folder: string): number | undefined {
  for (const [lock, works] of [
    ['mongod.lock', dirname(folder)],
    ['postmaster.pid', folder],
  ] as const) {
    const file = join(folder, lock)
    // PostgreSQL without a postmaster, as while its cluster is made, writes its id with a minus.
    const pid = existsSync(file) ? Math.abs(Number.parseInt(readFileSync(file, 'utf8'), 10)) : 0
    if (pid > 0 && (namesFolder(pid, folder) || worksIn(pid, works))) return pid
  }
  return undefined
}

/** Whether the command line of a process names a folder. */
export function namesFolder(pid: number, folder: string): boolean {
  return ` ${commandLine(pid)} `.includes(` ${folder} `)
}

/** Whether a server works in a folder, by whatever name it came to it: a folder that is moved takes its server along. */
function worksIn(pid: number, folder: string): boolean {
  if (process.platform !== 'linux' || !/\b(mongod|postgres)\b/.test(commandLine(pid))) return false
  const [one, other] = [`/proc/${pid}/cwd`, folder].map((path) => statSync(path, { throwIfNoEntry: false }))
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev
}

/** Returns when the process has ended, or the time is up: whether it has. */
export async function hasEnded(pid: number, ms: number): Promise<boolean> {
  const running = identityOf(pid)
  for (let waited = 0; waited < ms && isRunning(running); waited += 20) await setTimeout(20)
  return !isRunning(running)
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

/** A line that stands for all that is not kept. */
const NOT_KEPT = '{"s":"I","msg":"What a server says while it runs is not kept, since it may quote the data."}\n'

/** Puts another file in the place of a log: what its server says from here on is nowhere to be read. */
export function closeLog(logFile: string): void {
  if (existsSync(logFile) && statSync(logFile).size === NOT_KEPT.length) return
  const beside = `${logFile}.${process.pid}`
  rmSync(beside, { force: true })
  writeFileSync(beside, NOT_KEPT, { mode: 0o600, flag: 'wx' })
  giveToOwner(beside)
  try {
    renameSync(beside, logFile)
  } catch {
    rmSync(beside) // some systems let no file go that is open
  }
}

/** What a log tells from here on, when it is asked later. */
export function follow(logFile: string): () => string {
  const read = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '')
  const before = read().length
  return () => read().slice(before)
}

/** The end of a log, for an error message. */
export function lastLines(text: string, count = 5): string {
  return text.trim().split('\n').slice(-count).join('\n')
}
