import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { serverOver } from '../../src/servers/process.ts'
import { openServers, type Servers } from '../../src/servers/servers.ts'
import type { Config } from '../../src/settings/config.ts'
import { identityOf, isRunning } from '../../src/system/alive.ts'
import type { Settings } from '../process.ts'
import { removeHome, serversOver, settingsOf, temporaryConfig } from '../servers/home.ts'
import { openProxy, type Passage } from './proxy.ts'

export type ServerName = 'mongod' | 'postgres'

/** A MongoDB and a PostgreSQL to be mistreated: real processes over a temporary folder. */
export interface Victims {
  mongodbUri: string
  postgresUrl: string
  /** Settings with which Lingot brings the servers back by itself. */
  own: Settings
  /** Settings with which it goes through the proxies to servers that are somebody else's to bring back. */
  named: Settings
  proxies: Record<ServerName, Passage>
  pid: (server: ServerName) => number | undefined
  signal: (server: ServerName, signal: NodeJS.Signals) => void
  /** Starts what does not run. */
  revive: () => Promise<Servers>
  /** What runs, or is left of first starts, beside the one MongoDB and the one PostgreSQL. */
  strays: () => string[]
  close: () => Promise<void>
}

export async function openVictims(): Promise<Victims> {
  const config = await temporaryConfig()
  const { mongodb, postgres } = await openServers(config)
  const proxies = {
    mongod: await openProxy(Number(new URL(mongodb.uri).port)),
    postgres: await openProxy(Number(new URL(postgres.uri).port)),
  }
  const folders = { mongod: join(config.home, 'mongodb'), postgres: join(config.home, 'postgres') }
  const pid = (server: ServerName) => serverOver(folders[server])
  return {
    mongodbUri: mongodb.uri,
    postgresUrl: postgres.uri,
    own: settingsOf(config),
    named: { MONGODB_URI: at(mongodb.uri, proxies.mongod), POSTGRES_URL: at(postgres.uri, proxies.postgres) },
    proxies,
    pid,
    signal(server, signal) {
      const process_ = pid(server)
      if (process_ === undefined) return
      // A stop is for PostgreSQL's processes, each of which works by itself.
      const all = /STOP|CONT/.test(signal) ? [process_, ...childrenOf(process_)] : [process_]
      for (const one of all) send(one, signal)
    },
    revive: () => openServers(config),
    strays: () => strays(config),
    async close() {
      for (const proxy of Object.values(proxies)) proxy.close()
      await removeHome(config)
    },
  }
}

function at(uri: string, { port }: Passage): string {
  const url = new URL(uri)
  url.port = String(port)
  return url.href
}

/** Signals a process that may have ended. */
export function send(pid: number, signal: NodeJS.Signals): void {
  if (isRunning(identityOf(pid))) process.kill(pid, signal)
}

function childrenOf(pid: number): number[] {
  const all = execFileSync('ps', ['-e', '-o', 'ppid=,pid='], { encoding: 'utf8' }).trim().split('\n')
  return all
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([parent]) => parent === pid)
    .map(([, child]) => Number(child))
}

function strays(config: Config): string[] {
  const lines = serversOver(config)
  const second = (program: RegExp) => lines.filter((line) => program.test(line)).slice(1)
  const unfinished = ['mongodb', 'postgres'].filter((name) => !existsSync(join(config.home, name)))
  return [...second(/mongod --dbpath/), ...second(/postgres -D/), ...unfinished.map((name) => `no ${name} folder`)]
}
