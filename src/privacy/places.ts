import type { MongoClient } from 'mongodb'
import { besideOf } from '../gold/beside.ts'
import { modelsOf } from '../gold/models.ts'
import { type Standing, standing } from '../gold/standing.ts'
import { withPostgres } from '../postgres/client.ts'
import type { Config } from '../settings/config.ts'
import type { Progress } from '../text/progress.ts'
import { readKnown } from './bronze.ts'
import { searchChanges } from './changes.ts'
import { searchFiles } from './files.ts'
import type { Known } from './known.ts'
import { type Output, type Place, searchGold, searchOutput, searchSilver } from './search.ts'

/** Reads the emails and phone numbers of bronze, and looks for them in silver, gold, what is printed, and Lingot's files. */
export async function searchPersonal(
  mongodb: MongoClient,
  postgresUrl: string,
  options: Config & { signal: AbortSignal; onProgress: Progress },
  outputs: () => Promise<readonly Output[]>,
): Promise<{ known: Known; places: Place[] }> {
  const { silver, goldSchema, contracts, home, signal } = options
  const known = await readKnown(mongodb, options)
  const models = modelsOf(options).map(({ name }) => name)
  // A table that no model makes any more is searched, too.
  const marked = await withPostgres(postgresUrl, (client) => standing(client, goldSchema, models))
  const tables = [...new Set([...models, ...namesOf(marked)])]
  const { rows } = besideOf(goldSchema)
  const before = await withPostgres(postgresUrl, (client) => standing(client, rows, []))
  const places = await searchSilver(mongodb, mongodb.db(silver), known, contracts, options)
  places.push(
    ...(await searchChanges(mongodb.db(silver), known, options)),
    ...(await searchGold(postgresUrl, goldSchema, tables, known, contracts, options)),
    ...(await searchGold(postgresUrl, rows, namesOf(before), known, contracts, { ...options, layer: 'history' })),
    ...(await outputs()).map((output) => searchOutput(output, known, contracts)),
    ...(await searchFiles(home, known, signal)),
  )
  return { known, places }
}

/** What of it is Lingot's. */
function namesOf(standing: readonly Standing[]): string[] {
  return standing.flatMap(({ name, mark }) => (mark === undefined ? [] : [name]))
}
