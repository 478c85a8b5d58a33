import { z } from 'zod'
import type { Path } from '../contracts/contract.ts'

/** Where a value stands in a document of bronze: `address.city`, or its keys one by one where one has a dot in it. */
export const pathForms = [z.string(), z.array(z.string()).min(1, 'must name a field')] as const
export const path = z.union(pathForms, {
  error: 'must be the name of a field in bronze, a path such as address.city, or a list of its keys',
})

/** The keys on the way, or what is wrong with them. */
export function pathOf(written: z.output<typeof path>, report: (message: string) => void): Path {
  const keys = typeof written === 'string' ? written.split('.') : written
  const odd = keys.find((key) => key.includes('\0') || key in Object.prototype)
  if (keys.length === 1 && keys[0]?.trim() === '') report('must be the name of a field in bronze')
  else if (keys.includes('')) {
    report(`${keys.join('.')} has a dot beside nothing; a key that has a dot in it stands in a list: ['a.b']`)
  } else if (odd !== undefined) report(`${odd.replaceAll('\0', '')} is no name that can be read`)
  return keys
}
