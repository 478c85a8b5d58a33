import type { Db, MongoClient } from 'mongodb'
import { bronzeOf } from '../mongo/client.ts'
import { LingotError } from '../system/errors.ts'
import { draftConfig } from './draft.ts'
import { type CollectionMatch, judges, matchCollections, matchFields } from './matching.ts'
import { type CollectionSurvey, survey } from './survey.ts'

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
  const first: CollectionSurvey[] = []
  for (const name of await collectionNames(db)) first.push(await look(name, FIRST_LOOK))
  const found = matchCollections(first)
  if (found.length === 0) throw await nothingFound(client, bronze)

  const matches: CollectionMatch[] = []
  for (const { contract, source, doubt } of found) {
    const match = matchFields(contract, await look(source.name, LOOK))
    matches.push({ ...match, ...(doubt !== undefined && { doubt }) })
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
