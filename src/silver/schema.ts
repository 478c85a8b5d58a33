import type { Document } from 'bson'
import { type ColumnType, type Contract, columnsOf } from './contract.ts'

/** The one BSON type that a column has in silver. */
export const bsonTypes: Record<ColumnType, string> = {
  text: 'string',
  money: 'double',
  count: 'long',
  rate: 'double',
  date: 'date',
  flag: 'bool',
}

/** A contract as MongoDB checks it: every column is there, of its type, within its range, and nothing else is. */
export function validator(contract: Contract): Document {
  const columns = columnsOf(contract)
  const properties = columns.map(([name, { type, nullable }]) => {
    const { least, most, kind } = contract.fields[name] ?? {}
    const range = { ...(least !== undefined && { minimum: least }), ...(most !== undefined && { maximum: most }) }
    const hash = kind === 'email' || kind === 'phone' ? { pattern: '^[0-9a-f]{32}$' } : {}
    return [name, { bsonType: nullable ? [bsonTypes[type], 'null'] : bsonTypes[type], ...range, ...hash }]
  })
  return {
    $jsonSchema: {
      bsonType: 'object',
      required: columns.map(([name]) => name),
      properties: { _id: {}, ...Object.fromEntries(properties) },
      additionalProperties: false,
    },
  }
}
