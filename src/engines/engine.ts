import type { RunRecord } from '../runs/record.ts'

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

/**
 * Where layers are made: in this process (`local/`) or on a cluster (`spark/`). Each reads, cleans, settles and models in
 * its own way; the gates, what swaps the layers in and what is kept of the run are the same (`recorded.ts`).
 */
export interface Engine {
  make: (layer: Layer, consents: Consents) => Promise<RunRecord>
}
