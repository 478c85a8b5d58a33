import { runPipeline } from '../pipeline.ts'
import type { Refined } from '../silver/processor.ts'
import { total } from '../silver/repairs.ts'
import { counted, readable, style } from '../terminal.ts'
import { session } from './session.ts'

interface Output {
  json?: boolean
}

/** `lingot process`: bronze to silver. */
export function processCommand(output: Output): Promise<void> {
  return session(output, async ({ config, mongodb, terminal, ...hooks }) => {
    const { processBronze } = await import('../silver/processor.ts')
    const silver = await processBronze(mongodb, { ...config, ...hooks })
    terminal.print(output.json ? JSON.stringify({ silver }, null, 2) : describeSilver(silver))
  })
}

/** `lingot aggregate`: silver to gold. */
export function aggregateCommand(output: Output): Promise<void> {
  return session(output, async ({ config, mongodb, servers, terminal, ...hooks }) => {
    const { aggregateSilver } = await import('../gold/aggregator.ts')
    const gold = await aggregateSilver(mongodb, servers.postgres.uri, { ...config, ...hooks })
    terminal.print(output.json ? JSON.stringify({ gold }, null, 2) : describeGold(gold))
  })
}

/** `lingot run`: bronze to gold. */
export function runCommand(output: Output): Promise<void> {
  return session(output, async ({ config, mongodb, servers, terminal, ...hooks }) => {
    const summary = await runPipeline(mongodb, servers.postgres.uri, { ...config, ...hooks })
    if (output.json) return terminal.print(JSON.stringify(summary, null, 2))
    terminal.print(describeSilver(summary.silver))
    terminal.print(describeGold(summary.gold))
  })
}

/** What became of each collection, a line each. */
export function describeSilver(silver: Record<string, Refined>): string {
  const width = Math.max(...Object.keys(silver).map((name) => name.length))
  const lines = Object.entries(silver).map(([name, refined]) => `  ${name.padEnd(width)}  ${describe(refined)}`)
  return [style('bold', 'Silver'), ...lines].join('\n')
}

function describe({ bronze, silver, duplicates, quarantined, sharedIds, fields }: Refined): string {
  const sum = (kind: 'missing' | 'invalid' | 'repaired') =>
    Object.values(fields).reduce((all, field) => all + total(field[kind]), 0)
  const facts: [number, string][] = [
    [duplicates, 'inserted twice'],
    [quarantined.superseded, 'superseded'],
    [quarantined.noId, 'without id'],
    [sharedIds, 'ids shared'],
    [sum('missing'), 'values missing'],
    [sum('invalid'), 'invalid'],
    [sum('repaired'), 'repaired'],
  ]
  const told = facts.filter(([count]) => count > 0).map(([count, what]) => `${readable(count)} ${what}`)
  return `${readable(bronze)} → ${readable(silver)}: ${told.join(', ') || 'nothing to repair'}`
}

/** How many rows each gold table has, in one line. */
export function describeGold(gold: Record<string, number>): string {
  const tables = Object.entries(gold).map(([name, rows]) => `${name} ${readable(rows)}`)
  return `${style('bold', 'Gold')}\n  ${counted(tables.length, 'table')}: ${tables.join(', ')}`
}
