import { setTimeout } from 'node:timers/promises'
import { stopped } from '../system/errors.ts'

/** How long what is under way may take to clean up after itself. */
const GRACE_MS = 1000

/** Gives the work a signal that Ctrl-C and SIGTERM abort; ends soon after them, whether the work has ended or not. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, abort } = stopSignal()
  const over = new AbortController()
  process.once('SIGINT', abort).once('SIGTERM', abort)
  try {
    return await Promise.race([work(signal), afterGrace(signal, over.signal)])
  } catch (error) {
    // What fails because it was told to stop has not failed by itself.
    throw signal.aborted ? signal.reason : error
  } finally {
    over.abort()
    process.off('SIGINT', abort).off('SIGTERM', abort)
  }
}

function stopSignal(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController()
  const abort = () => controller.abort(stopped())
  return { signal: controller.signal, abort }
}

/** Rejects a while after the signal, unless the work is over by then. */
function afterGrace(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      setTimeout(GRACE_MS, undefined, { signal: over }).then(
        () => reject(signal.reason),
        () => undefined,
      )
    })
  })
}
