import type { Db, MongoClient } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { bronzeOf } from '../mongo/client.ts'
import { LingotError } from '../system/errors.ts'
import { readable } from '../text/numbers.ts'
import { draftConfig } from './draft.ts'
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
  /** A key with how often it is shared: of sales it is in doubt then, for as such ids lines of an order would be one. */
  const withShared = async ({ key, identity }: Contract, name: string, match: FieldMatch): Promise<FieldMatch> => {
    const { field, source } = match
    if (field !== key || identity === 'last one wins' || match.doubt !== undefined) return match
    const { shared, different } = await sharedValues(client, db.collection(name), source.name, {
      most: LOOK,
      ...(signal && { signal }),
    })
    if (shared === 0) return match
    // Some of any feed are inserted twice.
    const isOrder = field === 'transaction_id' && source.name !== field && shared > different * BY_CHANCE
    return {
      ...match,
      shared,
      ...(isOrder && { doubt: `${readable(shared)} of its values name several documents: ${LINES}` }),
    }
  }

  const first: CollectionSurvey[] = []
  for (const name of await collectionNames(db)) first.push(await look(name, FIRST_LOOK))
  const found = matchCollections(first)
  if (found.length === 0) throw await nothingFound(client, bronze)

  const matches: CollectionMatch[] = []
  for (const { contract, source, doubt } of found) {
    const match = matchFields(contract, await look(source.name, LOOK))
    const fields = await Promise.all(match.fields.map((field) => withShared(contract, source.name, field)))
    matches.push({ ...match, fields, ...(doubt !== undefined && { doubt }) })
  }
  const others = first.filter(({ name }) => !matches.some(({ source }) => source.name === name))
  return { text: draftConfig(bronze, matches, others), matches }
}

/** The share of ids up to which several documents have one by mistake. */
const BY_CHANCE = 0.02
const LINES = 'lines of one order, which may be equal, or versions of one sale'

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
