import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** One run of one contender: the whole process, from its start to its end. */
export interface Measured {
  seconds: number
  /** Peak resident memory by process, in MB; without those that the system does not tell. */
  memory: Record<string, number>
  /** Seconds that processors spent on it, by process, in user and kernel mode; none where the system does not tell. */
  cpu: Record<string, number>
  output: string
}

/** Runs a command and watches the memory and the processor time that it takes, and those of the servers that work for it. */
export async function measureCommand(
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  servers: Readonly<Record<string, number>>,
  cwd?: string,
): Promise<Measured> {
  for (const pid of Object.values(servers)) forgetPeak(pid)
  const cpuBefore = cpuOf(servers)
  const start = performance.now()
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], cwd })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  let peak = 0
  let isOver = false
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  }).finally(() => {
    isOver = true
  })
  const watching = (async () => {
    while (!isOver) {
      peak = Math.max(peak, peakOf(child.pid ?? 0))
      await setTimeout(20)
    }
  })()
  const status = await ended
  const seconds = (performance.now() - start) / 1000
  await watching
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${status}: ${errors.slice(-2000)}`)
  const peaks = Object.entries(servers).map(([name, pid]) => [name, peakOf(pid)] as const)
  const cpu = Object.entries(cpuOf(servers)).map(([name, seconds]) => [name, seconds - (cpuBefore[name] ?? 0)])
  return {
    seconds,
    cpu: Object.fromEntries(cpu),
    memory: Object.fromEntries([['process', peak] as const, ...peaks].filter(([, mb]) => mb > 0)),
    output,
  }
}

/** Times work that this process has done by a server. */
export async function measureWork(work: () => Promise<unknown>): Promise<Measured> {
  const start = performance.now()
  await work()
  return { seconds: (performance.now() - start) / 1000, memory: {}, cpu: {}, output: '' }
}

/** The most memory that a process has had, in MB; 0 where the system does not tell. */
function peakOf(pid: number): number {
  try {
    const [, kilobytes = '0'] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Math.round(Number(kilobytes) / 1024)
  } catch {
    return 0
  }
}

/** Lets the peak of a server that goes on begin anew. */
function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
  } catch {
    // Only Linux has this, and only for the owner of the process.
  }
}

/** What servers have used so far, and as `process` what the commands did that have ended; nothing where it is not told. */
function cpuOf(servers: Readonly<Record<string, number>>): Record<string, number> {
  const times = (pid: number | 'self') => {
    // What stands before may hold spaces: the name of the program, in brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ').map(Number) ?? []
    const [user = 0, system = 0, userOfChildren = 0, systemOfChildren = 0] = fields.slice(11, 15)
    return { own: (user + system) / TICKS, ofChildren: (userOfChildren + systemOfChildren) / TICKS }
  }
  try {
    // PostgreSQL works in a child for each connection.
    const all = Object.entries(servers).map(([name, pid]) => [name, times(pid)] as const)
    const used = all.map(([name, { own, ofChildren }]) => [name, own + ofChildren] as const)
    return Object.fromEntries([['process', times('self').ofChildren], ...used])
  } catch {
    return {}
  }
}

/** Of Linux, a second. */
const TICKS = 100

export function median(values: readonly number[] = []): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return undefined
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}
