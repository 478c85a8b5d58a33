import { bronzeName, type ColumnType, type Contract, columnsOf, type Field, sourceOf } from '../contracts/contract.ts'
import { modelsOf } from '../gold/models.ts'
import type { Config } from '../settings/config.ts'
import { lineagesOf } from './explain/lineage.ts'
import { wayBack } from './explain/way_back.ts'

/** A column of gold, and the columns of silver that it is worked out from. */
export interface GoldColumn {
  table: string
  column: string
  meaning: string
  /** As in `transactions.amount`; a count of documents reads none; null where it is not written down. */
  reads: string[] | null
}

/** A column of silver, and the field of bronze that it is cleaned from. */
export interface SilverColumn {
  collection: string
  column: string
  type: ColumnType
  /** The kind of rule; null for a column that silver adds. */
  rule: string | null
  meaning: string
  /** What stands where bronze has no good value. */
  default: string | number | boolean | null
  personal: boolean
  /** As in `customers.email`; null for a column that silver adds. */
  bronze: string | null
  /** The columns of silver that such an added one is worked out from. */
  reads: string[]
}

/** Where each column of gold comes from. */
export function goldColumns(config: Pick<Config, 'project' | 'contracts'>): GoldColumn[] {
  const models = modelsOf(config)
  const lineages = lineagesOf(config.contracts)
  return models.flatMap((model) => {
    const { name: table, columns, isOwn } = model
    const back = wayBack(model, models, config.contracts)
    const lineage = lineages.find(({ model }) => model === table)
    return Object.entries(columns).map(([column, meaning]) => {
      if (isOwn) return { table, column, meaning, reads: back.reads(column) }
      const reads = lineage?.columns[column]?.reads ?? (column === lineage?.key ? lineage.keyReads : undefined)
      return { table, column, meaning, reads: reads === undefined ? null : [...reads] }
    })
  })
}

/** Where each column of silver comes from. */
export function silverColumns(contracts: readonly Contract[]): SilverColumn[] {
  return contracts.flatMap((contract) =>
    columnsOf(contract).map(([column, { type, meaning, personal }]) => {
      const field = contract.fields[column]
      const source = field === undefined ? null : sourceOf(column, field)
      return {
        collection: contract.collection,
        column,
        type,
        rule: field?.kind ?? null,
        meaning,
        default: plainDefault(field?.default),
        personal,
        bronze: source === null ? null : [bronzeName(contract), ...source].join('.') + factorOf(field),
        reads: (contract.derived[column]?.reads ?? []).map((name) => `${contract.collection}.${name}`),
      }
    }),
  )
}

function factorOf(field: Field<unknown> | undefined): string {
  return field?.times === undefined ? '' : ` × ${field.times.join('.')}`
}

function plainDefault(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value)
}
