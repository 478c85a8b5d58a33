import type { Lingot } from '../library/lingot.ts'
import type { RunRecord } from '../runs/record.ts'
import { lastRuns } from '../runs/store.ts'
import { readable } from '../text/numbers.ts'
import { detailOf, MOST_LINES, nameOf } from './alerts.ts'

/** Runs among which the one before is looked for. */
const LOOKED_AT = 50

/** What changed with a run, in at most five lines without a value of a person: those of every alert about it. */
export async function summaryOf(
  { mongodb, config }: Pick<Lingot, 'mongodb' | 'config'>,
  record: RunRecord,
): Promise<string[]> {
  const runs = await lastRuns(mongodb.db(config.silver), LOOKED_AT)
  const before = runs.find(({ gold, only, started }) => gold && only === undefined && started < record.started)
  const gates = (record.checks ?? []).filter(({ passed, severity }) => !passed && severity === 'error')
  return [
    ...gates.map((check) => `${nameOf(check)}: ${detailOf(check)}`),
    ...changed(documentsOf(before), documentsOf(record), 'documents'),
    ...changed(before?.gold, record.gold, 'rows'),
  ].slice(0, MOST_LINES)
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
