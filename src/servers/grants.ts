import pg from 'pg'
import { inJson } from '../printable.ts'

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

/** Rights that MongoDB's manual asks for by name, though who has the others below has them too. */
export const implied: readonly string[] = ['createCollection', 'renameCollectionSameDB']

/** What Lingot does to silver: it builds collections beside those in place, and swaps them in by rename. */
export const silverActions: readonly string[] = [
  ...['find', 'insert', 'update', 'remove', 'listCollections', 'createIndex', 'collMod', 'dropCollection'],
  ...implied,
]

/** The role and the user for MongoDB, as mongosh runs them: it asks for the password. */
export function mongodbGrants({ user, bronze, silver }: Grants): string {
  const privilege = (database: string, actions: readonly string[]) =>
    `{ resource: { db: ${inJson(database)}, collection: "" }, actions: [${actions.map((action) => inJson(action)).join(', ')}] },`
  return [
    '// For mongosh, as a user who may create roles. It asks for a password.',
    'admin = db.getSiblingDB("admin")',
    'admin.createRole({',
    `  role: ${inJson(user)},`,
    '  privileges: [',
    `    ${privilege(bronze, bronzeActions)}`,
    `    ${privilege(silver, silverActions)}`,
    '  ],',
    '  roles: [],',
    '})',
    `admin.createUser({ user: ${inJson(user)}, pwd: passwordPrompt(), roles: [${inJson(user)}] })`,
  ].join('\n')
}

/** The two roles for PostgreSQL, as psql runs them: it asks for their passwords. */
export function postgresGrants({ user, goldSchema, database }: Grants): string {
  const [owner, reader] = [user, readerOf(user)].map(pg.escapeIdentifier)
  const schema = pg.escapeIdentifier(goldSchema)
  return [
    '-- For psql, connected to the database of gold as a user who may create roles. It asks for two passwords.',
    `create role ${owner} login;`,
    `\\password ${owner}`,
    `create role ${reader} login;`,
    `\\password ${reader}`,
    `grant connect on database ${pg.escapeIdentifier(database)} to ${owner}, ${reader};`,
    '',
    // Everybody's schema stays its owner's.
    ...(goldSchema === 'public'
      ? [`grant usage, create on schema public to ${owner};`]
      : [`create schema if not exists ${schema};`, `alter schema ${schema} owner to ${owner};`]),
    '-- Before PostgreSQL 15 everybody may create tables in public. To take that back:',
    '-- revoke create on schema public from public;',
    '',
    '-- The reader sees the tables that are there and those that are still to come.',
    `alter role ${reader} set default_transaction_read_only = on;`,
    `grant usage on schema ${schema} to ${reader};`,
    `grant select on all tables in schema ${schema} to ${reader};`,
    `alter default privileges for role ${owner} in schema ${schema} grant select on tables to ${reader};`,
  ].join('\n')
}

/** Who may only read gold. */
export function readerOf(user: string): string {
  return `${user}_reader`
}
