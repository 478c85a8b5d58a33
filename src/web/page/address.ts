import { useLocation } from 'preact-iso'
import { KEPT, listOf, type Place, USUAL_PERIOD } from '../addresses.ts'
import type { Filters, Grain } from '../api.ts'
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
  change: (
    parameters: Readonly<Record<string, string | readonly string[] | undefined>>,
    options?: { replace?: boolean },
  ) => void
  /** The address of another page, with the filters of this one. */
  link: (page: Place, more?: Readonly<Record<string, string>>) => string
  /** The address of the page of a customer, a product or a campaign. */
  thing: (of: 'customer' | 'product' | 'campaign', id: string) => string
}

export function useAddress(): Address {
  const { path, url, query, route } = useLocation()
  const { period = USUAL_PERIOD, compare, asOf } = query
  // A filter of several values stands there several times.
  const all = new URLSearchParams(url.split('?')[1])
  const valuesOf = (name: string) => all.getAll(name).filter((value) => value !== '')
  const several = (name: 'country' | 'product' | 'known') => {
    const values = valuesOf(name)
    return values.length === 0 ? {} : { [name]: values }
  }
  const grain = grains.find((each) => each === query['grain'])
  const kept = Object.fromEntries(
    Object.keys(query).flatMap((name) => {
      const values = isKept(name) ? valuesOf(name) : []
      return values.length === 0 ? [] : [[name.slice(KEPT.length), values]]
    }),
  )
  const carried = (more: Readonly<Record<string, string>>) => {
    const next = new URLSearchParams(more)
    for (const name of [...names, ...Object.keys(query).filter(isKept)]) {
      if (!Object.hasOwn(more, name)) for (const value of valuesOf(name)) next.append(name, value)
    }
    return next
  }
  const filters: Filters = carriedFilters ?? {
    period,
    ...(compare && { compare }),
    ...(grain && { grain }),
    ...several('country'),
    ...several('product'),
    ...several('known'),
    ...(query['revenue'] === 'net' && { revenue: 'net' as const }),
    ...(asOf && { asOf }),
    ...(Object.keys(kept).length > 0 && { kept }),
  }
  return {
    filters,
    query,
    change(parameters, { replace = false } = {}) {
      const next = new URLSearchParams(all)
      for (const [name, chosen] of Object.entries(parameters)) {
        next.delete(name)
        for (const value of listOf(chosen)) {
          if (value !== '' && !(name === 'period' && value === USUAL_PERIOD)) next.append(name, value)
        }
      }
      route(withQuery(path, next), replace)
    },
    // In a report all pages stand beneath each other.
    link: (page, more = {}) => (isReport ? `#${page}` : withQuery(pathOf(page), carried(more))),
    thing: (of, id) => withQuery(`${base}/${of}`, carried({ [of]: id })),
  }
}

/** Where a page is. */
export function pathOf(page: Place): string {
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
