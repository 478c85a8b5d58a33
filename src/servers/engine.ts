import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { LingotError, reasonOf } from '../system/errors.ts'
import { isTransient } from '../system/retry.ts'
import { writeWhole } from './owner.ts'
import { follow, freePort, hasExited, isListening, serverOver } from './process.ts'
import { type Named, type Trouble, troubleOf } from './trouble.ts'

/** Where a server comes from: set by the user, found at the usual address, or Lingot's own. */
export type Origin = 'configured' | 'found' | 'lingot'

export interface Server {
  name: Engine['name']
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
  /** Whether Lingot runs it, over this home's data or another's. */
  isLingots: boolean
}

/** What is particular to one kind of server. */
export interface Engine extends Named {
  configured: string | undefined
  /** The folder of its data, once it is complete. */
  data: string
  firstPort: number
  /** The address at a port, with the credentials that every server of this data has. */
  uri: (port: number) => string
  /** Asks a server who it is, for so long; throws what the driver says. */
  probe: (uri: string, ms: number) => Promise<Probe>
  /** Fetches what is needed to run it, and makes its data folder in one step if there is none. */
  prepare: (say: (text: string) => void) => Promise<void>
  launch: (port: number) => ChildProcess
  logFile: string
  /** What went wrong by a part of its log, for an error message. */
  describeLog: (text: string) => string
  stop: (uri: string) => Promise<void>
}

export type Say = (text: string) => void

/** Ports tried from the first one up. */
const PORTS = 50
/** How long a start may take, recovery after a crash included. */
const PATIENCE_MS = 120_000
/** How long a server on this machine may take to say who it is, and one elsewhere. */
const NEAR_MS = 3000
const DISTANT_MS = 5000
/** How long one that does not answer may take to, as where a compose file starts it beside this. */
const STARTING_MS = 5000
/** Starts that end at once, without another process having won the race, before the log is shown. */
const ATTEMPTS = 4

/**
 * Uses the server that the user set, else Lingot's own where this home has its data, else the one that answers at the
 * usual address unless it is another home's, else a new one of its own.
 *
 * There is no lock: whoever finds the port or the data folder taken looks again at who answers.
 */
export async function open(engine: Engine, say: Say, signal?: AbortSignal): Promise<Server> {
  if (engine.configured !== undefined) {
    const asked = await askPatiently(engine, engine.configured, say, signal)
    if ('trouble' in asked) {
      const { trouble, next, cause } = asked
      throw new LingotError('server', `${engine.name} ${trouble}`, next, { cause })
    }
    return asked
  }

  const deadline = Date.now() + PATIENCE_MS
  let failure = ''
  for (let attempt = 0; attempt < ATTEMPTS && Date.now() < deadline; ) {
    const found = await find(engine)
    if (found !== undefined) return found
    signal?.throwIfAborted()
    await engine.prepare(say)
    signal?.throwIfAborted()
    const port = await firstFree(engine)
    say(`starting ${engine.name} on port ${port}`)
    const log = follow(engine.logFile)
    const child = engine.launch(port)
    const started = await answered(engine, port, child, deadline, signal)
    if (started !== undefined) {
      writeWhole(portFile(engine), String(port))
      return { ...server(engine, port, started), startedNow: true }
    }
    failure = engine.describeLog(log())
    // Another process may be starting the same server: its data folder is taken, its port not answering yet.
    const isUnderWay = serverOver(engine.data) !== undefined
    if (!(await becomesFindable(engine, 1500)) && !isUnderWay) attempt++
  }
  throw new LingotError(
    'server',
    `${engine.name} could not be started over ${engine.data}.\n${failure}`,
    `Its log is ${engine.logFile}. Set ${engine.setting} to use another server.`,
  )
}

/** As {@link askConfigured}; a server that is just being started is asked again for a while. */
async function askPatiently(
  engine: Engine,
  uri: string,
  say: Say,
  signal: AbortSignal | undefined,
): Promise<Server | Trouble> {
  for (const end = Date.now() + STARTING_MS; ; await setTimeout(250)) {
    const asked = await askConfigured(engine, uri)
    if (!('trouble' in asked) || !isTransient(asked.cause) || Date.now() > end) return asked
    signal?.throwIfAborted()
    say(`waiting for ${engine.name}`)
  }
}

/** The server that the user set, or why it cannot be used. */
export async function askConfigured(engine: Engine, uri: string): Promise<Server | Trouble> {
  try {
    const { version } = await engine.probe(uri, DISTANT_MS)
    return { name: engine.name, uri, origin: 'configured', version, startedNow: false }
  } catch (error) {
    return { ...troubleOf(engine, uri, reasonOf(error)), cause: error }
  }
}

/** The server to use among those that run: Lingot's own, where it has data; else the one at the usual address. */
export async function find(engine: Engine): Promise<Server | undefined> {
  if (existsSync(engine.data)) return findOwn(engine)
  const usual = await probePort(engine, engine.firstPort)
  return usual === undefined || usual.isLingots ? undefined : server(engine, engine.firstPort, usual)
}

/** Lingot's own server over this home, if it runs. */
export async function findOwn(engine: Engine): Promise<Server | undefined> {
  if (!existsSync(engine.data)) return undefined
  const ports = new Set([remembered(engine), ...Array.from({ length: PORTS }, (_, i) => engine.firstPort + i)])
  for (const port of ports) {
    if (port === undefined) continue
    const probe = await probePort(engine, port)
    if (probe?.isOwn) return server(engine, port, probe)
  }
  return undefined
}

function server({ name, uri }: Engine, port: number, { version, isOwn }: Probe): Server {
  return { name, uri: uri(port), origin: isOwn ? 'lingot' : 'found', version, startedNow: false }
}

/** What answers at a port with Lingot's credentials. */
export async function probePort(engine: Engine, port: number): Promise<Probe | undefined> {
  if (!(await isListening(port))) return undefined
  // Something else listens there, or does not know the credentials: not for Lingot to use.
  return engine.probe(engine.uri(port), NEAR_MS).catch(() => undefined)
}

async function firstFree({ name, firstPort, setting }: Engine): Promise<number> {
  for (let port = firstPort; port < firstPort + PORTS; port++) {
    // Where a server listens on every address, some systems give its port away on one of them.
    if (!(await isListening(port)) && (await freePort(port)) !== undefined) return port
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
  signal: AbortSignal | undefined,
): Promise<Probe | undefined> {
  while (Date.now() < deadline) {
    const probe = await probePort(engine, port)
    if (probe?.isOwn) return probe
    if (hasExited(child)) return undefined
    if (signal?.aborted) {
      child.kill('SIGINT')
      throw signal.reason
    }
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

function remembered(engine: Engine): number | undefined {
  try {
    return Number(readFileSync(portFile(engine), 'utf8')) || undefined
  } catch {
    return undefined
  }
}
