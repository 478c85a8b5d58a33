import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process. Its number is given to another one day: with when it began it stands for this process alone. */
export interface Identity {
  pid: number
  /** As the system tells it, where it does. */
  beginning?: string | undefined
}

/** Whoever has the number now. */
export function identityOf(pid: number): Identity {
  const beginning = beginningOf(pid)
  return { pid, ...(beginning !== undefined && { beginning }) }
}

/** Whether a process runs, and its number is not another's by now; where that is not told, its number has to do. */
export function isRunning({ pid, beginning }: Identity): boolean {
  return isAlive(pid) && beginning === (beginningOf(pid) ?? beginning)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Whether a process has ended and only waits for a parent that does not ask, as in a container without an init. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // While other threads of it are still ending, its files and ports are still open.
  return stat.slice(stat.lastIndexOf(')')).startsWith(') Z') && readdirSync(`/proc/${pid}/task`).length === 1
}

/** When a process began; undefined where it has ended, or the system does not tell. */
function beginningOf(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined
  try {
    if (process.platform !== 'linux') {
      // In one language and one zone, whoever asks.
      const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
      return execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], { encoding: 'utf8', env }).trim()
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in brackets, may hold anything; of the fields behind it the twentieth counts clock ticks since the boot.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`
  } catch {
    return undefined // it has just ended, or there is no ps
  }
}

/** What a process runs; undefined where it has ended, or the system does not tell. */
export function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return undefined
  }
}

/**
 * Where a pid means one process: a machine since it started, or one of its containers. Two containers may have one name,
 * and each a process of the same number: Linux tells them apart.
 */
export function machine(): string {
  if (process.platform !== 'linux') return hostname()
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`
}

/** A process as a text without blanks or slashes, for names of files that others may see too. */
export function nameOf(pid: number): string {
  return [pid, short(machine()), short(beginningOf(pid) ?? '')].join('-')
}

/**
 * Whether the process of this name runs; undefined where that is for another machine, or container, to say. Older
 * versions named some by their number alone.
 */
export function runs(name: string): boolean | undefined {
  const [pid = '', where = short(machine()), beginning] = name.split('-')
  if (where !== short(machine())) return undefined
  const now = short(beginningOf(Number(pid)) ?? '')
  return isAlive(Number(pid)) && (beginning ?? now) === now
}

function short(text: string): string {
  return hash('sha256', text).slice(0, 12)
}
