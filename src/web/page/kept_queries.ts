import { fitsAddress } from '../addresses.ts'
import { storedList } from './stored_list.ts'

/** What of an address says how the rows of a statement are drawn. */
export const chartParameters = ['chart', 'x', 'y', 'series'] as const

/** A statement that somebody keeps by its name, with the chart that was chosen for it. */
export interface KeptQuery {
  name: string
  sql: string
  chart: Readonly<Partial<Record<(typeof chartParameters)[number], string>>>
}

/** The statements that are kept in this browser. */
export const keptQueries = storedList<KeptQuery>('lingot.queries', isKept)

/** The parameters of the address that opens one: with its statement where there is room, for whoever is sent it. */
export function parametersOf({ name, sql, chart }: KeptQuery): Record<string, string> {
  return { kept: name, ...(fitsAddress(sql) && { sql }), ...chart }
}

function isKept(value: unknown): value is KeptQuery {
  if (typeof value !== 'object' || value === null) return false
  if (!('name' in value) || !('sql' in value) || !('chart' in value)) return false
  const { name, sql, chart } = value
  if (typeof name !== 'string' || typeof sql !== 'string' || typeof chart !== 'object' || chart === null) return false
  const isKnown = (parameter: string) => chartParameters.some((known) => known === parameter)
  return Object.entries(chart).every(([parameter, chosen]) => isKnown(parameter) && typeof chosen === 'string')
}
