import pg from 'pg'

/** Gives SELECT on a gold table to those who read gold: whoever may read `gold_run`. */
export async function copyGrants(client: pg.ClientBase, schema: string, table: string): Promise<void> {
  const name = (of: string) => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(of)}`
  const { rows } = await client.query<{ reader: string }>(
    `select case grantee when 0 then 'public' else grantee::regrole::text end as reader
     from pg_class, aclexplode(relacl)
     where pg_class.oid = to_regclass($1) and privilege_type = 'SELECT' and grantee <> relowner`,
    [name('gold_run')],
  )
  for (const { reader } of rows) await client.query(`grant select on ${name(table)} to ${reader}`)
}
