import { EJSON } from 'bson'
import type { Contract } from '../../src/silver/contract.ts'
import { SECRETS } from './documents.ts'

/**
 * The personal texts that stand where none may: anywhere, but for a name in a column for names of the contract. A phone
 * number is found however its digits are set apart.
 */
export function leaksIn(documents: readonly unknown[], contract?: Contract): string[] {
  const names = contract && personalTexts(contract)
  const hideNames = (key: string, value: unknown) =>
    names?.has(key) && typeof value === 'string' ? withoutName(value) : value
  return documents.flatMap((document) => {
    const text = typeof document === 'string' ? document : (EJSON.stringify(document, hideNames) ?? '')
    const found = Object.values(SECRETS).filter(
      (secret) => text.toLowerCase().includes(secret) || text.replace(/[\s.()/-]|\\u[0-9a-f]{4}/g, '').includes(secret),
    )
    return found.length === 0 ? [] : [`${found} in ${text.slice(0, 500)}`]
  })
}

function personalTexts({ fields, derived }: Contract): Set<string> {
  const personal = ([, { personal, kind }]: [string, { personal: boolean; kind?: string }]) =>
    personal && kind !== 'email' && kind !== 'phone'
  return new Set([...Object.entries(fields), ...Object.entries(derived)].filter(personal).map(([name]) => name))
}

function withoutName(text: string): string {
  return text.replaceAll(SECRETS.name, '')
}
