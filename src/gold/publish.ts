import pg from 'pg'
import { connect, createSchema, withPostgres } from '../postgres/client.ts'
import { copyInto } from '../postgres/copy.ts'
import { quoted } from '../postgres/quoting.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { final, isTransient, type RetryOptions, retried } from '../system/retry.ts'
import { droppingView, viewAsOf } from './as_of.ts'
import { keptColumns } from './beside.ts'
import { exchange } from './differences.ts'
import { forget } from './forgetting.ts'
import { tableBeside } from './history.ts'
import { commentWithMark } from './mark.ts'
import { type Ground, groundIn, keptFromArriving, namesOn, type Plan, planOn } from './obstacles.ts'
import { copyGrants, grantToAssistant } from './readers.ts'
import { changeOf, commentsOn, listed } from './shape.ts'
import { GOLD_RUN, type Planned, standing } from './standing.ts'
import { droppingAll, type Keeper, keeperOf, noteRun, takeUp, type Undo, type Undone } from './undo.ts'
import { takeDown } from './views.ts'
import { lockPatiently, type Patience, patiently } from './waiting.ts'
import type { GoldTable, Warehouse } from './warehouse.ts'

/** Gold's next rows, on their way into place. */
export interface Publication {
  /** Begins the transaction ahead of time; what fails is told by `commit`. */
  begin: () => void
  /** Adds a finished table, and copies it ahead of time where the transaction has begun. */
  copy: (table: GoldTable) => void
  /**
   * Puts the rows of the added tables in place, and tells beside them what has several currencies; `beforeCommit` runs
   * once, when nothing but the last step is left.
   */
  commit: (beforeCommit?: () => Promise<void>, severalCurrencies?: string) => Promise<void>
  /** Leaves the old rows in place, unless the new ones already are. */
  close: () => Promise<void>
}

/** Where gold goes. */
export interface Target extends Ground, Undone, Pick<Patience, 'url' | 'seconds'> {
  /** Whether it is one table of the gold in place, which its other tables belong to as well. */
  isOne?: boolean
  /** Puts the rows of a finished table into the one of this quoted name. */
  fill: (client: pg.Client, into: string, table: GoldTable) => Promise<void>
}

/** On which PostgreSQL tells that gold is new, with the id of the run that made it. */
const CHANNEL = 'lingot_gold'

/** Copies rows as the warehouse gives them. */
export function byCopy(linesOf: Warehouse['copyLines']): Target['fill'] {
  return (client, into, table) => copyInto(client, `${into} (${listed(table)})`, linesOf(table))
}

/** Throws where gold could not be published, before any work is done for it; names the tables that no model makes. */
export function lookAhead(url: string, ground: Ground): Promise<string[]> {
  return withPostgres(url, async (client) => {
    const plan = await planOn(client, ground).catch((error: unknown) => {
      throw publishError(error)
    })
    return plan.unmade
  })
}

/** A transaction that holds all of gold, and what it still has to change. */
interface Transaction {
  client: pg.Client
  plan: Plan
  /** What is added to the history; nothing where it is not kept. */
  undo: Undo | undefined
}

/**
 * Replaces the rows of every gold table in one transaction: a reader sees all the old ones or all the new ones.
 *
 * Rows are written only where they differ, so readers never wait, and views, grants and what refers to a row stay. Only
 * where the columns of a table change do they wait, at the very end. Where the connection is lost everything is copied anew,
 * which gives the same rows whether the lost commit arrived or not.
 */
