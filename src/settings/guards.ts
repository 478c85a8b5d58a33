import { z } from 'zod'
import { severity } from './thresholds.ts'

const atLeast0 = z.number().min(0)

/** How much a month may move when it is over for long; one that moved by more than both is told. */
export const settledMonths = z.strictObject({
  /** Days after its end from which on it counts as settled. */
  afterDays: z.number().int().min(0).default(35),
  /** In percent of what it was: what is refunded late is mostly less. */
  percentAtMost: atLeast0.default(1),
  /** In money: in a small shop a single sale is more than one percent. */
  amountAtMost: atLeast0.default(100),
  severity: severity.default('warn'),
})
export type SettledMonths = z.output<typeof settledMonths>

/** How far a day may be from its weekdays; one that is further away than both, and than they vary, is told. */
export const unusualDays = z.strictObject({
  /** In percent of the median day. */
  percentAtMost: atLeast0.default(50),
  /** In money. */
  amountAtMost: atLeast0.default(500),
  severity: severity.default('warn'),
})
export type UnusualDays = z.output<typeof unusualDays>
