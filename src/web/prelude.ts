import { readFileSync } from 'node:fs'
import { sqlFiles } from '../gold/models.ts'
import { packageRoot } from '../system/package.ts'
import { filtersOf } from './addresses.ts'
import type { PageName } from './api.ts'
import { type Narrowing, UNNARROWED } from './narrowed.ts'
import { narrowedTo } from './stand_ins.ts'

/** The figure of what was taken back, of each page that can leave it out. */
export const REVERSED = 'reversed'

/** The queries of a page's figures, with what they name of `figures/prelude.sql` written out. */
export function figuresOf(page: PageName, narrowing: Narrowing = UNNARROWED): { name: string; sql: string }[] {
  const parts = readParts()
  const figures = [
    ...sqlFiles(`web/figures/${page}`),
    ...(page === 'overview' ? breakdowns(narrowing) : []),
    ...(filtersOf[page].includes('revenue') ? [{ name: REVERSED, sql: ownFile(REVERSED) }] : []),
  ]
  return figures.map(({ name, sql }) => {
    // What was taken back is told of all that was sold.
    const of = name === REVERSED ? { ...narrowing, isNet: false } : narrowing
    return { name, sql: narrowedTo(writtenOut(sql, parts), of) }
  })
}

/** Any query in the words of the prelude, of what is chosen. */
export function narrowedQuery(sql: string, narrowing: Narrowing): string {
  return narrowedTo(writtenOut(sql, readParts()), narrowing)
}

/** The query of the ranking of products that some figures are given. */
export function rankingQuery(narrowing: Narrowing = UNNARROWED): string {
  return narrowedQuery(ownFile('ranking'), narrowing)
}

/** The query of what some of the sales come to. */
export function cutQuery(narrowing: Narrowing = UNNARROWED): string {
  return narrowedQuery(ownFile('cut'), narrowing)
}

/** The query of the rows of a table of customers that a number is the sum of; which they are stands as `:cell` in it. */
export function partsQuery(table: string, place: string, narrowing: Narrowing = UNNARROWED): string {
  const sql = ownFile('parts').replaceAll(':table', table).replace(':place', place)
  return narrowedTo(writtenOut(sql, readParts()), narrowing)
}

/** The query of what is known of one customer. */
export function customerQuery(): string {
  return ownFile('customer')
}

/** A figure for each filter of the shop's own. */
function breakdowns({ filters }: Narrowing): { name: string; sql: string }[] {
  const sql = ownFile('by_filter')
  return filters.map(({ name }) => ({
    name: `by_${name}`,
    sql: sql.replaceAll(':column', name).replace(':label', name.replaceAll('_', ' ')),
  }))
}

function ownFile(name: string): string {
  return readFileSync(`${packageRoot}/src/web/figures/${name}.sql`, 'utf8')
}

/** A part of a query, about the names that a figure gives. */
type Part = (given: readonly string[]) => string

function readParts(): ReadonlyMap<string, Part> {
  const prelude = ownFile('prelude')
  const parts = [...prelude.matchAll(/^-- :(\w+)(.*)\n((?:.+\n)+)/gm)].map(
    ([, name = '', names = '', sql = '']): [string, Part] => {
      const write: Part = (given) => {
        const instead = (own: string) => given[namesIn(names).indexOf(own)] ?? own
        return sql.trimEnd().replace(/\w+/g, instead)
      }
      return [name, write]
    },
  )
  const models = sqlFiles('gold/models/intermediate').map(({ name, sql }): [string, Part] => {
    return [name, () => `${name} as (\n${sql.trimEnd().replace(/^(?=.)/gm, '    ')}\n)`]
  })
  return new Map([['chosen', chosen], ...models, ...parts])
}

const chosen: Part = (names) => {
  const columns = names.map((name) => `        cast(:${name} as text) as ${name}`)
  return `chosen as not materialized (\n    select\n${columns.join(',\n')}\n)`
}

function namesIn(list: string): string[] {
  return list.match(/\w+/g) ?? []
}

function writtenOut(sql: string, parts: ReadonlyMap<string, Part>): string {
  return sql.replace(/^( *)(.*)$/gm, (_, indent: string, line: string) => {
    const whole = line.replace(/(?<!:):(\w+)(\(.*?\))?/g, (named, name: string, list = '') => {
      return parts.get(name)?.(namesIn(list)) ?? named
    })
    return `${indent}${whole.replaceAll('\n', `\n${indent}`)}`
  })
}
