import type { Contract } from '../contracts/contract.ts'
import type { Config } from '../settings/config.ts'
import { personalColumns } from './checks.ts'
import { columnsOf } from './shape.ts'
import type { Planned } from './standing.ts'

/*
 * The rows that gold had, in a schema beside it: of each table one of the same name and columns, but personal ones. For each
 * row that a run changed or removed it holds the row as it was; for each that a run added, the key with the mark that there
 * was none. So what a table held after some run is, by key, the first entry that a later run made, else the row in place.
 */

/** What is kept of the gold before, and of whom nothing is. */
export interface Keeping {
  history: Config['history']
  contracts: readonly Contract[]
}

/** The schemas beside gold's: of the rows that were, and of views that show gold as it was. */
export function besideOf(schema: string): { rows: string; views: string } {
  const name = schema.slice(0, LONGEST_NAME - '_history'.length)
  return { rows: `${name}_history`, views: `${name}_as_of` }
}

const LONGEST_NAME = 63

/** The table of the runs that published. */
export const RUNS = 'runs'

/** What an entry says beside the row: between which runs it was in place, and whether there was one at all. */
export const OWN_COLUMNS: readonly string[] = ['from_run', 'to_run', 'is_absent']

export interface Column {
  name: string
  type: string
}

/** The columns of a table that are kept; undefined where none can be, as where a key tells who is in its rows. */
export function keptColumns(planned: Planned, contracts: readonly Contract[]): Column[] | undefined {
  const { name: table, key } = planned.model
  const personal = personalColumns(contracts, planned.model)
  const columns = columnsOf(planned)
  const isTaken = table === RUNS || columns.some(({ name }) => OWN_COLUMNS.includes(name))
  if (isTaken || key.some((name) => personal.has(name))) return undefined
  // Numbers of any scale: the table need not change with gold's.
  const kept = (type: string) => (type.startsWith('numeric') ? 'numeric' : type)
  return columns.flatMap(({ name, type }) => (personal.has(name) ? [] : [{ name, type: kept(type) }]))
}
