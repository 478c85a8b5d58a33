import { databaseOf } from '../postgres/client.ts'
import { addressOf, type Server } from '../servers/servers.ts'
import type { Config } from '../settings/config.ts'
import type { Terminal } from '../text/terminal.ts'

interface Places {
  config: Pick<Config, 'bronze' | 'silver' | 'goldSchema'>
  mongodbServer: Server
  postgresServer?: Server
  terminal: Terminal
}

type Layers = readonly ('bronze' | 'silver')[]

/** What is read and written where: `bronze_db → silver_db at localhost:27017 → gold_db.public at localhost:5432`. */
export function describePlaces(
  { config, mongodbServer, postgresServer }: Omit<Places, 'terminal'>,
  layers: Layers = ['bronze', 'silver'],
): string {
  const documents = layers.map((layer) => config[layer]).join(' → ')
  const places = [`${documents} at ${addressOf(mongodbServer.uri)}`]
  if (postgresServer !== undefined) {
    const { uri } = postgresServer
    places.push(`${databaseOf(uri)}.${config.goldSchema} at ${addressOf(uri)}`)
  }
  return places.join(' → ')
}

/** Says what was read and written where: with the rest of the output, or beside JSON. */
export function tellPlaces(places: Places, { json }: { json?: boolean }, layers?: Layers): void {
  const line = describePlaces(places, layers)
  if (json) places.terminal.note(line)
  else places.terminal.print(line)
}
