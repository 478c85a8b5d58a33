import type { Collection, MongoClient } from 'mongodb'
import type { Path } from '../contracts/contract.ts'
import { isIdName, pathLikeness, UNLIKE } from '../contracts/likeness.ts'
import { fieldReader } from '../mongo/field_reader.ts'
import { idTextOf } from '../rules/extended_json.ts'
import { type CollectionMatch, isMostly, isReadable, shareOf, toldIn, withSure } from './matching.ts'
import { type CollectionSurvey, type FieldSurvey, firstOf } from './survey.ts'

/*
 * Which field of one collection holds the ids of another one: its values tell, whatever it is called.
 */

/** Documents whose references are looked at. */
export const REFERRING = 10_000

export interface Looking {
  /** Documents that are looked at of those that may be referred to. */
  most: number
  signal?: AbortSignal
}

/** A field whose values are those of another collection's, and how many of its values are. */
interface Reference {
  from: FieldSurvey
  to: FieldSurvey
  values: number
  found: number
  /** Whether each of the values that are referred to names one document. */
  isUnique: boolean
}

type Read = (collection: string) => Collection

/** The share of values that have to be found, since some customers are none and some were deleted. */
const MOST = 0.75

function shareOfFound({ found, values }: Reference): number {
  return found / values
}

/** Whether as many values are found as can be where a collection was looked at in part. */
function isUsual(reference: Reference, { documents }: CollectionSurvey, { most }: Looking): boolean {
  return shareOfFound(reference) >= MOST * Math.min(1, most / documents)
}

/** The matches of customers and sales such that the sales name the customers by the id that they know them by. */
export async function withReferences(
  client: MongoClient,
  collectionOf: Read,
  matches: readonly CollectionMatch[],
  looking: Looking,
): Promise<CollectionMatch[]> {
  const [sales, customers] = ['transactions', 'customers'].map((name) =>
    matches.find(({ contract, doubt }) => contract.collection === name && doubt === undefined),
  )
  if (sales === undefined || customers === undefined) return [...matches]
  const isSure = (match: CollectionMatch) => (source: FieldSurvey) =>
    match.fields.some((one) => one.field === 'customer_id' && one.source === source && one.doubt === undefined)
  const mayName = (field: FieldSurvey) => isReadable(field) && field.list === undefined && shareOf('id', field) > 0.9
  const isCalledSo = (collection: string, { path }: FieldSurvey) =>
    pathLikeness(collection, 'customer_id', path).likeness < UNLIKE
  const from = toldIn(sales.source).filter(
    (field) =>
      mayName(field) && field.name !== '_id' && (isCalledSo('transactions', field) || isMostly(field, 'objectId')),
  )
  const to = toldIn(customers.source).filter(
    (field) => mayName(field) && (field.name === '_id' || isCalledSo('customers', field)),
  )
  const found = await references(client, collectionOf, sales.source, from, customers.source, to, looking)
  const named = found.find(({ from, to }) => isSure(sales)(from) && isSure(customers)(to))
  const usual = found.filter((reference) => isUsual(reference, customers.source, looking))
  const best = usual.find((reference) => reference === named) ?? usual.find(({ isUnique }) => isUnique)
  // Where the names agree, only values that are surely another one's say otherwise.
  if (best === undefined || (named !== undefined && named !== best && shareOfFound(named) > 0.5)) return [...matches]
  const share = `${Math.floor((best.found / best.values) * 100)} % of the values of ${best.from.name} in ${sales.source.name} are its values`
  const known = (match: CollectionMatch, source: FieldSurvey, why: string) => {
    const way = match.fields.find((field) => field.field === 'customer_id' && field.source === source)
    return withSure(match, { ...way, field: 'customer_id', source }, why)
  }
  const other = `its values are those of ${best.to.name} in ${customers.source.name}`
  return matches.map((match) => {
    if (match === sales) return known(match, best.from, other)
    return match === customers ? known(match, best.to, share) : match
  })
}

