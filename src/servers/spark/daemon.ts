import { join } from 'node:path'
import { type Identity, identityOf, isRunning } from '../../system/alive.ts'
import { asUser, ownerOf } from '../owner.ts'
import { follow, hasEnded, lastLines, launch, tellGroup } from '../process.ts'

/** A process of the trial cluster, as it is remembered. */
export interface Daemon extends Required<Identity> {
  /** `master` or `worker-1`, and what its log is called. */
  name: string
  uiPort: number
}

export interface Start {
  sparkClass: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  /** Where its log goes. */
  folder: string
}

/**
 * Starts a class of Spark that outlives this process.
 *
 * It takes its first step once it has been remembered: where this process is killed before that, it ends by itself.
 * Gives what it will have said last, whenever that is asked.
 */
export function startDaemon(
  daemon: Pick<Daemon, 'name' | 'uiPort'>,
  { sparkClass, args, env, folder }: Start,
  remember: (daemon: Daemon) => void,
): () => string {
  // The shell, spark-class and Java follow each other in one process.
  const held = ['-c', 'read -r go && exec "$@" </dev/null', 'sh', sparkClass, ...args]
  const program = asUser(ownerOf(folder), { command: 'sh', args: held, env }, [sparkClass, folder])
  const log = join(folder, `${daemon.name}.log`)
  const said = follow(log)
  const child = launch(program, log, 'pipe')
  child.stdin?.on('error', () => undefined)
  const beginning = child.pid === undefined ? undefined : identityOf(child.pid).beginning
  if (child.pid !== undefined && beginning !== undefined) remember({ ...daemon, pid: child.pid, beginning })
  child.stdin?.end('go\n')
  return () => lastLines(said())
}

/** How long a process may take to end by itself. */
const GRACE_MS = 10_000

/** Ends a process and those that it started, such as executors; says whether there was anything to end. */
export async function endDaemon(daemon: Daemon, { atOnce = false } = {}): Promise<boolean> {
  if (!isRunning(daemon)) return false
  if (!atOnce) {
    tellGroup(daemon.pid, 'SIGTERM')
    await hasEnded(daemon.pid, GRACE_MS)
  }
  tellGroup(daemon.pid, 'SIGKILL')
  await hasEnded(daemon.pid, GRACE_MS)
  return true
}
