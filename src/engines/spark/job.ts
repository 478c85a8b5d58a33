import type { Model } from '../../gold/models.ts'
import type { HolderProcess } from '../../runs/lock.ts'
import type { ReadSettings } from '../../settings/config.ts'

/** What every process of a job knows: it travels within the program, and holds no secret. */
export interface Job {
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
  models: JobModel[]
}

/** A collection of silver, and how it is worked on. */
export interface JobCollection {
  collection: string
  /** Into how many tasks it is divided. */
  parts: number
  /** What the models read of it. */
  columns: string[]
  /** Whether they ask for the order of its `_id`s. */
  inOrder: boolean
}

/** A gold table as those see it who check and publish it. */
export type JobModel = Pick<Model, 'name' | 'key' | 'description' | 'columns' | 'plain' | 'tests'>

/** In the place of a check's number: how many rows a model has. */
export const COUNTED = -1

/** Orders documents as MongoDB orders their `_id`s, whichever task meets them. */
export function position(part: number, index: number): string {
  return String(BigInt(part) * PART + BigInt(index))
}

/** The task that met a document. */
export function partOf(position: string): number {
  return Number(BigInt(position) / PART)
}

const PART = 2n ** 40n

export function makesSilver({ command }: Job): boolean {
  return command !== 'aggregate'
}

export function makesGold({ command }: Job): boolean {
  return command !== 'process'
}
