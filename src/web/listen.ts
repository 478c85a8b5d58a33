import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { LingotError, reasonOf } from '../system/errors.ts'

/** The first port that is tried where none is set. */
export const PORT = 7007
const TRIED = 20

/** A server that listens. */
export interface Listening {
  port: number
  /** Ends at once, whatever is under way. */
  close: () => void
}

/** Listens on a port; where none is set, on the first free one. */
export async function listen(
  { fetch }: Pick<OpenAPIHono, 'fetch'>,
  { host, port }: { host: string; port: number | undefined },
): Promise<Listening> {
  const server = createAdaptorServer({ fetch }) as Server
  // A browser keeps its connections: one that is closed here just when it asks again fails for it.
  server.keepAliveTimeout = 65_000
  const ports = port === undefined ? Array.from({ length: TRIED }, (_, i) => PORT + i) : [port]
  for (const [i, tried] of ports.entries()) {
    try {
      await listening(server, host, tried)
      const close = () => {
        server.close()
        server.closeAllConnections()
      }
      return { port: (server.address() as AddressInfo).port, close }
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (isTaken && i < ports.length - 1) continue
      const where = `${host}, port ${ports.length === 1 ? tried : `${PORT} to ${tried}`}`
      throw new LingotError(
        'server',
        isTaken ? `${where}: something else listens there.` : `${where}: ${reasonOf(error)}.`,
        'Choose another with --port, or an address of this machine with --host.',
        { cause: error },
      )
    }
  }
  throw new Error('there is no port to listen on')
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
