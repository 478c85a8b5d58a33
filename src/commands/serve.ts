import { once } from 'node:events'
import type { Lingot } from '../library/lingot.ts'
import { kindOf, LingotError } from '../system/errors.ts'
import { ownCommand } from '../system/launch.ts'
import type { Watch } from '../watch/watch.ts'
import { type Listening, listen } from '../web/listen.ts'
import { type Dashboard, dashboard } from '../web/server.ts'
import { newToken } from '../web/token.ts'
import { session } from './session.ts'
import type { WatchArguments } from './watch.ts'

export interface ServeOptions extends WatchArguments {
  /** The first free one from the usual one up, if not given. */
  port?: number
  host: string
  /** What stands before every address, behind a proxy. */
  basePath?: string
  /** Names that lead here beside those of this machine. */
  allowHost?: string[]
  /** Whether gold is kept up to date as well. */
  watch?: boolean
}

/** `lingot serve`: the dashboard, until Ctrl-C. */
export async function serveCommand({
  port,
  host,
  basePath = '',
  allowHost = [],
  watch,
  ...when
}: ServeOptions): Promise<void> {
  if (host.trim() === '') {
    const next = 'Name 127.0.0.1 for this machine alone, or 0.0.0.0 for every address that it has.'
    throw new LingotError('usage', 'The address to listen on is empty, which would be every address.', next)
  }
  if (watch !== true && Object.values(when).some((given) => given !== undefined)) {
    const next = 'Add --watch, or leave --every, --cron, --on-change and --health out.'
    throw new LingotError('usage', 'Nothing is watched: these options are for --watch.', next)
  }
  let served: Dashboard | undefined
  let watching: Watch | undefined
  const ending = new AbortController()
  let listening: Listening | undefined
  try {
    await session({ gold: 'read' }, async ({ lingot, terminal, signal }) => {
      const { config, mongodb } = lingot
      const token = newToken()
      served = dashboard({
        config,
        mongodb,
        postgresUrl: lingot.postgresUrl(),
        host,
        allowedHosts: allowHost,
        basePath,
        token,
        command: ownCommand(),
        assistant: answeringAssistants(lingot),
        oldestGold: () => watching?.oldestGold(),
        alerts: () => watching?.told ?? new Map(),
      })
      listening = await listen(served.app, { host, port })
      if (watch === true) {
        const { startWatch } = await import('./watch.ts')
        watching = await startWatch(config, when, { terminal, signal: AbortSignal.any([signal, ending.signal]) })
      }
      // Behind the # it is sent to nobody: the browser keeps it for the page.
      const address = `http://${host.includes(':') ? `[${host}]` : host}:${listening.port}${basePath}/`
      terminal.print(`${address}#token=${token}`)
      terminal.note('Press Ctrl-C to end it.')
      await Promise.race([signal.aborted || once(signal, 'abort'), watching?.ended ?? new Promise(() => undefined)])
    })
  } catch (error) {
    if (kindOf(error) !== 'interrupted' || listening === undefined) throw error
  } finally {
    listening?.close()
    ending.abort()
    // A run that was started here ends before this does.
    await Promise.all([served?.close(), watching?.ended])
  }
}

/** Answers assistants; what that takes is loaded when one asks. */
function answeringAssistants(lingot: Lingot): (request: Request) => Promise<Response> {
  let answering: Promise<(request: Request) => Promise<Response>> | undefined
  const begin = async () => {
    const [{ overHttp }, { queryOf }] = await Promise.all([import('../mcp/http.ts'), import('../mcp/query.ts')])
    const query = await queryOf(lingot.config)
    // A run may give its role this gold before the next one asks.
    if (query === undefined) answering = undefined
    return overHttp({ lingot, query })
  }
  return async (request) => {
    answering ??= begin()
    // A server that was away may be there when the next one asks.
    answering.catch(() => {
      answering = undefined
    })
    return (await answering)(request)
  }
}
