import type { Db, MongoClient } from 'mongodb'
import { bronzeOf } from '../mongo/client.ts'
import { LingotError } from '../system/errors.ts'
import { draftConfig } from './draft.ts'
import { describeShared } from './hints.ts'
import { type CollectionMatch, type FieldMatch, judges, matchCollections, matchFields } from './matching.ts'
import { type CollectionSurvey, sharedValues, survey } from './survey.ts'

/** Documents looked at of every collection, to see which are meant, and then of those. */
const FIRST_LOOK = 1000

const LOOK = 100_000

interface Hooks {
  signal?: AbortSignal
  onStep?: (step: string) => void
}

/** Looks at bronze, and writes down which of its collections and fields are which. */
export async function draft(
  client: MongoClient,
  bronze: string,
  { signal, onStep }: Hooks = {},
): Promise<{ text: string; matches: CollectionMatch[] }> {
  const db = bronzeOf(client, bronze)
  const look = (name: string, most: number): Promise<CollectionSurvey> => {
    onStep?.(`looking at ${name}`)
    return survey(client, db.collection(name), judges, { most, ...(signal && { signal }) })
  }
  /** A key with how often it is shared: of sales it is in doubt then, since lines of an order that are equal would be one. */
  const withShared = async (
    { contract: { key, identity }, source: { name }, fields }: CollectionMatch,
    match: FieldMatch,
  ): Promise<FieldMatch> => {
    const { field, source } = match
    if (field !== key || identity === 'last one wins' || match.doubt !== undefined) return match
    const shared = await sharedValues(client, db.collection(name), source.name, {
      named: new Set(fields.map(({ source }) => source.name)),
      most: LOOK,
      ...(signal && { signal }),
    })
    if (shared.ids === 0) return match
    const isOrder = field === 'transaction_id' && source.name !== field
    return { ...match, shared, ...(isOrder && { doubt: describeShared(field, shared) }) }
  }

  const first: CollectionSurvey[] = []
  for (const name of await collectionNames(db)) first.push(await look(name, FIRST_LOOK))
  const found = matchCollections(first)
  if (found.length === 0) throw await nothingFound(client, bronze)

  const matches: CollectionMatch[] = []
  for (const { contract, source, doubt } of found) {
    const match = matchFields(contract, await look(source.name, LOOK))
    const fields = await Promise.all(match.fields.map((field) => withShared(match, field)))
    matches.push({ ...match, fields, ...(doubt !== undefined && { doubt }) })
  }
  const others = first.filter(({ name }) => !matches.some(({ source }) => source.name === name))
  return { text: draftConfig(bronze, matches, others), matches }
}

async function collectionNames(db: Db): Promise<string[]> {
  const found = await db.listCollections({}, { nameOnly: true }).toArray()
  return found
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('system.'))
    .sort()
}

async function nothingFound(client: MongoClient, bronze: string): Promise<LingotError> {
  // Whoever may not list the databases is helped by the rest.
  const listed = client.db().admin().listDatabases({ nameOnly: true, authorizedDatabases: true })
  const { databases } = await listed.catch(() => ({ databases: [] }))
  const names = databases.map(({ name }) => name).filter((name) => !['admin', 'config', 'local', bronze].includes(name))
  return new LingotError(
    'bronze',
    `${bronze} holds nothing like customers, transactions or campaigns.`,
    `Set LINGOT_BRONZE_DB to the database that does${names.length === 0 ? '' : `; there are ${names.join(', ')}`}.`,
  )
}
