import type { Layer } from '../engines/engine.ts'

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
