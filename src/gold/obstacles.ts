import type pg from 'pg'
import { quoted } from '../postgres/quoting.ts'
import { isSameShop, type Shop } from '../runs/shop.ts'
import { LingotError } from '../system/errors.ts'
import type { Keeping } from './beside.ts'
import { type HistoryPlan, historyOn, isTableBeside } from './history.ts'
import { type Change, changeOf } from './shape.ts'
import { GOLD_RUN, type Planned, type Standing, standing } from './standing.ts'
import { dependentsOf } from './views.ts'

/** Where gold goes, and what may be replaced there. */
export interface Ground extends Keeping {
  schema: string
  /** The tables that are to be there. */
  tables: readonly Planned[]
  /** Whose gold it becomes; whose it is already, if not given. */
  shop?: Shop | undefined
  /** Replaces the gold of another shop too. */
  takeOver?: boolean | undefined
  /** Drops this shop's tables that no model makes any more. */
  prune?: boolean | undefined
}

/** What is done to what stands there. */
export interface Plan {
  shop: Shop | null
  /** What stands there of the tables that are to be there. */
  found: Standing[]
  /** What of them changes, by name. */
  changes: Map<string, Change & { oid: string }>
  /** Object ids of the views that have to be made anew with it, each behind those that it reads. */
  views: string[]
  /** Names of this shop's tables that no model makes any more. */
  unmade: string[]
  /** Those of them that do not say yet whose they are. */
  unmarked: Standing[]
  /** What is done to the rows that were. */
  history: HistoryPlan
}

/** What stands in the places of gold, and whose gold it becomes; throws where it is not Lingot's, or another shop's. */
export function groundIn(all: readonly Standing[], ground: Ground): Pick<Plan, 'found' | 'shop'> {
  const beside = all.find(({ mark, ...table }) => mark !== undefined && isTableBeside({ ...table, mark }))
  if (beside !== undefined) {
    throw new LingotError(
      'publish',
      `${ground.schema}.${beside.name} is of the history of another gold, and gold would be written there.`,
      `Nothing was changed. ${MOVE}`,
    )
  }
  const found = all.filter(({ name }) => namesOn(ground).includes(name))
  return { found, shop: shopOn(found, ground) }
}

export function namesOn({ tables }: Ground): string[] {
  return tables.map(({ model }) => model.name)
}

/**
 * Looks at every place that would be written to, and throws where something stands in the way of gold; `seen` is what
 * was seen there just before.
 */
export async function planOn(client: pg.ClientBase, ground: Ground, seen?: readonly Standing[]): Promise<Plan> {
  const { schema, tables, prune = false } = ground
  const mayCreate = await refuseServer(client, schema)
  const names = namesOn(ground)
  const all = seen ?? (await standing(client, schema, names))
  const { found, shop } = groundIn(all, ground)
  if (!mayCreate) throw refused(`may not create tables in the schema ${schema}`)
  const isOwn = ({ mark, isOlder }: Standing) => isOlder || isOf(mark?.shop ?? null, shop)
  const unmade = all.filter((table) => !names.includes(table.name) && isOwn(table))
  refuseForeignOwners(schema, prune ? [...found, ...unmade] : found)
  await refuseHarm(client, schema, found)
  const changes: Plan['changes'] = new Map()
  for (const planned of tables) {
    const table = found.find(({ name }) => name === planned.model.name)
    // Where the columns are not known yet, they are looked at when they are.
    if (table === undefined || planned.columns.length === 0) continue
    refuseOwnColumns(schema, planned, table)
    const change = changeOf(planned, table)
    if (change.steps.length > 0) changes.set(table.name, { ...change, oid: table.oid })
  }
  const history = await historyOn(client, ground, {
    changing: [...changes.keys()],
    going: prune ? unmade.map(({ name }) => name) : [],
  })
  refuseForeignOwners(history.rows, [...history.tables.values(), ...(history.runs ? [history.runs] : [])])
  // What stands upon views that are made anew is put back.
  const shownAs = (names: Iterable<string>) => [...names].flatMap((name) => history.shown.get(name)?.oid ?? [])
  const remade = shownAs(history.rebuilt)
  const goneBeside = shownAs([...history.changes.keys()].filter((name) => !history.rebuilt.has(name)))
  const columnsThat = (which: 'concerned' | 'gone') =>
    [...changes.values()].flatMap(({ oid, [which]: columns }) =>
      columns.length === 0 ? [] : [{ table: oid, columns }],
    )
  const concerned = await dependentsOf(client, [...columnsThat('concerned'), ...remade.map((table) => ({ table }))])
  const lost = await dependentsOf(client, columnsThat('gone'))
  const dropped = await dependentsOf(client, [
    ...(prune ? unmade.map(({ oid }) => ({ table: oid })) : []),
    ...goneBeside.map((table) => ({ table })),
  ])
  const unmakable = await namesOf(client, [...lost.views, ...dropped.views])
  const inTheWay = new Set([...concerned.others, ...unmakable, ...dropped.others])
  if (inTheWay.size > 0) {
    throw new LingotError(
      'publish',
      `Gold cannot be published: on columns that change or go, or tables that are to go, there depends: ${[...inTheWay].join(', ')}.`,
      'Nothing was changed. Drop it, run this again, and make it anew.',
    )
  }
  const unmarked = unmade.filter(({ isOlder, isOwned }) => isOlder && isOwned)
  return { shop, found, changes, views: concerned.views, unmade: unmade.map(({ name }) => name), unmarked, history }
}