export function openPublication(target: Target, options: RetryOptions = {}): Publication {
  let transaction: Promise<Transaction> | undefined
  let isClosed = false
  const patience = { ...target, onNote: options.onNote }
  const tables: GoldTable[] = []
  /** How many of the tables are copied in the transaction, or on their way. */
  let copied = 0
  const begun = () => {
    transaction ??= begin(target, patience)
    transaction.catch(() => undefined)
    return transaction
  }
  let copying = Promise.resolve()
  const copyOn = () => {
    copying = copying.then(async () => {
      const transaction = await begun()
      for (const table of tables.slice(copied)) {
        copied++
        if (!isLate(transaction.plan, table)) await fill(transaction, target, table)
      }
    })
    // Met by who commits.
    copying.catch(() => undefined)
    return copying
  }
  const end = async () => {
    const begun = await transaction?.catch(() => undefined)
    await begun?.client.end().catch(() => undefined)
    // With its connection gone, a copy that is under way ends as well.
    await copying.catch(() => undefined)
    transaction = undefined
    copying = Promise.resolve()
    copied = 0
  }
  return {
    begin() {
      // A model that is still built when its run fails must not open a transaction that nobody ends.
      if (!isClosed) void begun()
    },
    copy(table) {
      tables.push(table)
      if (transaction !== undefined && !isClosed) void copyOn()
    },
    async commit(beforeCommit, severalCurrencies) {
      let before: Promise<void> | undefined
      let theirs: unknown
      try {
        await retried(async (attempt) => {
          if (attempt > 1) await end()
          await copyOn()
          const transaction = await begun()
          const { client, undo } = transaction
          const plan = await reshape(transaction, target, patience)
          for (const table of tables) {
            if (isLate(transaction.plan, table)) await fill({ client, plan, undo }, target, table)
          }
          await compare(client, target, tables)
          await grantToAssistant(client, target.schema, target.tables, target.contracts)
          if (target.erased !== undefined) await forget(client, target, target.erased)
          if (undo !== undefined) await noteRun(client, target, plan.history, undo)
          else await dropHistory(client, target, plan, patience)
          // Who keeps what was read of gold sees that it is another one.
          const goldRun = quoted(target.schema, GOLD_RUN)
          if (target.isOne) await client.query(`update only ${goldRun} set run = run`)
          else if (severalCurrencies !== undefined) {
            await client.query(`update only ${goldRun} set several_currencies = $1`, [severalCurrencies])
          }
          // Whoever listens hears of it once it is committed.
          await client.query(`select pg_notify('${CHANNEL}', run) from only ${goldRun}`)
          before ??= beforeCommit?.()
          await before?.catch((error: unknown) => {
            theirs = error
            throw final(error)
          })
          await client.query('commit')
        }, options)
      } catch (error) {
        throw error === theirs ? error : publishError(error)
      }
    },
    close() {
      isClosed = true
      return end()
    },
  }
}

/** Connects, waits for who else publishes to the schema, makes what is not there, and empties what changes its columns. */
async function begin(target: Target, patience: Patience, attempt = 1): Promise<Transaction> {
  const client = await connect(target.url)
  try {
    await client.query('begin isolation level read committed read write')
    await client.query(OWN_SETTINGS, [String(target.seconds * 1000)])
    const transaction = await hold(client, target, patience)
    await empty(transaction, target)
    return transaction
  } catch (error) {
    await client.end().catch(() => undefined)
    // Who was first to make gold has made it by now.
    if (attempt < 3 && error instanceof pg.DatabaseError && MADE_TWICE.test(`${error.code} ${error.constraint}`)) {
      return begin(target, patience, attempt + 1)
    }
    throw error
  }
}

/** A copy may take its time whatever is set for the role, but no lock may; and what has no time zone is UTC. */
const OWN_SETTINGS = `
  select set_config(name, case name when 'lock_timeout' then $1 else '0' end, true) from pg_settings
  where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')
  union all select set_config('timezone', 'UTC', true)`

/** Schemas and tables that another transaction made at the same moment. */
const MADE_TWICE = /^(42P0[67]|23505 pg_(class|type|namespace)_)/

/**
 * Takes all of gold for this transaction. Readers, who can take no lock but the weakest, are not in the way and do not
 * wait.
 */
