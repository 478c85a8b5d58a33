import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { realHome } from '../home.ts'
import { writeWhole } from '../owner.ts'
import type { Daemon } from './daemon.ts'

/** What is remembered of a trial cluster, from before its first process begins until all have ended. */
export interface State {
  /** What runs it: the programs of two versions of Spark do not understand each other. */
  sparkClass: string
  /** Where the master listens. */
  port: number
  master: Daemon | undefined
  workers: readonly Daemon[]
}

/** The folder of Spark in Lingot's own. */
export function sparkFolder(home: string): string {
  return join(realHome(home), 'spark')
}

/** What is remembered; whether the processes still run is another question. */
export function readState(folder: string): State | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(folder), 'utf8')) as State
  } catch {
    return undefined // there is none, or somebody wrote into it: then there is nothing that Lingot could know as its own
  }
}

export function writeState(folder: string, state: State): void {
  writeWhole(fileIn(folder), JSON.stringify(state, null, 2))
}

export function forgetState(folder: string): void {
  rmSync(fileIn(folder), { force: true })
}

function fileIn(folder: string): string {
  return join(folder, 'cluster.json')
}
