import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { Step } from '../src/system/steps.ts'
import { type Measured, median } from './measure.ts'

/** `lingot run` with so many workers, while MongoDB has one core alone. */
export interface WorkersMeasured {
  workers: number
  seconds: number
  cpu: number | undefined
}

/** What workers give: measured here, computed for machines with a core for each of them. */
export interface Workers {
  rounds: number
  measured: WorkersMeasured[]
  computed: { workers: number; seconds: number }[]
}

const MEASURED = [0, 1, 2]
const COMPUTED = [1, 2, 4]

/** Undefined where the system cannot hold a process to a core, or has one only. */
export async function measureWorkers(
  run: (workers: number) => Promise<Measured>,
  mongod: number,
  rounds: number,
  stepsOf: (output: string) => Step[],
): Promise<Workers | undefined> {
  const hold = (cores: string) => {
    try {
      execFileSync('taskset', ['-a', '-c', '-p', cores, String(mongod)], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }
  if (availableParallelism() < 2 || !hold('0')) return undefined
  try {
    const results = new Map<number, Measured[]>(MEASURED.map((workers) => [workers, []]))
    for (let round = 1; round <= rounds; round++) {
      for (const [workers, measured] of results) measured.push(await run(workers))
    }
    const alone = results.get(0) ?? []
    const seconds = median(alone.map(({ seconds }) => seconds)) ?? Number.NaN
    // Collections are cleaned one after the other.
    const cleaning = (output: string) =>
      stepsOf(output).reduce((sum, { step, seconds }) => sum + (step.startsWith('clean ') ? seconds : 0), 0)
    const shared = median(alone.map(({ output }) => cleaning(output))) ?? Number.NaN
    return {
      rounds,
      measured: [...results].map(([workers, all]) => ({
        workers,
        seconds: median(all.map(({ seconds }) => seconds)) ?? Number.NaN,
        cpu: median(all.flatMap(({ cpu }) => cpu['process'] ?? [])),
      })),
      computed: COMPUTED.map((workers) => ({ workers, seconds: seconds - shared + shared / workers })),
    }
  } finally {
    hold(`0-${availableParallelism() - 1}`)
  }
}
