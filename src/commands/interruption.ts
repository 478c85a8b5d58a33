import { setTimeout } from 'node:timers/promises'
import { LingotError } from '../errors.ts'

/** How long what is under way may take to clean up after itself. */
const GRACE_MS = 1000

/** Gives the work a signal that Ctrl-C and SIGTERM abort; ends soon after them, whether the work has ended or not. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, abort } = stopSignal()
  process.once('SIGINT', abort).once('SIGTERM', abort)
  try {
    return await Promise.race([work(signal), afterGrace(signal)])
  } catch (error) {
    // What fails because it was told to stop has not failed by itself.
    throw signal.aborted ? signal.reason : error
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort)
  }
}

function stopSignal(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController()
  const abort = () =>
    controller.abort(
      new LingotError('interrupted', 'Stopped. Nothing is half done: each layer is whole.', 'Run it again.'),
    )
  return { signal: controller.signal, abort }
}

function afterGrace(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', async () => {
      await setTimeout(GRACE_MS)
      reject(signal.reason)
    })
  })
}
