import type { CheckResult, Refined, Run } from '../runs/record.ts'
import { total } from '../silver/clean/observations.ts'
import { counted, inJson, readable, style, type Terminal } from '../text/terminal.ts'
import { shownId } from '../trust/ids.ts'
import { isToldOfSilver, suspectedIn } from '../trust/suspicions.ts'
import type { Output } from './run_arguments.ts'

/** Prints what a run did. */
export function report(terminal: Terminal, { json }: Output, run: Run): void {
  terminal.print(json ? toJson(run) : describeRun(run))
}

/** What a run did, in a few lines. */
export function describeRun({ silver, changes, removed, gold, orders, checks, unmade, without }: Run): string {
  const parts = [
    silver && describeSilver(silver),
    changes && Object.keys(changes).length > 0 && describeChanges(changes),
    removed && describeRemoved(removed),
    gold && describeGold(gold, orders, checks ?? [], silver !== undefined),
    unmade && describeUnmade(unmade),
    without && describeWithout(without),
  ]
  return parts.filter(Boolean).join('\n')
}

/** A run as JSON, after docs/run.schema.json. */
export function toJson(run: Run): string {
  return inJson(run, 2)
}

/** What became of each collection, a line each. */
function describeSilver(silver: Record<string, Refined>): string {
  const width = Math.max(...Object.keys(silver).map((name) => name.length))
  const lines = Object.entries(silver).map(([name, refined]) => `  ${name.padEnd(width)}  ${describe(refined)}`)
  const odd = suspectedIn(silver).map(({ collection, field, what, count, examples, detail }) => {
    const ids = examples.map((id) => shownId(id, 40)).join(', ')
    const where = [collection, field].filter(Boolean).join('.')
    const more = detail ?? `${readable(count)}${ids === '' ? '' : `, such as ${ids}`}`
    return `  ${style('yellow', '!')} ${where}: ${what}: ${more}`
  })
  return [style('bold', 'Silver'), ...lines, ...odd].join('\n')
}

function describe({
  absent,
  documents,
  bronze,
  silver,
  duplicates,
  duplicateRevenue,
  quarantined,
  erased,
  leftOut = 0,
  sharedIds,
  fields,
}: Refined): string {
  if (bronze === 0 && documents !== undefined && documents.all > 0) {
    return `none: ${counted(documents.all, 'document')}, and no element in any`
  }
  if (bronze === 0) return absent ? 'none: bronze has no such collection' : 'none: the collection is empty'
  const sum = (kind: 'missing' | 'invalid' | 'repaired') =>
    Object.values(fields).reduce((all, field) => all + total(field[kind]), 0)
  const facts: [number, string][] = [
    [duplicates, duplicateRevenue === undefined ? 'inserted twice' : `inserted twice (${readable(duplicateRevenue)})`],
    [quarantined.superseded, 'superseded'],
    [quarantined.noId, 'without id'],
    [quarantined.noObject ?? 0, 'no objects'],
    [erased, 'erased'],
    [leftOut, 'left out'],
    [sharedIds, 'ids shared'],
    [sum('missing'), 'values missing'],
    [sum('invalid'), 'invalid'],
    [sum('repaired'), 'repaired'],
  ]
  const effects = facts.filter(([count]) => count > 0).map(([count, what]) => `${readable(count)} ${what}`)
  const held =
    documents &&
    `${counted(documents.all, 'document')}${documents.empty === 0 ? '' : `, ${readable(documents.empty)} of them empty`}, `
  return `${held ?? ''}${held === undefined ? readable(bronze) : counted(bronze, 'element')} → ${readable(silver)}: ${effects.join(', ') || 'nothing to repair'}`
}

/** How many records changed since the run before, and why. */
function describeChanges(changes: NonNullable<Run['changes']>): string {
  const parts = Object.entries(changes).map(([collection, counts]) => {
    const causes = Object.entries(counts).map(([cause, count]) => `${readable(count)} ${cause}`)
    return `${collection} ${causes.join(', ')}`
  })
  return `  Since the run before: ${parts.join('; ')}`
}

/** Which silver went with the collections that the shop no longer has. */
function describeRemoved(collections: readonly string[]): string {
  return `  ${style('yellow', '!')} The configuration has no ${collections.join(', ')} any more: removed from silver`
}

/** What a shop may say instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  customers: "; where sales name buyers, customers: 'buyers' makes one of each",
}

/** Which tables are not made, and why; each collection is told of once. */
export function describeWithout(without: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(without).map(
    ([collection, tables]) => `  Without ${collection} there is no ${tables.join(', ')}${INSTEAD[collection] ?? ''}`,
  )
  return lines.join('\n')
}

/** Which gold tables are left from models that are no more. */
export function describeUnmade(tables: readonly string[]): string {
  const [these, them] = tables.length === 1 ? ['table', 'it'] : ['tables', 'them']
  return `  ${style('yellow', '!')} No model makes the ${these} ${tables.join(', ')} any more: \`lingot run --prune\` drops ${them}`
}

/** How many rows each gold table has, and how the checks went. */
function describeGold(
  gold: Record<string, number>,
  orders: number | undefined,
  checks: readonly CheckResult[],
  hasToldSilver: boolean,
): string {
  const tables = Object.entries(gold).map(([name, rows]) => `${name} ${readable(rows)}`)
  const failed = checks.filter(({ passed }) => !passed)
  const warnings = failed
    .filter((check) => !(hasToldSilver && isToldOfSilver(check)))
    .map(({ subject, name, detail }) => `\n  ${style('yellow', '!')} ${subject}: ${name}: ${detail}`)
  return [
    style('bold', 'Gold'),
    `  ${tables.join(', ')}`,
    ...(orders === undefined ? [] : [`  The sales are of ${counted(orders, 'order')}`]),
    `  ${readable(checks.length - failed.length)} of ${counted(checks.length, 'check')} passed${warnings.join('')}`,
  ].join('\n')
}
