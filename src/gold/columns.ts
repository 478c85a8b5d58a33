import { DuckDBInstance } from '@duckdb/node-api'
import { type Contract, columnsOf } from '../contracts/contract.ts'
import { staging } from './rows.ts'

/** The DuckDB type of each column of a silver collection, as the models see it. */
export async function typesSeen(contract: Contract): Promise<ReadonlyMap<string, string>> {
  const instance = await DuckDBInstance.create(':memory:')
  try {
    const connection = await instance.connect()
    const columns = columnsOf(contract)
    const declared = columns.map(([name, { type }]) => `"${name}" ${staging[type].as}`)
    const seen = columns.map(([name, { type }]) => `${staging[type].see(`"${name}"`)} as "${name}"`)
    await connection.run(`create table raw (${declared.join(', ')})`)
    const described = await connection.runAndReadAll(`describe select ${seen.join(', ')} from raw`)
    connection.closeSync()
    return new Map(described.getRows().map(([name, type]): [string, string] => [String(name), String(type)]))
  } finally {
    instance.closeSync()
  }
}
