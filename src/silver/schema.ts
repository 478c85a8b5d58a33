import type { Document } from 'bson'
import { type ColumnType, type Contract, columnsOf } from '../contracts/contract.ts'
import type { Written } from '../mongo/bson_writer.ts'
import { fieldReader } from '../mongo/field_reader.ts'
import { digitsOf, type PiiMethod } from '../rules/pseudonym.ts'
import type { CleanValues } from './clean/cleaner.ts'

/** The one BSON type that a column has in silver: how MongoDB calls it, and how it is written. */
export const bsonTypes: Record<ColumnType, { name: string; as: Written['as'] }> = {
  text: { name: 'string', as: 'string' },
  money: { name: 'double', as: 'double' },
  count: { name: 'long', as: 'int64' },
  fractional: { name: 'double', as: 'double' },
  rate: { name: 'double', as: 'double' },
  date: { name: 'date', as: 'date' },
  flag: { name: 'bool', as: 'boolean' },
}

/** A contract as MongoDB checks it: every column is there, of its type, within its range, and nothing else is. */
export function validator(contract: Contract, method: PiiMethod = 'md5'): Document {
  const columns = columnsOf(contract)
  const properties = columns.map(([name, { type, nullable }]) => {
    const { least, most, kind } = contract.fields[name] ?? {}
    const range = { ...(least !== undefined && { minimum: least }), ...(most !== undefined && { maximum: most }) }
    const hash = kind === 'email' || kind === 'phone' ? { pattern: `^[0-9a-f]{${digitsOf[method]}}$` } : {}
    const bsonType = bsonTypes[type].name
    return [name, { bsonType: nullable ? [bsonType, 'null'] : bsonType, ...range, ...hash }]
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

/** The columns of a silver document as they are written. */
export function written(contract: Contract): Written[] {
  return columnsOf(contract).map(([name, { type }]) => ({ name, as: bsonTypes[type].as }))
}

/** Reads columns of raw silver documents; gives the same object each time, filled anew. */
export function silverReader(columns: readonly string[]): (document: Buffer) => CleanValues {
  const { read } = fieldReader(columns)
  const clean: Record<string, unknown> = {}
  return (document) => {
    const values = read(document)
    for (let i = 0; i < columns.length; i++) clean[columns[i] as string] = values[i]
    return clean
  }
}
