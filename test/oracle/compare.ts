/** Compares what the product wrote with what the oracle expects, and says in plain lines where they differ. */
import { BSON, type Document, EJSON } from 'bson'
import { bsonType, dateOf, numberText } from './bson.ts'
import type { Row } from './documents.ts'

const MOST_LINES = 20

function shortened(lines: string[]): string[] {
  if (lines.length <= MOST_LINES) return lines
  const shown = lines.slice(0, MOST_LINES - 1)
  return [...shown, `… and ${lines.length - shown.length} more differences`]
}

function shown(value: unknown): string {
  const written = value === undefined ? 'absent' : EJSON.stringify(value, { relaxed: true })
  return written.length > 120 ? `${written.slice(0, 117)}...` : written
}

// ------------------------------------------------------------------------------------------------------------------ gold

/** At most 20 lines: missing rows, extra rows, rows that come twice, columns that differ; none if all is equal. */
export function differences(expected: readonly Row[], actual: readonly Row[], key: readonly string[]): string[] {
  const lines: string[] = []
  const nameOf = (row: Row) => `row ${key.map((column) => `${column}=${shown(row[column])}`).join(', ')}`
  const idOf = (row: Row) => JSON.stringify(key.map((column) => row[column]))
  const actualById = new Map<string, Row>()
  for (const row of actual) {
    if (actualById.has(idOf(row))) lines.push(`${nameOf(row)}: comes more than once`)
    actualById.set(idOf(row), row)
  }
  const expectedIds = new Set<string>()
  for (const row of expected) {
    expectedIds.add(idOf(row))
    const other = actualById.get(idOf(row))
    if (other === undefined) {
      lines.push(`${nameOf(row)}: missing`)
      continue
    }
    for (const column of new Set([...Object.keys(row), ...Object.keys(other)])) {
      if (row[column] === other[column]) continue
      lines.push(`${nameOf(row)}, ${column}: expected ${shown(row[column])}, actual ${shown(other[column])}`)
    }
    const [wanted, got] = [Object.keys(row).join(', '), Object.keys(other).join(', ')]
    if (lines.length === 0 && wanted !== got) lines.push(`columns: expected ${wanted}; actual ${got}`)
  }
  for (const row of actual) {
    if (!expectedIds.has(idOf(row))) lines.push(`${nameOf(row)}: not expected`)
  }
  return shortened(lines)
}

// ---------------------------------------------------------------------------------------------------------------- silver

/** Silver's KPI fields are unrounded doubles: equal to a relative tolerance. All other values are equal or not. */
const KPIS = new Set(['ctr', 'conversion_rate', 'cpc', 'cpa', 'roi'])
const TOLERANCE = 1e-12

/** The BSON type as a contract sees it; Int32, Double, Long and plain numbers are all numbers here. */
function kind(value: unknown): string {
  if (value === undefined) return 'absent'
  if (value === null) return 'null'
  if (dateOf(value) !== null) return 'date'
  if (bsonType(value) === 'Decimal128') return 'decimal'
  if (numberText(value) !== null) return 'number'
  return bsonType(value) || typeof value
}

function equal(name: string, expected: unknown, actual: unknown): boolean {
  if (kind(expected) !== kind(actual)) return false
  switch (kind(expected)) {
    case 'number': {
      const [wanted, got] = [Number(numberText(expected)), Number(numberText(actual))]
      if (!KPIS.has(name)) return wanted === got
      return Math.abs(wanted - got) <= TOLERANCE * Math.max(Math.abs(wanted), Math.abs(got))
    }
    case 'date':
      return dateOf(expected)?.getTime() === dateOf(actual)?.getTime()
    case 'null':
    case 'string':
    case 'boolean':
      return expected === actual
    default:
      return EJSON.stringify(expected, { relaxed: false }) === EJSON.stringify(actual, { relaxed: false })
  }
}

const AS_STORED = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true }

/** An `_id` with its exact BSON type, as a server stores it: 5 as Int32 and 5 as Double are not the same. */
export function idText(document: Document): string {
  const stored = BSON.deserialize(BSON.serialize({ _id: document['_id'] }), AS_STORED)
  return EJSON.stringify(stored, { relaxed: false })
}

/**
 * At most 20 lines. Documents are matched by `_id`; each must have exactly the expected fields, with values of the
 * expected type. Where the actual documents were read with `promoteValues: false`, "one BSON type per field" is
 * checked as well: a field may not be an Int32 here and a Double there.
 */
export function silverDifferences(expected: readonly Document[], actual: readonly Document[]): string[] {
  const lines: string[] = []
  const actualById = new Map<string, Document>()
  for (const document of actual) {
    if (actualById.has(idText(document))) lines.push(`document ${idText(document)}: comes more than once`)
    actualById.set(idText(document), document)
  }
  const expectedIds = new Set<string>()
  for (const document of expected) {
    const id = idText(document)
    expectedIds.add(id)
    const other = actualById.get(id)
    if (other === undefined) {
      lines.push(`document ${id}: missing`)
      continue
    }
    for (const name of new Set([...Object.keys(document), ...Object.keys(other)])) {
      if (name === '_id') continue
      const [wanted, got]: [unknown, unknown] = [document[name], other[name]]
      if (equal(name, wanted, got)) continue
      lines.push(`document ${id}, ${name}: expected ${shown(wanted)}, actual ${shown(got)} (${kind(got)})`)
    }
  }
  for (const document of actual) {
    if (!expectedIds.has(idText(document))) lines.push(`document ${idText(document)}: not expected`)
  }
  return shortened([...lines, ...mixedTypes(actual)])
}

function mixedTypes(documents: readonly Document[]): string[] {
  const types = new Map<string, Set<string>>()
  for (const document of documents) {
    for (const [name, value] of Object.entries(document) as [string, unknown][]) {
      if (name === '_id' || numberText(value) === null || bsonType(value) === '') continue
      const seen = types.get(name) ?? new Set()
      types.set(name, seen.add(bsonType(value)))
    }
  }
  const lines: string[] = []
  for (const [name, seen] of types) {
    if (seen.size > 1) lines.push(`field ${name}: more than one BSON type (${[...seen].join(', ')})`)
  }
  return lines
}
