import { DuckDBInstance } from '@duckdb/node-api'
import { columnsOf } from '../src/contracts/contract.ts'
import { contracts } from '../src/contracts/contracts.ts'
import { inOrder, intermediatesOf, type Model, readDialect } from '../src/gold/models.ts'
import { staging } from '../src/gold/rows.ts'
import { postgresType } from '../src/gold/shape.ts'
import { thisRun } from '../src/gold/warehouse.ts'

export interface EmptyWarehouse {
  /** The DuckDB type of each column of a silver collection, as the models see it. */
  columns: (collection: string) => Promise<ReadonlyMap<string, string>>
  /** The PostgreSQL type of each column of every model's table, by name of the model. */
  build: (models: readonly Model[]) => Promise<ReadonlyMap<string, ReadonlyMap<string, string>>>
  close: () => void
}

/** A DuckDB in which silver is empty: it knows which types the models make. */
export async function emptyWarehouse(): Promise<EmptyWarehouse> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(readDialect())
  for (const contract of contracts) {
    const columns = columnsOf(contract)
    const declared = columns.map(([name, { type }]) => `${name} ${staging[type].as}`)
    const seen = columns.map(([name, { type }]) => `${staging[type].see(name)} as ${name}`)
    await connection.run(`create table raw_${contract.collection} (${declared.join(', ')}, id_order double)`)
    await connection.run(
      `create view ${contract.collection} as select ${seen.join(', ')}, id_order from raw_${contract.collection}`,
    )
  }
  await connection.run('create view left_out as select * from transactions')
  await connection.run(thisRun({ id: '', started: new Date(0) }))
  const columns = async (table: string) => {
    const described = await connection.runAndReadAll(
      `select column_name, data_type from information_schema.columns
       where table_name = '${table}' and column_name <> 'id_order' order by ordinal_position`,
    )
    return new Map(described.getRows().map(([name, type]): [string, string] => [String(name), String(type)]))
  }
  return {
    columns,
    async build(models) {
      const types = new Map<string, ReadonlyMap<string, string>>()
      for (const { name, sql } of intermediatesOf(models)) await connection.run(`create view ${name} as ${sql}`)
      for (const { name, sql } of inOrder(models)) {
        await connection.run(`create table ${name} as ${sql}`)
        types.set(name, new Map([...(await columns(name))].map(([column, type]) => [column, postgresType(type)])))
      }
      return types
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
