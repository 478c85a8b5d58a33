import { LingotError, reasonOf } from '../system/errors.ts'

/** When runs are wanted, as options say it: one of the three. */
export interface ScheduleOptions {
  every?: string | undefined
  cron?: string | undefined
  onChange?: boolean | undefined
}

/** When a run is due, in milliseconds since 1970. */
export interface Schedule {
  described: string
  /** Whether a change of bronze is met with a run, too. */
  onChange: boolean
  first: (now: number) => number
  /** After a run that began then; infinite where none is wanted any more. */
  next: (begun: number, now: number) => number
  /** When the last but one run was due: gold that began before then is older than expected. */
  lastButOne: (now: number) => number
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const DAY = UNITS.d
const LONGEST = 366 * DAY

/** The schedule that options ask for; the times of a cron expression are those of the shop's zone. */
export async function scheduleOf(
  { every, cron, onChange = false }: ScheduleOptions,
  timeZone: string | undefined,
): Promise<Schedule> {
  const given = [every, cron, onChange || undefined].filter((one) => one !== undefined)
  if (given.length !== 1) {
    const problem = given.length === 0 ? 'Nothing says when runs are wanted.' : 'Runs are wanted in several ways.'
    throw new LingotError('usage', problem, "Give one of --every 15m, --cron '0 * * * *' and --on-change.")
  }
  if (cron !== undefined) return cronSchedule(cron, timeZone ?? 'UTC')
  const ms = every === undefined ? DAY : durationOf(every)
  return {
    described: every === undefined ? 'on change' : `every ${every}`,
    onChange,
    first: (now) => now,
    next: (begun, now) => Math.max(begun + ms, now),
    lastButOne: (now) => now - 2 * ms,
  }
}

function durationOf(text: string): number {
  const [, count, unit = 's'] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const ms = Number(count) * UNITS[unit as keyof typeof UNITS]
  if (ms >= UNITS.s && ms <= LONGEST) return ms
  throw new LingotError('usage', `--every cannot be '${text}'.`, 'It takes a time such as 90s, 15m, 2h or 1d.')
}

async function cronSchedule(expression: string, timeZone: string): Promise<Schedule> {
  const { Cron } = await import('croner')
  const refuse = (why: string, error?: unknown) =>
    new LingotError(
      'usage',
      `--cron cannot be '${expression}': ${why}.`,
      "It takes minute, hour, day, month and day of the week, such as '0 3 * * *'.",
      { cause: error },
    )
  // Croner would take a date for one run.
  if (/^\d{4}-/.test(expression)) throw refuse('that is a date')
  const job = read()
  function read() {
    try {
      return new Cron(expression, { timezone: timeZone, paused: true })
    } catch (error) {
      throw refuse(
        reasonOf(error)
          .replace(/^CronPattern: /, '')
          .replace(/\.$/, ''),
        error,
      )
    }
  }
  const after = (time: number) => job.nextRun(new Date(time))?.getTime() ?? Number.POSITIVE_INFINITY
  if (after(Date.now()) === Number.POSITIVE_INFINITY) throw refuse('there is no such time')
  return {
    described: `at ${expression} (${timeZone})`,
    onChange: false,
    first: after,
    next: (_, now) => after(now),
    lastButOne: (now) => job.previousRuns(2, new Date(now)).at(-1)?.getTime() ?? Number.NEGATIVE_INFINITY,
  }
}
