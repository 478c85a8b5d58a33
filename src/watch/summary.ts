import type { Lingot } from '../library/lingot.ts'
import type { RunRecord } from '../runs/record.ts'
import { lastRuns } from '../runs/store.ts'
import { readable } from '../text/numbers.ts'
import { detailOf, MOST_LINES, nameOf, SETTLED } from './alerts.ts'

/** Runs among which the one before is looked for. */
const LOOKED_AT = 50

/** What changed with a run, in at most five lines without a value of a person: those of every alert about it. */
export async function summaryOf(
  { mongodb, config, why }: Pick<Lingot, 'mongodb' | 'config' | 'why'>,
  record: RunRecord,
): Promise<string[]> {
  const runs = await lastRuns(mongodb.db(config.silver), LOOKED_AT)
  const before = runs.find(({ gold, only, started }) => gold && only === undefined && started < record.started)
  const gates = (record.checks ?? []).filter(({ passed, severity }) => !passed && severity === 'error')
  return [
    ...gates.map((check) => `${nameOf(check)}: ${detailOf(check)}`),
    ...(await causesOf(record, why)),
    ...changed(documentsOf(before), documentsOf(record), 'documents'),
    ...changed(before?.gold, record.gold, 'rows'),
  ].slice(0, MOST_LINES)
}

/** Because of what the first of the settled months moved that did, and how many records changed. */
async function causesOf({ checks = [], changes = {} }: RunRecord, why: Lingot['why']): Promise<string[]> {
  const [month] = checks.find(({ name, passed }) => name === SETTLED && !passed)?.rows ?? []
  const counted = Object.entries(changes).flatMap(([collection, counts]) =>
    Object.entries(counts).map(([cause, count]) => `${readable(count)} ${cause} in ${collection}`),
  )
  const told = counted.length === 0 ? [] : [`Records that changed: ${counted.join(', ')}`]
  if (month === undefined) return told
  // What is not kept, or lies too far back, is no reason to tell nothing.
  const moved = await why('month', String(month['month']).slice(0, 7), { column: 'total_revenue' }).catch(
    () => undefined,
  )
  if (moved === undefined) return told
  const causes = moved.causes.map(
    ({ cause, amount }) => `${cause} ${amount.startsWith('-') ? '' : '+'}${readable(amount)}`,
  )
  return [`${moved.row.slice(0, 7)}: ${moved.before} → ${moved.after}: ${causes.join(', ')}`, ...told]
}

function documentsOf(record: RunRecord | undefined): Record<string, number> | undefined {
  if (record?.silver === undefined) return undefined
  return Object.fromEntries(Object.entries(record.silver).map(([name, { bronze }]) => [name, bronze]))
}

function changed(
  before: Record<string, number> | undefined,
  now: Record<string, number> | undefined,
  things: string,
): string[] {
  return Object.entries(now ?? {}).flatMap(([name, count]) => {
    const earlier = before?.[name]
    if (earlier === undefined || earlier === count) return []
    return [`${name}: ${readable(earlier)} → ${readable(count)} ${things}`]
  })
}
