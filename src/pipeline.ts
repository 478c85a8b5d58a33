import { ObjectId } from 'bson'
import type { MongoClient } from 'mongodb'
import { aggregateSilver } from './gold/aggregator.ts'
import { type Progress, processBronze, type Refined } from './silver/processor.ts'

/** What a run did. */
export interface RunSummary {
  run: string
  silver: Record<string, Refined>
  /** Rows of each gold table. */
  gold: Record<string, number>
}

export interface RunOptions {
  bronze: string
  silver: string
  goldSchema: string
  onProgress?: Progress
  onStep?: (step: string) => void
  signal?: AbortSignal
}

/** Bronze to gold: the processor, then the aggregator. */
export async function runPipeline(mongodb: MongoClient, postgresUrl: string, options: RunOptions): Promise<RunSummary> {
  const run = new ObjectId()
  const silver = await processBronze(mongodb, { ...options, run })
  const gold = await aggregateSilver(mongodb, postgresUrl, options)
  return { run: run.toHexString(), silver, gold }
}
