import type { Format } from '../exports/tables.ts'
import { STDOUT, writeOutput } from '../system/output.ts'
import { counted, inJson } from '../text/terminal.ts'
import type { Output } from './run_arguments.ts'
import { session } from './session.ts'

/** `lingot export parquet`, `csv` and `duckdb`: silver and gold as files. */
export function exportTablesCommand(format: Format, folder: string, { json }: Output): Promise<void> {
  return session({ json, gold: 'read' }, async ({ lingot, terminal }) => {
    const manifest = await lingot.exportTables(format, folder)
    if (json) return terminal.print(inJson(manifest, 2))
    const { tables, runs } = manifest
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    const personal = tables.filter(({ columns }) => columns.some((column) => column.personal)).map(({ name }) => name)
    terminal.print(`${folder} holds ${counted(tables.length, 'table')} with ${counted(rows, 'row')}.`)
    terminal.print(`Silver is of the run ${runs.silver}, gold of ${runs.gold ?? 'none that it names'}.`)
    if (personal.length > 0) {
      terminal.print(`${personal.join(', ')} may identify people: \`lingot erase\` does not reach what was exported.`)
    }
  })
}

/** `lingot export odcs` and `dbt`: what is known of silver and gold. */
export function exportDescribedCommand(as: 'odcs' | 'dbt', folder: string): Promise<void> {
  return session({ gold: 'read' }, async ({ lingot, terminal }) => {
    const { files } = await lingot.exportDescribed(as, folder)
    terminal.print(`${folder} holds ${files.join(' and ')}.`)
  })
}

/** `lingot export openlineage`: the runs that made what is in place. */
export function exportLineageCommand(file: string): Promise<void> {
  return session({ json: file === STDOUT, gold: 'read' }, async ({ lingot, terminal }) => {
    const events = await lingot.lineage()
    const place = await writeOutput(file, events.map((event) => `${inJson(event)}\n`).join(''))
    if (place === 'file') terminal.print(`Wrote ${counted(events.length, 'event')} to ${file}.`)
  })
}
