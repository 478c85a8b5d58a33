import type { Config } from '../config.ts'
import { databaseOf } from '../connection.ts'
import { addressOf, type Server } from '../servers/servers.ts'
import type { Terminal } from '../terminal.ts'

interface Places {
  config: Pick<Config, 'bronze' | 'silver' | 'goldSchema'>
  mongodbServer: Server
  postgresServer?: Server
  terminal: Terminal
}

/** Says what was read and written where: `bronze_db → silver_db at localhost:27017`. */
export function tellPlaces(
  { config, mongodbServer, postgresServer, terminal }: Places,
  { json }: { json?: boolean },
  layers: readonly ('bronze' | 'silver')[] = ['bronze', 'silver'],
): void {
  if (json) return
  const documents = layers.map((layer) => config[layer]).join(' → ')
  const places = [`${documents} at ${addressOf(mongodbServer.uri)}`]
  if (postgresServer !== undefined) {
    const { uri } = postgresServer
    places.push(`${databaseOf(uri)}.${config.goldSchema} at ${addressOf(uri)}`)
  }
  terminal.print(places.join(' → '))
}
