/** Milliseconds between two of what is told. */
const PAUSE_MS = 1000

/** Passes on what is told, at most about once a second; of more than that the last, and nothing after the end. */
export function throttled<T>(say: (told: T) => void): { tell: (told: T) => void; end: () => void } {
  let waiting: { told: T } | undefined
  let pause: NodeJS.Timeout | undefined
  let isOver = false
  const next = () => {
    pause = undefined
    if (waiting === undefined) return
    const { told } = waiting
    waiting = undefined
    pause = setTimeout(next, PAUSE_MS).unref()
    say(told)
  }
  return {
    tell(told) {
      if (isOver) return
      waiting = { told }
      if (pause === undefined) next()
    },
    end() {
      isOver = true
      clearTimeout(pause)
    },
  }
}
