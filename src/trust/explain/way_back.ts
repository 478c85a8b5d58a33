import type { Document } from 'bson'
import { type ColumnType, type Contract, columnsOf, UNKNOWN, zoneOf } from '../../contracts/contract.ts'
import { type Intermediate, intermediatesOf, type Model } from '../../gold/models.ts'
import { ID_ORDER } from '../../gold/rows.ts'
import { whenShown } from '../../rules/dates.ts'
import { lineages, type Source } from './lineage.ts'

/** How the columns of a model come from silver, as far as its description and those of what it reads tell. */
export interface WayBack {
  /** The columns of silver, as in `transactions.amount`, from which a column is worked out. */
  reads: (column: string) => string[]
  /** The records of silver that the key of a row leads to. */
  sources: (key: Readonly<Record<string, string | null>>) => Source[]
}

/** The way back of a model that is not written down as a lineage. */
export function wayBack(model: Model, models: readonly Model[], contracts: readonly Contract[]): WayBack {
  const behind = allBehind(model, [...models, ...intermediatesOf(models)])
  const declared = contracts.flatMap((contract) => {
    const { collection } = contract
    const read = new Set(behind.flatMap(({ reads }) => reads[collection] ?? []))
    const columns = columnsOf(contract).filter(([name]) => read.has(name) && name !== ID_ORDER)
    return columns.map(([name, { type, personal }]) => ({
      contract,
      name,
      type,
      personal,
      path: `${collection}.${name}`,
    }))
  })
  const named: Record<string, string> = Object.assign({}, ...behind.map((other) => ('from' in other ? other.from : {})))
  const startsOf = (column: string) => {
    const from = named[column]
    return declared.filter(({ name, path }) => (from === undefined ? name === column : path === from))
  }
  return {
    reads(column) {
      const known = behind.flatMap(
        ({ name }) => lineages.find(({ model }) => model === name)?.columns[column]?.reads ?? [],
      )
      const starts = startsOf(column).map(({ path }) => path)
      const found = starts.length > 0 ? starts : known
      return [...new Set(found.length > 0 ? found : declared.map(({ path }) => path))]
    },
    sources(key) {
      const parts = Object.entries(key).flatMap(([column, value]) =>
        // No clean text is empty: it stands for all of them.
        (value === '' ? [] : startsOf(column)).map(({ contract, name, type }) => ({
          contract,
          column,
          filter: filterOf(contract, column, name, type, value),
          value,
        })),
      )
      const isOfCustomers = parts.some(({ contract }) => contract.collection === 'customers')
      return contracts.flatMap((contract): Source[] => {
        const { collection } = contract
        const own = parts.filter((part) => part.contract === contract)
        const columns = declared.filter((column) => column.contract === contract && !column.personal)
        const isOwned = collection !== 'customers' && OWNER in contract.fields
        const ofCustomers = isOfCustomers && isOwned && !own.some(({ column }) => column === OWNER)
        const isBehind = declared.some((column) => column.contract === contract)
        if (!isBehind || (own.length === 0 && !ofCustomers)) return []
        const words = own.map(({ column, value }) => `${column} is ${value ?? 'unknown'}`).join(' and ')
        return [
          {
            collection,
            words: () =>
              [...(ofCustomers ? ['of these customers'] : []), ...(words === '' ? [] : [`whose ${words}`])].join(', '),
            filter: () => ({ $and: [{}, ...own.map(({ filter }) => filter)] }),
            ...(ofCustomers && { ofCustomers }),
            order: { words: 'by _id' },
            columns: columns.map(({ name }) => name),
          },
        ]
      })
    },
  }
}

const OWNER = 'customer_id'

/** A model and all that it reads, the nearest last: what is nearer says better what a column is. */
function allBehind(model: Intermediate, all: readonly Intermediate[]): Intermediate[] {
  const read = all.filter(({ name }) => model.reads['models']?.includes(name))
  return [...read.flatMap((other) => allBehind(other, all)), model]
}

/** What finds the records whose column is what a column of gold says. */
function filterOf(contract: Contract, column: string, name: string, type: ColumnType, value: string | null): Document {
  if (type === 'date')
    return periodOf(value, /(month|quarter|year)/.exec(column)?.[1], zoneOfColumn(contract, name), name)
  if (value === null) return { [name]: null }
  if (type === 'text') return { [name]: { $eq: value } }
  return { [name]: type === 'flag' ? value === 't' : Number(value) }
}

function zoneOfColumn({ fields }: Contract, name: string): string | undefined {
  const field = fields[name]
  return field && zoneOf(field)
}

const MONTHS: Record<string, number> = { month: 1, quarter: 3, year: 12 }

/** The records of a day, or of the months that a column is called after: `2025-03-01`, `2025-03`, `2025`. */
function periodOf(
  value: string | null,
  called: string | undefined,
  timeZone: string | undefined,
  name: string,
): Document {
  const [, year, month, day] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(value ?? '') ?? []
  if (value === null || value === UNKNOWN || year === undefined) return { [name]: null }
  const months = MONTHS[called ?? ''] ?? (month === undefined ? 12 : day === undefined ? 1 : 0)
  const first = new Date(Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1)))
  const next = new Date(first)
  if (months === 0) next.setUTCDate(next.getUTCDate() + 1)
  else next.setUTCMonth(next.getUTCMonth() + months)
  return { [name]: { $gte: whenShown(first, timeZone), $lt: whenShown(next, timeZone) } }
}
