import { failures } from '../../src/system/errors.ts'
import type { Ended } from '../process.ts'
import type { Kind } from './plan.ts'

/** How a run ended, in a word or two. */
export function ending({ status, signal, stderr }: Ended & { signal: NodeJS.Signals | null }): string {
  if (signal !== null) return `killed by ${signal}`
  if (status === 0) return /Trying again/.test(stderr) ? 'succeeded, trying again' : 'succeeded'
  return Object.entries(failures).find(([, { exit }]) => exit === status)?.[0] ?? `exit code ${status}`
}

const SUCCEEDED = ['succeeded', 'succeeded, trying again']
/** How a run may end that was disturbed so. */
const permitted: Record<Kind, readonly string[]> = {
  'kill lingot': [...SUCCEEDED, 'killed by SIGKILL'],
  'kill mongod': [...SUCCEEDED, 'server', 'publish'],
  'kill postgres': [...SUCCEEDED, 'server', 'publish'],
  'kill a backend of postgres': [...SUCCEEDED, 'server', 'publish'],
  'stop lingot': SUCCEEDED,
  'stop mongod': SUCCEEDED,
  'stop postgres': SUCCEEDED,
  'cut mongod off': [...SUCCEEDED, 'server', 'publish'],
  'cut postgres off': [...SUCCEEDED, 'server', 'publish'],
  // Before Lingot has begun to listen it ends as any process does.
  'SIGTERM lingot': [...SUCCEEDED, 'interrupted', 'killed by SIGTERM'],
  'SIGINT lingot': [...SUCCEEDED, 'interrupted', 'killed by SIGINT'],
}

/** What is wrong with how a run ended: another kind of failure than it may be, or one that does not say what to do. */
export function endingProblems(kind: Kind, ended: Ended & { signal: NodeJS.Signals | null }): string[] {
  const how = ending(ended)
  const problems: string[] = []
  if (!permitted[kind].includes(how)) problems.push(`it ended as "${how}"`)
  if (ended.status !== 0 && ended.signal === null && !/^→ \S/m.test(ended.stderr)) {
    problems.push('its message does not say what to do')
  }
  if (/^\s+at \S+ \(|defect in Lingot/m.test(ended.stderr)) problems.push('it shows a stack or calls itself a defect')
  if (/admin123|analyst123/.test(ended.stdout + ended.stderr)) problems.push('it shows a password')
  return problems.map((problem) => `${problem}: ${ended.stderr.trim()}`)
}
