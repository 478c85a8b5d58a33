import { Binary, Code } from 'bson'
import type { Contract } from '../../src/contracts/contract.ts'
import { SECRETS } from './documents.ts'

const SPELLINGS = new RegExp(
  Object.values(SECRETS)
    .map((secret) => [...secret].join(/^\d/.test(secret) ? '[\\s.()/-]{0,3}' : ''))
    .join('|'),
  'i',
)

/**
 * The personal texts that stand where none may: anywhere, but for a name in a column for names of the contract. A phone
 * number is found however its digits are set apart.
 */
export function leaksIn(documents: readonly unknown[], contract?: Contract): string[] {
  const names = contract === undefined ? new Set<string>() : nameColumns(contract)
  return documents.flatMap((document) => {
    const text = spelledOut(document, names)
    const found = SPELLINGS.exec(text)
    return found === null ? [] : [`${found[0]} in ${text.slice(Math.max(0, found.index - 200), found.index + 200)}`]
  })
}

function nameColumns({ fields, derived }: Contract): Set<string> {
  const personal = [...Object.entries(fields), ...Object.entries(derived)].filter(([, column]) => column.personal)
  return new Set(personal.map(([name]) => name).filter((name) => name !== 'email' && name !== 'phone'))
}

/** All that a value holds as one text: names of fields, texts, numbers, bytes. */
function spelledOut(value: unknown, names: ReadonlySet<string> = new Set()): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Binary) return Buffer.from(value.buffer).toString('latin1')
  if (value instanceof Code) return `${value.code} ${spelledOut(value.scope)}`
  if (value instanceof Date || ('_bsontype' in value && !Object.hasOwn(value, '_bsontype'))) return String(value)
  const fields = value instanceof Map ? [...value] : Object.entries(value)
  return fields
    .map(
      ([name, inner]) => `${name} ${names.has(name) ? String(inner).replaceAll(SECRETS.name, '') : spelledOut(inner)}`,
    )
    .join('\n')
}
