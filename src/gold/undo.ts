import pg from 'pg'
import { createSchema } from '../postgres/client.ts'
import { quoted } from '../postgres/quoting.ts'
import { isSameShop, type Shop } from '../runs/shop.ts'
import { ASKED, asked, droppingView, viewAsOf } from './as_of.ts'
import { besideOf, type Column, type Keeping, keptColumns, OWN_COLUMNS, RUNS } from './beside.ts'
import { type HistoryPlan, tableBeside } from './history.ts'
import { indexed } from './key.ts'
import { commentWithMark } from './mark.ts'
import { GOLD_RUN, type Planned, type Standing } from './standing.ts'

/** What a run adds to the history of gold. */
export interface Undo {
  /** The run's number there. */
  number: number
  /** Whether rows that it replaces are kept: not where no run before is known, and not a second time. */
  isKeeping: boolean
  /** Whether the run is there already: the answer to its commit was lost. */
  isRepeated: boolean
  /** Tables that had none. */
  fresh: Set<string>
}

export interface Undone extends Keeping {
  schema: string
  tables: readonly Planned[]
  /** The run that publishes. */
  run?: string | undefined
  /** Who is to be nowhere in it. */
  erased?: string | undefined
}

interface Before {
  shop: Shop | null
  /** Gold's tables that were made just now. */
  made: readonly string[]
  /** Those whose columns change later. */
  changing: ReadonlyMap<string, unknown>
  onNote?: ((note: string) => void) | undefined
}

/** Takes the history beside gold up where it knows the gold in place, and begins it anew where it does not. */
export async function takeUp(
  client: pg.Client,
  target: Undone,
  plan: HistoryPlan,
  { shop, made, changing, onNote }: Before,
): Promise<Undo> {
  const { schema, tables, contracts, run } = target
  const { rows, shown } = plan
  const runs = quoted(rows, RUNS)
  for (const missing of plan.missing) await createSchema(client, missing)
  const { sql, comment } = runsTable(schema, shop)
  if (plan.runs?.comment !== comment) await client.query(sql.join(';\n'))

  const known = await client.query<Known>(
    `select
       (select row_to_json(runs) from ${runs} as runs order by number desc limit 1) as last,
       (select run from only ${quoted(schema, GOLD_RUN)} limit 1) as "goldRun",
       array(select name from unnest($2::text[]) as name where to_regclass(format('%I.%I', $1::text, name)) is null) as lost`,
    [schema, [...plan.tables.keys()]],
  )
  const { last = null, goldRun = null, lost = [] } = known.rows[0] ?? {}
  const gone = [...plan.tables.keys()].filter((name) => lost.includes(name) || made.includes(name))
  const whose = plan.runs?.mark.shop ?? null
  const isSame = whose === null || shop === null || isSameShop(whose, shop)
  const isKnown = last !== null && last.gold_run === goldRun && gone.length === 0 && isSame
  if (!isKnown && (last !== null || plan.tables.size > 0)) {
    const why = isSame ? 'gold was changed without it' : 'it is that of another shop'
    onNote?.(`Gold's history begins anew: ${why}.`)
    for (const name of gone) {
      plan.tables.delete(name)
      plan.changes.delete(name)
      shown.delete(name)
    }
    const others = [RUNS, ...plan.tables.keys()].map((name) => `delete from only ${quoted(rows, name)}`)
    const dropped = gone.flatMap((name) => [...droppingView(plan.views, name), `drop table ${quoted(rows, name)}`])
    await client.query([...dropped, ...others].join(';\n'))
  }

  const fresh = new Set<string>()
  const statements: string[] = []
  for (const planned of tables) {
    const { name } = planned.model
    const columns = keptColumns(planned, contracts)
    if (columns === undefined) continue
    if (!plan.tables.has(name)) {
      fresh.add(name)
      statements.push(...tableBeside(rows, planned, columns))
    }
    const isLater = changing.has(name) || plan.changes.has(name)
    if (!shown.has(name) && !isLater) statements.push(...viewAsOf(schema, planned, columns).create)
  }
  if (statements.length > 0) await client.query(statements.join(';\n'))
  const isRepeated = isKnown && run !== undefined && last.run === run
  return {
    number: last === null ? 1 : isRepeated ? last.number : last.number + 1,
    isKeeping: isKnown && !isRepeated,
    isRepeated,
    fresh,
  }
}

