import pg from 'pg'
import type { Contract } from '../contracts/contract.ts'
import { quoted } from '../postgres/quoting.ts'
import { LingotError } from '../system/errors.ts'
import { viewAsOf } from './as_of.ts'
import { besideOf, type Column, type Keeping, keptColumns, OWN_COLUMNS, RUNS } from './beside.ts'
import { personalColumns } from './checks.ts'
import { indexed } from './key.ts'
import { commentWithMark, markInComment, type TableMark } from './mark.ts'
import type { Planned } from './standing.ts'

/** What is done to a table beside one of gold's, last before the commit. */
interface Change {
  /** Whether what it holds is told by another key than that of the rows to come, or must not stay. */
  isDropped: boolean
  steps: string[]
}

/** A table or view beside gold. */
interface Beside {
  name: string
  oid: string
  comment: string
  isOwned: boolean
  mark: TableMark
  columns: Column[]
}

interface Named {
  columns: readonly { name: string }[]
}

/** What stands beside gold, and what is to be done there. */
export interface HistoryPlan {
  rows: string
  views: string
  /** Whether the rows that are replaced are kept. */
  isKept: boolean
  /** Why they cannot be. */
  lack: string | undefined
  /** The schemas that are not there. */
  missing: string[]
  runs: Beside | undefined
  /** By name. */
  tables: Map<string, Beside>
  shown: Map<string, Beside>
  changes: Map<string, Change>
  /** Tables whose views are made anew, last before the commit. */
  rebuilt: Set<string>
}

interface Ground extends Keeping {
  schema: string
  tables: readonly Planned[]
}

/** Looks at what stands beside gold, of which some tables change and some go; throws where it is not Lingot's. */
export async function historyOn(
  client: pg.ClientBase,
  ground: Ground,
  { changing, going }: { changing: readonly string[]; going: readonly string[] },
): Promise<HistoryPlan> {
  const { rows, views } = besideOf(ground.schema)
  const names = ground.tables.map(({ model }) => model.name)
  const found = await client.query<Schema>(BESIDE, [[rows, views]])
  const [ofRows, ofViews] = [rows, views].map((name) => found.rows.find(({ schema }) => schema === name))
  const tables = ownIn(ofRows, isTableBeside)
  const shown = ownIn(ofViews, isViewBeside)
  if (ground.history.gold) {
    refuseForeign(ofRows, tables, [RUNS, ...names])
    refuseForeign(ofViews, shown, names)
  }
  const runs = tables.get(RUNS)
  tables.delete(RUNS)
  const lacking = [ofRows, ofViews].find((schema) => schema?.mayCreate !== true)
  const isKept = ground.history.gold && lacking === undefined
  const lack = `this user may not ${lacking?.isThere ? 'create tables in' : 'create'} the schema ${lacking?.schema}`
  const changes: HistoryPlan['changes'] = new Map()
  const rebuilt = new Set<string>()
  for (const name of going) if (tables.has(name)) changes.set(name, { isDropped: true, steps: [] })
  for (const planned of isKept ? ground.tables : []) {
    const { name } = planned.model
    const there = tables.get(name)
    if (planned.columns.length === 0 || there === undefined) continue
    const change = changeOf(planned, there, quoted(rows, name), ground.contracts)
    if (change.isDropped || change.steps.length > 0) changes.set(name, change)
    const view = viewAsOf(ground.schema, planned, keptColumns(planned, ground.contracts) ?? [])
    if (shown.has(name) && shown.get(name)?.comment !== view.comment) rebuilt.add(name)
  }
  for (const name of [...changing, ...changes.keys()]) if (names.includes(name) && isKept) rebuilt.add(name)
  return {
    rows,
    views,
    isKept,
    lack: ground.history.gold && !isKept ? lack : undefined,
    missing: [ofRows, ofViews].flatMap((schema) => (schema?.isThere ? [] : (schema?.schema ?? []))),
    runs,
    tables,
    shown,
    changes,
    rebuilt,
  }
}

/** What of one schema is Lingot's and kept of gold, by name: gold of another shop is marked as well. */
function ownIn(schema: Schema | undefined, isKept: (relation: Beside) => boolean): Map<string, Beside> {
  const own = new Map<string, Beside>()
  for (const { comment, ...relation } of schema?.relations ?? []) {
    const mark = markInComment(relation.name, comment)
    if (mark === undefined) continue
    const marked = { ...relation, comment: comment ?? '', mark }
    if (isKept(marked)) own.set(relation.name, marked)
  }
  return own
}

/** Whether a table is of what is kept of some gold. */
export function isTableBeside({ name, mark, columns }: Pick<Beside, 'name' | 'mark'> & Named): boolean {
  const has = (wanted: readonly string[]) => wanted.every((name) => columns.some((column) => column.name === name))
  if (name === RUNS) return mark.columns.join() === 'number' && has(['number', 'gold_run'])
  return mark.shop === null && has(OWN_COLUMNS)
}

