import type { Consents, Layer } from '../engines/engine.ts'
import { LingotError } from '../system/errors.ts'

export interface Output {
  json?: boolean
}

export interface RunArguments extends Output, SparkArguments {
  wait: boolean
  acceptShrink?: boolean
  takeOver?: boolean
  prune?: boolean
  only?: string | undefined
  engine: 'local' | 'spark'
}

/** What the command line lets a run do, or not do. */
export function consents({
  wait = true,
  acceptShrink = false,
  takeOver = false,
  prune = false,
  only,
}: Partial<Pick<RunArguments, 'wait' | 'acceptShrink' | 'takeOver' | 'prune' | 'only'>> = {}): Consents {
  if (only !== undefined && (prune || takeOver)) {
    const other = prune ? '--prune' : '--take-over'
    throw new LingotError('usage', `--only is about one table, ${other} about all of them.`, 'Leave one of them out.')
  }
  return { noWait: !wait, acceptShrink, takeOver, prune, only }
}

/** What goes to Spark as it is. */
export interface SparkArguments {
  master?: string | undefined
  conf?: string[] | undefined
  jars?: string[] | undefined
  packages?: string[] | undefined
  /** The folder that the job is written into, or that it is to be one of the usual name. */
  dryRun?: string | true | undefined
}

/** Only silver needs no PostgreSQL. */
export function goldOf(layer: Layer): 'written' | undefined {
  return layer === 'process' ? undefined : 'written'
}

/** The layers in MongoDB that are read or written. */
export function layersOf(layer: Layer): readonly ('bronze' | 'silver')[] {
  return layer === 'aggregate' ? ['silver'] : ['bronze', 'silver']
}
