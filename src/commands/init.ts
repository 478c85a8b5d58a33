import { basename, resolve } from 'node:path'
import type { Db, MongoClient } from 'mongodb'
import { describeLook, draftConfig } from '../init/draft.ts'
import { type CollectionMatch, judges, matchCollections, matchFields } from '../init/matching.ts'
import { type CollectionSurvey, survey } from '../init/survey.ts'
import { bronzeOf } from '../mongo/client.ts'
import { findConfigFile } from '../settings/loader.ts'
import { LingotError } from '../system/errors.ts'
import { asCalled } from '../system/invocation.ts'
import { writeOutput } from '../system/output.ts'
import { readable, table } from '../text/terminal.ts'
import { session } from './session.ts'

export interface InitOptions {
  force?: boolean
  print?: boolean
}

/** Documents looked at of every collection, to see which are meant, and then of those. */
const FIRST_LOOK = 1000
const LOOK = 100_000

/** `lingot init`: a configuration from a look at bronze. */
export function initCommand({ force = false, print = false }: InitOptions): Promise<void> {
  const file = resolve('lingot.config.ts')
  if (!print) refuseExisting(file, force)
  return session({}, async ({ config, mongodb, terminal, hooks }) => {
    const { text, matches } = await draft(mongodb, config.bronze, hooks)
    if (print) return terminal.print(text.trimEnd())
    await writeOutput(file, text, { isNew: !force })
    terminal.print(describeMatches(matches))
    terminal.print(
      `\n${basename(file)} says which collection and field is which. Look through it, then: ${asCalled('`lingot run`')}`,
    )
  })
}

function refuseExisting(file: string, force: boolean): void {
  const found = findConfigFile(resolve())
  if (found === undefined || (force && found === file)) return
  throw new LingotError(
    'config',
    `${basename(found)} is here already, and stays as it is.`,
    found === file
      ? 'See what it would say with `lingot init --print`, or replace it with `lingot init --force`.'
      : 'See what it would say with `lingot init --print`, or remove that file first.',
  )
}

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

/** Which collection is which, and how many of its fields were found. */
function describeMatches(matches: readonly CollectionMatch[]): string {
  const columns = ['contract', 'collection', 'fields found', 'not sure', 'left out', ''].map((title) => ({
    title,
    isNumber: false,
    widest: 60,
  }))
  const rows = matches.map(({ contract, source, doubt, fields, unnamed }) => {
    const sure = fields.filter(({ doubt }) => doubt === undefined).length
    const all = Object.keys(contract.fields).length
    const counts = [`${sure} of ${all}`, readable(fields.length - sure), readable(unnamed.length)]
    return [
      contract.collection,
      doubt === undefined ? source.name : `${source.name} (not sure)`,
      ...counts,
      describeLook(source),
    ]
  })
  return table(columns, rows)
}