function isViewBeside({ mark }: Beside): boolean {
  return mark.columns.length === 0
}

/** Throws where something in a schema is in the way of what is kept of gold. */
function refuseForeign(schema: Schema | undefined, own: ReadonlyMap<string, Beside>, names: readonly string[]): void {
  const others = schema?.relations.flatMap(({ name }) => (own.has(name) ? [] : [name])) ?? []
  // One that was there before, with anything else in it, is somebody's.
  const foreign = own.size === 0 ? others[0] : others.find((name) => names.includes(name))
  if (foreign === undefined) return
  throw new LingotError(
    'publish',
    `${schema?.schema}.${foreign} is not Lingot's, and gold's history would be written there.`,
    'Nothing was changed. Call that schema otherwise, give gold another one (goldSchema in the configuration file), or keep no history of it: `history: { gold: false }`.',
  )
}

function changeOf(planned: Planned, there: Beside, into: string, contracts: readonly Contract[]): Change {
  const wanted = keptColumns(planned, contracts)
  const { key } = planned.model
  const isOtherKey = there.mark.columns.join() !== key.join()
  const other = ({ name, type }: Column) => {
    const before = there.columns.find((column) => column.name === name)
    return before !== undefined && before.type !== type ? before : undefined
  }
  const isOtherPart = wanted?.some((column) => key.includes(column.name) && other(column) !== undefined)
  if (wanted === undefined || isOtherKey || isOtherPart) return { isDropped: true, steps: [] }
  const personal = personalColumns(contracts, planned.model)
  const steps: string[] = []
  const add = (step: string) => steps.push(`alter table ${into} ${step}`)
  for (const { name } of there.columns) {
    if (personal.has(name) && !OWN_COLUMNS.includes(name)) add(`drop column ${pg.escapeIdentifier(name)}`)
  }
  for (const column of wanted) {
    const name = pg.escapeIdentifier(column.name)
    const before = other(column)
    if (before !== undefined && `${before.type} ${column.type}` === 'bigint numeric') {
      add(`alter column ${name} type numeric`)
      continue
    }
    // What was of another kind stays under a name that tells.
    if (before !== undefined) add(`rename column ${name} to ${pg.escapeIdentifier(freeName(before, there.columns))}`)
    if (before !== undefined || !there.columns.some((one) => one.name === column.name)) {
      add(`add column ${name} ${column.type}`)
    }
  }
  return { isDropped: false, steps }
}

/** `total_text`, `total_text_2`. */
function freeName({ name, type }: Column, columns: readonly Column[]): string {
  const stem = `${name.slice(0, 40)}_${/^\w+/.exec(type)?.[0]}`
  const isTaken = (wanted: string) => columns.some((column) => column.name === wanted)
  for (let i = 1; ; i++) {
    const wanted = i === 1 ? stem : `${stem}_${i}`
    if (!isTaken(wanted)) return wanted
  }
}

/** What makes the table that keeps the rows of one of gold's. */
export function tableBeside(rows: string, planned: Planned, columns: readonly Column[]): string[] {
  const { name, key } = planned.model
  const into = quoted(rows, name)
  const listed = columns.map((column) => `${pg.escapeIdentifier(column.name)} ${column.type}`)
  const description = `What rows of ${name} were from one run to another, by their numbers in ${RUNS}.`
  const comment = commentWithMark(name, description, { shop: null, columns: key })
  return [
    `create table ${into} (from_run int, to_run int not null, is_absent boolean not null, ${listed.join(', ')})`,
    `create index on ${into} (to_run)`,
    `create index on ${into} (${[...indexed(planned).parts, 'to_run'].join(', ')})`,
    `comment on table ${into} is ${pg.escapeLiteral(comment)}`,
  ]
}

/** What a schema holds. */
interface Schema {
  schema: string
  isThere: boolean
  mayCreate: boolean
  relations: (Omit<Beside, 'mark' | 'comment'> & { comment: string | null })[]
}

const BESIDE = `
  select
    wanted as schema,
    n.oid is not null as "isThere",
    coalesce(
      has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create'),
      has_database_privilege(current_database(), 'create')
    ) as "mayCreate",
    coalesce((
      select json_agg(json_build_object(
        'name', relname, 'oid', c.oid::text, 'comment', obj_description(c.oid, 'pg_class'),
        'isOwned', pg_has_role(relowner, 'usage'),
        'columns', (
          select coalesce(json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod))), '[]')
          from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
        )
      ) order by relname)
      from pg_class c where relnamespace = n.oid and relkind not in ('i', 'I', 't')
    ), '[]') as relations
  from unnest($1::text[]) as wanted left join pg_namespace n on nspname = wanted`