async function namesOf(client: pg.ClientBase, views: readonly string[]): Promise<string[]> {
  if (views.length === 0) return []
  const { rows } = await client.query<{ view: string }>(
    "select 'view ' || view::regclass as view from unnest($1::oid[]) as view",
    [views],
  )
  return rows.map(({ view }) => view)
}

/** Throws where PostgreSQL cannot be written to at all, or not every text; tells whether tables may be created. */
async function refuseServer(client: pg.ClientBase, schema: string): Promise<boolean> {
  const { rows } = await client.query<{
    isStandby: boolean
    readOnly: string | null
    encoding: string
    database: string
    isThere: boolean
    mayUse: boolean
    mayCreate: boolean
  }>(
    `select pg_is_in_recovery() as "isStandby",
       (select source from pg_settings where name = 'default_transaction_read_only' and setting = 'on') as "readOnly",
       current_setting('server_encoding') as encoding,
       current_database()::text as database,
       oid is not null as "isThere",
       coalesce(has_schema_privilege(oid, 'usage'), has_database_privilege(current_database(), 'create')) as "mayUse",
       coalesce(has_schema_privilege(oid, 'create'), true) as "mayCreate"
     from (select 1) as one left join pg_namespace on nspname = $1`,
    [schema],
  )
  const { isStandby, readOnly = null, encoding = '', database, isThere, mayUse, mayCreate = false } = rows[0] ?? {}
  if (isStandby) {
    const what = 'Gold cannot be published: this PostgreSQL is a standby, which repeats what its primary does.'
    throw new LingotError('publish', what, 'Nothing was changed. Let POSTGRES_URL name the primary.')
  }
  if (readOnly !== null) {
    throw new LingotError(
      'publish',
      `Gold cannot be published: default_transaction_read_only is on ${SET_FOR[readOnly] ?? 'for the whole server'}.`,
      'Nothing was changed. Reset it, or let POSTGRES_URL name a user and a server that may be written to.',
    )
  }
  // What has no encoding takes every byte.
  if (encoding !== 'UTF8' && encoding !== 'SQL_ASCII') {
    throw new LingotError(
      'publish',
      `Gold cannot be published: the database ${database} is encoded in ${encoding}, which does not have every letter.`,
      "Nothing was changed. Make one that has them: `create database … encoding 'UTF8' template template0`.",
    )
  }
  if (!mayUse) throw refused(isThere ? `may not use the schema ${schema}` : `may not create the schema ${schema}`)
  return mayCreate
}

/** Where PostgreSQL's settings come from. */
const SET_FOR: Record<string, string> = {
  user: 'for this role',
  database: 'for this database',
  'database user': 'for this role in this database',
  client: 'in POSTGRES_URL',
}

function refused(why: string): LingotError {
  return new LingotError('permission', `PostgreSQL would refuse to write gold: this user ${why}.`, GRANT)
}

const GRANT = 'Nothing was changed. Grant the user what it needs, with the tables its own: `lingot grants` prints it.'
const MOVE = 'Give gold a schema of its own: goldSchema in the configuration file, or LINGOT_GOLD_SCHEMA.'

/** Throws where something of these names is not Lingot's. */
export function refuseForeignTables(schema: string, found: readonly Pick<Standing, 'name' | 'kind' | 'mark'>[]): void {
  const foreign = found.filter(({ mark }) => mark === undefined)
  if (foreign.length === 0) return
  const [first, ...others] = foreign.map(({ name, kind }) => `${schema}.${name}${kind === 'table' ? '' : ` (${kind})`}`)
  const more = others.length === 0 ? '' : `, nor ${others.length === 1 ? 'is' : 'are'} ${others.join(', ')}`
  throw new LingotError(
    'publish',
    `${first} is not a table of Lingot${more}, and gold would be written there.`,
    `Nothing was changed. ${MOVE}`,
  )
}

