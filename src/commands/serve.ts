import { once } from 'node:events'
import { LingotError } from '../system/errors.ts'
import { isLoopback } from '../web/guard.ts'
import { type Listening, listen } from '../web/listen.ts'
import { type Dashboard, dashboard } from '../web/server.ts'
import { newToken } from '../web/token.ts'
import { session } from './session.ts'

export interface ServeOptions {
  /** The first free one from the usual one up, if not given. */
  port?: number
  host: string
  /** Names that lead here beside those of this machine. */
  allowHost?: string[]
}

/** `lingot serve`: the dashboard, until Ctrl-C. */
export async function serveCommand({ port, host, allowHost = [] }: ServeOptions): Promise<void> {
  if (host.trim() === '') {
    const next = 'Name 127.0.0.1 for this machine alone, or 0.0.0.0 for every address that it has.'
    throw new LingotError('usage', 'The address to listen on is empty, which would be every address.', next)
  }
  let served: Dashboard | undefined
  let listening: Listening | undefined
  try {
    await session({ gold: 'read' }, async ({ lingot, terminal, signal }) => {
      const { config, mongodb } = lingot
      const token = newToken()
      const [program = ''] = process.argv.slice(1)
      const command = [process.execPath, ...process.execArgv, program]
      served = dashboard({
        config,
        mongodb,
        postgresUrl: lingot.postgresUrl(),
        host,
        allowedHosts: allowHost,
        token,
        command,
      })
      listening = await listen(served.app, { host, port })
      // Behind the # it is sent to nobody: the browser keeps it for the page.
      const address = `http://${host.includes(':') ? `[${host}]` : host}:${listening.port}/`
      const takesToken = isLoopback(host) || config.postgresReaderUrl !== undefined
      terminal.print(takesToken ? `${address}#token=${token}` : address)
      terminal.note('Press Ctrl-C to end it.')
      if (!signal.aborted) await once(signal, 'abort')
    })
  } catch (error) {
    const isInterrupted = error instanceof LingotError && error.kind === 'interrupted'
    if (!(isInterrupted && listening !== undefined)) throw error
  } finally {
    listening?.close()
    // A run that was started here ends before this does.
    await served?.close()
  }
}
