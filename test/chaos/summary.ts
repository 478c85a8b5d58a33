import { table } from '../../src/text/terminal.ts'
import type { ChaosResult } from './chaos.ts'
import { kinds } from './plan.ts'

/** How many disturbances of each kind there were, and how the disturbed runs ended. */
export function describeResult({ outcomes, seconds, reads }: ChaosResult): string {
  const endings = [...new Set(outcomes.map(({ ending }) => ending))].sort()
  const count = (kind: string | undefined, ending?: string) =>
    outcomes.filter(
      (outcome) => (kind ?? outcome.plan.kind) === outcome.plan.kind && (ending ?? outcome.ending) === outcome.ending,
    ).length
  const line = (name: string, kind?: string) => [name, count(kind), ...endings.map((ending) => count(kind, ending))]
  const rows = [...kinds.filter((kind) => count(kind) > 0).map((kind) => line(kind, kind)), line('all')]
  const columns = [
    { title: 'disturbance', isNumber: false },
    ...['rounds', ...endings].map((title) => ({ title, isNumber: true })),
  ]
  const hits = outcomes.filter(({ hit, plan }) => hit && plan.kind.startsWith('kill')).length
  const found = outcomes.filter(({ problems }) => problems.length > 0).length
  return [
    table(
      columns,
      rows.map((row) => row.map(String)),
    ),
    '',
    `${outcomes.length} rounds in ${(seconds / 60).toFixed(1)} minutes, ${hits} kills -9 that met a run; ` +
      `silver read ${reads.silver} times, gold ${reads.gold} times; ${found} rounds found something`,
  ].join('\n')
}
