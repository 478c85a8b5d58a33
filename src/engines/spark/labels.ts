import { mix } from '../../system/hashes.ts'

/**
 * A number for each of so many buckets by which Spark, which divides rows by a hash, puts each into a task of its own:
 * two in one task would take twice as long as the others.
 */
export function labelsOf(buckets: number): number[] {
  const labels: number[] = []
  for (let label = 0, found = 0; found < buckets; label++) {
    const task = ((hashed(label) % buckets) + buckets) % buckets
    if (labels[task] !== undefined) continue
    labels[task] = label
    found++
  }
  return labels
}

/** Spark's hash of an integer: MurmurHash3 of its four bytes, begun with 42. */
function hashed(value: number): number {
  const rotated = (bits: number, by: number) => (bits << by) | (bits >>> (32 - by))
  const mixed = 42 ^ Math.imul(rotated(Math.imul(value, 0xcc9e2d51), 15), 0x1b873593)
  return mix((Math.imul(rotated(mixed, 13), 5) + 0xe6546b64) ^ 4) | 0
}
