import type { CheckResult } from '../runs/record.ts'
import type { SettledMonths } from '../settings/guards.ts'
import { centsOf, moneyOf } from '../text/money.ts'
import { readable } from '../text/numbers.ts'

/** The revenue of months such as `2026-06`, as exact decimal text. */
export type Months = Readonly<Record<string, string>>

/** Months that are told in a line, and in all. */
const SHOWN = { line: 3, rows: 24 }

/**
 * Whether months that were over for long by a day have the revenue that they had; nothing is said where there is none to
 * compare. `change` tells how gold is made otherwise than it was, and is asked only where that matters.
 */
export async function checkSettledMonths(
  before: Months,
  now: Months,
  today: string,
  limits: SettledMonths,
  change: () => Promise<string | undefined>,
): Promise<CheckResult[]> {
  // Gold that held no month at all is as good as none.
  const known = Object.keys(before).length === 0 ? [] : Object.keys({ ...before, ...now })
  const settled = known.filter((month) => isSettled(month, today, limits))
  if (settled.length === 0) return []
  const moved = settled.flatMap((month) => moveOf(month, before, now, limits) ?? [])
  moved.sort((a, b) => Number(magnitude(b.difference) - magnitude(a.difference)) || (a.month < b.month ? 1 : -1))
  const { severity } = limits
  const result = { subject: 'monthly_revenue', name: 'settled months', severity, passed: moved.length === 0 }
  if (result.passed) return [{ ...result, detail: `${settled.length} as they were`, rows: [] }]
  const why = await change()
  const lines = moved.slice(0, SHOWN.line).map(inWords)
  const more = moved.length > lines.length ? [`and ${moved.length - lines.length} more`] : []
  return [
    {
      ...result,
      detail: [
        `${moved.length} of ${settled.length} moved: ${[...lines, ...more].join(', ')}`,
        ...(why === undefined ? [] : [`the way in which gold is made changed, too: ${why}`]),
      ].join('; '),
      rows: moved.slice(0, SHOWN.rows).map(({ month, ...amounts }) => ({
        month,
        before: moneyOf(amounts.before),
        after: moneyOf(amounts.after),
        difference: moneyOf(amounts.difference),
      })),
    },
  ]
}

const DAY = 86_400_000

/** Whether a month ended more than so many days before a moment of this day. */
function isSettled(month: string, today: string, { afterDays }: SettledMonths): boolean {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return Date.parse(today) - Date.UTC(year, number, 1) >= afterDays * DAY
}

interface Move {
  month: string
  before: bigint
  after: bigint
  difference: bigint
}

/** How a month moved; undefined where that is within the limits. */
function moveOf(
  month: string,
  beforehand: Months,
  now: Months,
  { percentAtMost, amountAtMost }: SettledMonths,
): Move | undefined {
  const before = centsOf(beforehand[month] ?? '0')
  const after = centsOf(now[month] ?? '0')
  const difference = after - before
  const cents = Number(magnitude(difference))
  const isBeyond = cents > amountAtMost * 100 && cents * 100 > percentAtMost * Number(magnitude(before))
  return isBeyond ? { month, before, after, difference } : undefined
}

function inWords({ month, before, after, difference }: Move): string {
  const [from, to, by] = [before, after, difference].map((cents) => readable(moneyOf(cents)))
  return `${month} from ${from} to ${to} (${difference > 0n ? '+' : ''}${by})`
}

function magnitude(cents: bigint): bigint {
  return cents < 0n ? -cents : cents
}
