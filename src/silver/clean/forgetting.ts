import type { Contract, IsErased } from '../../contracts/contract.ts'
import { holderOf, namedIn, personalBeside } from '../../contracts/owners.ts'
import { idTextOf } from '../../rules/extended_json.ts'
import { Flaw } from '../../rules/values.ts'

/** What stands in the place of a value of somebody who was erased. */
export const ERASED = new Flaw('missing', 'erased')

/** The contract by which a record names nobody who was erased, and holds nothing that may identify them. */
export function forgetting(contract: Contract, isErased: IsErased | undefined): Contract {
  const holding = new Set(namedIn(contract).flatMap(({ columns }) => columns))
  if (isErased === undefined || holding.size === 0) return contract
  const personal = personalBeside(contract)
  // Of the document that is read: whom it names is known before what is kept of them.
  let isTheirs = false
  const all = Object.entries(contract.fields)
  const first = all.find(([name]) => holding.has(name))?.[0]
  const inTurn = [...all.filter(([name]) => holding.has(name)), ...all.filter(([name]) => !holding.has(name))]
  const fields = inTurn.map(([name, field]): [string, typeof field] => {
    const read: typeof field.read = (value, context, clean) => {
      if (name === first) isTheirs = false
      if (!holding.has(name)) return isTheirs ? ERASED : field.read(value, context, clean)
      const id = idTextOf(value)
      const isGone = id !== undefined && isErased(id)
      isTheirs ||= isGone
      return isGone ? ERASED : field.read(value, context, clean)
    }
    return [name, holding.has(name) || personal.includes(name) ? { ...field, read } : field]
  })
  return { ...contract, fields: Object.fromEntries(fields) }
}

/** Tells by its key whether a document is an erased person's own, in a collection of theirs. */
export function erasedBy(contract: Contract, isErased: IsErased | undefined): IsErased | undefined {
  return holderOf(contract) === undefined ? undefined : isErased
}
