import { connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be cut. */
export interface Passage {
  port: number
  /** Ends every connection at once, as a network does that fails; new ones are refused for so long. */
  cut: (ms: number) => void
  close: () => void
}

/** Opens a port of 127.0.0.1 that leads to another one. */
export async function openProxy(to: number): Promise<Passage> {
  const sockets = new Set<Socket>()
  let cutUntil = 0
  const server = createServer((near) => {
    if (Date.now() < cutUntil) return near.resetAndDestroy()
    const far = connect({ host: '127.0.0.1', port: to })
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket
        .setNoDelay()
        // What ends a connection on one side ends it on the other, as abruptly.
        .on('error', () => other.resetAndDestroy())
        .on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
        .pipe(other)
    }
    return undefined
  })
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const cut = (ms: number) => {
    cutUntil = Date.now() + ms
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: address.port,
    cut,
    close() {
      cut(0)
      server.close()
    },
  }
}
