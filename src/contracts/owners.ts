import { type Contract, keyOf, type Path, sourceOf } from './contract.ts'
import { customers } from './customers.ts'
import { transactions } from './transactions.ts'

/** A customer whom records name: where bronze says who it is, and the columns that hold it, under whichever names. */
export interface Owner {
  path: Path
  columns: readonly string[]
}

/** The customers whom records of a collection name: by `customer_id`, and by fields that refer to them. */
function ownersOf({ fields }: Contract): Owner[] {
  const all = Object.entries(fields)
  const owners = all.flatMap(([name, field]): [string, Owner][] => {
    const path = sourceOf(name, field)
    if (path === null || !(name === customers.key || field.refers?.to === customers.collection)) return []
    const columns = all.flatMap(([other, field]) => {
      const own = sourceOf(other, field)
      return own !== null && keyOf(own) === keyOf(path) ? [other] : []
    })
    return [[keyOf(path), { path, columns }]]
  })
  return [...new Map(owners).values()]
}

/** The customer whose own a record is: it goes with them. None where records stay without those whom they name. */
export function holderOf(contract: Contract): Owner | undefined {
  const { key } = contract
  return key === null ? undefined : ownersOf(contract).find(({ columns }) => columns.includes(key))
}

/** The customers whom records name that are not their own. */
export function namedIn(contract: Contract): Owner[] {
  const holder = holderOf(contract)
  return ownersOf(contract).filter(({ path }) => holder === undefined || keyOf(path) !== keyOf(holder.path))
}

/** The columns that hold customers, whose own records are or whom they name. */
export function namingColumns(contract: Contract): string[] {
  return ownersOf(contract).flatMap(({ columns }) => columns)
}

/** The columns of records that are nobody's own which may identify those whom they name, beside those that hold them. */
export function personalBeside(contract: Contract): string[] {
  if (holderOf(contract) !== undefined) return []
  const holding = namedIn(contract).flatMap(({ columns }) => columns)
  if (holding.length === 0) return []
  const personal = Object.entries(contract.fields).filter(([name, field]) => field.personal && !holding.includes(name))
  return personal.map(([name]) => name)
}

/** The columns that are forgotten with one of the customers whom a record names. */
export function forgottenWith(contract: Contract, { columns }: Owner): string[] {
  return [...columns, ...personalBeside(contract)]
}

/** The column that holds who bought, in the collection of sales. */
export function buyerColumn(contract: Contract): string | undefined {
  if (contract.collection !== transactions.collection) return undefined
  return namedIn(contract).find(({ columns }) => columns.includes(customers.key))?.columns[0]
}
