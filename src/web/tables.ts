import type { Contract } from '../contracts/contract.ts'
import { readableColumns } from '../gold/catalogue.ts'
import { personalColumns } from '../gold/checks.ts'
import { modelsOf, type Shop } from '../gold/models.ts'
import type { GoldQuery } from '../postgres/reader.ts'
import type { Table } from './api.ts'

/** The tables that who asks may read, in the order of their models; those that no model makes are last. */
export async function readTables(
  query: GoldQuery,
  schema: string,
  shop: Shop & { contracts: readonly Contract[] },
): Promise<Table[]> {
  const models = modelsOf(shop)
  const tables = new Map<string, Table>()
  for (const { table: name, column, type } of await readableColumns(query, schema)) {
    const model = models.find((each) => each.name === name)
    const table = tables.get(name) ?? { name, description: model?.description ?? null, columns: [] }
    const isPersonal = model !== undefined && personalColumns(shop.contracts, model).has(column)
    table.columns.push({ name: column, type, meaning: model?.columns[column] ?? null, isPersonal })
    tables.set(name, table)
  }
  const made = models.flatMap(({ name }) => tables.get(name) ?? [])
  return [...made, ...[...tables.values()].filter((table) => !made.includes(table))]
}
