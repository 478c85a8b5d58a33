import type fc from 'fast-check'

/**
 * How long and from where random tests go: `FC_RUNS=20 FC_SEED=7 npx vitest run test/engines/local/pipeline.property.test.ts` makes
 * twenty times as many cases, others than the usual ones. A failure prints its seed.
 */
export function runs<T>(usual: number): fc.Parameters<T> {
  const { FC_SEED: seed = '20250630', FC_RUNS: times = '1' } = process.env
  return { seed: Number(seed), numRuns: usual * Number(times) }
}
