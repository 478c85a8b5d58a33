import { z } from 'zod'
import type { Contract } from '../contracts/contract.ts'
import { bookkeeping } from '../contracts/documents.ts'
import { path, pathForms, pathOf } from './paths.ts'

const name = z.string().min(1, 'must be the name of a field in bronze')
const value = z.union([z.string().min(1, 'must not be empty'), z.number(), z.boolean()], {
  error: 'must be a text, a number, true or false',
})
const condition = z.union(
  [
    ...pathForms,
    z.strictObject({
      field: path,
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
  lastBy: path.optional(),
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
  const rules = leaveOut?.map((condition, i) => {
    const at = (message: string) => report(['leaveOut', `${i}`], message)
    return typeof condition === 'string' || Array.isArray(condition)
      ? { field: pathOf(condition, at) }
      : { field: pathOf(condition.field, at), is: [condition.is].flat() }
  })
  return {
    ...contract,
    identity,
    ...(lastBy !== undefined && { lastBy: pathOf(lastBy, (message) => report(['lastBy'], message)) }),
    ...(rules && rules.length > 0 && { leaveOut: rules }),
    ...(changed && { bookkeeping: 'add' in changed ? [...bookkeeping, ...changed.add] : changed }),
  }
}