interface Known {
  last: { number: number; run: string; gold_run: string } | null
  goldRun: string | null
  lost: string[]
}

function runsTable(schema: string, shop: Shop | null): { sql: string[]; comment: string } {
  const { rows } = besideOf(schema)
  const runs = quoted(rows, RUNS)
  const { sql, version } = asked(schema)
  const description = `The runs that published gold, with the run that all of it is of, by PostgreSQL's clock (${version}).`
  const comment = commentWithMark(RUNS, description, { shop, columns: ['number'] })
  return {
    sql: [
      `create table if not exists ${runs} (
         number int primary key, run text not null, gold_run text not null, published_at timestamptz not null)`,
      sql,
      `grant execute on function ${quoted(rows, ASKED)}() to public`,
      `comment on table ${runs} is ${pg.escapeLiteral(comment)}`,
    ],
    comment,
  }
}

/** What keeps rows of gold's tables as they are, or notes that there were none. */
export interface Keeper {
  /** All rows of a table whose columns are about to change. */
  rowsOf: (planned: Planned, there: Pick<Standing, 'columns'>) => string[]
  /** The rows that differ, by what a table of differences calls them. */
  differences: (planned: Planned, differing: string, kind: string) => string[]
  /** That rows of a table are new. */
  newRows: (planned: Planned) => string[]
  /** The columns that are kept of a table; undefined where it has no history that goes on. */
  columnsOf: (planned: Planned) => string[] | undefined
}

export function keeperOf({ schema, contracts }: Undone, plan: HistoryPlan, { number, fresh }: Undo): Keeper {
  const into = ({ model }: Planned) => quoted(plan.rows, model.name)
  const goesOn = (name: string) => !fresh.has(name) && plan.changes.get(name)?.isDropped !== true
  const since = (planned: Planned, of: string) => {
    const [before, row] = ['before', of].map((alias) => `(${indexed(planned, alias).parts.join(', ')})`)
    return `(select max(before.to_run) from ${into(planned)} as before where ${before} = ${row})`
  }
  const keep = (planned: Planned, names: readonly string[], of: string, isAbsent: boolean, from: string) => {
    const columns = names.map(pg.escapeIdentifier)
    return `insert into ${into(planned)} (${[...columns, ...OWN_COLUMNS].join(', ')})
      select ${columns.map((name) => `${of}.${name}, `).join('')}${since(planned, of)}, ${number}, ${isAbsent} from ${from}`
  }
  const keyed = ({ model }: Planned, one: string, other: string) =>
    model.key.map((name) => `${one}.${pg.escapeIdentifier(name)} = ${other}.${pg.escapeIdentifier(name)}`).join(' and ')
  const columnsOfKept = (planned: Planned) => {
    const columns = goesOn(planned.model.name) ? keptColumns(planned, contracts) : undefined
    return columns?.map(({ name }) => name)
  }
  return {
    columnsOf: columnsOfKept,
    rowsOf(planned, there) {
      const { name } = planned.model
      const before = plan.tables.get(name)
      if (before === undefined || !goesOn(name)) return []
      // A column of which somebody changed the type by hand is none that could be kept.
      const isAlike = ({ name, type }: Column) =>
        there.columns.some((column) => column.name === name && (column.type === type || isNumeric(column.type, type)))
      const names = before.columns.filter(isAlike).map(({ name }) => name)
      if (planned.model.key.some((column) => !names.includes(column))) return [`delete from only ${into(planned)}`]
      return [keep(planned, names, 'old', false, `only ${quoted(schema, name)} as old`)]
    },
    differences(planned, differing, kind) {
      const names = columnsOfKept(planned)
      if (names === undefined) return []
      const table = quoted(schema, planned.model.name)
      const changed = `only ${table} as old inner join ${differing} as next on ${keyed(planned, 'next', 'old')}
        where next.${kind} in ('gone', 'changed')`
      return [
        keep(planned, names, 'old', false, changed),
        keep(planned, planned.model.key, 'next', true, `${differing} as next where next.${kind} = 'new'`),
      ]
    },
    newRows(planned) {
      if (keptColumns(planned, contracts) === undefined) return []
      const isKept = `select from ${into(planned)} as entry where entry.to_run = ${number} and ${keyed(planned, 'entry', 'place')}`
      const from = `only ${quoted(schema, planned.model.name)} as place where not exists (${isKept})`
      return [keep(planned, planned.model.key, 'place', true, from)]
    },
  }
}