async function hold(client: pg.Client, target: Target, patience: Patience): Promise<Transaction> {
  const { schema, tables } = target
  const before = groundIn(await standing(client, schema, namesOn(target)), target)
  const made: string[] = []
  const make = async (table: Planned, shop: Plan['shop']) => {
    await create(client, target, table, shop, patience)
    made.push(table.model.name)
  }
  if (before.found.length === 0) {
    await createSchema(client, schema, (make) => patiently(client, `the schema ${schema}`, make, patience))
  }
  for (const table of tables) {
    // Two that make the first gold meet here.
    const isThere = before.found.some(({ name }) => name === GOLD_RUN)
    if (table.model.name === GOLD_RUN && !isThere) await make(table, before.shop)
  }
  // Whose owner is another is refused below.
  const names = before.found.filter(({ isOwned }) => isOwned).map(({ name }) => name)
  const locked = [...names.filter((name) => name === GOLD_RUN), ...names.filter((name) => name !== GOLD_RUN)]
  if (locked.length > 0) {
    const lock = `lock table ${locked.map((name) => `only ${quoted(schema, name)}`).join(', ')} in exclusive mode`
    await lockPatiently(client, `the tables of gold in ${schema}`, lock, patience)
  }
  // What was seen before may have changed while it was waited for.
  const plan = await planOn(client, target)
  for (const table of tables) {
    if (!plan.found.some(({ name }) => name === table.model.name)) await make(table, plan.shop)
  }
  // What no model makes any more would be known as Lingot's by the gold beside it alone, which is marked now.
  for (const table of plan.shop === null || target.prune || target.isOne ? [] : plan.unmarked) {
    const columns = table.columns.flatMap(({ name, comment }) => (comment === null ? [] : [name]))
    const comment = commentWithMark(table.name, table.comment ?? '', { shop: plan.shop, columns })
    await client.query(`comment on table ${quoted(schema, table.name)} is ${pg.escapeLiteral(comment)}`)
  }
  // Versions before gave theirs to nobody.
  const ungranted = plan.found.filter(({ name, isUngranted }) => isUngranted && !made.includes(name))
  await copyGrants(client, schema, [...made, ...ungranted.map(({ name }) => name)])
  const { history, shop, changes: changing } = plan
  if (history.lack !== undefined) {
    patience.onNote?.(
      `Gold's history is not kept: ${history.lack}. \`lingot grants\` prints what it needs; \`history: { gold: false }\` does without.`,
    )
  }
  const undo = history.isKept
    ? await takeUp(client, target, history, { shop, made, changing, onNote: patience.onNote })
    : undefined
  return { client, plan, undo }
}

/** Empties the tables whose columns change. */
async function empty({ client, plan, undo }: Transaction, target: Target): Promise<void> {
  const keeper = keeping(target, plan, undo)
  const statements = [...plan.changes.keys()].flatMap((name) => {
    const planned = target.tables.find(({ model }) => model.name === name)
    const there = plan.found.find((there) => there.name === name)
    const kept = planned && there && keeper?.rowsOf(planned, there)
    return [...(kept ?? []), `delete from only ${quoted(target.schema, name)}`]
  })
  if (statements.length > 0) await client.query(statements.join(';\n'))
}

function keeping(target: Target, plan: Plan, undo: Undo | undefined): Keeper | undefined {
  return undo?.isKeeping ? keeperOf(target, plan.history, undo) : undefined
}

async function create(
  client: pg.Client,
  { schema }: Target,
  table: Planned,
  shop: Plan['shop'],
  patience: Patience,
): Promise<void> {
  const into = quoted(schema, table.model.name)
  await patiently(client, `${schema}.${table.model.name}`, `create table ${into} ()`, patience)
  const { steps } = changeOf(table, NOTHING)
  await client.query([`alter table ${into} ${steps.join(', ')}`, ...commentsOn(into, table, shop)].join(';\n'))
}

/** Of a table that is about to be made. */
const NOTHING = { columns: [], key: [], keyName: null, mark: undefined, isOlder: false }

