import { setTimeout } from 'node:timers/promises'
import type { Places } from '../settings/config.ts'
import { type Engine, findOwn, open, type Say, type Server } from './engine.ts'
import { endMoved } from './home.ts'
import { mongodbEngine } from './mongodb.ts'
import { assistantEngine, ownAssistant, ownReader, postgresEngine, readerEngine } from './postgres.ts'
import { isListening } from './process.ts'

export type { Origin, Server } from './engine.ts'

export interface Servers {
  mongodb: Server
  postgres: Server
}

const silent: Say = () => undefined

/** The MongoDB that is set, found, or started. */
export function openMongodb(config: Places, say = silent, signal?: AbortSignal): Promise<Server> {
  return open(mongodbEngine(config), say, signal)
}

/** The PostgreSQL that is set, found, or started. */
export function openPostgres(config: Places, say = silent, signal?: AbortSignal): Promise<Server> {
  return open(postgresEngine(config), say, signal)
}

/** The PostgreSQL that gold is read from: as the reader that is set, or as that of Lingot's own server. */
export async function openReader(config: Places, say = silent, signal?: AbortSignal): Promise<Server> {
  const server = await open(readerEngine(config) ?? postgresEngine(config), say, signal)
  return server.origin === 'lingot' ? { ...server, uri: await ownReader(server.uri, config.goldSchema) } : server
}

/** The address of gold for an assistant, as a role that can read nothing personal; undefined where there is none. */
export async function openAssistant(config: Places, say = silent, signal?: AbortSignal): Promise<string | undefined> {
  const engine = assistantEngine(config)
  if (engine !== undefined) return (await open(engine, say, signal)).uri
  const server = await open(postgresEngine(config), say, signal)
  return server.origin === 'lingot' ? ownAssistant(server.uri, config.goldSchema) : undefined
}

/** Both, at the same time. */
export async function openServers(config: Places, say = silent, signal?: AbortSignal): Promise<Servers> {
  const opening = [openMongodb(config, say, signal), openPostgres(config, say, signal)] as const
  const [mongodb, postgres] = await Promise.all(opening)
  return { mongodb, postgres }
}

/** Returns the first of the servers that no longer runs; throws when the signal comes first. */
export async function firstToEnd(servers: readonly Server[], signal: AbortSignal): Promise<Server> {
  for (;;) {
    for (const server of servers) {
      if (!(await isListening(Number(new URL(server.uri).port)))) return server
    }
    await setTimeout(500, undefined, { signal })
  }
}

/** Ends the servers that Lingot started over this home, and no other; says which were running. */
export async function stopServers(config: Places, say = silent): Promise<{ mongodb: boolean; postgres: boolean }> {
  const stop = async (engine: Engine) => {
    const running = await findOwn(engine)
    if (running === undefined) return endMoved(engine.data)
    say(`stopping ${engine.name}`)
    await engine.stop(running.uri)
    return true
  }
  const [mongodb, postgres] = await Promise.all([stop(mongodbEngine(config)), stop(postgresEngine(config))])
  return { mongodb, postgres }
}

/** The hosts and ports of a connection string, which may name several; what is none could be a part of a password. */
export function addressOf(uri: string): string {
  const [, authority = ''] = /^[^:]+:\/\/([^/?#]*)/.exec(uri) ?? []
  const hosts = authority.slice(authority.lastIndexOf('@') + 1)
  return hosts.split(',').every((host) => /^(\[.*\]|[^:[\]]*)(:\d*)?$/.test(host)) ? hosts : '***'
}
