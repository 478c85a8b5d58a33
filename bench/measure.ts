import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** One run of one contender: the whole process, from its start to its end. */
export interface Measured {
  seconds: number
  /** Peak resident memory by process, in MB; without those that the system does not tell. */
  memory: Record<string, number>
  output: string
}

/** Runs a command and watches its memory, and that of the servers that work for it. */
export async function measureCommand(
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  servers: Readonly<Record<string, number>>,
): Promise<Measured> {
  for (const pid of Object.values(servers)) forgetPeak(pid)
  const start = performance.now()
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
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
  return {
    seconds,
    memory: Object.fromEntries([['process', peak] as const, ...peaks].filter(([, mb]) => mb > 0)),
    output,
  }
}

/** Times work that this process has done by a server. */
export async function measureWork(work: () => Promise<unknown>): Promise<Measured> {
  const start = performance.now()
  await work()
  return { seconds: (performance.now() - start) / 1000, memory: {}, output: '' }
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