/**
 * Changes the tables that are not yet what their models make, with what stands beside them: from here on their readers wait.
 */
async function reshape({ client, plan: before, undo }: Transaction, target: Target, patience: Patience): Promise<Plan> {
  const { schema, prune } = target
  const isNeeded = before.changes.size > 0 || (undo !== undefined && before.history.rebuilt.size > 0)
  if (!isNeeded && !prune) return before
  // Views may have been made while rows were copied.
  const plan = await planOn(client, target)
  const { history } = plan
  const name = (table: string) => quoted(schema, table)
  const dropped = prune ? plan.unmade : []
  const waitedFor = [...plan.changes.keys(), ...dropped].map((table) => [schema, table] as const)
  const beside = [...history.changes.keys()].map((table) => [history.rows, table] as const)
  const shown = [...new Set([...history.rebuilt, ...dropped, ...history.changes.keys()])].filter((table) =>
    history.shown.has(table),
  )
  const all = [...waitedFor, ...beside]
  if (all.length === 0 && history.rebuilt.size === 0) return plan
  const views = await takeDown(client, plan.views)
  // In the order in which readers take them, or each would wait for the other.
  await patiently(
    client,
    all.map((table) => table.join('.')).join(', '),
    [
      ...views.drop,
      ...shown.flatMap((table) => droppingView(history.views, table)),
      ...(all.length === 0
        ? []
        : [`lock table ${all.map((table) => `only ${quoted(...table)}`).join(', ')} in access exclusive mode`]),
    ].join('; '),
    patience,
  )
  for (const [table, { steps }] of plan.changes)
    await client.query(`alter table only ${name(table)} ${steps.join(', ')}`)
  if (dropped.length > 0) await client.query(`drop table ${dropped.map(name).join(', ')}`)
  const rebuilding = besideAnew(target, plan)
  if (rebuilding.length > 0) await client.query(rebuilding.join(';\n'))
  await views.putBack()
  return plan
}

/** Whether a table is filled once its columns, or those beside it, are what they are to be: it is locked no earlier. */
function isLate({ changes, history }: Plan, { model }: Planned): boolean {
  return changes.has(model.name) || history.changes.has(model.name)
}

/** What changes the tables and views beside gold after it. */
function besideAnew({ schema, tables, contracts }: Target, { history }: Plan): string[] {
  const { rows, changes, rebuilt } = history
  const planned = (name: string) => {
    const table = tables.find(({ model }) => model.name === name)
    const columns = table && keptColumns(table, contracts)
    return table && columns && { table, columns }
  }
  return [
    ...[...changes].flatMap(([name, { isDropped, steps }]) => {
      const next = planned(name)
      if (!isDropped) return steps
      return [`drop table ${quoted(rows, name)}`, ...(next ? tableBeside(rows, next.table, next.columns) : [])]
    }),
    ...[...rebuilt].flatMap((name) => {
      const next = planned(name)
      return next === undefined ? [] : viewAsOf(schema, next.table, next.columns).create
    }),
  ]
}

/** Drops what was kept of gold, where it is not to be. */
async function dropHistory(client: pg.Client, target: Target, { history }: Plan, patience: Patience): Promise<void> {
  const statements = target.history.gold ? [] : droppingAll(history)
  if (statements.length === 0) return
  await patiently(client, `what is kept in ${history.rows}`, statements.join('; '), patience)
  patience.onNote?.(`Gold's history is turned off: what ${history.rows} held is dropped.`)
}

async function fill({ client, plan, undo }: Transaction, target: Target, table: GoldTable): Promise<void> {
  const { found, shop, changes, history } = plan
  const { name } = table.model
  const keeper = keeping(target, plan, undo)
  const into = quoted(target.schema, name)
  const there = found.find((there) => there.name === name)
  const comments = commentsOn(into, table, shop, there)
  if (comments.length > 0) await client.query(comments.join(';\n'))
  const isNew = there === undefined || changes.has(name)
  if (isNew) await target.fill(client, into, table)
  else await exchange(client, target, table, there, keeper)
  const isUnknown = isNew || undo?.fresh.has(name) || history.changes.get(name)?.isDropped
  const noted = isUnknown ? (keeper?.newRows(table) ?? []) : []
  if (noted.length > 0) await client.query(noted.join(';\n'))
  if (name === GOLD_RUN && shop !== null) {
    await client.query(`update only ${into} set shop = $1, bronze = $2`, [shop.id, shop.bronze])
  }
}

