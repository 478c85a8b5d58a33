import pg from 'pg'
import { besideOf } from '../gold/beside.ts'
import { assistantOf, readerOf } from '../gold/readers.ts'
import { inJson } from '../text/printable.ts'

/** Whose rights are granted on what. */
export interface Grants {
  /** The role and user who runs Lingot; the reader of gold is called `…_reader`. */
  user: string
  bronze: string
  silver: string
  goldSchema: string
  /** The PostgreSQL database. */
  database: string
}

/** What Lingot does to bronze. */
export const bronzeActions: readonly string[] = ['find', 'listCollections']

/** What `lingot watch --on-change` does there beside, where the server has change streams. */
export const followingActions: readonly string[] = ['changeStream']

/** What `lingot erase --bronze` does there beside. */
export const erasingActions: readonly string[] = ['remove', 'update']

/** Rights that MongoDB's manual asks for by name, though who has the others below has them too. */
export const implied: readonly string[] = ['createCollection', 'renameCollectionSameDB']

/** What Lingot does to silver: it builds collections beside those in place, and swaps them in by rename. */
export const silverActions: readonly string[] = [
  ...['find', 'insert', 'update', 'remove', 'listCollections', 'createIndex', 'collMod', 'dropCollection'],
  ...implied,
]

/** The role and the user for MongoDB, as mongosh runs them: it asks for the password. Run again, they add what is new. */
export function mongodbGrants({ user, bronze, silver }: Grants): string {
  const name = inJson(user)
  const privilege = (database: string, actions: readonly string[]) =>
    `{ resource: { db: ${inJson(database)}, collection: "" }, actions: [${actions.map((action) => inJson(action)).join(', ')}] }`
  return [
    '// For mongosh, as a user who may create roles. It asks for a password.',
    'admin = db.getSiblingDB("admin")',
    `if (admin.getRole(${name}) === null) admin.createRole({ role: ${name}, privileges: [], roles: [] })`,
    `admin.grantPrivilegesToRole(${name}, [`,
    `  ${privilege(bronze, bronzeActions)},`,
    `  ${privilege(silver, silverActions)},`,
    '])',
    '// Who was erased is remembered in a database of its own.',
    `admin.grantRolesToRole(${name}, [{ role: "readWrite", db: "lingot" }])`,
    `if (admin.getUser(${name}) === null) admin.createUser({ user: ${name}, pwd: passwordPrompt(), roles: [${name}] })`,
    '',
    '// Change streams are read by `lingot watch --on-change` alone. Where that is wanted:',
    `// admin.grantPrivilegesToRole(${name}, [${privilege(bronze, followingActions)}])`,
    '// Bronze is written by `lingot erase --bronze` alone. Where that is wanted:',
    `// admin.grantPrivilegesToRole(${name}, [${privilege(bronze, erasingActions)}])`,
  ].join('\n')
}

/**
 * The two roles for PostgreSQL, as psql runs them, all or nothing: it asks for their passwords. Run again, they get new
 * passwords, and the rights that a newer version needs.
 */
export function postgresGrants({ user, goldSchema, database }: Grants): string {
  const name = readerOf(user)
  const named = [user, name, assistantOf(user), goldSchema, database].map(pg.escapeIdentifier)
  const [owner, reader, assistant, schema, gold] = named
  const { rows, views } = besideOf(goldSchema)
  const schemas = [goldSchema, rows, views]
  const roles = [user, name].flatMap((role) => [
    `do $$ begin if to_regrole('${role}') is null then create role ${pg.escapeIdentifier(role)} login; end if; end $$;`,
    `\\password ${pg.escapeIdentifier(role)}`,
  ])
  const wanted = [
    // A dollar would end the block.
    `current_database() = ${pg.escapeLiteral(database).replaceAll('$', "' || chr(36) || '")}`,
    ...[user, name].map((role) => `has_database_privilege('${role}', current_database(), 'connect')`),
    ...schemas.flatMap((schema) => [
      `has_schema_privilege('${user}', '${schema}', 'create')`,
      ...[user, name].map((role) => `has_schema_privilege('${role}', '${schema}', 'usage')`),
    ]),
  ]
  return [
    '-- For psql, connected to the database of gold as its owner who may create roles, or as a superuser. It asks for two',
    '-- passwords, stops at the first error, and then nothing of it stays.',
    '\\set ON_ERROR_STOP on',
    'begin;',
    ...roles,
    `grant connect on database ${gold} to ${owner}, ${reader};`,
    'do $$',
    '-- Who is no superuser acts as the new role, and no longer than this takes.',
    `declare is_other boolean := not pg_has_role('${user}', 'usage');`,
    'begin',
    `  if is_other then grant ${owner} to current_user; end if;`,
    '  -- Beside gold stand the rows that it had, and views that show it as it was.',
    ...schemas.flatMap((name) => [
      `  if to_regnamespace('${name}') is null then create schema ${pg.escapeIdentifier(name)} authorization ${owner}; end if;`,
      `  grant usage, create on schema ${pg.escapeIdentifier(name)} to ${owner};`,
    ]),
    '  -- Each table of gold is given to the reader by the run that makes it, and no other table is.',
    ...schemas.map((name) => `  grant usage on schema ${pg.escapeIdentifier(name)} to ${reader};`),
    `  alter role ${reader} set default_transaction_read_only = on;`,
    '  -- An earlier version gave it whatever was still to come.',
    `  alter default privileges for role ${owner} in schema ${schema} revoke select on tables from ${reader};`,
    `  if is_other then revoke ${owner} from current_user; end if;`,
    '  -- PostgreSQL only warns of a right that one may not give.',
    ...wanted.map((right, i) => `  ${i === 0 ? 'if not (' : '  and '}${right}`),
    "  ) then raise exception 'these rights are not yours to give' using hint = 'Connect to it as its owner.';",
    '  end if;',
    'end $$;',
    'commit;',
    '',
    '-- The reader has no right of its own to write. What PostgreSQL lets everybody do, a superuser can take from',
    '-- everybody, where nobody else needs it: temporary tables, large objects and, before PostgreSQL 15, tables in public.',
    `-- ${`revoke temporary on database ${gold} from public;`.replace(/[\r\n]/g, '$&-- ')}`,
    '-- revoke execute on function lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) from public;',
    '-- revoke create on schema public from public;',
    '',
    '-- An assistant (`lingot mcp`) puts queries as a role of its own: each run lets it read the columns of gold that do not',
    '-- tell who somebody is. Where that is wanted:',
    ...[
      `create role ${assistant} login;`,
      `\\password ${assistant}`,
      `grant connect on database ${gold} to ${assistant};`,
      `grant usage on schema ${schema} to ${assistant};`,
      `alter role ${assistant} set default_transaction_read_only = on;`,
    ].map((line) => `-- ${line.replace(/[\r\n]/g, '$&-- ')}`),
  ].join('\n')
}
