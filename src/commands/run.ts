import { runAggregator, runPipeline, runProcessor } from '../engines/pipeline.ts'
import type { CheckResult } from '../gold/checks.ts'
import type { RunRecord } from '../runs/store.ts'
import { total } from '../silver/clean/observations.ts'
import type { Refined } from '../silver/processor.ts'
import { LingotError } from '../system/errors.ts'
import { counted, inJson, readable, style, type Terminal } from '../text/terminal.ts'
import { plainId } from '../trust/ids.ts'
import { tellPlaces } from './places.ts'
import { fullSession, session } from './session.ts'
import type { SparkArguments } from './spark_run.ts'

interface Output {
  json?: boolean
}

export interface RunArguments extends Output, SparkArguments {
  wait: boolean
  acceptShrink?: boolean
  takeOver?: boolean
  prune?: boolean
  engine: 'local' | 'spark'
}

type Layer = 'process' | 'aggregate' | 'run'

/** `lingot process`, `aggregate` and `run`: bronze to silver, silver to gold, and both. */
export async function layerCommand(command: Layer, options: RunArguments, args: readonly string[]): Promise<void> {
  if (options.engine === 'spark') return (await import('./spark_run.ts')).sparkCommand(command, options, args)
  refuseSparkOptions(options, args)
  if (command === 'process') return processCommand(options)
  return command === 'aggregate' ? aggregateCommand(options) : runCommand(options)
}

function processCommand(options: RunArguments): Promise<void> {
  return session(options, async (opened) => {
    const { config, mongodb, terminal, hooks } = opened
    const record = await runProcessor(mongodb, { ...config, ...hooks, ...consents(options) })
    tellPlaces(opened, options)
    report(terminal, options, record)
  })
}

function aggregateCommand(options: RunArguments): Promise<void> {
  return fullSession(options, async (opened) => {
    const { config, mongodb, terminal, hooks } = opened
    const { uri } = opened.postgresServer
    const record = await runAggregator(mongodb, uri, { ...config, ...hooks, ...consents(options) })
    tellPlaces(opened, options, ['silver'])
    report(terminal, options, record)
  })
}

function runCommand(options: RunArguments): Promise<void> {
  return fullSession(options, async (opened) => {
    const { config, mongodb, terminal, hooks } = opened
    const { uri } = opened.postgresServer
    const record = await runPipeline(mongodb, uri, { ...config, ...hooks, ...consents(options) })
    tellPlaces(opened, options)
    report(terminal, options, record)
  })
}

/** What the command line lets a run do, or not do. */
export function consents({ wait, acceptShrink = false, takeOver = false, prune = false }: RunArguments) {
  return { noWait: !wait, acceptShrink, takeOver, prune }
}

function refuseSparkOptions(options: SparkArguments, args: readonly string[]): void {
  const given = (['master', 'conf', 'jars', 'packages', 'dryRun'] as const).filter(
    (name) => options[name] !== undefined,
  )
  if (given.length === 0 && args.length === 0) return
  const [name = 'arguments of spark-sql'] = given.map((name) => (name === 'dryRun' ? '--dry-run' : `--${name}`))
  throw new LingotError('usage', `The local engine takes no ${name}.`, 'Add `--engine spark`.')
}

/** Prints what a run did. */
export function report(terminal: Terminal, { json }: Output, record: RunRecord): void {
  terminal.print(json ? toJson(record) : describeRun(record))
}

/** What a run did, in a few lines. */
export function describeRun({ silver, gold, checks, unmade }: RunRecord): string {
  const parts = [
    silver && describeSilver(silver),
    gold && describeGold(gold, checks ?? []),
    unmade && describeUnmade(unmade),
  ]
  return parts.filter(Boolean).join('\n')
}

/** A record as JSON; `_id`s of any type in relaxed Extended JSON. */
export function toJson(record: object): string {
  return inJson(plainId(record), 2)
}

/** What became of each collection, a line each. */
function describeSilver(silver: Record<string, Refined>): string {
  const width = Math.max(...Object.keys(silver).map((name) => name.length))
  const lines = Object.entries(silver).map(([name, refined]) => `  ${name.padEnd(width)}  ${describe(refined)}`)
  return [style('bold', 'Silver'), ...lines].join('\n')
}

function describe({ absent, bronze, silver, duplicates, quarantined, erased, sharedIds, fields }: Refined): string {
  if (bronze === 0) return absent ? 'none: bronze has no such collection' : 'none: the collection is empty'
  const sum = (kind: 'missing' | 'invalid' | 'repaired') =>
    Object.values(fields).reduce((all, field) => all + total(field[kind]), 0)
  const facts: [number, string][] = [
    [duplicates, 'inserted twice'],
    [quarantined.superseded, 'superseded'],
    [quarantined.noId, 'without id'],
    [erased, 'erased'],
    [sharedIds, 'ids shared'],
    [sum('missing'), 'values missing'],
    [sum('invalid'), 'invalid'],
    [sum('repaired'), 'repaired'],
  ]
  const told = facts.filter(([count]) => count > 0).map(([count, what]) => `${readable(count)} ${what}`)
  return `${readable(bronze)} → ${readable(silver)}: ${told.join(', ') || 'nothing to repair'}`
}

/** Which gold tables are left from models that are no more. */
export function describeUnmade(tables: readonly string[]): string {
  const [these, them] = tables.length === 1 ? ['table', 'it'] : ['tables', 'them']
  return `  ${style('yellow', '!')} No model makes the ${these} ${tables.join(', ')} any more: \`lingot run --prune\` drops ${them}`
}

/** How many rows each gold table has, and how the checks went. */
function describeGold(gold: Record<string, number>, checks: readonly CheckResult[]): string {
  const tables = Object.entries(gold).map(([name, rows]) => `${name} ${readable(rows)}`)
  const failed = checks.filter(({ passed }) => !passed)
  const warnings = failed.map(
    ({ subject, name, detail }) => `\n  ${style('yellow', '!')} ${subject}: ${name}: ${detail}`,
  )
  return [
    style('bold', 'Gold'),
    `  ${tables.join(', ')}`,
    `  ${readable(checks.length - failed.length)} of ${counted(checks.length, 'check')} passed${warnings.join('')}`,
  ].join('\n')
}
