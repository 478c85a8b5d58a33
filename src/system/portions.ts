/** How much is worked on at a time, and how much is remembered: what comes out is the same whatever these are. */
export interface Portions {
  /** Documents that MongoDB sends at a time: with larger batches the raw read is slower. */
  documents: number
  /** Bytes that are written to MongoDB at a time. A command takes 48 MB; from a few thousand documents on, more are no faster. */
  bytes: number
  /** Documents of a part, which one worker cleans at a time; with less than two of them a collection is cleaned by none. */
  part: number
  /** Ids that are looked up, documents that are removed, and rows of gold that are searched, at a time. */
  ids: number
  /** Below so many documents an index on the empty collection is quicker; beyond, one built when they are all there. */
  indexed: number
  /** Rows that DuckDB is given at a time: those of its own chunks. */
  rows: number
  /** Labels that are numbers of a dictionary: each costs a join, and joins cost memory. */
  labels: number
  /** Words of a dictionary that are remembered; one that comes back after it was forgotten gets another number. */
  words: number
  /** Buckets of customers that what divides is made in, one after the other; as many as fit the memory where it is not given. */
  buckets?: number
}

/** As measurements gave them. */
export const portions: Portions = {
  documents: 2000,
  bytes: 2 ** 21,
  part: 50_000,
  ids: 5000,
  indexed: 50_000,
  rows: 2048,
  labels: 8,
  words: 50_000,
}
