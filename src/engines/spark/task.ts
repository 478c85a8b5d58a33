import type { ObjectId } from 'bson'
import type { Db, MongoClient } from 'mongodb'
import type { Contract } from '../../contracts/contract.ts'
import type { Lock } from '../../runs/lock.ts'
import type { Claim } from '../../runs/ownership.ts'
import type { Config } from '../../settings/config.ts'
import { LingotError } from '../../system/errors.ts'
import type { Job } from './job.ts'
import type { RowWriter } from './lines.ts'
import type { Notes } from './notes.ts'

/** What a task of a job works with. */
export interface Task {
  job: Job
  config: Config
  run: ObjectId
  mongodb: MongoClient
  silver: Db
  lock: Lock
  notes: Notes
  out: RowWriter
}

/** Does its part for each row that Spark gives; a row begins with the run, which is left out here. */
export type Step = (task: Task, rows: AsyncIterable<string>) => Promise<void>

export function contractOf({ config }: Pick<Task, 'config'>, name: string): Contract {
  const found = config.contracts.find(({ collection }) => collection === name)
  if (found === undefined) throw new LingotError('bug', `The job has no collection ${name}.`)
  return found
}

/** Whose silver it may change. */
export function claimOf({ job, config }: Pick<Task, 'job' | 'config'>): Claim {
  return { bronze: job.bronze, takeOver: job.takeOver, contracts: config.contracts }
}

/** Where PostgreSQL is. */
export function postgresOf({ config }: Pick<Task, 'config'>): string {
  if (config.postgresUrl !== undefined) return config.postgresUrl
  throw missing('POSTGRES_URL')
}

export function missing(name: string): LingotError {
  return new LingotError(
    'config',
    `${name} is not set where Spark's executors run.`,
    `Give it to them: spark.executorEnv.${name}; docs/spark.md tells how without showing it.`,
  )
}
