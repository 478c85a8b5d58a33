import { useLocation } from 'preact-iso'
import { KEPT, USUAL_PERIOD } from '../addresses.ts'
import type { Filters, Grain, PageName } from '../api.ts'
import { base } from './base.ts'
import { carriedFilters, isReport } from './data.ts'

const grains: readonly Grain[] = ['day', 'week', 'month', 'quarter']
const names = [
  'period',
  'compare',
  'grain',
  'country',
  'product',
  'revenue',
  'asOf',
] as const satisfies readonly (keyof Filters)[]

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
  const { period = USUAL_PERIOD, compare, country, product, asOf } = query
  const grain = grains.find((each) => each === query['grain'])
  const kept = Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (isKept(name) && value ? [[name.slice(KEPT.length), value]] : [])),
  )
  const filters: Filters = carriedFilters ?? {
    period,
    ...(compare && { compare }),
    ...(grain && { grain }),
    ...(country && { country }),
    ...(product && { product }),
    ...(query['revenue'] === 'net' && { revenue: 'net' as const }),
    ...(asOf && { asOf }),
    ...(Object.keys(kept).length > 0 && { kept }),
  }
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
      // In a report all pages stand beneath each other.
      if (isReport) return `#${page}`
      const next = new URLSearchParams(more)
      for (const name of [...names, ...Object.keys(query).filter(isKept)]) {
        const value = query[name]
        if (value && !next.has(name)) next.set(name, value)
      }
      return withQuery(pathOf(page), next)
    },
  }
}

/** Where a page is. */
export function pathOf(page: PageName | 'sql'): string {
  return `${base}/${page === 'overview' ? '' : page}`
}

/** Whether a parameter is a filter of the shop's own. */
function isKept(name: string): boolean {
  return name.startsWith(KEPT)
}

function withQuery(path: string, parameters: URLSearchParams): string {
  const text = parameters.toString()
  return text === '' ? path : `${path}?${text}`
}
