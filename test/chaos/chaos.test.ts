import { expect, test } from 'vitest'
import { chaos } from './chaos.ts'
import { describePlan, kinds } from './plan.ts'

const seed = Number(process.env['CHAOS_SEED'] ?? 1)

test(`runs that are disturbed leave whole layers, and the next run leaves nothing else (seed ${seed})`, async () => {
  const { outcomes, reads } = await chaos({ seed, rounds: kinds.length, scale: 0.05 })
  const found = outcomes.filter(({ problems }) => problems.length > 0)
  expect(found.map(({ plan, problems }) => [`seed ${seed}, ${describePlan(plan)}`, ...problems])).toEqual([])
  // Each kind came once; how many came in time is the machine's affair, but that some did is not.
  expect(new Set(outcomes.map(({ plan }) => plan.kind))).toEqual(new Set(kinds))
  expect(outcomes.filter(({ hit }) => hit).length).toBeGreaterThan(1)
  expect(Math.min(reads.silver, reads.gold)).toBeGreaterThan(kinds.length)
}, 900_000)
