import type { Contract, IsErased } from './contract.ts'
import { customers } from './customers.ts'
import { Flaw, textOf } from './values.ts'

/** The field of bronze that names the customer, in a collection of theirs or of sales. */
export function customerField({ fields }: Contract): string | undefined {
  const field = fields[customers.key]
  return field && (field.source ?? customers.key)
}

/** The columns of a collection of sales that hold its customer, under whichever name. */
export function customerColumns(contract: Contract): string[] {
  const source = customerField(contract)
  if (source === undefined || contract.collection === customers.collection) return []
  return Object.entries(contract.fields).flatMap(([name, field]) => ((field.source ?? name) === source ? [name] : []))
}

const erased = new Flaw('missing', 'erased')

/** The contract by which a sale of somebody who was erased has no customer. */
export function forgetting(contract: Contract, isErased: IsErased | undefined): Contract {
  const columns = isErased === undefined ? [] : customerColumns(contract)
  if (isErased === undefined || columns.length === 0) return contract
  const fields = columns.map((name): [string, Contract['fields'][string]] => {
    const field = contract.fields[name] as Contract['fields'][string]
    const read: typeof field.read = (value, context, clean) => {
      const id = textOf(value)
      return id !== undefined && isErased(id) ? erased : field.read(value, context, clean)
    }
    return [name, { ...field, read }]
  })
  return { ...contract, fields: { ...contract.fields, ...Object.fromEntries(fields) } }
}

/** Tells by its key whether a document is left out of a collection, since it is an erased person's own. */
export function leavesOut({ collection }: Contract, isErased: IsErased | undefined): IsErased | undefined {
  return collection === customers.collection ? isErased : undefined
}
