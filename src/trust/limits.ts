import type { Db } from 'mongodb'
import { type Hiding, hiding } from '../rules/contacts.ts'
import type { CheckResult, Refined } from '../runs/record.ts'
import { goldOnRecord, silverOf } from '../runs/store.ts'
import type { Shrinkage } from '../settings/shrinkage.ts'
import type { Severities } from '../settings/suspicious.ts'
import type { Threshold } from '../settings/thresholds.ts'
import { checkEmptied, checkShrinkage } from './shrinkage.ts'
import { checkSuspicions } from './suspicions.ts'
import { checkThresholds } from './thresholds.ts'

/** The limits on what goes into gold. */
export interface SilverLimits extends Hiding {
  suspicious: Severities
  thresholds: readonly Threshold[]
  shrinkage: Shrinkage
  /** Lets sources through that lost most of what they held. */
  acceptShrink?: boolean
}

/** How a silver does against the limits, and beside the one that the gold in place was made of. */
export async function checkSilver(
  silver: Db,
  refined: Readonly<Record<string, Refined>>,
  gold: { run: string; holds: readonly string[] } | null | undefined,
  { thresholds, shrinkage, suspicious, acceptShrink, ...settings }: SilverLimits,
): Promise<CheckResult[]> {
  const published = gold == null ? null : await goldOnRecord(silver, gold.run)
  const before = published === null ? null : await silverOf(silver, published)
  const shrunk =
    before === null
      ? checkEmptied(refined, gold?.holds ?? [], acceptShrink)
      : checkShrinkage(refined, before.silver, shrinkage, acceptShrink)
  return [...shrunk, ...checkThresholds(thresholds, refined), ...checkSuspicions(refined, suspicious, hiding(settings))]
}
