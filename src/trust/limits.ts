import type { Db } from 'mongodb'
import type { Gates } from '../gold/aggregator.ts'
import type { Published } from '../gold/in_place.ts'
import { type Hiding, hiding } from '../rules/contacts.ts'
import type { Refined } from '../runs/record.ts'
import { goldOnRecord, silverOf } from '../runs/store.ts'
import type { Shrinkage } from '../settings/shrinkage.ts'
import type { Severities } from '../settings/suspicious.ts'
import type { Threshold } from '../settings/thresholds.ts'
import { checkOverTime, type TimeLimits } from './over_time.ts'
import { checkEmptied, checkShrinkage } from './shrinkage.ts'
import { checkSuspicions } from './suspicions.ts'
import { checkThresholds } from './thresholds.ts'

/** The limits on what goes into gold, and on gold. */
export interface GateLimits extends Hiding, TimeLimits {
  suspicious: Severities
  thresholds: readonly Threshold[]
  shrinkage: Shrinkage
  /** Lets sources through that lost most of what they held. */
  acceptShrink?: boolean
}

/** How a silver and the gold of it do against the limits, and beside the gold in place and what that was made of. */
export async function gatesOf(
  silver: Db,
  refined: Readonly<Record<string, Refined>>,
  gold: Published | null | undefined,
  limits: GateLimits,
): Promise<Gates> {
  const { thresholds, shrinkage, suspicious, acceptShrink } = limits
  const published = gold == null ? null : await goldOnRecord(silver, gold.run)
  const before = published === null ? null : await silverOf(silver, published)
  const shrunk =
    before === null
      ? checkEmptied(refined, gold?.holds ?? [], acceptShrink)
      : checkShrinkage(refined, before.silver, shrinkage, acceptShrink)
  return {
    known: [
      ...shrunk,
      ...checkThresholds(thresholds, refined),
      ...checkSuspicions(refined, suspicious, hiding(limits)),
    ],
    built: (query, tables) => checkOverTime(silver, { query, tables }, gold, published, limits),
  }
}
