import { expect, test } from 'vitest'
import { seenBefore } from '../../src/silver/duplicates.ts'
import { hashOf } from '../../src/system/hashes.ts'

test.each([
  // keys that were expected, and how many there are
  [0, 5000],
  [1000, 1000],
  [1000, 300_000],
  [100_000, 200_000],
])('of keys, %i expected and %i met, none is forgotten and few are taken for others', (expected, number) => {
  const isSeen = seenBefore(expected)
  const keys = Array.from({ length: number }, (_, n) => hashOf(`key ${n}`))
  expect(keys.filter(isSeen).length).toBeLessThan(Math.max(20, number / 100))
  expect(keys.every(isSeen)).toBe(true)
})
