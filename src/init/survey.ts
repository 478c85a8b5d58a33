import { hash } from 'node:crypto'
import { BSON } from 'bson'
import type { Collection, MongoClient } from 'mongodb'
import { countedBeside } from '../contracts/documents.ts'
import { parse } from '../mongo/bson_reader.ts'
import { documentsIn, readRaw } from '../mongo/cursor.ts'
import { besides, fieldReader } from '../mongo/field_reader.ts'
import { idTextOf } from '../rules/extended_json.ts'

/** What was found out about a field; none of its values. */
export interface FieldSurvey {
  name: string
  /** Documents that hold it, null included. */
  documents: number
  /** Documents by the BSON type of its value. */
  types: Record<string, number>
  /** Values in the sample, and how many of them each judge said yes to. */
  sampled: number
  judged: Record<string, number>
}

export interface CollectionSurvey {
  name: string
  /** Documents there are, about, and documents that were looked at. */
  documents: number
  looked: number
  fields: FieldSurvey[]
}

/** Says something about a value: whether it is a date, for example. */
export type Judges = Readonly<Record<string, (value: unknown) => boolean>>

/** Documents of which the values are judged, spread over those that are looked at. */
const SAMPLE = 500
/** Names that are data themselves can be any number. */
const MOST_FIELDS = 1000

/** Looks at the first documents of a collection: every field is counted, the values of a sample are judged. */
export async function survey(
  client: MongoClient,
  collection: Collection,
  judges: Judges,
  { most, signal }: { most: number; signal?: AbortSignal },
): Promise<CollectionSurvey> {
  const documents = await documentsIn(collection)
  const step = Math.max(1, Math.floor(Math.min(documents, most) / SAMPLE))
  const fields = new Map<string, FieldSurvey>()
  let looked = 0
  for await (const batch of readRaw(client, collection)) {
    signal?.throwIfAborted()
    for (const bytes of batch.slice(0, most - looked)) {
      count(bytes, fields)
      if (looked % step === 0) judge(bytes, fields, judges)
      looked++
    }
    if (looked === most) break
  }
  return {
    name: collection.collectionName,
    documents: Math.max(documents, looked),
    looked,
    fields: [...fields.values()],
  }
}

/** How many values of a field name several documents, and how many documents are equal to another one of these. */
export interface Shared {
  ids: number
  equal: number
}

/** Looks for documents that share their value of a field, among the first ones; `named` fields are no bookkeeping. */
export async function sharedValues(
  client: MongoClient,
  collection: Collection,
  field: string,
  { named, most, signal }: { named: ReadonlySet<string>; most: number; signal?: AbortSignal },
): Promise<Shared> {
  const { read } = fieldReader([field])
  const isUnnamed = countedBeside({})
  const contentOf = besides([], (name) => named.has(name) || isUnnamed(name))
  const known = new Map<string, string | Set<string>>()
  const shared = new Set<string>()
  let equal = 0
  let looked = 0
  for await (const batch of readRaw(client, collection)) {
    signal?.throwIfAborted()
    for (const document of batch.slice(0, most - looked)) {
      looked++
      const id = idTextOf(read(document)[0])
      if (id === undefined) continue
      const content = hash('md5', contentOf(document), 'base64')
      const others = known.get(id)
      if (others === undefined) {
        known.set(id, content)
        continue
      }
      shared.add(id)
      const contents = typeof others === 'string' ? new Set([others]) : others
      if (contents.has(content)) equal++
      known.set(id, contents.add(content))
    }
    if (looked === most) break
  }
  return { ids: shared.size, equal }
}

function count(bytes: Buffer, fields: Map<string, FieldSurvey>): void {
  for (const [type, offset, length] of BSON.onDemand.parseToElements(bytes)) {
    const name = BSON.onDemand.ByteUtils.toUTF8(bytes, offset, offset + length, false)
    let field = fields.get(name)
    if (field === undefined) {
      if (fields.size === MOST_FIELDS) continue
      field = { name, documents: 0, types: {}, sampled: 0, judged: {} }
      fields.set(name, field)
    }
    const known = typeNames[type] ?? 'other'
    field.documents++
    field.types[known] = (field.types[known] ?? 0) + 1
  }
}

function judge(bytes: Buffer, fields: Map<string, FieldSurvey>, judges: Judges): void {
  for (const [name, value] of Object.entries(parse(bytes))) {
    const field = fields.get(name)
    if (field === undefined) continue
    field.sampled++
    for (const [what, says] of Object.entries(judges)) {
      if (says(value)) field.judged[what] = (field.judged[what] ?? 0) + 1
    }
  }
}

/** What MongoDB calls the types of BSON. */
const typeNames: Record<number, string> = {
  1: 'double',
  2: 'string',
  3: 'object',
  4: 'array',
  5: 'binData',
  7: 'objectId',
  8: 'bool',
  9: 'date',
  10: 'null',
  11: 'regex',
  16: 'int',
  17: 'timestamp',
  18: 'long',
  19: 'decimal',
}
