import type { StatusReader } from './status.ts'

/** Nobody in between takes a connection for dead over which something came lately. */
const PAUSE_MS = 15_000

/** The status as server-sent events, until who listens goes away. */
export function eventStream(status: StatusReader): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let end = () => {}
  return new ReadableStream({
    start(controller) {
      let unlisten = () => {}
      const send = (text: string) => {
        try {
          controller.enqueue(encoder.encode(`${text}\n\n`))
        } catch {
          // It was closed without a word.
          end()
        }
      }
      const timer = setInterval(() => send(':'), PAUSE_MS)
      end = () => {
        unlisten()
        clearInterval(timer)
      }
      unlisten = status.listen((now) => send(`data: ${JSON.stringify(now)}`))
    },
    cancel: () => end(),
  })
}
