import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ObjectId } from 'bson'
import { beforeEach, describe, expect, test } from 'vitest'
import type { CheckResult, RunRecord } from '../../src/runs/record.ts'
import type { Failure } from '../../src/system/errors.ts'
import type { Alert, Finished } from '../../src/watch/alerts.ts'
import type { Health } from '../../src/watch/health.ts'
import { scheduleOf } from '../../src/watch/schedule.ts'
import { type Clock, watch } from '../../src/watch/watch.ts'

const START = Date.parse('2026-03-01T00:00:00Z')

let file: string

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'lingot watch-'))
  file = join(folder, 'watch.json')
  return () => rmSync(folder, { recursive: true })
})

const health = (): Health => JSON.parse(readFileSync(file, 'utf8'))

const ok: Finished = { lines: [] }
const failed = (kind: Failure): Finished => ({ failure: { kind, message: `It is about ${kind}.` }, lines: [] })

/** A clock that goes on when somebody sleeps, and what happens at which second. */
function fakeClock(events: Readonly<Record<number, () => void>> = {}): Clock & { pass: (seconds: number) => void } {
  let now = START
  const ahead = Object.entries(events).map(([second, happen]) => ({ at: START + Number(second) * 1000, happen }))
  const passTo = (time: number, isOver = () => false) => {
    while (!isOver() && ahead[0] !== undefined && ahead[0].at <= time) {
      now = Math.max(now, ahead[0].at)
      ahead.shift()?.happen()
    }
    if (!isOver()) now = Math.max(now, time)
  }
  return {
    now: () => now,
    pass: (seconds) => passTo(now + seconds * 1000),
    async sleep(ms, signal) {
      if (!signal.aborted) passTo(now + ms, () => signal.aborted)
    },
  }
}

interface Told {
  /** The second at which each run began. */
  began: number[]
  alerts: Alert[]
  notes: string[]
  lines: string[]
}

/** Watches until so many runs have ended, each of which takes some seconds. */
async function watched(
  when: Parameters<typeof scheduleOf>[0],
  runs: readonly Finished[],
  {
    takes = 1,
    changes = [],
    isTold = () => true,
  }: { takes?: number; changes?: readonly number[]; isTold?: () => boolean } = {},
): Promise<Told> {
  const controller = new AbortController()
  const told: Told = { began: [], alerts: [], notes: [], lines: [] }
  let tellChange = () => {}
  const clock = fakeClock(Object.fromEntries(changes.map((second) => [second, () => tellChange()])))
  const { ended, told: counts } = await watch({
    schedule: await scheduleOf(when, undefined),
    file,
    async run() {
      told.began.push((clock.now() - START) / 1000)
      clock.pass(takes)
      return runs[told.began.length - 1] ?? ok
    },
    async tell(alerts) {
      if (told.began.length === runs.length) controller.abort()
      if (!isTold()) return false
      told.alerts.push(...alerts)
      return true
    },
    follow: async (onChange) => {
      tellChange = onChange
    },
    print: (line) => told.lines.push(line),
    onNote: (note) => told.notes.push(note),
    signal: controller.signal,
    clock,
  })
  expect(await ended).toBe(false)
  // Each alert is counted that somebody was told.
  expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(told.alerts.length)
  return told
}

describe('a run begins', () => {
  test.each([
    ['every 10 minutes', { every: '10m' }, 1, [], [0, 600, 1200, 1800]],
    ['right after one that took longer', { every: '10m' }, 700, [], [0, 700, 1400, 2100]],
    ['at the times of cron', { cron: '*/10 * * * *' }, 1, [], [600, 1200, 1800, 2400]],
    ['but at none that passed meanwhile', { cron: '*/10 * * * *' }, 700, [], [600, 1800, 3000, 4200]],
    ['on change, and once a day', { onChange: true }, 1, [100, 101, 5000], [0, 110, 5010, 91_410]],
    ['after a change that came during one', { onChange: true }, 30, [40, 55], [0, 60, 86_460, 172_860]],
    ['with as much time between as they take', { onChange: true }, 300, [100, 700, 1000], [0, 600, 1200, 87_600]],
  ])('%s', async (_, when, takes, changes, began) => {
    expect((await watched(when, [ok, ok, ok, ok], { takes, changes })).began).toEqual(began)
  })

  test('later and later while runs fail, whatever the schedule says, and as it says when they succeed', async () => {
    const down = failed('server')
    const { began } = await watched({ every: '1m' }, [ok, down, down, down, down, ok, ok, ok])
    const waits = began.map((second, i) => second - (began[i - 1] ?? 0)).slice(1)
    for (const [i, least] of [60, 31, 61, 121, 241, 60, 60].entries()) {
      expect(waits[i]).toBeGreaterThanOrEqual(least)
      expect(waits[i]).toBeLessThanOrEqual(least * 1.1 + 1)
    }
  })

  test('at a change that may mend what failed, and not where a server is down', async () => {
    const changes = [5, 300]
    const broken = await watched({ onChange: true }, [failed('gate'), failed('gate')], { changes: [5] })
    expect(broken.began).toEqual([0, 15])
    const down = await watched({ onChange: true }, [failed('server'), ok], { changes })
    expect(down.began[1]).toBeGreaterThanOrEqual(31)
  })
})

const check = (name: string, severity: 'warn' | 'error', detail = '1 row at fault'): CheckResult => ({
  subject: 'customers',
  name,
  severity,
  passed: false,
  detail,
  rows: [{ customer_id: 'ada@shop.example' }],
})

