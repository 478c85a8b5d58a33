import { DuckDBInstance } from '@duckdb/node-api'
import { staged } from '../src/gold/feed.ts'
import { type Model, namesIn, readDialect } from '../src/gold/models.ts'
import { postgresType } from '../src/gold/publish.ts'
import { columnsOf } from '../src/silver/contract.ts'
import { contracts } from '../src/silver/contracts.ts'

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
    const declared = columns.map(([name, { type }]) => `${name} ${staged[type].as}`)
    const seen = columns.map(([name, { type }]) => `${staged[type].see(name)} as ${name}`)
    await connection.run(`create table raw_${contract.collection} (${declared.join(', ')}, id_order double)`)
    await connection.run(
      `create view ${contract.collection} as select ${seen.join(', ')}, id_order from raw_${contract.collection}`,
    )
  }
  await connection.run('create view left_out as select * from transactions')
  await connection.run("create view this_run as select '' as run, timestamp '1970-01-01' as started")
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
      for (const { name, sql } of afterWhatTheyName(models)) {
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

/** The models in an order in which each comes after those that it names. */
function afterWhatTheyName(models: readonly Model[]): Model[] {
  const [ready, waiting] = [[] as Model[], new Set(models)]
  while (waiting.size > 0) {
    const next = [...waiting].find(({ name, sql }) => {
      const names = namesIn(sql)
      return ![...waiting].some((other) => other.name !== name && names.has(other.name))
    })
    if (next === undefined)
      throw new Error(`Models name each other: ${[...waiting].map(({ name }) => name).join(', ')}`)
    ready.push(next)
    waiting.delete(next)
  }
  return ready
}
