import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { LingotError, mask, reasonOf } from '../errors.ts'
import { commandLine, freePort, hasExited, isAlive, isListening, isRoot, lastLines } from './process.ts'

/** Where a server comes from: set by the user, found at the usual address, or Lingot's own. */
export type Origin = 'configured' | 'brief' | 'lingot'

export interface Server {
  uri: string
  origin: Origin
  version: string
  startedNow: boolean
}

/** What answers at an address. */
export interface Probe {
  version: string
  /** Whether it is the server over this home's data. */
  isOwn: boolean
}

/** What is particular to one kind of server. */
export interface Engine {
  name: 'MongoDB' | 'PostgreSQL'
  /** The setting that names a server of the user's. */
  setting: 'MONGODB_URI' | 'POSTGRES_URL'
  configured: string | undefined
  home: string
  /** The folder of its data, once it is complete. */
  data: string
  firstPort: number
  /** The address at a port, with the credentials that every server of this data has. */
  uri: (port: number) => string
  /** Asks a server who it is; throws what the driver says. */
  probe: (uri: string) => Promise<Probe>
  /** Fetches what is needed to run it, and makes its data folder in one step if there is none. */
  prepare: (say: (text: string) => void) => Promise<void>
  launch: (port: number) => ChildProcess
  logFile: string
  stop: (uri: string) => Promise<void>
}

export type Say = (text: string) => void

/** Ports tried from the first one up. */
const PORTS = 50
/** How long a start may take, recovery after a crash included. */
const PATIENCE_MS = 120_000
/** Starts that end at once, without another process having won the race, before the log is shown. */
const ATTEMPTS = 4

/**
 * Uses the server that the user set, else the one that answers at the usual address, else Lingot's own.
 *
 * There is no lock: whoever finds the port or the data folder taken looks again at who answers.
 */
export async function open(engine: Engine, say: Say): Promise<Server> {
  if (engine.configured !== undefined) return openConfigured(engine, engine.configured)

  const deadline = Date.now() + PATIENCE_MS
  let failure = ''
  for (let attempt = 0; attempt < ATTEMPTS && Date.now() < deadline; ) {
    const found = await find(engine)
    if (found !== undefined) return found
    await engine.prepare(say)
    const port = await firstFree(engine)
    say(`starting ${engine.name} on port ${port}`)
    const child = engine.launch(port)
    const started = await answered(engine, port, child, deadline)
    if (started !== undefined) {
      remember(engine, port)
      return { uri: engine.uri(port), origin: 'lingot', version: started.version, startedNow: true }
    }
    failure = existsSync(engine.logFile) ? lastLines(readFileSync(engine.logFile, 'utf8')) : ''
    // Another process may be starting the same server: its data folder is taken, its port not answering yet.
    if (!(await becomesFindable(engine, 3000))) attempt++
  }
  throw new LingotError(
    'server',
    `${engine.name} could not be started over ${engine.data}.\n${failure}`,
    `Its log is ${engine.logFile}. Set ${engine.setting} to use another server.`,
  )
}

async function openConfigured({ name, setting, probe }: Engine, uri: string): Promise<Server> {
  try {
    const { version } = await probe(uri)
    return { uri, origin: 'configured', version, startedNow: false }
  } catch (error) {
    const reason = reasonOf(error)
    const isRefused = /auth|password|role/i.test(reason)
    throw new LingotError(
      'server',
      `${name} at ${mask(uri)}, set by ${setting}, does not answer: ${reason}.`,
      isRefused
        ? `Correct the user, password or database in ${setting}.`
        : `Start it or correct ${setting}; without ${setting} Lingot finds or starts a server itself.`,
      { cause: error },
    )
  }
}

/** The server to use among those that run: at the usual address any, elsewhere Lingot's own. */
export async function find(engine: Engine): Promise<Server | undefined> {
  const usual = await probePort(engine, engine.firstPort)
  if (usual !== undefined) return server(engine, engine.firstPort, usual)
  return findOwn(engine)
}

/** Lingot's own server over this home, if it runs. */
export async function findOwn(engine: Engine): Promise<Server | undefined> {
  if (!existsSync(engine.data)) return undefined
  const ports = new Set([remembered(engine), ...Array.from({ length: PORTS }, (_, i) => engine.firstPort + i)])
  for (const port of ports) {
    if (port === undefined || !(await isListening(port))) continue
    const probe = await probePort(engine, port)
    if (probe?.isOwn) return server(engine, port, probe)
  }
  return undefined
}

function server(engine: Engine, port: number, { version, isOwn }: Probe): Server {
  return { uri: engine.uri(port), origin: isOwn ? 'lingot' : 'brief', version, startedNow: false }
}

async function probePort(engine: Engine, port: number): Promise<Probe | undefined> {
  if (!(await isListening(port))) return undefined
  // Something else listens there, or does not know the credentials: not for Lingot to use.
  return engine.probe(engine.uri(port)).catch(() => undefined)
}

async function firstFree({ name, firstPort, setting }: Engine): Promise<number> {
  for (let port = firstPort; port < firstPort + PORTS; port++) {
    if ((await freePort(port)) !== undefined) return port
  }
  throw new LingotError(
    'server',
    `No port from ${firstPort} to ${firstPort + PORTS - 1} is free for ${name}.`,
    `Free one, or set ${setting}.`,
  )
}

/** Waits until the server that was launched answers; undefined when it ended instead. */
async function answered(
  engine: Engine,
  port: number,
  child: ChildProcess,
  deadline: number,
): Promise<Probe | undefined> {
  while (Date.now() < deadline) {
    const probe = await probePort(engine, port)
    if (probe?.isOwn) return probe
    if (hasExited(child)) return undefined
    await setTimeout(40)
  }
  return undefined
}

async function becomesFindable(engine: Engine, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await setTimeout(150)) {
    if ((await findOwn(engine)) !== undefined) return true
  }
  return false
}

/** The port of the last start, so that a server is found again when lower ports have become free. */
function portFile({ data }: Engine): string {
  return `${data}.port`
}

function remember(engine: Engine, port: number): void {
  writeFileSync(portFile(engine), String(port))
}

function remembered(engine: Engine): number | undefined {
  try {
    return Number(readFileSync(portFile(engine), 'utf8')) || undefined
  } catch {
    return undefined
  }
}

/** Makes the home folder, private to its user; root lets `nobody` pass through it to PostgreSQL's data. */
export function makeHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: isRoot ? 0o711 : 0o700 })
  } catch (error) {
    throw new LingotError(
      'config',
      `${home} cannot be made: ${reasonOf(error)}.`,
      'Set LINGOT_HOME to a folder of yours.',
    )
  }
}

/** Removes what first starts left that were killed: their folders, and a server still running over one. */
export async function clearInterrupted(home: string, prefix: string): Promise<void> {
  for (const name of await readdir(home)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : 0
    if (!(pid > 0) || isAlive(pid)) continue
    const folder = join(home, name)
    await killOver(folder)
    await rm(folder, { recursive: true, force: true })
  }
}

/** Ends the server whose lock file in the folder names it, once its command line says that it is that one. */
async function killOver(folder: string): Promise<void> {
  for (const lock of ['mongod.lock', 'postmaster.pid']) {
    const file = join(folder, lock)
    const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 0
    if (!(pid > 0) || !commandLine(pid).includes(folder)) continue
    process.kill(pid, 'SIGKILL')
    while (isAlive(pid)) await setTimeout(20)
  }
}
