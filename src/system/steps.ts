/** How long a step of a run took; steps may overlap. */
export interface Step {
  step: string
  /** Seconds after the start of the run. */
  from: number
  seconds: number
}

/** Does a step of the work and notes how long it takes. */
export type Timed = <T>(step: string, work: () => Promise<T>) => Promise<T>

/** For work of which nobody wants to know how long it takes. */
export const untimed: Timed = (_, work) => work()

/** Notes the steps of a run that begins now. */
export function stopwatch(): { steps: Step[]; timed: Timed } {
  const start = performance.now()
  const seconds = () => Math.round(performance.now() - start) / 1000
  const steps: Step[] = []
  return {
    steps,
    async timed(step, work) {
      const from = seconds()
      try {
        return await work()
      } finally {
        steps.push({ step, from, seconds: Math.round((seconds() - from) * 1000) / 1000 })
      }
    },
  }
}
