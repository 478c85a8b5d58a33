import { readdirSync, readFileSync } from 'node:fs'

/** Whether a process runs. */
export function isAlive(pid: number): boolean {
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
