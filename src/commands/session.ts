import type { MongoClient } from 'mongodb'
import { completeSwap } from '../engines/recovery.ts'
import { goldInPlace, type Published } from '../gold/in_place.ts'
import { PrimaryClient } from '../mongo/client.ts'
import { ownServer } from '../runs/shop.ts'
import { openMongodb, openPostgres, openReader, openServers, type Server } from '../servers/servers.ts'
import { type Config, loadConfig } from '../settings/config.ts'
import { kindOf } from '../system/errors.ts'
import type { Progress } from '../text/progress.ts'
import { openTerminal, type Terminal } from '../text/terminal.ts'
import { interruptible } from './interruption.ts'

/** What a command works with: settings, MongoDB, a way to speak, a signal to stop. */
export interface Session {
  config: Config
  mongodbServer: Server
  mongodb: MongoClient
  terminal: Terminal
  hooks: {
    signal: AbortSignal
    onProgress: Progress
    onStep: (step: string) => void
    onNote: (note: string) => void
    revive: () => Promise<unknown>
    /** What bronze's server is called, where its address may change. */
    server?: string
  }
}

/** Opens MongoDB, does the work, closes everything; Ctrl-C and SIGTERM end it in between. */
export function session<T>(
  options: { json?: boolean },
  work: (session: Session) => Promise<T>,
  loaded?: Config,
): Promise<T> {
  return interruptible(async (signal) => {
    const config = loaded ?? (await loadConfig())
    const terminal = await openTerminal(options)
    const opened: MongoClient[] = []
    try {
      const mongodbServer = await openMongodb(config, terminal.say, signal)
      signal.throwIfAborted()
      const mongodb = await PrimaryClient.connect(mongodbServer.uri, {
        serverSelectionTimeoutMS: 5000,
        appName: 'lingot',
      })
      opened.push(mongodb)
      await completeSwap(mongodb.db(config.silver))
      const revive = () => openMongodb(config, terminal.say, signal)
      const hooks = {
        signal,
        onProgress: terminal.progress,
        onStep: terminal.say,
        onNote: terminal.note,
        revive,
        ...(mongodbServer.origin === 'lingot' && { server: ownServer(config.home) }),
      }
      return await work({ config, mongodbServer, mongodb, terminal, hooks })
    } finally {
      terminal.quiet()
      for (const client of opened) await client.close()
    }
  })
}

/** As {@link session}, with PostgreSQL beside MongoDB, as its reader where that is enough; both start at the same time. */
export async function fullSession<T>(
  options: { json?: boolean; readsGold?: boolean },
  work: (session: Session & { postgresServer: Server }) => Promise<T>,
): Promise<T> {
  const config = await loadConfig()
  const opening = options.readsGold ? openReader(config) : openPostgres(config)
  // Its failure is met where it is awaited, unless MongoDB's comes first.
  opening.catch(() => undefined)
  return session(
    options,
    async (opened) => {
      const { terminal, hooks } = opened
      const revive = () => openServers(config, terminal.say, hooks.signal)
      return work({ ...opened, hooks: { ...hooks, revive }, postgresServer: await opening })
    },
    config,
  )
}

/** Which gold is in place, as it says itself; undefined where PostgreSQL does not answer, or gold is held. */
export async function publishedGold(config: Config): Promise<Published | null | undefined> {
  try {
    const { uri } = await openReader(config)
    return await goldInPlace(uri, config.goldSchema)
  } catch (error) {
    if (['server', 'permission', 'publish'].includes(kindOf(error))) return undefined
    throw error
  }
}