/** Throws where other rows are there than were sent. */
async function compare(client: pg.Client, { schema }: Target, tables: readonly GoldTable[]): Promise<void> {
  // What is checked at the end may still refuse rows.
  await client.query('set constraints all immediate')
  const counts = tables.map(({ model }) => `(select count(*) from only ${quoted(schema, model.name)})`)
  const { rows } = await client.query<string[]>({ text: `select ${counts.join(', ')}`, rowMode: 'array' })
  for (const [i, { model, rows: sent }] of tables.entries()) {
    const arrived = Number(rows[0]?.[i])
    if (arrived === sent) continue
    throw await keptFromArriving(client, schema, model.name, `holds ${arrived} rows where ${sent} were sent`)
  }
}

export function publishError(error: unknown): unknown {
  if (error instanceof LingotError && error.kind !== 'server') return error
  const refusal = error instanceof pg.DatabaseError ? error : undefined
  const cause = { cause: error }
  if (refusal?.code === '42501') {
    return new LingotError(
      'permission',
      `PostgreSQL refused to write gold: ${reasonOf(error)}.`,
      'Grant the user what it needs, with the tables its own: `lingot grants` prints it.',
      cause,
    )
  }
  const reason = refusal === undefined ? reasonOf(error) : reasonIn(refusal)
  return new LingotError(
    'publish',
    `Gold could not be published, the old tables stay: ${reason.replace(/\.$/, '')}.`,
    nextAfter(error, refusal),
    cause,
  )
}

/** What a function of the user's own says, and what is said of a value, may hold the value. */
function reasonIn(error: pg.DatabaseError): string {
  if (!/^(P0|22)/.test(error.code ?? '')) return reasonOf(error)
  const [, code] = /^(?:PL\/pgSQL|SQL) function (\S+?)\(/.exec(error.where ?? '') ?? []
  const who = code === undefined ? '' : `, in the function ${code}`
  return `PostgreSQL refused a row with the error ${error.code}${who}; what it says is not shown, since it may be personal`
}

function nextAfter(error: unknown, refusal: pg.DatabaseError | undefined): string {
  const { code = '', constraint, table, column } = refusal ?? {}
  if (code === DISK_FULL || NO_ROOM.test(reasonOf(error)))
    return 'Make room where PostgreSQL keeps its data, then run it again.'
  if (code.startsWith('23')) {
    const what = constraint === undefined ? `the column ${column}` : `the constraint ${constraint}`
    return `Look at ${what} of ${table}: drop it where it is your own, or let it pass. Triggers and rules that keep rows from being deleted do the same.`
  }
  if (/^(P0|22)/.test(code))
    return 'Drop the trigger or rule of your own that refuses it, or let it pass, then run it again.'
  if (/^(2BP01|0A000|55006)$/.test(code)) return 'Drop what depends on the table, run it again, and make it anew.'
  if (code === '55P03')
    return 'Somebody holds what gold needs. Have that transaction ended, or wait longer: LINGOT_PUBLISH_WAIT, or publishWait in the configuration file.'
  if (code === '57014') return 'Somebody ended the statement on the server: run it again.'
  return isTransient(error)
    ? 'See `lingot doctor`, then run it again.'
    : 'Mend what PostgreSQL names, then run it again.'
}

const DISK_FULL = '53100'
/** What PostgreSQL says of a file that may not grow, under a code that says nothing. */
const NO_ROOM = /^could not (extend|write)|No space left|File too large/
