import { readable } from './numbers.ts'

/** What a terminal says whatever it tells, in English. */
export const english = {
  number: (number: string | number): string => readable(number),
  /** Which columns of a table had no room. */
  leftOut: (titles: readonly string[]): string => `left out for want of room: ${titles.join(', ')}`,
  /** How far some work is; the numbers are written. */
  progress: (what: string, done: string, total: string, percent: string): string =>
    `${what}: ${done} of ${total} (${percent} %)`,
  secondsLeft: (seconds: string): string => `${seconds} s left`,
  megabytes: (size: string): string => `${size} MB`,
}
export type TerminalWords = typeof english
