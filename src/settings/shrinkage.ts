import { z } from 'zod'

const share = z.number().min(0).max(100)

/** What a source may lose between the gold in place and the next, in percent of the documents that it held. */
export const shrinkage = z.strictObject({
  /** What holds less keeps the old gold. */
  errorBelow: share.default(50),
  warnBelow: share.default(80),
  /** What held fewer documents is only warned of, unless it is empty. */
  smallBelow: z.number().int().min(0).default(100),
})

export type Shrinkage = z.output<typeof shrinkage>
