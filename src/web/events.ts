import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { StatusReader } from './status.ts'

/** Nobody in between takes a connection for dead over which something came lately. */
const PAUSE_MS = 15_000

/** The status as server-sent events, until who listens goes away. */
export function sendEvents(c: Context, status: StatusReader): Response {
  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, (stream) => {
    const unlisten = status.listen((now) => void stream.writeSSE({ data: JSON.stringify(now) }))
    const timer = setInterval(() => void stream.write(':\n\n'), PAUSE_MS)
    return new Promise((resolve) =>
      stream.onAbort(() => {
        unlisten()
        clearInterval(timer)
        resolve()
      }),
    )
  })
}