/** A field of one collection whose values are those of a key of another one. */
export interface Pointer {
  from: string
  field: string
  to: string
  key: string
}

/** Documents of each collection that are looked at for what it points to. */
const POINTING = 20_000

/** Which collections point to which: by an ObjectId, or by a field that is called as the key is. */
export async function pointersAmong(
  client: MongoClient,
  collectionOf: Read,
  surveys: readonly CollectionSurvey[],
  signal?: AbortSignal,
): Promise<Pointer[]> {
  const known: { source: CollectionSurvey; fields: (Ids & { field: FieldSurvey })[] }[] = []
  for (const source of surveys) {
    const fields = toldIn(source).filter((field) => {
      const isId = field.name === '_id' || isMostly(field, 'objectId') || isIdName(field.path.at(-1) ?? '')
      return isId && field.list === undefined && shareOf('id', field) > 0.9
    })
    const looking = { most: POINTING, ...(signal && { signal }) }
    const ids = await idsOf(client, collectionOf(source.name), fields, looking)
    known.push({
      source,
      fields: fields.flatMap((field, i) => ({ field, ...(ids[i] ?? { ids: new Set(), documents: 0 }) })),
    })
  }
  return known.flatMap((from) =>
    known.flatMap((to) => {
      if (from === to) return []
      const seen = Math.min(1, POINTING / to.source.documents)
      return from.fields.flatMap(({ field, ids }): Pointer[] => {
        if (field.name === '_id' || ids.size === 0) return []
        const key = to.fields.find((key) => {
          const isLike = key.field.name === field.name || (key.field.name === '_id' && isMostly(field, 'objectId'))
          return isLike && key.ids.size === key.documents && sharedBy(ids, key.ids) >= (ids.size * seen) / 2
        })
        return key === undefined
          ? []
          : [{ from: from.source.name, field: field.name, to: to.source.name, key: key.field.name }]
      })
    }),
  )
}

/** How many ids are among others, too. */
export function sharedBy(some: ReadonlySet<string>, others: ReadonlySet<string>): number {
  return [...some].filter((id) => others.has(id)).length
}

/** Which of some fields refer to which of others, the surest first; nothing is a reference whose values are mostly not there. */
async function references(
  client: MongoClient,
  collectionOf: Read,
  source: CollectionSurvey,
  from: readonly FieldSurvey[],
  target: CollectionSurvey,
  to: readonly FieldSurvey[],
  looking: Looking,
): Promise<Reference[]> {
  if (from.length === 0 || to.length === 0) return []
  const values = await idsOf(client, collectionOf(source.name), from, { ...looking, most: REFERRING })
  const keys = await idsOf(client, collectionOf(target.name), to, looking)
  const pairs = from.flatMap((one, i) =>
    to.flatMap((other, j): Reference[] => {
      const [referring, known] = [values[i]?.ids ?? new Set<string>(), keys[j]]
      if (known === undefined || referring.size === 0) return []
      const found = sharedBy(referring, known.ids)
      return [{ from: one, to: other, values: referring.size, found, isUnique: known.ids.size === known.documents }]
    }),
  )
  return pairs.filter(({ found }) => found > 0).sort((a, b) => shareOfFound(b) - shareOfFound(a))
}

/** The ids in a field, each once, and how many documents hold one. */
interface Ids {
  ids: Set<string>
  documents: number
}

/** The ids in fields, each once, and how many documents hold one. */
export async function idsOf(
  client: MongoClient,
  collection: Collection,
  fields: readonly FieldSurvey[],
  looking: Looking,
): Promise<Ids[]> {
  const { read } = fieldReader(fields.map(({ path }): Path => path))
  const found = fields.map(() => ({ ids: new Set<string>(), documents: 0 }))
  for await (const document of firstOf(client, collection, looking)) {
    const values = read(document)
    for (const [i, one] of found.entries()) {
      const id = idTextOf(values[i])
      if (id === undefined) continue
      one.ids.add(id)
      one.documents++
    }
  }
  return found
}
