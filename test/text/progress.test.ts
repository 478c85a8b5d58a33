import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { describeProgress, progress } from '../../src/text/progress.ts'

describe('how long work goes on', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  /** The lines that are said while a million documents go by in so many seconds, told ten times a second. */
  function linesOf(seconds: number, isTerminal: boolean): string[] {
    const lines: string[] = []
    vi.advanceTimersByTime(60_000) // what came before does not count
    const tell = progress((line) => lines.push(line), isTerminal)
    for (let tenth = 1; tenth <= seconds * 10; tenth++) {
      tell('sales', (1_000_000 / seconds / 10) * tenth, 1_000_000)
      vi.advanceTimersByTime(100)
    }
    return lines
  }

  test.each<[seconds: number, isTerminal: boolean, lines: number]>([
    [4, false, 0],
    [11, false, 2],
    [1, true, 9],
  ])('%i s of work, on a terminal: %s, take %i lines', (seconds, isTerminal, lines) => {
    expect(linesOf(seconds, isTerminal)).toHaveLength(lines)
  })

  test('a line says how much, how fast, how long still, and how much memory', () => {
    expect(linesOf(20, false)[1]).toMatch(/^sales: 505,000 of 1,000,000 \(50 %\), 50,000\/s, 10 s left, [\d,]+ MB$/)
  })

  test('nothing is divided by nothing', () => {
    expect(describeProgress('sales', 0, 0, Number.NaN)).toMatch(/^sales: 0 of 0 \(100 %\), [\d,]+ MB$/)
  })
})
