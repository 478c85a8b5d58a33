import type { RunRecord } from '../runs/record.ts'
import { LingotError } from '../system/errors.ts'

/** A layer that is made, or both. */
export type Layer = 'process' | 'aggregate' | 'run'

/** What a run is told by who starts it. */
export interface Consents {
  /** Leaves at once where another run changes silver, and soon where somebody holds gold. */
  noWait: boolean
  /** Lets sources through that lost most of what they held. */
  acceptShrink: boolean
  /** Takes over the layers of another shop. */
  takeOver: boolean
  /** Drops this shop's gold tables that no model makes any more. */
  prune: boolean
  /** Of gold the table of this model alone. */
  only?: string | undefined
}

/** What a run may do, in the words of who starts it; what they do not say it may not. */
export function consentsOf({
  wait = true,
  acceptShrink = false,
  takeOver = false,
  prune = false,
  only,
}: {
  wait?: boolean | undefined
  acceptShrink?: boolean | undefined
  takeOver?: boolean | undefined
  prune?: boolean | undefined
  only?: string | undefined
}): Consents {
  if (only !== undefined && (prune || takeOver)) {
    const other = prune ? 'prune' : 'take-over'
    throw new LingotError('usage', `--only is about one table, --${other} about all of them.`, 'Leave one of them out.')
  }
  return { noWait: !wait, acceptShrink, takeOver, prune, only }
}

/**
 * Where layers are made: in this process (`local/`) or on a cluster (`spark/`). Each reads, cleans, settles and models in
 * its own way; the gates, what swaps the layers in and what is kept of the run are the same (`recorded.ts`).
 */
export interface Engine {
  make: (layer: Layer, consents: Consents) => Promise<RunRecord>
}
