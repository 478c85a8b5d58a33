/*
 * A number of a figure that is no whole row of gold, as a share or a cell of the cohorts, is called after where it stands:
 * `overview/months.orders/2025-03`. The page asks for it by that name, and the server finds it.
 */

/** By which columns a row is known. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  'overview/months': ['month'],
  'customers/best': ['customer_id'],
  'customers/distribution': ['at_least', 'below'],
  'customers/rfm': ['recency', 'frequency'],
  'customers/segments': ['segment'],
  'customers/cohorts': ['cohort', 'months_since'],
  'products/products': ['product'],
  'products/months': ['month', 'product'],
  'campaigns/funnel': [],
  'campaigns/types': ['campaign_type'],
  'campaigns/returned': [],
  'countries/countries': ['country', 'buyer'],
  'countries/months': ['month', 'country'],
}

export interface Cell {
  page: string
  figure: string
  column: string
  /** The values of its row that tell it from the others. */
  key: string
}

/** Stands between the values of a key, as in the key of a row of gold. */
export const BETWEEN = ' / '

function keyColumns(page: string, figure: string): readonly string[] | undefined {
  const filter = page === 'overview' ? /^by_(.+)$/.exec(figure)?.[1] : undefined
  return KEYS[`${page}/${figure}`] ?? (filter === undefined ? undefined : [filter])
}

/** What tells a row of a figure from the others; undefined where its numbers have no names. */
export function rowKey(
  page: string,
  figure: string,
  row: Readonly<Record<string, string | null | undefined>>,
): string | undefined {
  return keyColumns(page, figure)
    ?.map((name) => row[name] ?? '')
    .join(BETWEEN)
}

/** The values of a key, and of which columns they are. */
export function keyParts({ page, figure, key }: Cell): [column: string, value: string][] {
  const columns = keyColumns(page, figure) ?? []
  const values = columns.length === 1 ? [key] : key.split(BETWEEN)
  return values.map((value, i) => [columns[i] ?? '', value])
}

export function cellName({ page, figure, column, key }: Cell): string {
  return `${page}/${figure}.${column}/${key}`
}

export function cellNamed(name: string): Cell | undefined {
  const [, page, figure, column, key] = /^(\w+)\/(\w+)\.(\w+)\/(.*)$/s.exec(name) ?? []
  if (page === undefined || figure === undefined || column === undefined || key === undefined) return undefined
  return { page, figure, column, key }
}
