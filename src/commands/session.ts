import type { MongoClient } from 'mongodb'
import { type Config, loadConfig } from '../config.ts'
import { openMongodb, openPostgres, type Server } from '../servers/servers.ts'
import { openTerminal, readable, type Terminal } from '../terminal.ts'
import { interruptible } from './interruption.ts'

/** What a command works with: settings, MongoDB, a way to speak, a signal to stop. */
export interface Session {
  config: Config
  mongodbServer: Server
  mongodb: MongoClient
  terminal: Terminal
  hooks: {
    signal: AbortSignal
    onProgress: (collection: string, done: number, total: number) => void
    onStep: (step: string) => void
  }
}

/** Opens MongoDB, does the work, closes everything; Ctrl-C and SIGTERM end it in between. */
export function session<T>(options: { json?: boolean }, work: (session: Session) => Promise<T>): Promise<T> {
  return interruptible(async (signal) => {
    const config = loadConfig()
    const terminal = await openTerminal(options)
    const opened: MongoClient[] = []
    try {
      const [mongodbServer, { MongoClient }] = await Promise.all([
        openMongodb(config, terminal.say, signal),
        import('mongodb'),
      ])
      signal.throwIfAborted()
      const mongodb = await MongoClient.connect(mongodbServer.uri, {
        serverSelectionTimeoutMS: 5000,
        appName: 'lingot',
      })
      opened.push(mongodb)
      const onProgress = (collection: string, done: number, total: number) =>
        terminal.say(`${collection}: ${readable(done)} of ${readable(total)}`)
      return await work({
        config,
        mongodbServer,
        mongodb,
        terminal,
        hooks: { signal, onProgress, onStep: terminal.say },
      })
    } finally {
      terminal.quiet()
      for (const client of opened) await client.close()
    }
  })
}

/** As {@link session}, with PostgreSQL beside MongoDB; both servers start at the same time. */
export async function fullSession<T>(
  options: { json?: boolean },
  work: (session: Session & { postgresServer: Server }) => Promise<T>,
): Promise<T> {
  const opening = openPostgres(loadConfig())
  // Its failure is met where it is awaited, unless MongoDB's comes first.
  opening.catch(() => undefined)
  return session(options, async (opened) => work({ ...opened, postgresServer: await opening }))
}