/** Whose gold it becomes; throws where it is not Lingot's, or somebody else's. */
function shopOn(found: readonly Standing[], { schema, shop, takeOver = false }: Ground): Shop | null {
  refuseForeignTables(schema, found)
  const there = found.flatMap(({ mark }) => mark?.shop ?? [])
  const others = shop === undefined || takeOver ? [] : there.filter((other) => !isSameShop(other, shop))
  if (shop !== undefined && others.length > 0) {
    const names = [...new Set(others.map(({ bronze }) => bronze))].join(' and ')
    throw new LingotError(
      'publish',
      `${schema} holds the gold of ${names}, and this run makes that of ${shop.bronze}.`,
      `Nothing was changed. ${MOVE} Where it is to be replaced, add --take-over.`,
    )
  }
  const before = found.find(({ name }) => name === GOLD_RUN)?.mark?.shop
  return shop ?? before ?? there[0] ?? null
}

function isOf(shop: Shop | null, own: Shop | null): boolean {
  return shop !== null && own !== null && isSameShop(shop, own)
}

/** Who may not change a table could empty it at most. */
function refuseForeignOwners(schema: string, tables: readonly Pick<Standing, 'name' | 'isOwned'>[]): void {
  const others = tables.filter(({ isOwned }) => !isOwned).map(({ name }) => `${schema}.${name}`)
  if (others.length === 0) return
  throw refused(`is not the owner of ${others.join(', ')}`)
}

/** Throws where replacing rows would fail, lose some, or take others with them. */
async function refuseHarm(client: pg.ClientBase, schema: string, found: readonly Standing[]): Promise<void> {
  const hidden = found.filter(({ isHidden }) => isHidden).map(({ name }) => `${schema}.${name}`)
  if (hidden.length > 0) {
    throw new LingotError(
      'publish',
      `Gold cannot be published: row security hides rows of ${hidden.join(', ')} even from their owner.`,
      'Nothing was changed. Take it back with `alter table … no force row level security`: it still holds for everybody else.',
    )
  }
  if (found.length === 0) return
  const { rows } = await client.query<{ key: string }>(
    `select format('%s of %s', conname, conrelid::regclass) as key from pg_constraint
     where contype = 'f' and confrelid = any($1) and conrelid <> confrelid and not (condeferred and confdeltype = 'a' and confupdtype = 'a')
       and conparentid = 0
     order by key`,
    [found.map(({ oid }) => oid)],
  )
  if (rows.length === 0) return
  throw new LingotError(
    'publish',
    `Gold cannot be published: rows of it come and go, and a foreign key refers to them: ${rows.map(({ key }) => key).join(', ')}.`,
    'Nothing was changed. Make the key `on update no action on delete no action deferrable initially deferred`, so that it is checked when all rows are there, or drop it.',
  )
}

/** Throws where a column that a user added has the name of one of Lingot's, or cannot stay empty. */
function refuseOwnColumns(schema: string, { model, columns }: Planned, { mark, isOlder, columns: there }: Standing) {
  const wanted = (name: string) => columns.some((column) => column.name === name)
  const isLingots = ({ name, comment }: Standing['columns'][number]) =>
    isOlder ? comment !== null : mark?.columns.includes(name)
  const same = there.find((column) => wanted(column.name) && !isLingots(column))
  if (same !== undefined) {
    throw new LingotError(
      'publish',
      `The column ${schema}.${model.name}.${same.name} is not Lingot's, and gold has one of this name.`,
      'Nothing was changed. Call yours by another name: `alter table … rename column …`.',
    )
  }
  const full = there.find(
    ({ name, notNull, isFilled }) => !wanted(name) && !mark?.columns.includes(name) && notNull && !isFilled,
  )
  if (full !== undefined) {
    throw new LingotError(
      'publish',
      `The column ${schema}.${model.name}.${full.name} is not Lingot's, takes no null and has no default: rows that are new are written without it.`,
      'Nothing was changed. Give it a default, or let it be null.',
    )
  }
}

/** Says what a table holds in place of what was sent, and what may be in the way. */
export async function keptFromArriving(
  client: pg.ClientBase,
  schema: string,
  table: string,
  what: string,
): Promise<LingotError> {
  const keepers = await keepersOf(client, schema, table)
  return new LingotError(
    'publish',
    `Gold could not be published, the old tables stay: ${schema}.${table} ${what}${keepers.length === 0 ? '' : `; in their way may be ${keepers.join(', ')}`}.`,
    'Drop what keeps rows from arriving, or let it pass them on, then run it again.',
  )
}

/** What of a table may keep rows from arriving, in PostgreSQL's words. */
async function keepersOf(client: pg.ClientBase, schema: string, table: string): Promise<string[]> {
  const { rows } = await client.query<{ keeper: string }>(
    `select 'the trigger ' || tgname as keeper from pg_trigger
     where tgrelid = to_regclass($1) and not tgisinternal and tgenabled <> 'D'
     union all select 'the rule ' || rulename from pg_rewrite where ev_class = to_regclass($1) and rulename <> '_RETURN'
     union all select 'its row security' from pg_class where oid = to_regclass($1) and relrowsecurity
     order by keeper`,
    [quoted(schema, table)],
  )
  return rows.map(({ keeper }) => keeper)
}
