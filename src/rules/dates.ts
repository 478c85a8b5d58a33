import { DateTime, IANAZone } from 'luxon'
import {
  Flaw,
  invalid,
  markedText,
  numberText,
  type Outcome,
  Repaired,
  shifted,
  spelledOut,
  wholeDigits,
} from './values.ts'

/** How the dates of a field are meant, where that is not as usual. */
export interface Calendar {
  /** 12/31/2024. */
  isMonthFirst?: boolean
  /** The zone of a text that names none, instead of UTC. */
  timeZone?: string | undefined
}

/** Epoch milliseconds beyond which an instant lies in the future, to a run that began then: a day, as clocks differ. */
export function latestOf(started: Date): number {
  return started.getTime() + DAY
}

const DAY = 86_400_000
const MINUTE = 60_000

/** An instant from 1970 to `latest` (epoch milliseconds). */
export function date(value: unknown, latest: number, calendar: Calendar = {}): Outcome<Date> {
  if (value instanceof Date) return inRange(value.getTime(), latest) ?? value
  const isText = spelledOut(value) !== undefined
  const read = isText ? markedText(value) : numberText(value)
  if (read instanceof Flaw) return read === invalid.notNumber ? invalid.notDate : read
  const spelled = read instanceof Repaired ? read.value : read
  const digits = isText ? spelled : (wholeDigits(spelled) ?? '')
  const isEpoch = !isText || EPOCH.test(spelled)
  const instant = fromDigits(digits, calendar) ?? (isEpoch ? fromEpoch(spelled) : fromText(spelled, calendar))
  if (instant instanceof Flaw) return instant
  return (
    inRange(instant, latest) ?? new Repaired(new Date(instant), isText && !isEpoch ? 'text to date' : 'number to date')
  )
}

function inRange(instant: number, latest: number): Flaw | undefined {
  if (Number.isNaN(instant)) return invalid.notDate
  if (instant < 0) return invalid.tooEarly
  return instant > latest ? invalid.inFuture : undefined
}

// ------------------------------------------------------------------------------------------------------ of digits alone

const EPOCH = /^\d{10,}(?:\.\d+)?$/
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?$/
/** The first year that eight digits are read as: earlier ones are rather milliseconds, or no date. */
const FIRST_YEAR = 1990

/** yyyymmdd, yyyymmddhhmm or yyyymmddhhmmss, if they read so. */
function fromDigits(digits: string, calendar: Calendar): number | undefined {
  const [, year = '', month, day, ...time] = COMPACT.exec(digits) ?? []
  if (Number(year) < FIRST_YEAR) return undefined
  const instant = fromParts([year, month, day], time, calendar)
  return instant instanceof Flaw ? undefined : instant
}

/** Seconds from 1e9 (2001) up, milliseconds from 1e11 up; what is less than a millisecond is cut off, as in a text. */
function fromEpoch(digits: string): number | Flaw {
  const { sign, whole } = shifted(digits, 0)
  if (sign === -1 || whole < 1e9) return invalid.notDate
  return Number(whole < 1e11 ? shifted(digits, 3).whole : whole)
}

// ----------------------------------------------------------------------------------------------------------- of texts

const ISO_DATE =
  /^(\d{4}(?:-?\d{2}-?\d{2}|-?\d{3}|-?W\d{2}-?\d))(?:[T ]([\d:.,]+)(?: ?(Z|UTC|GMT|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?))?)?$/i
const SHELL_DATE = /^ISODate\(\s*(["'])(.*)\1\s*\)$/
/** 31/12/2024, 31.12.2024 or 31-12-2024. */
const SHORT_DATE = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?: (\d{2}):(\d{2})(?::(\d{2}))?)?$/
const YEAR_FIRST = /^(\d{4})\/(\d{2})\/(\d{2})$/

function fromText(spelled: string, calendar: Calendar): number | Flaw {
  const [, first, , second, year, ...time] = SHORT_DATE.exec(spelled) ?? []
  if (year !== undefined) {
    const [month, day] = calendar.isMonthFirst ? [first, second] : [second, first]
    return fromParts([year, month, day], time, calendar)
  }
  const days = YEAR_FIRST.exec(spelled)?.slice(1)
  if (days !== undefined) return fromParts(days, [], calendar)
  return fromIso(SHELL_DATE.exec(spelled)?.[2]?.trim() ?? spelled, calendar)
}

/** An instant in ISO 8601. */
export function fromIso(spelled: string, calendar: Calendar = {}): number | Flaw {
  const [, day, time, zone] = ISO_DATE.exec(spelled) ?? []
  if (day === undefined) return invalid.notDate
  const instant = time === undefined ? day : `${day}T${time}${zone === undefined || /^[a-z]/i.test(zone) ? 'Z' : zone}`
  const parsed = DateTime.fromISO(instant.toUpperCase(), { zone: 'utc' })
  if (!parsed.isValid) return invalid.notInCalendar
  if (zone !== undefined) return parsed.toMillis()
  return placed(parsed.toMillis(), time !== undefined, calendar)
}

/** Year, month and day, and perhaps hours, minutes and seconds. */
function fromParts(
  days: readonly (string | undefined)[],
  time: readonly (string | undefined)[],
  calendar: Calendar,
): number | Flaw {
  const [year, month, day, hour, minute, second] = [...days, ...time].map((part = '0') => Number(part))
  const parsed = DateTime.fromObject({ year, month, day, hour, minute, second }, { zone: 'utc' })
  return parsed.isValid ? placed(parsed.toMillis(), time[0] !== undefined, calendar) : invalid.notInCalendar
}

/** Where in time a day or an hour is that names no zone. A day is the same day in UTC and in its own zone. */
function placed(wall: number, hasTime: boolean, { timeZone }: Calendar): number {
  if (timeZone === undefined) return wall
  const instant = instantOf(wall, timeZone)
  return hasTime ? instant : Math.max(wall, instant)
}

/** The wall clock at an instant, written as if it were UTC. */
export function shownAt(instant: Date, timeZone?: string): Date {
  if (timeZone === undefined) return instant
  return new Date(instant.getTime() + IANAZone.create(timeZone).offset(instant.getTime()) * MINUTE)
}

/** The first instant at which the clocks of a zone show a time. */
export function whenShown(wall: Date, timeZone?: string): Date {
  return timeZone === undefined ? wall : new Date(instantOf(wall.getTime(), timeZone))
}

/** When clocks of a zone show a time: the first time where they show it twice, an hour later where they never do. */
function instantOf(wall: number, timeZone: string): number {
  const zone = IANAZone.create(timeZone)
  const before = zone.offset(wall - DAY) * MINUTE
  const after = zone.offset(wall + DAY) * MINUTE
  const isShown = (offset: number) => zone.offset(wall - offset) * MINUTE === offset
  return wall - (isShown(before) || !isShown(after) ? before : after)
}
