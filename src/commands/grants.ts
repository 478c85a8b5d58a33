import { databaseOf } from '../postgres/client.ts'
import { type Grants, mongodbGrants, postgresGrants } from '../servers/grants.ts'
import { DATABASE } from '../servers/postgres.ts'
import { loadPlaces } from '../settings/config.ts'
import { openTerminal } from '../text/terminal.ts'

export interface GrantsOptions {
  mongodb?: boolean
  postgres?: boolean
  user: string
}

/** `lingot grants`: the statements that give Lingot the rights that it needs, and no others. */
export async function grantsCommand({ mongodb, postgres, user }: GrantsOptions): Promise<void> {
  const terminal = await openTerminal()
  const { bronze, silver, goldSchema, postgresUrl } = await loadPlaces()
  const database = postgresUrl === undefined ? DATABASE : databaseOf(postgresUrl)
  const grants: Grants = { user, bronze, silver, goldSchema, database }
  const areBoth = mongodb === postgres
  if (areBoth || mongodb) terminal.print(mongodbGrants(grants))
  if (areBoth) terminal.print()
  if (areBoth || postgres) terminal.print(postgresGrants(grants))
}
