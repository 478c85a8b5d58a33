import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Places } from '../settings/config.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { maskUri } from '../system/secrets.ts'
import { askConfigured, type Engine, find, probePort } from './engine.ts'
import { homeProblem, openAbove, realHome } from './home.ts'
import { localMongod } from './mongod.ts'
import { mongodbEngine } from './mongodb.ts'
import { asUser, ownerOf } from './owner.ts'
import { postgresEngine, readerEngine } from './postgres.ts'
import { isListening, run } from './process.ts'
import { postgresPrograms } from './programs.ts'
import { addressOf } from './servers.ts'
import { runningCluster } from './spark/cluster.ts'
import { findJava, locateSpark, versionOf } from './spark/installation.ts'

/** What was found out about one thing that Lingot needs. */
export interface Finding {
  name: string
  /** `missing` is what Lingot gets by itself; `warning` works, but should be mended; `failed` is for the user to mend. */
  state: 'ok' | 'missing' | 'warning' | 'failed'
  detail: string
  /** What to do about it. */
  next?: string
}

/** What is there, where, in which version, and what to do about the rest. Starts nothing. */
export async function inspect(config: Places, folder: string = process.cwd()): Promise<Finding[]> {
  const reader = readerEngine(config)
  const findings = await Promise.all([
    inspectServer(mongodbEngine(config)),
    inspectServer(postgresEngine(config)),
    ...(reader === undefined ? [] : [inspectServer(reader).then((found) => ({ ...found, name: 'Reader' }))]),
    ...(config.mongodbUri === undefined ? [inspectMongod(config)] : []),
    ...(config.postgresUrl === undefined ? [inspectPostgres()] : []),
  ])
  const spark = await inspectSpark(config)
  const node: Finding = { name: 'Node', state: 'ok', detail: process.version.slice(1) }
  return [node, ...findings, ...spark, inspectHome(config.home), ...inspectEnvFile(join(folder, '.env'))]
}

async function inspectServer(engine: Engine): Promise<Finding> {
  const { name, configured, setting, data, firstPort } = engine
  if (configured !== undefined) {
    const asked = await askConfigured(engine, configured)
    if ('trouble' in asked) return { name, state: 'failed', detail: asked.trouble, next: asked.next }
    return { name, state: 'ok', detail: `${asked.version} at ${maskUri(configured)}, set by ${setting}` }
  }
  const found = await find(engine)
  if (found !== undefined) {
    const whose = found.origin === 'lingot' ? "Lingot's own" : 'found running'
    return { name, state: 'ok', detail: `${found.version} at ${addressOf(found.uri)}, ${whose}` }
  }
  const own = existsSync(data) ? `not running; its data is in ${data}` : 'none yet'
  const isTaken = await isListening(firstPort)
  const usual = await probePort(engine, firstPort)
  const other = `; what listens on port ${firstPort} ${usual?.isLingots ? "is another folder's" : "does not take Lingot's credentials"}`
  const next = isTaken
    ? `Set ${setting} to use that server; else any command starts one on the next free port.`
    : '`lingot up`, or any command that needs it, starts it.'
  return { name, state: 'missing', detail: isTaken ? own + other : own, next }
}

async function inspectMongod({ home }: Places): Promise<Finding> {
  const name = 'mongod'
  const path = localMongod(home)
  if (path === undefined) {
    return { name, state: 'missing', detail: 'not on PATH', next: 'It is downloaded at the first start.' }
  }
  try {
    // Root runs no program of another user's but as that user.
    const program = asUser(ownerOf(path), { command: path, args: ['--version'] }, [path])
    const [version = ''] = (await run(program)).split('\n')
    return { name, state: 'ok', detail: `${version.replace(/^db version v/, '')} at ${path}` }
  } catch (error) {
    const next = 'Remove it, and another is downloaded; or install MongoDB, or set MONGODB_URI.'
    return { name, state: 'failed', detail: reasonOf(error), next }
  }
}

async function inspectPostgres(): Promise<Finding> {
  const name = 'postgres'
  try {
    const { postgres } = postgresPrograms()
    const version = (await run({ command: postgres, args: ['--version'] })).trim()
    return { name, state: 'ok', detail: `${version.replace(/^postgres \(PostgreSQL\) /, '')} at ${postgres}` }
  } catch (error) {
    return { name, state: 'failed', detail: reasonOf(error), next: 'Run `npm install`, or set POSTGRES_URL.' }
  }
}

/** It is optional: where there is none, there is nothing to say. */
async function inspectSpark({ home }: Places): Promise<Finding[]> {
  const name = 'Spark'
  try {
    const spark = locateSpark({ home })
    if (spark === undefined) return []
    await findJava()
    const whose = { SPARK_HOME: 'set by SPARK_HOME', PATH: 'on PATH', lingot: "Lingot's own" }[spark.origin]
    const cluster = await runningCluster(home)
    const running =
      cluster === undefined
        ? '`lingot spark setup` starts a cluster to try it'
        : `its cluster runs at ${cluster.master}, workers: ${cluster.workers.length}`
    const where = [versionOf(spark), 'at', spark.home ?? spark.sparkSql].filter(Boolean).join(' ')
    return [{ name, state: 'ok', detail: `${where}, ${whose}; ${running}` }]
  } catch (error) {
    const next = error instanceof LingotError ? error.next : undefined
    return [{ name, state: 'warning', detail: reasonOf(error), ...(next !== undefined && { next }) }]
  }
}

function inspectHome(home: string): Finding {
  const name = 'Data folder'
  const problem = homeProblem(home)
  if (problem !== undefined) {
    return {
      name,
      state: 'failed',
      detail: problem,
      next: 'Change its owner, or set LINGOT_HOME to a folder of yours.',
    }
  }
  const open = openAbove(realHome(home))
  if (open !== undefined) {
    const detail = `anybody may put another folder in the place of ${home}: everybody may write in ${open}`
    return { name, state: 'warning', detail, next: `chmod o-w ${open}, or set LINGOT_HOME to a folder elsewhere.` }
  }
  return { name, state: 'ok', detail: existsSync(home) ? home : `${home}, made when it is needed` }
}

/** It may hold passwords. Where the system knows no such rights, there is nothing to say. */
function inspectEnvFile(file: string): Finding[] {
  const name = '.env'
  if (process.platform === 'win32' || !existsSync(file)) return []
  const isPrivate = (statSync(file).mode & 0o077) === 0
  if (isPrivate) return [{ name, state: 'ok', detail: `${file}, readable by its owner alone` }]
  return [{ name, state: 'warning', detail: `${file} is open to other users of this machine`, next: 'chmod 600 .env' }]
}
