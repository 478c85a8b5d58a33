import { execFileSync } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import type { TestCluster } from './cluster.ts'

export interface Process {
  pid: number
  parent: number
  command: string
}

export function processes(): Process[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 }).split(
    '\n',
  )
  return lines.flatMap((line) => {
    const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
  })
}

/** The processes of a step that executors of the cluster run now. */
export function tasks(cluster: TestCluster, step: string): Process[] {
  const all = processes()
  const executors = cluster.executors()
  const isOurs = ({ parent }: Process): boolean => {
    if (executors.includes(parent)) return true
    const above = all.find(({ pid }) => pid === parent)
    return above !== undefined && above.pid > 1 && isOurs(above)
  }
  return all.filter((found) => found.command.includes(`lingot.mjs ${step}`) && isOurs(found))
}

/** Waits until a step runs on the cluster; none of its processes where the job is over before. */
export async function untilIn(cluster: TestCluster, step: string, over?: AbortSignal): Promise<Process[]> {
  for (const end = Date.now() + 200_000; Date.now() < end; await setTimeout(20)) {
    const found = tasks(cluster, step)
    if (found.length > 0 || over?.aborted) return found
  }
  throw new Error(`${step} never ran`)
}

export function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
