import { z } from 'zod'
import { bronzeName, type Contract, type Field, keyOf, type Path, sourceOf } from '../contracts/contract.ts'
import { contracts } from '../contracts/contracts.ts'
import { customers } from '../contracts/customers.ts'
import { packageFolder } from '../system/package.ts'
import { documentSettings, identity } from './documents.ts'
import { kept } from './kept.ts'
import { path } from './paths.ts'
import { type Problem, suggestion } from './problems.ts'
import { oneOf } from './readings.ts'
import { reserved } from './reserved.ts'

const key = z.union([z.string(), z.null()], {
  error: 'must be the name of a field, or null where only all of a document tells it from others',
})

/** The settings of a collection that Lingot does not know. */
export const ownCollection = z.strictObject({
  /** The name of the collection in bronze. */
  from: z.string().optional(),
  /** The list in its documents of which each element is a record. */
  each: path.optional(),
  /** The field by which a record is known; one without it is quarantined. */
  key,
  fields: z.record(z.string(), kept),
  ...documentSettings,
  identity,
})
export type OwnCollection = z.output<typeof ownCollection>

/** Names that say nothing of a collection of one's own are misspelt ones of the others. */
export function misspelt(collections: unknown): Problem[] {
  if (typeof collections !== 'object' || collections === null) return []
  return Object.entries(collections).flatMap(([name, settings]) => {
    const isOwn = typeof settings === 'object' && settings !== null && 'key' in settings
    if (KNOWN.includes(name) || isOwn) return []
    const near = suggestion(name, KNOWN)
    return [{ path: ['collections', name], message: `there is no such key${near}; one of your own says its key` }]
  })
}

const KNOWN = contracts.map(({ collection }) => collection)

/** What Lingot keeps beside silver, and what models call something else; names of the warehouse's own begin so. */
const LINGOTS = [
  'quarantine',
  'runs',
  'lock',
  'erasures',
  'models',
  'trial',
  'left_out',
  'all_transactions',
  'this_run',
  'id_order',
  'filtered_sales',
  'filtered_sold',
  'filtered_customers',
  'campaign_value',
]
const BEGINNINGS = /^(pg|duckdb|sqlite|raw|bucket|staged)_|^information_schema$/

/** Why a collection cannot be called so, if it cannot. */
export function collectionProblem(name: string): string | undefined {
  const elsewhere = 'choose another, and from tells its name in bronze'
  if (!/^[a-z][a-z0-9_]{0,49}$/.test(name))
    return 'must be named in lower case with letters, digits and _, at most 50; from tells its name in bronze'
  if (name in Object.prototype) return `${name} is no name that can be read`
  if (reserved.has(name)) return `${name} is a word of SQL; ${elsewhere}`
  const models = ['src/gold/models', 'src/gold/models/intermediate'].flatMap((folder) => packageFolder(folder))
  if (LINGOTS.includes(name) || BEGINNINGS.test(name) || models.includes(`${name}.sql`))
    return `${name} is what Lingot calls something else; ${elsewhere}`
  return undefined
}

/** What a collection of one's own is before anything is said of its fields. */
export function ownContract(name: string, { key, from = name }: OwnCollection): Contract {
  return {
    collection: name,
    // Also where it is called the same: what the configuration names must be there.
    source: from,
    isOwn: true,
    key,
    keyRequired: key !== null,
    identity: 'equal ones are one',
    fields: {},
    derived: {},
    suspicions: {},
  }
}

/** What is wrong with how the collections of a shop go together. */
export function problemsBetween(shop: readonly Contract[]): Problem[] {
  return shop.flatMap((contract) => {
    const { collection, isOwn, fields } = contract
    const at = (...path: string[]) => ['collections', collection, ...path]
    const onKey = isOwn ? keyProblem(contract) : undefined
    const shown = shownElsewhere(contract, shop)
    return [
      ...(onKey === undefined ? [] : [{ path: at('key'), message: onKey }]),
      ...Object.entries(fields).flatMap(([name, field]) => {
        const message = referenceProblem(name, field, shop)
        return message === undefined ? [] : [{ path: at(isOwn ? 'fields' : 'keep', name), message }]
      }),
      ...shown.map(([name, message]) => ({ path: at(isOwn ? 'fields' : 'keep', name, 'from'), message })),
    ]
  })
}

function keyProblem({ key, identity, fields }: Contract): string | undefined {
  if (key === null) {
    return identity === 'last one wins' ? "must be a field where identity is 'last one wins'" : undefined
  }
  const field = fields[key]
  if (field === undefined) return `there is no field ${key}${suggestion(key, Object.keys(fields))}`
  return field.kind === 'id' ? undefined : `${key} must be an id to be the key, and is ${oneOf(field.kind)}`
}

/** A field that is called after the key of customers is one, so that whoever is erased is found there. */
function referenceProblem(
  name: string,
  { kind, refers }: Field<unknown>,
  shop: readonly Contract[],
): string | undefined {
  if (name === customers.key && kind !== 'id') return `must be an id: ${name} says whose a record is`
  // Whose a record is can be said where nothing else is known of customers.
  if (refers === undefined || refers.to === customers.collection) return undefined
  const to = shop.find(({ collection }) => collection === refers.to)
  if (to !== undefined) return to.key === null ? `refers to ${refers.to}, which has no key` : undefined
  const known = shop.flatMap(({ collection, key }) => (key === null ? [] : collection))
  return `refers to ${refers.to}, which is no collection of this shop${suggestion(refers.to, known)}`
}

/**
 * Fields that would hold in clear what another reading of the same documents keeps as a hash, or as nobody's what that
 * calls personal.
 */
function shownElsewhere(contract: Contract, shop: readonly Contract[]): [name: string, message: string][] {
  const others = shop.filter((other) => other !== contract && bronzeName(other) === bronzeName(contract))
  const personal = others.flatMap(({ collection, fields }) =>
    Object.entries(fields).flatMap(([name, field]) => {
      const source = sourceOf(name, field)
      // Whose a record is has rules of its own.
      const isKnown = source !== null && field.personal && field.kind !== 'id'
      return isKnown ? [{ path: placeless(source), name: `${collection}.${name}`, isHashed: isHashed(field) }] : []
    }),
  )
  return Object.entries(contract.fields).flatMap(([name, field]): [string, string][] => {
    const source = sourceOf(name, field)
    // One that is personal says itself that it is kept in clear.
    if (source === null || field.personal) return []
    const known = personal.find(({ path }) => path === placeless(source))
    if (known === undefined) return []
    const how = known.isHashed
      ? `in clear what ${known.name} keeps as a hash`
      : `as nobody's what ${known.name} calls personal`
    return [[name, `${name} would hold ${how}`]]
  })
}

/** A path without places in lists, which may be those of any element. */
function placeless(path: Path): string {
  return keyOf(path.filter((key) => !/^\d+$/.test(key)))
}

function isHashed({ kind }: Field<unknown>): boolean {
  return kind === 'email' || kind === 'phone'
}
