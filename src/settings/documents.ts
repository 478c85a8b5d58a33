import { z } from 'zod'
import type { Contract } from '../contracts/contract.ts'
import { bookkeeping } from '../contracts/documents.ts'

const name = z.string().min(1, 'must be the name of a field in bronze')
const value = z.union([z.string().min(1, 'must not be empty'), z.number(), z.boolean()], {
  error: 'must be a text, a number, true or false',
})
const condition = z.union(
  [
    name,
    z.strictObject({
      field: name,
      /** The value, or values, of a document that is left out. */
      is: z.union([value, z.array(value).min(1, 'must name a value')], {
        error: 'must be a text, a number, true or false, or a list of them',
      }),
    }),
  ],
  { error: 'must be the name of a field that is set, or { field, is }' },
)
const names = z.array(name)

/** What settings can say about which documents of a collection are records, and which of several is one. */
export const documentSettings = {
  /** Documents that are no records, by a field that is set or has a value. */
  leaveOut: z.array(condition).optional(),
  /** The field of bronze that tells which of several documents of one thing is the last. */
  lastBy: name.optional(),
  /** Fields in which documents that were inserted twice may differ: all of them, or some beside the usual ones. */
  bookkeeping: z
    .union([names, z.strictObject({ add: names })], { error: 'must be a list of fields, or { add: [fields] }' })
    .optional(),
}

/** What is done with documents that share an id, where that is not settled. */
export const identity = z.enum(['equal ones are one', 'last one wins']).optional()

/** Those of one collection, whichever it is. */
export interface DocumentSettings extends z.output<z.ZodObject<typeof documentSettings>> {
  identity?: z.output<typeof identity>
}

/** The contract with what the settings say of its documents. */
export function changeDocuments(
  contract: Contract,
  { leaveOut, lastBy, bookkeeping: changed, identity = contract.identity }: DocumentSettings,
  report: (path: readonly string[], message: string) => void,
): Contract {
  if (lastBy !== undefined && identity !== 'last one wins') {
    report(['lastBy'], "is for identity: 'last one wins'; without it all versions stay")
  }
  const rules = leaveOut?.map((condition) =>
    typeof condition === 'string' ? { field: condition } : { ...condition, is: [condition.is].flat() },
  )
  for (const [i, { field }] of (rules ?? []).entries())
    refusePath(field, (message) => report(['leaveOut', `${i}`], message))
  if (lastBy !== undefined) refusePath(lastBy, (message) => report(['lastBy'], message))
  return {
    ...contract,
    identity,
    ...(lastBy !== undefined && { lastBy }),
    ...(rules && rules.length > 0 && { leaveOut: rules }),
    ...(changed && { bookkeeping: 'add' in changed ? [...bookkeeping, ...changed.add] : changed }),
  }
}

/** Only fields at the top of a document are read. */
export function refusePath(field: string, report: (message: string) => void): void {
  if (field.includes('.')) {
    report(
      `${field} is a dotted path, and only fields at the top of a document are read; a view in MongoDB can lift it`,
    )
  } else if (field in Object.prototype) report(`${field} is no name that can be read`)
}
