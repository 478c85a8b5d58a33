import type { GoldRun } from './api.ts'
import { Refusal } from './problem.ts'

/** The gold in place; throws where there is none, or it began before a time. */
export async function freshGold(read: () => Promise<GoldRun | null>, oldest: Date | undefined): Promise<GoldRun> {
  const gold = await read()
  if (gold === null) throw new Refusal(503, 'data', 'There is no gold yet.', 'Make it: `lingot run`.')
  if (oldest === undefined || new Date(gold.started) >= oldest) return gold
  const message = `The gold in place is of ${gold.started}, and older than expected.`
  throw new Refusal(503, 'data', message, 'See what `lingot watch` says, and its health file.')
}
