import { type Contract, type IsErased, keyOf, type Path, sourceOf } from '../../contracts/contract.ts'
import { customers } from '../../contracts/customers.ts'
import { idTextOf } from '../../rules/extended_json.ts'
import { Flaw } from '../../rules/values.ts'

/** Where bronze names the customer, in a collection of theirs or of sales. */
export function customerPath({ fields }: Contract): Path | undefined {
  const field = fields[customers.key]
  return (field && sourceOf(customers.key, field)) ?? undefined
}

/** The columns of a collection of sales that hold its customer, under whichever name. */
export function customerColumns(contract: Contract): string[] {
  const source = customerPath(contract)
  if (source === undefined || contract.collection === customers.collection) return []
  return Object.entries(contract.fields).flatMap(([name, field]) => {
    const own = sourceOf(name, field)
    return own !== null && keyOf(own) === keyOf(source) ? [name] : []
  })
}

const erased = new Flaw('missing', 'erased')

/** The columns of a collection of sales that may identify its customer, beside those that hold them. */
export function personalColumns(contract: Contract): string[] {
  const columns = customerColumns(contract)
  if (columns.length === 0) return []
  const personal = Object.entries(contract.fields).filter(([name, field]) => field.personal && !columns.includes(name))
  return personal.map(([name]) => name)
}

/** The contract by which a sale of somebody who was erased has no customer, and nothing that may identify them. */
export function forgetting(contract: Contract, isErased: IsErased | undefined): Contract {
  const columns = isErased === undefined ? [] : customerColumns(contract)
  if (isErased === undefined || columns.length === 0) return contract
  const personal = personalColumns(contract)
  // Of the document that is read: its customer stands above whatever else is kept of them.
  let isTheirs = false
  const fields = Object.entries(contract.fields).map(([name, field]): [string, typeof field] => {
    const read: typeof field.read = (value, context, clean) => {
      if (columns.includes(name)) {
        const id = idTextOf(value)
        isTheirs = id !== undefined && isErased(id)
      }
      return isTheirs ? erased : field.read(value, context, clean)
    }
    return [name, columns.includes(name) || personal.includes(name) ? { ...field, read } : field]
  })
  return { ...contract, fields: Object.fromEntries(fields) }
}

/** Tells by its key whether a document is an erased person's own, in a collection of theirs. */
export function erasedBy({ collection }: Contract, isErased: IsErased | undefined): IsErased | undefined {
  return collection === customers.collection ? isErased : undefined
}
