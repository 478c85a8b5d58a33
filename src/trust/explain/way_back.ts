import type { Document } from 'bson'
import { type ColumnType, type Contract, columnsOf, UNKNOWN, zoneOf } from '../../contracts/contract.ts'
import { type Intermediate, intermediatesOf, type Model } from '../../gold/models.ts'
import { ID_ORDER } from '../../gold/rows.ts'
import { whenShown } from '../../rules/dates.ts'
import { lineagesOf, type Source } from './lineage.ts'

/** How the columns of a model come from silver, as far as its description and those of what it reads tell. */
export interface WayBack {
  /** The columns of silver, as in `transactions.amount`, from which a column is worked out. */
  reads: (column: string) => string[]
  /** The records of silver that the key of a row leads to. */
  sources: (key: Readonly<Record<string, string | null>>) => Source[]
}

/** The way back of a model that is not written down as a lineage. */
export function wayBack(model: Model, models: readonly Model[], contracts: readonly Contract[]): WayBack {
  const lineages = lineagesOf(contracts)
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
        (value === '' ? [] : startsOf(column)).flatMap(({ contract, name, type }) => {
          const filter = filterOf(contract, column, name, type, value)
          return filter === undefined ? [] : [{ contract, column, filter, value }]
        }),
      )
      const said = new Set(parts.map(({ column }) => column))
      const isOfCustomers = parts.some(({ contract }) => contract.collection === 'customers')
      return contracts.flatMap((contract): Source[] => {
        const { collection } = contract
        const own = parts.filter((part) => part.contract === contract)
        const columns = declared.filter((column) => column.contract === contract && !column.personal)
        const isOwned = collection !== 'customers' && OWNER in contract.fields
        const ofCustomers = isOfCustomers && isOwned && !own.some(({ column }) => column === OWNER)
        const isBehind = declared.some((column) => column.contract === contract)
        if (!isBehind || (own.length === 0 && !ofCustomers)) return []
        const followed = parts.filter(
          (part) => part.contract === contract || (ofCustomers && part.contract.collection === 'customers'),
        )
        const apart = [...said].filter((name) => !followed.some(({ column }) => column === name))
        const words = own.map(({ column, value }) => `${column} is ${value ?? 'unknown'}`).join(' and ')
        return [
          {
            collection,
            words: () =>
              [...(ofCustomers ? ['of these customers'] : []), ...(words === '' ? [] : [`whose ${words}`])].join(', '),
            filter: () => ({ $and: [{}, ...own.map(({ filter }) => filter)] }),
            ...(ofCustomers && { ofCustomers }),
            apart,
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

/** What finds the records whose column is what a column of gold says; undefined where that does not tell. */
function filterOf(
  contract: Contract,
  column: string,
  name: string,
  type: ColumnType,
  value: string | null,
): Document | undefined {
  if (value === null || (type === 'date' && value === UNKNOWN)) return { [name]: null }
  if (type === 'date') {
    const period = periodOf(
      value,
      PERIODS.find((period) => column.includes(period)),
    )
    const zone = zoneOfColumn(contract, name)
    return period && { [name]: { $gte: whenShown(period.from, zone), $lt: whenShown(period.to, zone) } }
  }
  // What has no label of its own for what is missing gets it from the models.
  if (value === UNKNOWN && contract.fields[name]?.default === null) return { [name]: { $in: [null, value] } }
  if (type === 'text') return { [name]: { $eq: value } }
  return { [name]: type === 'flag' ? value === 't' : Number(value) }
}

function zoneOfColumn({ fields }: Contract, name: string): string | undefined {
  const field = fields[name]
  return field && zoneOf(field)
}

/** What columns of dates are called after, the shortest first: `year_month` is a month. */
const CALLED = ['week', 'month', 'quarter', 'year'] as const
const PERIODS = ['day', ...CALLED] as const
type Period = (typeof PERIODS)[number]

/** The days that a value names: `2025-03-01` is one or begins a longer time, as do `2025-03`, `2025-Q1`, `2025-W09` and `2025`. */
function periodOf(value: string, called: Period | undefined): { from: Date; to: Date } | undefined {
  const [, year, quarter, week, month, day] =
    /^(\d{4})(?:-?Q([1-4])|-?W(\d\d)|-(\d\d)(?:-(\d\d))?)?(?![\d-])/.exec(value) ?? []
  if (year === undefined) return undefined
  const written: Period = quarter ? 'quarter' : week ? 'week' : day ? 'day' : month ? 'month' : 'year'
  // What is written may be the first day of what the column is called after.
  const period = called !== undefined && PERIODS.indexOf(called) > PERIODS.indexOf(written) ? called : written
  const at = (months: number, days: number) => new Date(Date.UTC(Number(year), months, 1 + days))
  if (week !== undefined) {
    // The first week of a year is that of its 4th of January, and begins on a Monday.
    const monday = 7 * (Number(week) - 1) + 3 - ((at(0, 3).getUTCDay() + 6) % 7)
    return { from: at(0, monday), to: at(0, monday + 7) }
  }
  const first = quarter === undefined ? Number(month ?? 1) - 1 : 3 * (Number(quarter) - 1)
  const days = Number(day ?? 1) - 1
  if (period === 'day' || period === 'week')
    return { from: at(first, days), to: at(first, days + (period === 'day' ? 1 : 7)) }
  return { from: at(first, days), to: at(first + MONTHS[period], days) }
}

const MONTHS = { month: 1, quarter: 3, year: 12 }
