import { printableLines } from '../text/printable.ts'
import { asCalled } from './invocation.ts'
import { withoutValues } from './messages.ts'
import { mask } from './secrets.ts'

/** The kinds of failure. Scripts rely on the exit codes; docs/commands.md lists them. */
export const failures = {
  bug: { exit: 1, means: 'a defect in Lingot' },
  usage: { exit: 2, means: 'the command line is wrong' },
  config: { exit: 3, means: 'a setting is wrong, or something Lingot needs is missing' },
  server: { exit: 4, means: 'a server does not answer, refuses the credentials or cannot be started' },
  bronze: { exit: 5, means: 'bronze is empty where data is needed, or holds data that would be lost' },
  permission: { exit: 6, means: 'the user of a connection may not do what is needed' },
  data: { exit: 7, means: 'the documents of a layer do not add up; the old outputs stay' },
  publish: { exit: 8, means: 'silver or gold could not be swapped in; the old outputs stay' },
  gate: { exit: 9, means: 'a quality check of severity error failed; the old gold stays' },
  busy: { exit: 10, means: 'another run changes silver, and waiting was not wanted or it took over' },
  privacy: { exit: 11, means: 'an email or a phone number of bronze stands where none may' },
  moved: { exit: 12, means: 'a plan would move revenue by more than was allowed' },
  interrupted: { exit: 130, means: 'stopped by Ctrl-C or SIGTERM' },
} as const

export type Failure = keyof typeof failures

/**
 * A failure that a user can act on: what went wrong and where, then what to do next.
 *
 *     throw new LingotError('bronze', 'bronze_db.customers holds no documents.', 'Fill it with `lingot generate`.')
 */
export class LingotError extends Error {
  readonly kind: Failure
  readonly next: string | undefined

  constructor(kind: Failure, message: string, next?: string, options?: ErrorOptions) {
    super(mask(message), options)
    this.name = 'LingotError'
    this.kind = kind
    this.next = next === undefined ? undefined : mask(next)
  }

  get exitCode(): number {
    return failures[this.kind].exit
  }
}

/** The message of whatever was thrown, safe to show. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ')
  return mask(error instanceof Error ? withoutValues(error) : String(error))
}

/** What to print and how to exit after whatever was thrown. */
export function describeFailure(error: unknown): { text: string; exitCode: number } {
  const { message, next, exitCode } = toFailure(error)
  const helps = next === undefined ? [] : [`→ ${asCalled(next)}`]
  const stack = process.env['LINGOT_DEBUG'] ? stackOf(error) : []
  return { text: printableLines([message, ...helps, ...stack].join('\n')), exitCode }
}

/** Whatever was thrown, with its kind and what helps. */
export function toFailure(error: unknown): LingotError {
  const defect = 'This is a defect in Lingot. LINGOT_DEBUG=1 shows where it happened.'
  return recognise(error) ?? new LingotError('bug', reasonOf(error), defect, { cause: error })
}

/** What ends work that was told to stop: the reason that it was given, where that says what helps. */
export function stopped(reason?: unknown): LingotError {
  if (reason instanceof LingotError) return reason
  const what = 'Stopped. Nothing is half done: each layer is whole.'
  return new LingotError('interrupted', what, 'Run it again.', { cause: reason })
}

/** Where it happened, and what caused it. */
function stackOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const causes = stackOf(error.cause).map((stack) => `Caused by: ${stack}`)
  // The stack begins with the message as it is.
  const [frames = ''] = /(?:\n +at [^\n]*)+$/.exec(error.stack ?? '') ?? []
  return [`${error.name}: ${reasonOf(error)}${mask(frames)}`, ...causes]
}

/** Which kind of failure whatever was thrown is. */
export function kindOf(error: unknown): Failure {
  return recognise(error)?.kind ?? 'bug'
}

/** The failure behind an error of a driver, told by its name and code; undefined where it is a defect. */
export function recognise(error: unknown): LingotError | undefined {
  if (error instanceof LingotError) return error
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error ? error.code : undefined
  if (error.name.startsWith('Mongo')) {
    return code === 13
      ? new LingotError(
          'permission',
          `MongoDB refused: ${reasonOf(error)}.`,
          'Grant the user of MONGODB_URI what it needs: `lingot grants` prints it.',
        )
      : new LingotError('server', `MongoDB failed: ${reasonOf(error)}`, 'See `lingot doctor`, then run it again.')
  }
  if (typeof code === 'string' && /^(ECONN|EPIPE|ETIMEDOUT|08|57P)/.test(code)) {
    return new LingotError(
      'server',
      `A server went away: ${reasonOf(error)}`,
      'See `lingot doctor`, then run it again.',
    )
  }
  return undefined
}
