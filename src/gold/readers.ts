import pg from 'pg'

/** What the role that reads gold is called, by the user who makes it. */
export function readerOf(user: string): string {
  return `${user}_reader`
}

/**
 * Gives SELECT on a gold table to those who read gold: whoever may read `gold_run`, and the role that is called like
 * this user with `_reader` behind it. A table that was there stays as it is if rights on it were given or taken before.
 */
export async function copyGrants(client: pg.ClientBase, schema: string, table: string, isNew = true): Promise<void> {
  const name = (of: string) => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(of)}`
  const { rows } = await client.query<{ reader: string; enters: boolean }>(
    `select case grantee when 0 then 'public' else grantee::regrole::text end as reader,
       grantee = 0 or nspowner <> current_user::regrole or has_schema_privilege(grantee, nspname, 'usage') as enters
     from pg_namespace, (
       select oid as grantee from pg_roles where rolname = current_user || $4
       union
       select grantee from pg_class, aclexplode(relacl)
       where pg_class.oid = to_regclass($3) and privilege_type = 'SELECT' and grantee <> relowner
     ) readers
     where nspname = $1 and ($5 or exists (select from pg_class where oid = to_regclass($2) and relacl is null))`,
    [schema, name(table), name('gold_run'), readerOf(''), isNew],
  )
  for (const { reader, enters } of rows) {
    if (!enters) await client.query(`grant usage on schema ${pg.escapeIdentifier(schema)} to ${reader}`)
    await client.query(`grant select on ${name(table)} to ${reader}`)
  }
}
