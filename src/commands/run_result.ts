import type { CheckResult, Refined, Run } from '../runs/record.ts'
import { total } from '../silver/clean/observations.ts'
import { inJson, style, type Terminal } from '../text/terminal.ts'
import { shownId } from '../trust/ids.ts'
import { isToldOfSilver, suspectedIn } from '../trust/suspicions.ts'
import type { Output } from './run_arguments.ts'
import { type Effect, en, type Words } from './words/en.ts'

/** Prints what a run did. */
export function report(terminal: Terminal, { json }: Output, run: Run): void {
  terminal.print(json ? toJson(run) : describeRun(run))
}

/** What a run did, in a few lines. */
export function describeRun(run: Run, words: Words = en): string {
  const { silver, changes, removed, gold, checks, unmade, without } = run
  const parts = [
    silver && describeSilver(silver, words),
    changes && Object.keys(changes).length > 0 && describeChanges(changes, words),
    removed && `  ${style('yellow', '!')} ${words.removed(removed.join(', '))}`,
    gold && describeGold(gold, run.orders, checks ?? [], silver !== undefined, words),
    unmade && describeUnmade(unmade, words),
    without && describeWithout(without, words),
  ]
  return parts.filter(Boolean).join('\n')
}

/** A run as JSON, after docs/run.schema.json. */
export function toJson(run: Run): string {
  return inJson(run, 2)
}

/** What became of each collection, a line each. */
function describeSilver(silver: Record<string, Refined>, words: Words): string {
  const width = Math.max(...Object.keys(silver).map((name) => name.length))
  const lines = Object.entries(silver).map(([name, refined]) => `  ${name.padEnd(width)}  ${describe(refined, words)}`)
  const odd = suspectedIn(silver).map(({ collection, field, what, count, examples, detail }) => {
    const ids = examples.map((id) => shownId(id, 40)).join(', ')
    const where = [collection, field].filter(Boolean).join('.')
    const more = detail ?? `${words.number(count)}${ids === '' ? '' : words.suchAs(ids)}`
    return `  ${style('yellow', '!')} ${[where, words.suspicion(what), more].join(`${words.colon} `)}`
  })
  return [style('bold', 'Silver'), ...lines, ...odd].join('\n')
}

function describe(
  {
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
  }: Refined,
  words: Words,
): string {
  if (bronze === 0 && documents !== undefined && documents.all > 0) return words.noElements(documents.all)
  if (bronze === 0) return absent ? words.noCollection : words.emptyCollection
  const sum = (kind: 'missing' | 'invalid' | 'repaired') =>
    Object.values(fields).reduce((all, field) => all + total(field[kind]), 0)
  const { number } = words
  const facts: [Effect, number, amount?: string | undefined][] = [
    ['duplicates', duplicates, duplicateRevenue],
    ['superseded', quarantined.superseded],
    ['noId', quarantined.noId],
    ['noObject', quarantined.noObject ?? 0],
    ['erased', erased],
    ['leftOut', leftOut],
    ['sharedIds', sharedIds],
    ['missing', sum('missing')],
    ['invalid', sum('invalid')],
    ['repaired', sum('repaired')],
  ]
  const told = facts
    .filter(([, count]) => count > 0)
    .map(([what, count, amount]) => `${words.effect(what, count)}${amount === undefined ? '' : ` (${number(amount)})`}`)
  const held =
    documents === undefined
      ? number(bronze)
      : `${words.documents(documents.all, documents.empty)}, ${words.elements(bronze)}`
  return `${held} → ${number(silver)}${words.colon} ${told.join(', ') || words.noEffect}`
}

/** How many records changed since the run before, and why. */
function describeChanges(changes: NonNullable<Run['changes']>, words: Words): string {
  const parts = Object.entries(changes).map(([collection, counts]) => {
    const causes = Object.entries(counts).map(([cause, count]) => words.changed(cause, count))
    return `${collection} ${causes.join(', ')}`
  })
  return `  ${words.sinceBefore}${words.colon} ${parts.join('; ')}`
}

/** Which tables are not made, and why; each collection is told of once. */
export function describeWithout(without: Readonly<Record<string, readonly string[]>>, words: Words = en): string {
  const lines = Object.entries(without).map(
    ([collection, tables]) => `  ${words.without(collection, tables.join(', '))}`,
  )
  return lines.join('\n')
}

/** Which gold tables are left from models that are no more. */
export function describeUnmade(tables: readonly string[], words: Words = en): string {
  return `  ${style('yellow', '!')} ${words.unmade(tables)}`
}

/** How many rows each gold table has, and how the checks went. */
function describeGold(
  gold: Record<string, number>,
  orders: number | undefined,
  checks: readonly CheckResult[],
  hasToldSilver: boolean,
  words: Words,
): string {
  const tables = Object.entries(gold).map(([name, rows]) => `${name} ${words.number(rows)}`)
  const failed = checks.filter(({ passed }) => !passed)
  const warnings = failed
    .filter((check) => !(hasToldSilver && isToldOfSilver(check)))
    .map((check) => {
      const { name, detail } = words.check(check)
      return `  ${style('yellow', '!')} ${[check.subject, name, detail].join(`${words.colon} `)}`
    })
  return [
    style('bold', 'Gold'),
    `  ${tables.join(', ')}`,
    ...(orders === undefined ? [] : [`  ${words.salesAreOf(orders)}`]),
    `  ${words.checksPassed(checks.length - failed.length, checks.length)}`,
    ...warnings,
  ].join('\n')
}
