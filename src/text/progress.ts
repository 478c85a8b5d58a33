import { english, type TerminalWords } from './words.ts'

/** A line about work that goes on: how much is done, how fast, how long it will take, in how much memory. */
export type Progress = (what: string, done: number, total: number) => void

/** Milliseconds between two lines: for eyes, and for a log. */
const ON_TERMINAL = 100
const IN_LOG = 5000

/** Counts the rate from the first time that it hears of some work; says a line now and then. */
export function progress(say: (line: string) => void, isTerminal: boolean, words: TerminalWords = english): Progress {
  const pause = isTerminal ? ON_TERMINAL : IN_LOG
  const started = new Map<string, { at: number; done: number }>()
  // Short work is done without a word.
  let last = Number.POSITIVE_INFINITY
  return (what, done, total) => {
    const now = performance.now()
    last = Math.min(last, now)
    const start = started.get(what) ?? { at: now, done }
    if (start.at === now) started.set(what, start)
    if (now - last < pause) return
    last = now
    say(describeProgress(what, done, total, (done - start.done) / ((now - start.at) / 1000), words))
  }
}

/** `transactions: 402,000 of 1,005,000 (40 %), 120,000/s, 5 s left, 310 MB` */
export function describeProgress(
  what: string,
  done: number,
  total: number,
  perSecond: number,
  { number, progress, secondsLeft, megabytes }: TerminalWords = english,
): string {
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100)
  const pace =
    perSecond > 0 && Number.isFinite(perSecond)
      ? [`${number(Math.round(perSecond))}/s`, secondsLeft(number(Math.ceil((total - done) / perSecond)))]
      : []
  const memory = megabytes(number(Math.round(process.memoryUsage.rss() / 2 ** 20)))
  return [progress(what, number(done), number(total), `${percent}`), ...pace, memory].join(', ')
}
