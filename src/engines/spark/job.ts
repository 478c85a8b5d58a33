import type { HolderProcess } from '../../runs/lock.ts'
import type { Config, ReadSettings } from '../../settings/config.ts'

/** What every process of a job knows: it travels within the program, and holds no secret. */
export interface Job extends Pick<Config, 'limits' | 'portions'> {
  command: 'process' | 'aggregate' | 'run'
  bronze: string
  silver: string
  goldSchema: string
  /** What the configuration file holds, if there is one. */
  settings: ReadSettings | undefined
  /** What bronze's server is called, where its address may change. */
  server?: string
  /** Leaves at once where another run changes silver. */
  noWait: boolean
  /** How many seconds publishing waits for who holds gold. */
  publishWait: number
  /** Lets sources through that lost most of what they held. */
  acceptShrink: boolean
  /** Takes over the layers of another shop. */
  takeOver: boolean
  /** Drops this shop's gold tables that no model makes any more. */
  prune: boolean
  /** Whose job it is: it is over with this process. None where people submit it themselves. */
  by: HolderProcess | undefined
  collections: JobCollection[]
  /** Whether there is enough to do that each part of a collection is a task of its own. */
  isShared: boolean
  /** How many tasks settle which of several documents stays. */
  settlers: number
  /** Into how many buckets customers, with all that is theirs, are divided for the models. */
  buckets: number
  /** Where DuckDB's native library is, on machines that have Lingot installed at the same place. */
  duckdb: string
}

/** A collection of silver, and into how many parts it is divided. */
export interface JobCollection {
  collection: string
  parts: number
}

export function makesSilver({ command }: Job): boolean {
  return command !== 'aggregate'
}

export function makesGold({ command }: Job): boolean {
  return command !== 'process'
}
