import type { Lingot } from '../library/lingot.ts'
import { databaseOf } from '../postgres/client.ts'
import { addressOf } from '../servers/servers.ts'
import type { Terminal } from '../text/terminal.ts'
import { en, type Words } from './words/en.ts'

type Layers = readonly ('bronze' | 'silver')[]

/** What is read and written where: `bronze_db → silver_db at localhost:27017 → gold_db.public at localhost:5432`. */
export function describePlaces(
  { config, servers }: Pick<Lingot, 'config' | 'servers'>,
  layers: Layers = ['bronze', 'silver'],
  { at }: Pick<Words, 'at'> = en,
): string {
  const documents = layers.map((layer) => config[layer]).join(' → ')
  const places = [`${documents} ${at} ${addressOf(servers.mongodb.uri)}`]
  if (servers.postgres !== undefined) {
    const { uri } = servers.postgres
    places.push(`${databaseOf(uri)}.${config.goldSchema} ${at} ${addressOf(uri)}`)
  }
  return places.join(' → ')
}

/** Says what was read and written where: with the rest of the output, or beside JSON. */
export function tellPlaces(
  lingot: Pick<Lingot, 'config' | 'servers'>,
  terminal: Terminal,
  { json }: { json?: boolean | undefined } = {},
  layers?: Layers,
  words?: Words,
): void {
  const line = describePlaces(lingot, layers, words)
  if (json) terminal.note(line)
  else terminal.print(line)
}
