import type { Db, MongoClient } from 'mongodb'
import { isOrder } from '../contracts/likeness.ts'
import { bronzeOf } from '../mongo/client.ts'
import { LingotError } from '../system/errors.ts'
import { type Buyers, buyersIn, withBuyers } from './buyers.ts'
import { describeOthers, draftConfig } from './draft.ts'
import { describeLines, describeShared } from './hints.ts'
import { type CollectionMatch, judges, matchCollections, matchFields, withSure } from './matching.ts'
import { nationalPhones } from './phones.ts'
import { type Ask, decide } from './questions.ts'
import { pointersAmong } from './references.ts'
import { withProvenAmount } from './sums.ts'
import { type CollectionSurvey, type Shared, sharedValues, survey } from './survey.ts'

/** Documents looked at of every collection, to see which are meant, and then of those. */
const FIRST_LOOK = 1000

const LOOK = 100_000

interface Hooks {
  signal?: AbortSignal
  onStep?: (step: string) => void
  /** Asks somebody what is not sure. */
  ask?: Ask | undefined
}

export interface Draft {
  text: string
  matches: CollectionMatch[]
  /** Who the customers are, where no collection surely holds them. */
  buyers: Buyers | undefined
  /** Collections that nothing is read from, described. */
  others: string[]
}

/** Looks at bronze, and writes down which of its collections and fields are which. */
export async function draft(client: MongoClient, bronze: string, { signal, onStep, ask }: Hooks = {}): Promise<Draft> {
  const db = bronzeOf(client, bronze)
  const looking = { most: LOOK, ...(signal && { signal }) }
  const look = (name: string, most: number): Promise<CollectionSurvey> => {
    onStep?.(`looking at ${name}`)
    return survey(client, db.collection(name), judges, { ...looking, most })
  }

  const first: CollectionSurvey[] = []
  for (const name of await collectionNames(db)) first.push(await look(name, FIRST_LOOK))
  const found = matchCollections(first)
  if (found.length === 0) throw await nothingFound(client, bronze)

  const matches: CollectionMatch[] = []
  const customers: CollectionMatch[] = []
  for (const { contract, source, doubt, rivals = [] } of found) {
    const match = matchFields(contract, await look(source.name, LOOK))
    const collection = db.collection(source.name)
    const proven =
      contract.collection === 'transactions' ? await withProvenAmount(client, collection, match, looking) : match
    const settled = await withShared(proven, ({ path, product, named }) =>
      sharedValues(client, collection, path, { ...looking, product, named }),
    )
    const likeliest = { ...settled, ...(doubt !== undefined && { doubt }) }
    matches.push(likeliest)
    if (contract.collection !== 'customers') continue
    customers.push(likeliest)
    for (const { name } of rivals) customers.push(matchFields(contract, await look(name, LOOK)))
  }
  onStep?.('looking for references')
  const collectionOf = (name: string) => db.collection(name)
  const referred = await withBuyers(client, collectionOf, matches, customers, looking)
  const others = first.filter(({ name }) => !matches.some(({ source }) => source.name === name))
  const pointers = await pointersAmong(client, collectionOf, others.length === 0 ? [] : first, signal)
  const decided = ask === undefined ? referred : await decide(referred, ask)
  const areKnown = decided.some(({ contract, doubt }) => contract.collection === 'customers' && doubt === undefined)
  const buyers = areKnown ? undefined : await buyersIn(client, collectionOf, decided, looking)
  const phones = await nationalPhones(client, collectionOf, decided, looking)
  return {
    text: draftConfig(bronze, { matches: decided, others, pointers, buyers, phones }),
    matches: decided,
    buyers,
    others: describeOthers(others, pointers),
  }
}

type CountShared = (of: {
  path: readonly string[]
  product: readonly string[] | undefined
  named: ReadonlySet<string>
}) => Promise<Shared>

/** The share of ids from which on those that several documents share are no accident. */
const MANY = 0.1

/**
 * A key with how often it is shared. Of sales it is that of orders where many are, and the documents differ in what was
 * sold; where that is not clear it is in doubt, since lines of an order that are equal would be one.
 */
async function withShared(match: CollectionMatch, shared: CountShared): Promise<CollectionMatch> {
  const { contract, each, fields } = match
  const field = each === undefined ? contract.key : ORDER
  const key = fields.find((one) => one.field === field && one.doubt === undefined)
  if (field === null || key?.source == null || contract.identity === 'last one wins') return match
  const path = (name: string) => fields.find((one) => one.field === name && one.doubt === undefined)?.source?.path
  const named = new Set(fields.flatMap(({ source }) => source?.name ?? []))
  const counts = await shared({
    path: key.source.path,
    product: each === undefined ? path('product') : undefined,
    named,
  })
  const replaced = (...changed: typeof fields) => ({
    ...match,
    fields: fields.flatMap((one) => (one === key ? changed : [one])),
  })
  const isSale = contract.collection === 'transactions' && each === undefined
  if (counts.ids === 0) return isSale ? withOrder(match) : match
  if (!isSale) return replaced({ ...key, shared: counts })
  if (counts.ids >= MANY * counts.of && counts.parts * 2 >= counts.ids) {
    const why = describeLines(counts)
    const lines = withSure({ ...match, fields: fields.filter((one) => one !== key) }, { ...key, field: ORDER }, why)
    return withSure(lines, { field, source: null }, `${key.source.name} is that of an order`)
  }
  if (key.source.name === field) return replaced({ ...key, shared: counts })
  return replaced(
    { ...key, shared: counts, doubt: describeShared(field, counts) },
    { ...key, field: ORDER, doubt: `if they are lines of one order, with ${field}: null` },
  )
}

const ORDER = 'order_id'

/** A sale that has an id of its own may name its order beside it. */
function withOrder(match: CollectionMatch): CollectionMatch {
  const order = match.fields.find(
    ({ field, source, doubt }) =>
      field === match.contract.key && doubt !== undefined && source !== null && isOrder(source.name),
  )
  return order === undefined ? match : withSure(match, { ...order, field: ORDER }, 'its name says so')
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