/** Whether a type of gold goes into a column of numbers of any scale. */
function isNumeric(type: string, kept: string): boolean {
  return kept === 'numeric' && /^(numeric|bigint|integer)/.test(type)
}

/** Notes the run, when all rows are in place, and takes out what is not to be kept any longer. */
export async function noteRun(client: pg.Client, target: Undone, plan: HistoryPlan, undo: Undo): Promise<void> {
  const { schema, history, run } = target
  const runs = quoted(plan.rows, RUNS)
  if (!undo.isRepeated) {
    const id = run === undefined ? 'run' : pg.escapeLiteral(run)
    const noted = await client.query<never>(
      `insert into ${runs} select ${undo.number}, ${id}, run, greatest(
         clock_timestamp(), (select max(published_at) + interval '1 microsecond' from ${runs})
       ) from only ${quoted(schema, GOLD_RUN)};
       delete from ${runs} where number <= (select number from ${runs} order by number desc offset ${history.keep} limit 1)`,
    )
    const [, pruned] = noted as unknown as pg.QueryResult[]
    const old = (name: string) =>
      `delete from ${quoted(plan.rows, name)} where to_run <= (select min(number) from ${runs})`
    const kept = [...plan.tables.keys()].filter((name) => plan.changes.get(name)?.isDropped !== true)
    if (pruned?.rowCount && kept.length > 0) await client.query(kept.map(old).join(';\n'))
  }
  const { rows: rights } = await client.query<{ right: string }>(RIGHTS, [
    schema,
    plan.rows,
    plan.views,
    GOLD_RUN,
    RUNS,
  ])
  if (rights.length > 0) await client.query(rights.map(({ right }) => right).join(';\n'))
}

const ROLE = "case grantee when 0 then 'public' else grantee::regrole::text end"

/** What lets those read the history of a table, and no others, who read all rows of the table. */
const RIGHTS = `
  with relations as (
    select relname, nspname, relowner, relacl, relrowsecurity from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = $1 and relkind = 'r' or nspname in ($2, $3) and relkind in ('r', 'v')
      and obj_description(pg_class.oid, 'pg_class') like E'%\\n\\nLingot%\\nColumns of %: %'
  ), reading as (
    select nspname, relname, grantee, relrowsecurity
    from relations, aclexplode(relacl) where privilege_type = 'SELECT' and grantee <> relowner
  ), wanted as (
    select beside.nspname, beside.relname, grantee
    from relations as beside
    inner join reading on reading.nspname = $1 and not reading.relrowsecurity
      and reading.relname = case when beside.nspname = $2 and beside.relname = $5 then $4 else beside.relname end
    where beside.nspname in ($2, $3)
  ), given as (
    select nspname, relname, grantee from reading where nspname in ($2, $3)
  )
  select format('grant select on %I.%I to %s', nspname, relname, ${ROLE}) as right
  from (table wanted except table given) as lacking
  union all
  select format('revoke select on %I.%I from %s', nspname, relname, ${ROLE})
  from (table given except table wanted) as left_over
  union all
  select format('grant usage on schema %I to %s', nspname, ${ROLE})
  from (
    select distinct nspname, grantee from wanted inner join pg_namespace using (nspname)
    where pg_has_role(nspowner, 'usage')
    except
    select nspname, grantee from pg_namespace, aclexplode(nspacl) where privilege_type = 'USAGE'
  ) as outside`

/** What drops all that is Lingot's beside gold. */
export function droppingAll({ rows, views, runs, tables, shown }: HistoryPlan): string[] {
  if (runs === undefined) return []
  return [
    ...[...shown.keys()].flatMap((name) => droppingView(views, name)),
    ...[...tables.keys(), RUNS].map((name) => `drop table if exists ${quoted(rows, name)}`),
    `drop function if exists ${quoted(rows, ASKED)}()`,
  ]
}
