import { availableParallelism, totalmem } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** The memory that this process may use, in bytes: that of the container, where there is a limit, else the machine's. */
export function memoryBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : totalmem()
}

/** What the models may use. */
export interface Limits {
  threads: number
  /** Of DuckDB's tables and sums; what does not fit goes to files. */
  memoryMb: number
}

/** Below this the models of a million sales do not run; beyond it they are no faster. */
const LEAST_MB = 96
const MOST_MB = 128
/** Cores that MongoDB and this process use; beyond so many workers these are the limit. */
const TAKEN = 2
const MOST_WORKERS = 4
/** Bytes of memory that a machine has for each worker. */
const WORKER_ROOM = 2 ** 30

/** What fits the machine: all cores, and a sixteenth of the memory within bounds that measurements gave. */
export function machineLimits(): Limits {
  const share = Math.floor(memoryBytes() / 16 / 2 ** 20)
  return { threads: availableParallelism(), memoryMb: Math.min(Math.max(share, LEAST_MB), MOST_MB) }
}

/** Threads that clean large collections, beside the main one. */
export function machineWorkers(): number {
  const room = Math.floor(memoryBytes() / WORKER_ROOM)
  return Math.min(Math.max(availableParallelism() - TAKEN, 0), room, MOST_WORKERS)
}

/** Below this a process leaves little that others could use. */
const SMALL_BYTES = 256 * 2 ** 20

/** So little is not worth a look at all that is held. */
const LITTLE_BYTES = 32 * 2 ** 20

/** What JavaScript holds, whether it is still used or not, in bytes. */
export function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/**
 * Gives back at once what is no longer used of what came since so much was held: Node waits until its own heap is full,
 * whatever others need.
 */
export function collectGarbage(heldBefore: number): void {
  if (process.memoryUsage.rss() < SMALL_BYTES || heldBytes() - heldBefore < LITTLE_BYTES) return
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
