import pg from 'pg'
import type { Contract } from '../contracts/contract.ts'
import { quoted } from '../postgres/quoting.ts'
import { personalColumns } from './checks.ts'
import { GOLD_RUN, type Planned } from './standing.ts'

/** What the role that reads gold is called, by the user who makes it. */
export function readerOf(user: string): string {
  return `${user}_reader`
}

/** What the role is called as which an assistant's queries are run, by the user who makes it. */
export function assistantOf(user: string): string {
  return `${user}_assistant`
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

/**
 * Lets the role of assistants, where this user has one, read the columns of gold tables that do not tell who somebody is,
 * and no others.
 */
export async function grantToAssistant(
  client: pg.ClientBase,
  schema: string,
  tables: readonly Planned[],
  contracts: readonly Contract[],
): Promise<void> {
  const { rows } = await client.query<{ role: string; table: string; readable: string[]; enters: boolean }>(
    `select pg_roles.oid::regrole::text as role, relname as table,
       coalesce(array_agg(attname::text) filter (where has_column_privilege(pg_roles.oid, pg_class.oid, attnum, 'select')), '{}')
         as readable,
       has_schema_privilege(pg_roles.oid, relnamespace, 'usage') as enters
     from pg_roles, pg_class inner join pg_attribute on attrelid = pg_class.oid
     where rolname = current_user || $3 and relnamespace = to_regnamespace($1) and relname = any($2)
       and attnum > 0 and not attisdropped
     group by pg_roles.oid, pg_class.oid, relname, relnamespace`,
    [pg.escapeIdentifier(schema), tables.map(({ model }) => model.name), assistantOf('')],
  )
  const statements = rows.flatMap(({ role, table, readable }) => {
    const planned = tables.find(({ model }) => model.name === table)
    if (planned === undefined) return []
    const personal = personalColumns(contracts, planned.model)
    const wanted = planned.columns.flatMap(({ name }) => (personal.has(name) ? [] : [name]))
    const isTooMuch = readable.some((name) => !wanted.includes(name))
    const given = isTooMuch ? wanted : wanted.filter((name) => !readable.includes(name))
    const into = quoted(schema, table)
    const listed = given.map((name) => pg.escapeIdentifier(name)).join(', ')
    return [
      // What was given of a whole table goes with what was given of its columns.
      ...(isTooMuch ? [`revoke select on ${into} from ${role}`] : []),
      ...(given.length > 0 ? [`grant select (${listed}) on ${into} to ${role}`] : []),
    ]
  })
  const [first] = rows
  if (first?.enters === false) statements.push(`grant usage on schema ${pg.escapeIdentifier(schema)} to ${first.role}`)
  if (statements.length > 0) await client.query(statements.join(';\n'))
}
