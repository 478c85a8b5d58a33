import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'

/** How the overview was answered while a run went on. */
export interface DashboardLoad {
  /** Requests a second. */
  rate: number
  requests: number
  failures: number
  /** Milliseconds by percentile, from when a request was due to its last byte; the most under 100. */
  percentiles: Record<string, number>
}

const RATE = 200
/** What people look at: most at the same, some at a part. */
const ADDRESSES = ['', '', '', '', '?period=all', '?period=2025', '?country=France', '?country=France&product=Laptop']

/** Asks `lingot serve` for the overview at a steady rate, however slow it answers, until the work is done. */
export function loadDashboard(
  lingot: readonly string[],
  env: Readonly<Record<string, string>>,
  work: () => Promise<unknown>,
): Promise<DashboardLoad> {
  return serving(lingot, env, (origin) => loadServed(origin, work))
}

/** Has `lingot serve` on a free port for as long as some work needs it. */
export async function serving<T>(
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  work: (origin: string) => Promise<T>,
): Promise<T> {
  const server = spawn(program, [...args, 'serve', '--port', '0'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(server, 'exit')
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
    return await work(new URL(line).origin)
  } finally {
    server.kill()
    await exited
  }
}

async function loadServed(origin: string, work: () => Promise<unknown>): Promise<DashboardLoad> {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 })
  // A dashboard is open all day: its first answers are not what is measured, those after the swap are.
  for (const address of new Set(ADDRESSES)) await answered(`${origin}/api/pages/overview${address}`, agent)
  const times: number[] = []
  let failures = 0
  let isOver = false
  const working = work().finally(() => {
    isOver = true
  })
  working.catch(() => undefined)
  const asked: Promise<void>[] = []
  const start = performance.now()
  for (let i = 0; !isOver; i++) {
    const due = start + (i * 1000) / RATE
    const early = due - performance.now()
    if (early > 0) await setTimeout(early)
    const address = `${origin}/api/pages/overview${ADDRESSES[i % ADDRESSES.length]}`
    asked.push(
      answered(address, agent).then((isAnswered) => {
        if (isAnswered) times.push(performance.now() - due)
        else failures++
      }),
    )
  }
  await Promise.all(asked)
  await working
  agent.destroy()
  times.sort((a, b) => a - b)
  const at = (percent: number) => times[Math.min(times.length - 1, Math.floor((times.length * percent) / 100))] ?? 0
  return {
    rate: RATE,
    requests: times.length + failures,
    failures,
    percentiles: { 50: at(50), 95: at(95), 99: at(99), 100: at(100) },
  }
}

function answered(address: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    get(address, { agent }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200))
      response.on('error', () => resolve(false))
    }).on('error', () => resolve(false))
  })
}
