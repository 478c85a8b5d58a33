import { loadConfig } from '../config.ts'
import { LingotError, mask } from '../errors.ts'
import { inspect, openServers, type Server, type Servers, stopServers } from '../servers/servers.ts'
import { openTerminal, style, table } from '../terminal.ts'

/** `lingot up`: keeps both servers in the foreground until Ctrl-C. */
export async function upCommand(): Promise<void> {
  const config = await loadConfig()
  const terminal = await openTerminal()
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve())
  })
  const servers = await openServers(config, terminal.say)
  terminal.print(describeServers(servers))
  terminal.print(describeConnections(servers))
  terminal.print('\nPress Ctrl-C to end them.')
  const alive = setInterval(() => undefined, 60_000)
  await stopped
  clearInterval(alive)
  terminal.say('stopping')
  await stopServers(config, terminal.say)
  terminal.print('Stopped. The data stays for the next start.')
}

/** `lingot down`: ends the servers that Lingot started. */
export async function downCommand(): Promise<void> {
  const terminal = await openTerminal()
  const stopped = await stopServers(await loadConfig(), terminal.say)
  const names = [...(stopped.mongodb ? ['MongoDB'] : []), ...(stopped.postgres ? ['PostgreSQL'] : [])]
  terminal.print(
    names.length === 0 ? 'No server of Lingot is running here.' : `Stopped ${names.join(' and ')}. The data stays.`,
  )
}

/** `lingot doctor`: what is there, and what to do about what is not. */
export async function doctorCommand({ json }: { json?: boolean }): Promise<void> {
  const terminal = await openTerminal({ json: true })
  const findings = await inspect(await loadConfig())
  if (json) terminal.print(JSON.stringify(findings, null, 2))
  else {
    const marks = { ok: style('green', '✔'), missing: style('yellow', '–'), failed: style('red', '✖') }
    const width = Math.max(...findings.map(({ name }) => name.length))
    for (const { name, state, detail, next } of findings) {
      terminal.print(
        `${marks[state]} ${name.padEnd(width)}  ${detail}${next === undefined ? '' : `\n  ${' '.repeat(width)}  → ${next}`}`,
      )
    }
  }
  const failed = findings.filter(({ state }) => state === 'failed').map(({ name }) => name)
  if (failed.length > 0)
    throw new LingotError('server', `Not well: ${failed.join(', ')}.`, 'What to do stands beside each above.')
}

const origins = {
  configured: 'as configured',
  brief: 'found running',
  lingot: "Lingot's own",
}

/** Which servers are used, a line each. */
export function describeServers({ mongodb, postgres }: Servers): string {
  const line = (name: string, { version, uri, origin, startedNow }: Server) => {
    const state = startedNow ? `${origins[origin]}, started now` : origins[origin]
    return [`${name} ${version}`, new URL(uri).host, state]
  }
  return table(
    [
      { title: 'Servers', isNumber: false },
      { title: '', isNumber: false },
      { title: '', isNumber: false },
    ],
    [line('MongoDB', mongodb), line('PostgreSQL', postgres)],
  )
}

/** How to connect; a password that the user set is not shown. */
export function describeConnections({ mongodb, postgres }: Servers): string {
  const shown = ({ uri, origin }: Server) => (origin === 'configured' ? mask(uri) : uri)
  return `${style('bold', 'Connect')}\n  psql "${shown(postgres)}"\n  mongosh "${shown(mongodb)}"`
}
