import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import type { Db } from 'mongodb'
import { describeHolder, readHolder } from '../runs/lock.ts'
import { machine } from '../system/alive.ts'
import { type Failure, failures, LingotError } from '../system/errors.ts'
import { mask } from '../system/secrets.ts'
import type { Started } from './api.ts'

/** Starts runs, one at a time, each in a process of its own: this one stays free to answer. */
export interface Runs {
  start: () => Promise<Started>
  /** Has a run that is under way stop, and waits for it. */
  stop: () => Promise<void>
}

const POLL_MS = 50
const PATIENCE = { timeoutMS: 2000 }
/** What a failed run says fits into so many characters. */
const LONGEST = 10_000

interface Child {
  pid: number | undefined
  stop: () => void
  ended: Promise<{ exitCode: number | null; said: string }>
}

/** `command` is what starts Lingot: a program and its arguments. */
export function runner(silver: Db, command: readonly string[]): Runs {
  let isStarting = false
  let child: Child | undefined
  return {
    async start() {
      if (isStarting || child !== undefined) {
        throw new LingotError('busy', 'A run that was started here is under way.', 'Wait for it.')
      }
      isStarting = true
      try {
        await refuseBusy(silver)
        child = launch([...command, 'run', '--no-wait', '--json'])
      } finally {
        isStarting = false
      }
      void child.ended.then(() => {
        child = undefined
      })
      return seen(silver, child)
    },
    async stop() {
      child?.stop()
      await child?.ended
    },
  }
}

/** Waits until a run holds the lock; throws what it ended with before. */
async function seen(silver: Db, child: Child): Promise<Started> {
  for (;;) {
    const end = await Promise.race([child.ended, setTimeout(POLL_MS)])
    if (end?.exitCode === 0) return {}
    if (end !== undefined) throw failureOf(end)
    const holder = (await readHolder(silver, PATIENCE))?.holder
    if (holder?.pid === child.pid && holder?.machine === machine()) return { run: holder.run.toHexString() }
  }
}

async function refuseBusy(silver: Db): Promise<void> {
  const found = await readHolder(silver, PATIENCE)
  if (found === undefined) return
  const message = `${silver.databaseName} is being changed by ${describeHolder(found.holder)}.`
  throw new LingotError('busy', message, 'Wait for it.')
}

/** A process in a group of its own: Ctrl-C, which goes to the whole group of a terminal, does not end it halfway. */
function launch([program = '', ...args]: readonly string[]): Child {
  const child = spawn(program, args, { detached: true, windowsHide: true, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-LONGEST)
  })
  const ended = new Promise<{ exitCode: number | null; said: string }>((resolve) => {
    child.on('error', (error) => resolve({ exitCode: failures.bug.exit, said: error.message }))
    child.on('close', (exitCode) => resolve({ exitCode, said }))
  })
  return { pid: child.pid, stop: () => child.kill('SIGTERM'), ended }
}

/** What a run said that ended before it changed anything. */
function failureOf({ exitCode, said }: { exitCode: number | null; said: string }): LingotError {
  const kinds = Object.entries(failures) as [Failure, { exit: number }][]
  const [kind] = kinds.find(([, { exit }]) => exit === exitCode) ?? (['bug'] as const)
  const [message = '', next] = mask(said).trim().split('\n→ ')
  return new LingotError(kind, message === '' ? 'The run ended without a word.' : message, next)
}
