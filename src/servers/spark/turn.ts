import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { identityOf, isRunning } from '../../system/alive.ts'
import { giveToOwner } from '../owner.ts'

const POLL_MS = 100

/** Does some work while no other process of this machine does any under the same file; one that died holds up nobody. */
export async function inTurn<T>(
  file: string,
  work: () => Promise<T>,
  { onWait, signal }: { onWait?: () => void; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  while (!take(file)) {
    signal?.throwIfAborted()
    const holder = read(file)
    if (holder === undefined) continue
    if (isAtWork(holder)) {
      onWait?.()
      await setTimeout(POLL_MS)
    } else {
      // One alone may clear up behind the dead, or the next one's turn would be taken away with theirs.
      await inTurn(`${file}.dead`, async () => {
        if (read(file) === holder) rmSync(file)
      })
    }
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** Puts the file there, with all that is in it, unless there is one. */
function take(file: string): boolean {
  const beside = `${file}.${randomUUID()}`
  const { pid, beginning = '' } = identityOf(process.pid)
  writeFileSync(beside, `${pid}\n${beginning}\n${beside}`, { mode: 0o600 })
  giveToOwner(beside)
  try {
    linkSync(beside, file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(beside)
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined // its turn has just ended
    throw error
  }
}

function isAtWork(holder: string): boolean {
  const [pid, beginning] = holder.split('\n')
  return isRunning({ pid: Number(pid), beginning: beginning || undefined })
}
