import pg from 'pg'
import { quoted } from '../postgres/quoting.ts'
import { GOLD_RUN } from './standing.ts'

/** What the role that reads gold is called, by the user who makes it. */
export function readerOf(user: string): string {
  return `${user}_reader`
}

/**
 * Gives SELECT on gold tables to those who read gold: whoever may read `gold_run`, and the role that is called like this
 * user with `_reader` behind it.
 */
export async function copyGrants(client: pg.ClientBase, schema: string, tables: readonly string[]): Promise<void> {
  if (tables.length === 0) return
  const names = tables.map((table) => quoted(schema, table)).join(', ')
  const { rows } = await client.query<{ reader: string; enters: boolean }>(
    `select case grantee when 0 then 'public' else grantee::regrole::text end as reader,
       grantee = 0 or nspowner <> current_user::regrole or has_schema_privilege(grantee, nspname, 'usage') as enters
     from pg_namespace, (
       select oid as grantee from pg_roles where rolname = current_user || $3
       union
       select grantee from pg_class, aclexplode(relacl)
       where pg_class.oid = to_regclass($2) and privilege_type = 'SELECT' and grantee <> relowner
     ) readers
     where nspname = $1`,
    [schema, quoted(schema, GOLD_RUN), readerOf('')],
  )
  for (const { reader, enters } of rows) {
    if (!enters) await client.query(`grant usage on schema ${pg.escapeIdentifier(schema)} to ${reader}`)
    await client.query(`grant select on ${names} to ${reader}`)
  }
}