/** A run with some checks that did not pass, kept from gold where one is of severity error. */
function checked(...checks: CheckResult[]): Finished {
  const isSound = checks.every(({ severity }) => severity === 'warn')
  const record = { _id: new ObjectId(), command: 'run', checks } as unknown as RunRecord
  return { record, lines: ['customers: 1 → 2 documents'], ...(!isSound && { failure: failed('gate').failure }) }
}

const ids = check('unique: customer_id', 'error')
const names = check('not null: name', 'error')
const warning = check('inserted twice', 'warn')
const settled = (month: string, severity: 'warn' | 'error' = 'warn') => check('settled months', severity, month)

describe('told is', () => {
  test.each([
    ['nothing of runs that succeed', [ok, checked(), checked(warning)], []],
    ['a failure once', [failed('server'), failed('server'), failed('publish')], ['failed']],
    ['that it is over', [failed('server'), failed('server'), ok, ok], ['failed', 'recovered']],
    ['a gate, in the place of the failure', [checked(), checked(ids), checked(ids)], ['gate fell']],
    ['that it healed', [checked(ids), checked()], ['gate fell', 'gate healed']],
    ['the next gate', [checked(ids), checked(ids, names)], ['gate fell', 'gate fell']],
    ['nothing of gates by a run that comes to none', [checked(ids), failed('server')], ['gate fell', 'failed']],
    [
      'both, where both are over',
      [checked(ids), failed('server'), checked()],
      ['gate fell', 'failed', 'recovered', 'gate healed'],
    ],
    ['no recovery while a gate keeps the old gold', [failed('server'), checked(ids)], ['failed', 'gate fell']],
    ['a settled month that moved', [checked(settled('2026-01')), checked()], ['settled month moved']],
    [
      'each move of one that is only warned of',
      [checked(settled('2026-01')), checked(settled('2026-01')), checked(settled('2026-02'))],
      ['settled month moved', 'settled month moved'],
    ],
    [
      'one move of a gate, and that it healed',
      [checked(settled('2026-01', 'error')), checked(settled('2026-02', 'error')), checked()],
      ['settled month moved', 'gate healed'],
    ],
  ])('%s', async (_, runs, events) => {
    const { alerts } = await watched({ every: '1m' }, runs)
    expect(alerts.map(({ event }) => event)).toEqual(events)
    expect(JSON.stringify(alerts)).not.toContain('ada@shop.example')
  })

  test('with which gates, which run, and what changed', async () => {
    const run = checked(ids, names)
    expect((await watched({ every: '1m' }, [run])).alerts).toEqual([
      {
        event: 'gate fell',
        title: 'The old gold stays: customers: unique: customer_id; customers: not null: name.',
        run: run.record?._id.toHexString(),
        kind: 'gate',
        checks: ['customers: unique: customer_id', 'customers: not null: name'],
        lines: ['customers: 1 → 2 documents'],
      },
    ])
  })

  test('nothing again after a restart, and then what changed meanwhile', async () => {
    await watched({ every: '1m' }, [checked(ids), failed('server')])
    expect((await watched({ every: '1m' }, [failed('server'), checked(ids)])).alerts).toEqual([])
    const { alerts } = await watched({ every: '1m' }, [checked()])
    expect(alerts.map(({ event }) => event)).toEqual(['recovered', 'gate healed'])
  })

  test('again what reached nobody', async () => {
    let isUp = false
    const isTold = () => {
      const was = isUp
      isUp = true
      return was
    }
    const { alerts } = await watched({ every: '1m' }, [checked(ids), checked(ids), checked(ids)], { isTold })
    expect(alerts.map(({ event }) => event)).toEqual(['gate fell'])
  })
})

test('the health file says how it goes, at any moment', async () => {
  const controller = new AbortController()
  const clock = fakeClock()
  const met: Health[] = []
  const runs = [ok, failed('server'), undefined]
  const { ended } = await watch({
    schedule: await scheduleOf({ every: '10m' }, undefined),
    file,
    async run() {
      met.push(health())
      clock.pass(5)
      if (runs.length === 1) controller.abort()
      return runs.shift()
    },
    tell: async () => true,
    print: () => undefined,
    onNote: () => undefined,
    signal: controller.signal,
    clock: {
      now: clock.now,
      async sleep(ms, signal) {
        met.push(health())
        await clock.sleep(ms, signal)
      },
    },
  })
  expect(await ended).toBe(true)
  const at = (second: number) => new Date(START + second * 1000).toISOString()
  const kind = 'server'
  expect(met[0]).toMatchObject({ state: 'running', watches: 'every 10m', lastSuccess: null, next: null, failures: 0 })
  expect(met[1]).toMatchObject({ state: 'waiting', lastSuccess: at(5), lastFailure: null, next: at(600) })
  expect(met[2]).toMatchObject({ state: 'waiting', updated: at(35) })
  expect(met.findLast(({ state }) => state === 'waiting')).toMatchObject({
    lastSuccess: at(5),
    lastFailure: { at: at(605), kind },
    failures: 1,
    told: { failed: 'server', gates: [], settled: null },
  })
  expect(health()).toMatchObject({ state: 'stopped', next: null, failures: 1 })
  expect(readdirSync(join(file, '..'))).toEqual(['watch.json'])
})

test('a file that is not its own, or cannot be written, is refused before anything is done', async () => {
  writeFileSync(file, '{"precious": true}')
  await expect(watched({ every: '1m' }, [ok])).rejects.toMatchObject({
    kind: 'usage',
    next: expect.stringContaining('--health'),
  })
  expect(readFileSync(file, 'utf8')).toBe('{"precious": true}')
  file = join(file, '..', 'nowhere', 'watch.json')
  await expect(watched({ every: '1m' }, [ok])).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('no folder'),
  })
})
