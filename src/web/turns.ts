import { Refusal } from './problem.ts'

/** Lets so much of some work be done at a time and as much wait as is said; what comes beyond is refused. */
export function turns(atOnce: number, mostWaiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  let underWay = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (underWay >= atOnce) {
      if (waiting.length >= mostWaiting) {
        throw new Refusal(503, 'busy', 'As much is under way already as is done at a time.', 'Try again in a moment.')
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else underWay++
    try {
      return await work()
    } finally {
      // Whoever waits longest takes the place.
      const next = waiting.shift()
      if (next === undefined) underWay--
      else next()
    }
  }
}
