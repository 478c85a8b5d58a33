import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { mix } from '../../system/hashes.ts'

/** A number from 0 (included) to 1 (excluded). Only sums, products and roots are built on it: equal on every machine. */
export type Random = () => number

/** The n-th stream of a seed; streams do not overlap, so one may draw more without changing another. */
export function stream(seed: number, n: number): Random {
  const generator = xoroshiro128plus(seed)
  for (let jumps = 0; jumps <= n; jumps++) generator.jump()
  return () => uniformFloat64(generator)
}

export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random()
}

/** A whole number from 0 to below `end`. */
export function below(random: Random, end: number): number {
  return Math.floor(random() * end)
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[below(random, list.length)] as T
}

/** Draws rows by their weight. */
export function weighted<T extends { weight: number }>(rows: readonly T[]): (random: Random) => T {
  const at = quantile(rows.map(({ weight }) => weight))
  return (random) => rows[Math.floor(at(random()))] as T
}

/**
 * Where a share of the whole lies: which weight, and after the point how far into it.
 *
 *     quantile([1, 3])(0.5)   // 1.333: a third into the second
 */
export function quantile(weights: readonly number[]): (share: number) => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  const ends = weights.map((weight) => {
    sum += weight
    return sum / total
  })
  return (share) => {
    let low = 0
    let high = ends.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] as number) > share) high = middle
      else low = middle + 1
    }
    const start = low === 0 ? 0 : (ends[low - 1] as number)
    return low + Math.min((share - start) / ((ends[low] as number) - start), 0.999_999)
  }
}

/** Puts 0 … size - 1 into another order, number by number: a Feistel network, so no table is kept at any size. */
export function shuffle(size: number, random: Random): (index: number) => number {
  let half = 1
  while (half * half < size) half *= 2
  const keys = [random, random, random, random].map((draw) => below(draw, 2 ** 32))
  const turn = (index: number) => {
    let left = Math.floor(index / half)
    let right = index % half
    for (const key of keys) {
      const mixed = left ^ (mix(right ^ key) & (half - 1))
      left = right
      right = mixed
    }
    return left * half + right
  }
  return (index) => {
    let turned = turn(index)
    while (turned >= size) turned = turn(turned)
    return turned
  }
}

/** Replaces the marks of a template: # by a digit, * by one from 1 to 9, ? by a letter of Canadian postal codes. */
export function fill(template: string, random: Random): string {
  return template.replace(/[#*?]/g, (mark) => {
    if (mark === '?') return 'ABCEGHJKLMNPRSTVWXYZ'.charAt(below(random, 20))
    return String(mark === '#' ? below(random, 10) : 1 + below(random, 9))
  })
}
