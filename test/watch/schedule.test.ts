import { expect, test } from 'vitest'
import { describeFailure } from '../../src/system/errors.ts'
import { scheduleOf } from '../../src/watch/schedule.ts'
import { waitAfter } from '../../src/watch/watch.ts'

const at = (text: string) => Date.parse(text)
const shown = (time: number) => new Date(time).toISOString().replace(':00.000Z', '')

test.each([
  ['90s', '2026-03-28T12:01:30.000Z'],
  ['15m', '2026-03-28T12:15'],
  ['2h', '2026-03-28T14:00'],
  ['1d', '2026-03-29T12:00'],
])('every %s: at once, then from beginning to beginning', async (every, next) => {
  const schedule = await scheduleOf({ every }, undefined)
  const begun = at('2026-03-28T12:00Z')
  expect(schedule.first(begun)).toBe(begun)
  expect(shown(schedule.next(begun, begun + 1000))).toBe(next)
  const late = at('2026-04-28T12:00Z')
  expect(schedule.next(begun, late)).toBe(late)
})

test.each([
  ['0 * * * *', undefined, ['2026-03-28T13:00', '2026-03-28T14:00', '2026-03-28T15:00']],
  ['30 3 * * *', 'Europe/Paris', ['2026-03-29T01:30', '2026-03-30T01:30', '2026-03-31T01:30']],
  // There is no half past two where clocks go forward from two to three.
  ['30 2 * * *', 'Europe/Paris', ['2026-03-29T01:00', '2026-03-30T00:30', '2026-03-31T00:30']],
  ['0 0 1 * *', 'America/New_York', ['2026-04-01T04:00', '2026-05-01T04:00', '2026-06-01T04:00']],
])('cron %s in %s', async (cron, timeZone, times) => {
  const schedule = await scheduleOf({ cron }, timeZone)
  let now = at('2026-03-28T12:30Z')
  const first = schedule.first(now)
  const met = [shown(first)]
  for (now = first; met.length < times.length; met.push(shown(now))) now = schedule.next(now, now)
  expect(met).toEqual(times)
})

test.each([
  [{ every: '15m' }, '2026-03-28T12:00'],
  [{ cron: '0 * * * *' }, '2026-03-28T11:00'],
  [{ onChange: true }, '2026-03-26T12:30'],
])('gold of %j is as expected while it is not older than the last but one run', async (options, oldest) => {
  const schedule = await scheduleOf(options, undefined)
  expect(shown(schedule.lastButOne(at('2026-03-28T12:30Z')))).toBe(oldest)
})

test.each([
  [{}, /^Nothing says when/],
  [{ every: '1m', onChange: true }, /^Runs are wanted in several ways/],
  [{ every: '15' }, /^--every cannot be '15'\.\n→ .*15m/],
  [{ every: '0m' }, /^--every cannot be/],
  [{ every: '-1m' }, /^--every cannot be/],
  [{ every: '999999d' }, /^--every cannot be/],
  [{ cron: '61 * * * *' }, /^--cron cannot be '61 \* \* \* \*': /],
  [{ cron: '0 0 30 2 *' }, /there is no such time/],
  [{ cron: '2030-01-01T00:00:00' }, /that is a date/],
])('%j is refused', async (options, message) => {
  const failure: unknown = await scheduleOf(options, undefined).catch((error: unknown) => error)
  const { text, exitCode } = describeFailure(failure)
  expect(text).toMatch(message)
  expect(exitCode).toBe(2)
})

test('after failures it is waited twice as long each time, an hour at most, and a little at random', () => {
  const minutes = (random: number) => [1, 2, 3, 7, 8, 30].map((failures) => waitAfter(failures, random) / 60_000)
  expect(minutes(0)).toEqual([0.5, 1, 2, 32, 60, 60])
  expect(minutes(1)).toEqual([0.55, 1.1, 2.2, 35.2, 66, 66])
})
