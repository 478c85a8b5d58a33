import { hash } from 'node:crypto'
import { zoneOf } from '../contracts/contract.ts'
import { areBuyers } from '../contracts/contracts.ts'
import type { Config } from '../settings/config.ts'
import { type Intermediate, intermediatesOf, type Model, neededModels } from './models.ts'

/** What gold is made by: hashes, by which a table tells whether it agrees with those beside it. */
export interface Making {
  /** Of the settings that count in every table. */
  settings: string
  /** Of each model's SQL, with that of all that it reads. */
  models: Record<string, string>
}

export type Made = Pick<Config, 'project' | 'leaveOut' | 'contracts'>

export function makingOf(options: Made, only?: string): Making {
  const all = allOf(options)
  const hashed = new Map<string, string>()
  const hashOf = ({ name, sql, reads }: Intermediate): string => {
    const known = hashed.get(name)
    if (known !== undefined) return known
    const read = all.filter((other) => reads['models']?.includes(other.name)).map(hashOf)
    hashed.set(name, md5([sql, ...read]))
    return hashed.get(name) ?? ''
  }
  const zones = options.contracts.map(({ fields }) => Object.values(fields).map((field) => zoneOf(field) ?? ''))
  return {
    settings: md5([[...options.leaveOut].sort(), zones, ...(areBuyers(options.contracts) ? ['buyers'] : [])]),
    models: Object.fromEntries(
      all.flatMap((model) => (only === undefined || model.name === only ? [[model.name, hashOf(model)]] : [])),
    ),
  }
}

/** Whichever of them are made now. */
function allOf({ project, contracts }: Made): (Model | Intermediate)[] {
  const models = neededModels({ project, contracts })
  return [...models, ...intermediatesOf(models)]
}

function md5(parts: unknown): string {
  return hash('md5', JSON.stringify(parts))
}

/** The settings that count in every table, as people call them. */
export const SETTINGS_OF_ALL = 'revenue.leaveOut, timeZone or collections.customers'

/** What of the making of a table is another one now than it was then. */
export function changeOf(table: string, options: Made, then: Making): string | undefined {
  const now = makingOf(options, table)
  if (now.settings !== then.settings) return SETTINGS_OF_ALL
  return now.models[table] === then.models[table] ? undefined : `the SQL of ${table}, or of what it reads`
}

/** Why a table that is made now would not agree with those that were made then; undefined where it would. */
export function disagreement(only: string, options: Made, then: Making | undefined): string | undefined {
  if (then === undefined) return 'gold does not say how it was made'
  const now = makingOf(options)
  if (now.settings !== then.settings) return `${SETTINGS_OF_ALL} is another one than when gold was made`
  const all = allOf(options)
  const readBy = (name: string): string[] => {
    const read = all.find((model) => model.name === name)?.reads['models'] ?? []
    return read.flatMap((other) => [other, ...readBy(other)])
  }
  const isOther = (name: string) => now.models[name] !== then.models[name]
  const changed = readBy(only).find(isOther)
  if (changed !== undefined) return `${changed}, which it reads, changed since gold was made`
  const reader = isOther(only) && all.find(({ name }) => name in then.models && readBy(name).includes(only))
  return reader ? `${reader.name} reads it, and was made of another ${only}` : undefined
}
