import pRetry, { AbortError } from 'p-retry'
import { reasonOf } from './errors.ts'

/** Attempts after the first one; the waits between them double, half a minute in all. */
const RETRIES = 5
const FIRST_WAIT_MS = 1000

export interface RetryOptions {
  /** Brings back a server that went away, before the work is tried again. */
  revive?: () => Promise<unknown>
  /** Told why the work is done anew. */
  onNote?: (note: string) => void
  signal?: AbortSignal
}

/** Does some work, and does it anew where a server or the way to it failed; `attempt` counts from 1. */
export async function retried<T>(
  work: (attempt: number) => Promise<T>,
  { revive, onNote, signal }: RetryOptions = {},
): Promise<T> {
  const attempted = async (attempt: number) => {
    if (attempt > 1) await revive?.()
    return work(attempt)
  }
  try {
    return await pRetry(attempted, {
      retries: RETRIES,
      minTimeout: FIRST_WAIT_MS,
      shouldRetry: ({ error }) => isTransient(error) && !signal?.aborted,
      onFailedAttempt: ({ error, retriesLeft }) => {
        if (retriesLeft > 0 && isTransient(error)) onNote?.(`${reasonOf(error).replace(/\.$/, '')}. Trying again.`)
      },
      ...(signal && { signal }),
    })
  } catch (error) {
    if (error instanceof Error) spent.add(error)
    throw error
  }
}

/** Errors after which nothing more is tried: work that tries again by itself may be part of other such work. */
const spent = new WeakSet<Error>()

/** Makes an error final, whatever it is: {@link retried} throws it as it was. */
export function final(error: unknown): AbortError {
  return new AbortError(error instanceof Error ? error : String(error))
}

/** Whether an error, or what caused it, may be gone when the same is tried again. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error) || spent.has(error)) return false
  const code = 'code' in error ? String(error.code) : ''
  if (PASSING_CODE.test(code) || PASSING_NAME.test(error.name) || PASSING_MESSAGE.test(error.message)) return true
  if (error instanceof AggregateError && error.errors.some(isTransient)) return true
  return isTransient(error.cause)
}

/**
 * Of sockets, and of streams over them; of PostgreSQL: connection lost (08), restarting (57P), too many connections,
 * deadlock, serialisation; of MongoDB: shutting down, no primary, cursor or connection lost, what is read was replaced
 * (175).
 */
const PASSING_CODE =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ERR_STREAM_PREMATURE_CLOSE|08...|57P0[123]|53300|40001|40P01|6|7|43|89|91|175|189|237|262|9001|10107|11600|11602|13435|13436)$/
const PASSING_NAME = /^(SilverReplaced$|Mongo(Network|ServerSelection|PoolCleared|NotConnected|TopologyClosed|Pool))/
/** What the drivers say, without a code, of a connection that ended. */
const PASSING_MESSAGE =
  /^(Connection terminated|timeout expired|Client network socket disconnected|Client has encountered a connection error)/
