import { bronzeName, type Contract, columnsOf } from '../contracts/contract.ts'
import { plannedTables } from '../gold/aggregator.ts'
import { type ModelTest, personalColumns } from '../gold/checks.ts'
import { columnsOf as columnsMade } from '../gold/shape.ts'
import type { Config } from '../settings/config.ts'
import { bsonTypes } from '../silver/schema.ts'
import { goldColumns, type SilverColumn, silverColumns } from '../trust/columns.ts'

/** What is known of a collection of silver or a table of gold, for other tools to be told. */
export interface KnownTable {
  name: string
  description: string
  key: readonly string[]
  columns: KnownColumn[]
  tests: readonly ModelTest[]
}

export interface KnownColumn {
  name: string
  /** As MongoDB or PostgreSQL calls it. */
  type: string
  notNull: boolean
  personal: boolean
  meaning: string
  /** What it is worked out from: `bronze` or `silver` columns, as in `transactions.amount`; undefined where that is not written down. */
  reads: readonly string[] | undefined
}

export type Known = Pick<Config, 'contracts' | 'leaveOut' | 'limits' | 'portions' | 'project'>

/** The collections of silver; what they read are fields of bronze. */
export function knownSilver(contracts: readonly Contract[]): KnownTable[] {
  const lineage = silverColumns(contracts)
  return contracts.map((contract) => ({
    name: contract.collection,
    description: `One document for each of ${bronzeName(contract)} in bronze that was accepted.`,
    key: contract.keyRequired && contract.key !== null ? [contract.key] : [],
    columns: columnsOf(contract).map(([name, { type, nullable, personal, meaning }]) => ({
      name,
      type: bsonTypes[type].name,
      notNull: !nullable || (contract.keyRequired && name === contract.key),
      personal,
      meaning,
      reads: bronzeBehind(lineage, contract.collection, name),
    })),
    tests: [],
  }))
}

/** The fields of bronze behind a column of silver; those of what an added one reads. */
function bronzeBehind(lineage: readonly SilverColumn[], collection: string, name: string): string[] {
  const own = lineage.find((one) => one.collection === collection && one.column === name)
  if (own === undefined) return []
  if (own.bronze !== null) return own.bronze.split(' × ', 1)
  return own.reads.flatMap((read) => bronzeBehind(lineage, collection, read.slice(collection.length + 1)))
}

/** The tables of gold, as the models make them; what they read are columns of silver. */
export async function knownGold(config: Known): Promise<KnownTable[]> {
  const planned = await plannedTables(config)
  const lineage = new Map(goldColumns(config).map((one) => [`${one.table}.${one.column}`, one]))
  return planned.map((table): KnownTable => {
    const { name, description, key, columns, tests } = table.model
    const personal = personalColumns(config.contracts, table.model)
    const described = columnsMade(table).map(({ name: column, type, notNull }) => ({
      name: column,
      type,
      notNull,
      personal: personal.has(column),
      meaning: columns[column] ?? '',
      reads: lineage.get(`${name}.${column}`)?.reads ?? undefined,
    }))
    return { name, description, key, columns: described, tests }
  })
}
