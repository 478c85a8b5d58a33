import type { MongoClient } from 'mongodb'
import { type Config, loadConfig } from '../config.ts'
import { LingotError } from '../errors.ts'
import { openServers, type Servers } from '../servers/servers.ts'
import { openTerminal, readable, type Terminal } from '../terminal.ts'

/** What every command works with: settings, both servers, a MongoDB client, a way to speak, a signal to stop. */
export interface Session {
  config: Config
  servers: Servers
  mongodb: MongoClient
  terminal: Terminal
  signal: AbortSignal
  onProgress: (collection: string, done: number, total: number) => void
  onStep: (step: string) => void
}

/** Opens both servers, does the work, closes everything; Ctrl-C and SIGTERM end it in between. */
export async function session<T>(options: { json?: boolean }, work: (session: Session) => Promise<T>): Promise<T> {
  const config = loadConfig()
  const terminal = await openTerminal(options)
  const stopped = new AbortController()
  const stop = () => stopped.abort(new LingotError('interrupted', 'Stopped. Nothing was changed.'))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const opened: MongoClient[] = []
  try {
    const [servers, { MongoClient }] = await Promise.all([openServers(config, terminal.say), import('mongodb')])
    stopped.signal.throwIfAborted()
    const mongodb = await MongoClient.connect(servers.mongodb.uri, {
      serverSelectionTimeoutMS: 5000,
      appName: 'lingot',
    })
    opened.push(mongodb)
    return await work({
      config,
      servers,
      mongodb,
      terminal,
      signal: stopped.signal,
      onProgress: (collection, done, total) => terminal.say(`${collection}: ${readable(done)} of ${readable(total)}`),
      onStep: terminal.say,
    })
  } finally {
    terminal.quiet()
    process.off('SIGINT', stop).off('SIGTERM', stop)
    for (const client of opened) await client.close()
  }
}
