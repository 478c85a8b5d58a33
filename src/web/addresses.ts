import type { Choices, Filters, PageName, Selection, SubjectName } from './api.ts'

/** Where one can go on the dashboard. */
export type Place = PageName | 'explore' | 'glossary' | 'sql'

/** A filter, as the addresses of views hold it; everything that decides what is seen stands there. */
export type Filter = keyof Filters

/** What stands before the name of a filter of the shop's own. */
export const KEPT = 'filter.'

/** The period where an address names none. */
export const USUAL_PERIOD = '12m'

/** Which filters mean something on a page: the others stay in the address for the next page. */
export const filtersOf: Readonly<Record<Place, readonly Filter[]>> = {
  overview: ['period', 'compare', 'grain', 'country', 'product', 'known', 'revenue', 'kept', 'asOf'],
  customers: ['country', 'known', 'kept', 'asOf'],
  products: ['period', 'compare', 'country', 'product', 'known', 'revenue', 'kept', 'asOf'],
  campaigns: ['period', 'compare', 'asOf'],
  countries: ['period', 'compare', 'product', 'known', 'revenue', 'kept', 'asOf'],
  trust: [],
  explore: ['period', 'country', 'product', 'known', 'revenue', 'kept', 'asOf'],
  glossary: [],
  sql: [],
}

/** The values of a filter that are chosen; none where all are. */
export function listOf(chosen: string | readonly string[] | undefined): readonly string[] {
  return typeof chosen === 'string' ? [chosen] : (chosen ?? [])
}

/** Of what a page leaves `Unknown` out. */
export function knownOn(page: Place, { known }: Pick<Filters, 'known'>): readonly string[] {
  const takes = filtersOf[page]
  return listOf(known).filter((name) => takes.some((filter) => filter === (name.startsWith(KEPT) ? 'kept' : name)))
}

/** Whether a filter of the shop's own means something on a page: who a customer is no field of a sale tells. */
export function narrows(page: Place, { collection }: Pick<Choices['filters'][number], 'collection'>): boolean {
  return filtersOf[page].includes('kept') && (page !== 'customers' || collection === 'customers')
}

/** The address of a page's data: the filters that mean something there, and no others. */
export function dataAddress(page: Place, filters: Filters): string {
  return `/api/pages/${page}?${narrowing(page, filters)}`
}

/** The address of all rows of a figure. */
export function csvAddress(page: PageName, figure: string, filters: Filters): string {
  return `/api/csv/${page}/${figure}?${narrowing(page, filters)}`
}

/** The address of all rows of the answer to a question. */
export function answerCsvAddress(question: string, asOf: string | undefined): string {
  const then = asOf === undefined ? '' : `?${new URLSearchParams({ asOf })}`
  return `/api/csv/answers/${encodeURIComponent(question)}${then}`
}

/** Characters of a statement in an address, as it stands there: servers take 16 KB of headers, this one among them. */
const MOST_SQL = 12_000

/** Whether an address of the SQL page can carry a statement, as `?sql=…`. */
export function fitsAddress(sql: string): boolean {
  return new URLSearchParams({ sql }).toString().length <= MOST_SQL
}

/** The address of the answer to a selection, or of all its rows as CSV. */
export function exploredAddress(
  subject: { name: SubjectName; page: Place },
  selection: Selection,
  filters: Filters,
  isCsv = false,
): string {
  const wanted = new URLSearchParams()
  for (const [name, value] of Object.entries(selection)) {
    if (value !== undefined && !(isCsv && name === 'limit')) wanted.set(name, String(value))
  }
  for (const [name, value] of narrowing(subject.page, filters)) wanted.append(name, value)
  return `/api/${isCsv ? 'csv/' : ''}explore/${subject.name}?${wanted}`
}

/** What narrows a page, as addresses have it. */
export function narrowing(page: Place, filters: Filters): URLSearchParams {
  const wanted = new URLSearchParams()
  const add = (name: string, chosen: string | readonly string[] | undefined) => {
    for (const value of listOf(chosen)) wanted.append(name, value)
  }
  for (const name of filtersOf[page]) {
    if (name === 'kept') {
      for (const [own, chosen] of Object.entries(filters.kept ?? {})) add(`${KEPT}${own}`, chosen)
    } else if (name === 'known') add(name, knownOn(page, filters))
    else add(name, filters[name])
  }
  if (!filtersOf[page].includes('period')) wanted.set('period', 'all')
  return wanted
}
