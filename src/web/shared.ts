/** Does some work for all who want it: they get one answer, at most so old, and wait for the same one. */
export function sharedFor<T>(milliseconds: number, work: () => Promise<T>): () => Promise<T> {
  let last: { answer: Promise<T>; until: number } | undefined
  return () => {
    if (last !== undefined && performance.now() < last.until) return last.answer
    const current = { answer: work(), until: Number.POSITIVE_INFINITY }
    const settle = () => {
      current.until = performance.now() + milliseconds
    }
    current.answer.then(settle, settle)
    last = current
    return current.answer
  }
}
