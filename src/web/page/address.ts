import { useLocation } from 'preact-iso'
import type { Filters, PageName } from '../api.ts'

/** What the addresses of views may hold; everything that decides what is seen stands there. */
export type Filter = keyof Filters

const names = ['period', 'country', 'product'] as const satisfies readonly Filter[]

/** The period where an address names none. */
export const USUAL_PERIOD = '12m'

/** Which filters mean something on a page: the others stay in the address for the next page. */
export const filtersOf: Readonly<Record<PageName | 'sql', readonly Filter[]>> = {
  overview: ['period', 'country', 'product'],
  customers: ['country'],
  products: ['period', 'country', 'product'],
  campaigns: ['period'],
  countries: ['period', 'product'],
  trust: [],
  sql: [],
}

export interface Address {
  filters: Filters
  /** Another parameter of the address, such as the statement of the SQL page. */
  query: Readonly<Record<string, string>>
  /** Changes some parameters; undefined takes one away. */
  change: (parameters: Readonly<Record<string, string | undefined>>, options?: { replace?: boolean }) => void
  /** The address of another page, with the filters of this one. */
  link: (page: PageName | 'sql', more?: Readonly<Record<string, string>>) => string
}

export function useAddress(): Address {
  const { path, query, route } = useLocation()
  const { period = USUAL_PERIOD, country, product } = query
  const filters: Filters = { period, ...(country && { country }), ...(product && { product }) }
  return {
    filters,
    query,
    change(parameters, { replace = false } = {}) {
      const next = new URLSearchParams(query)
      for (const [name, value] of Object.entries(parameters)) {
        if (value === undefined || value === '' || (name === 'period' && value === USUAL_PERIOD)) next.delete(name)
        else next.set(name, value)
      }
      route(withQuery(path, next), replace)
    },
    link(page, more = {}) {
      const next = new URLSearchParams(more)
      for (const name of names) {
        const value = query[name]
        if (value && !next.has(name)) next.set(name, value)
      }
      return withQuery(page === 'overview' ? '/' : `/${page}`, next)
    },
  }
}

function withQuery(path: string, parameters: URLSearchParams): string {
  const text = parameters.toString()
  return text === '' ? path : `${path}?${text}`
}

/** The address of a page's data: the filters that mean something there, and no others. */
export function dataAddress(page: PageName, filters: Filters): string {
  const wanted = new URLSearchParams()
  for (const name of filtersOf[page]) {
    const value = filters[name]
    if (value !== undefined) wanted.set(name, value)
  }
  if (!filtersOf[page].includes('period')) wanted.set('period', 'all')
  return `/api/pages/${page}?${wanted}`
}
