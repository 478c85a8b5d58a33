import { randomUUID } from 'node:crypto'
import type { IsErased } from '../contracts/contract.ts'

/** Who was erased, as nobody: the same one wherever they are named. */
export function pseudonymsOf(isErased: IsErased | undefined): (name: string) => string {
  const known = new Map<string, string>()
  return (name) => {
    if (isErased?.(name) !== true) return name
    const pseudonym = known.get(name) ?? `erased ${randomUUID()}`
    known.set(name, pseudonym)
    return pseudonym
  }
}
