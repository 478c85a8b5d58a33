import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Config } from '../config.ts'
import { mask, reasonOf } from '../errors.ts'
import { type Engine, find, findOwn, open, type Say, type Server } from './engine.ts'
import { localMongod } from './mongod.ts'
import { mongodbEngine } from './mongodb.ts'
import { binaries, postgresEngine } from './postgres.ts'
import { run } from './process.ts'

export type { Origin, Server } from './engine.ts'

export interface Servers {
  mongodb: Server
  postgres: Server
}

const silent: Say = () => undefined

/** The MongoDB that is set, found, or started. */
export function openMongodb(config: Config, say = silent): Promise<Server> {
  return open(mongodbEngine(config), say)
}

/** The PostgreSQL that is set, found, or started. */
export function openPostgres(config: Config, say = silent): Promise<Server> {
  return open(postgresEngine(config), say)
}

/** Both, at the same time. */
export async function openServers(config: Config, say = silent): Promise<Servers> {
  const [mongodb, postgres] = await Promise.all([openMongodb(config, say), openPostgres(config, say)])
  return { mongodb, postgres }
}

/** Ends the servers that Lingot started over this home, and no other; says which were running. */
export async function stopServers(config: Config, say = silent): Promise<{ mongodb: boolean; postgres: boolean }> {
  const stop = async (engine: Engine) => {
    const running = await findOwn(engine)
    if (running === undefined) return false
    say(`stopping ${engine.name}`)
    await engine.stop(running.uri)
    return true
  }
  const [mongodb, postgres] = await Promise.all([stop(mongodbEngine(config)), stop(postgresEngine(config))])
  return { mongodb, postgres }
}

/** What was found out about one thing that Lingot needs. */
export interface Finding {
  name: string
  state: 'ok' | 'missing' | 'failed'
  detail: string
  next?: string
}

/** What is there, where, in which version, and what to do about the rest. Starts nothing. */
export async function inspect(config: Config): Promise<Finding[]> {
  const [mongodb, postgres, mongod] = await Promise.all([
    inspectServer(mongodbEngine(config)),
    inspectServer(postgresEngine(config)),
    inspectMongod(config),
  ])
  return [
    { name: 'Node', state: 'ok', detail: process.version },
    mongodb,
    postgres,
    ...(config.mongodbUri === undefined ? [mongod] : []),
    ...(config.postgresUrl === undefined ? [await inspectPostgres()] : []),
    inspectHome(config.home),
  ]
}

async function inspectServer(engine: Engine): Promise<Finding> {
  const { name, configured, setting, data } = engine
  if (configured !== undefined) {
    try {
      const { version } = await open(engine, silent)
      return { name, state: 'ok', detail: `${version} at ${mask(configured)}, set by ${setting}` }
    } catch (error) {
      return { name, state: 'failed', detail: reasonOf(error), next: `Start it, correct ${setting}, or unset it.` }
    }
  }
  const found = await find(engine)
  if (found !== undefined) {
    const whose = found.origin === 'lingot' ? "Lingot's own" : 'found running'
    return { name, state: 'ok', detail: `${found.version} at ${new URL(found.uri).host}, ${whose}` }
  }
  const detail = existsSync(data) ? `not running; its data is in ${data}` : 'none yet'
  return { name, state: 'missing', detail, next: '`lingot up` or any other command starts it.' }
}

async function inspectMongod({ home }: Config): Promise<Finding> {
  const name = 'mongod'
  const path = localMongod(home)
  if (path === undefined) {
    return { name, state: 'missing', detail: 'not on PATH', next: 'It is downloaded at the first start.' }
  }
  try {
    const [version = ''] = (await run(path, ['--version'])).split('\n')
    return { name, state: 'ok', detail: `${version.replace(/^db version v/, '')} at ${path}` }
  } catch (error) {
    return { name, state: 'failed', detail: `${path}: ${reasonOf(error)}`, next: 'Install another, or remove it.' }
  }
}

async function inspectPostgres(): Promise<Finding> {
  const name = 'postgres'
  try {
    const { postgres } = binaries()
    const version = (await run(postgres, ['--version'])).trim().replace(/^postgres \(PostgreSQL\) /, '')
    return { name, state: 'ok', detail: `${version}, installed as a package` }
  } catch (error) {
    return { name, state: 'failed', detail: reasonOf(error), next: 'Run `npm install`, or set POSTGRES_URL.' }
  }
}

function inspectHome(home: string): Finding {
  const name = 'Data folder'
  if (!existsSync(home)) return { name, state: 'ok', detail: `${home}, made when it is needed` }
  try {
    accessSync(home, constants.W_OK)
    return { name, state: 'ok', detail: home }
  } catch {
    const { uid } = statSync(home)
    return {
      name,
      state: 'failed',
      detail: `${home} belongs to user ${uid}; ${userInfo().username} may not write there`,
      next: 'Change its owner, or set LINGOT_HOME to a folder of yours.',
    }
  }
}
