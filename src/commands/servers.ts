import { inspect } from '../servers/doctor.ts'
import { addressOf, firstToEnd, openServers, type Server, stopServers } from '../servers/servers.ts'
import { loadPlaces } from '../settings/config.ts'
import { LingotError } from '../system/errors.ts'
import { asCalled } from '../system/invocation.ts'
import { maskUri } from '../system/secrets.ts'
import { inJson, openTerminal, style, table } from '../text/terminal.ts'
import { interruptible } from './interruption.ts'
import { en, type Words } from './words/en.ts'

/** `lingot up`: keeps both servers in the foreground until Ctrl-C. */
export async function upCommand(): Promise<void> {
  const config = await loadPlaces()
  const terminal = await openTerminal()
  let areUp = false
  try {
    await interruptible(async (signal) => {
      const servers = await openServers(config, terminal.say, signal)
      signal.throwIfAborted()
      terminal.print(`${describeServers(Object.values(servers))}\n`)
      terminal.print(`${describeConnections(Object.values(servers))}\n`)
      const own = Object.values(servers).filter(({ origin }) => origin === 'lingot')
      if (own.length === 0) return terminal.print("Neither is Lingot's own: they run on by themselves.")
      terminal.print('Press Ctrl-C to end them.')
      areUp = true
      const { name } = await firstToEnd(own, signal)
      throw new LingotError(
        'server',
        `${name} has ended.`,
        `If \`lingot down\` was not it, its log in ${config.home} says why. \`lingot up\` starts it again.`,
      )
    })
  } catch (error) {
    const isInterrupted = error instanceof LingotError && error.kind === 'interrupted'
    if (areUp || isInterrupted) await stopServers(config, terminal.say)
    if (!(areUp && isInterrupted)) throw error
    terminal.print('Stopped. The data stays for the next start.')
  } finally {
    terminal.quiet()
  }
}

/** `lingot down`: ends the servers that Lingot started. */
export async function downCommand(): Promise<void> {
  const terminal = await openTerminal()
  const config = await loadPlaces()
  const stopped = await interruptible(() => stopServers(config, terminal.say))
  const names = [...(stopped.mongodb ? ['MongoDB'] : []), ...(stopped.postgres ? ['PostgreSQL'] : [])]
  terminal.print(
    names.length === 0
      ? 'No server of Lingot is running here.'
      : `Stopped ${names.join(' and ')}. The data stays for the next start.`,
  )
}

/** `lingot doctor`: what is there, and what to do about what is not. */
export async function doctorCommand({ json }: { json?: boolean }): Promise<void> {
  const terminal = await openTerminal({ json: true })
  const findings = await inspect(await loadPlaces())
  if (json) terminal.print(inJson(findings, 2))
  else {
    const marks = {
      ok: style('green', '✔'),
      missing: style('yellow', '–'),
      warning: style('yellow', '!'),
      failed: style('red', '✖'),
    }
    const width = Math.max(...findings.map(({ name }) => name.length))
    const indent = `\n${' '.repeat(width + 4)}`
    for (const { name, state, detail, next } of findings) {
      const lines = [...asCalled(detail).split('\n'), ...(next === undefined ? [] : [`→ ${asCalled(next)}`])]
      terminal.print(`${marks[state]} ${name.padEnd(width)}  ${lines.join(indent)}`)
    }
  }
  const failed = findings.filter(({ state }) => state === 'failed').map(({ name }) => name)
  if (failed.length > 0) {
    throw new LingotError('server', `Not well: ${failed.join(', ')}.`, 'What to do stands beside each above.')
  }
}

/** Which servers are used, a line each. */
export function describeServers(servers: readonly Server[], words: Words = en): string {
  const rows = servers.map(({ name, version, uri, origin, startedNow }) => {
    const state = [words.origins[origin], ...(startedNow ? [words.startedNow] : [])].join(', ')
    return [`${name} ${version}`, addressOf(uri), state]
  })
  const columns = ['', '', ''].map((title) => ({ title, isNumber: false }))
  const [, ...lines] = table(columns, rows).split('\n')
  return [style('bold', words.servers), ...lines].join('\n')
}

/** How to connect; a password that the user set is not shown. */
export function describeConnections(servers: readonly Server[], words: Words = en): string {
  const lines = servers.map(({ name, uri, origin }) => {
    return `  ${clients[name]} "${origin === 'configured' ? maskUri(uri) : uri}"`
  })
  return [style('bold', words.connect), ...lines.sort().reverse()].join('\n')
}

const clients = { MongoDB: 'mongosh', PostgreSQL: 'psql' }
