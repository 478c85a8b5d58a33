import pg from 'pg'
import { LingotError, reasonOf } from '../system/errors.ts'
import { isTransient } from '../system/retry.ts'

/** What depends on columns of a table that are to change. */
export interface Dependents {
  /** Object ids of the views, each behind those that it reads. */
  views: string[]
  /** What cannot be made anew, in PostgreSQL's words: `materialized view sales_by_day`. */
  others: string[]
}

/** Looks for what depends on some columns of tables, or on all of a table where none are given. */
export async function dependentsOf(
  client: pg.ClientBase,
  tables: readonly { table: string; columns?: readonly number[] }[],
): Promise<Dependents> {
  if (tables.length === 0) return { views: [], others: [] }
  const { rows } = await client.query<{ view: string | null; other: string | null }>(DEPENDENTS, [
    JSON.stringify(tables),
  ])
  const distinct = (found: (string | null)[]) => [...new Set(found.flatMap((name) => name ?? []))]
  return { views: distinct(rows.map(({ view }) => view)), others: distinct(rows.map(({ other }) => other)) }
}

/**
 * Plain views are followed to the views that read them. What belongs to the table itself, as its indexes do, PostgreSQL
 * changes along with it.
 */
const DEPENDENTS = `
  with recursive seeds as (
    select "table", columns from json_to_recordset($1) as seed("table" oid, columns int[])
  ), reading(relation, columns, depth) as (
    select "table", columns, 0 from seeds
    union
    select ev_class, null, depth + 1
    from reading
    inner join pg_depend on refclassid = 'pg_class'::regclass and refobjid = relation
      and (columns is null or refobjsubid = any(columns))
    inner join pg_rewrite on classid = 'pg_rewrite'::regclass and pg_rewrite.oid = objid
    inner join pg_class on pg_class.oid = ev_class and relkind = 'v' and ev_class <> relation
    where rulename = '_RETURN' and depth < 100
  ), depending as (
    select distinct classid, objid, objsubid, depth
    from reading
    inner join pg_class on pg_class.oid = relation
    inner join pg_depend on (
      refclassid = 'pg_class'::regclass and refobjid = relation and (columns is null or refobjsubid = any(columns))
      or refclassid = 'pg_type'::regclass and depth > 0 and refobjid = reltype
    )
    -- What is automatic falls with a table or a view that is dropped, and is in the way of a column that changes.
    where (deptype = 'n' or deptype = 'a' and (depth > 0 or columns is not null))
      and not (classid = 'pg_class'::regclass and objid in (select "table" from seeds))
      and not (classid = 'pg_rewrite'::regclass and exists (
        select from pg_rewrite inner join pg_class on pg_class.oid = ev_class
        where pg_rewrite.oid = objid and rulename = '_RETURN' and relkind = 'v'
      ))
      and not (classid = 'pg_class'::regclass and exists (select from pg_index where indexrelid = objid))
      and not (classid = 'pg_constraint'::regclass and exists (
        select from pg_constraint where pg_constraint.oid = objid and conrelid in (select "table" from seeds)
      ))
      and not (classid = 'pg_trigger'::regclass and exists (
        select from pg_trigger where pg_trigger.oid = objid and tgisinternal
      ))
      and not (classid = 'pg_attrdef'::regclass and depth = 0 and exists (
        select from pg_attrdef inner join pg_attribute on attrelid = adrelid and attnum = adnum
        where pg_attrdef.oid = objid and attgenerated = ''
      ))
      and classid <> 'pg_statistic_ext'::regclass
  )
  select view, other
  from (
    select relation::text as view, null as other, max(depth) as depth from reading where depth > 0 group by relation
    union all
    select null, coalesce(
      (
        select case relkind when 'm' then 'materialized view ' else 'a rule of ' end || ev_class::regclass
        from pg_rewrite inner join pg_class on pg_class.oid = ev_class
        where classid = 'pg_rewrite'::regclass and pg_rewrite.oid = objid
      ),
      pg_describe_object(classid, objid, objsubid)
    ), depth
    from depending
    union all
    select null, 'view ' || relation::regclass, depth
    from reading inner join pg_class on pg_class.oid = relation
    where depth > 0 and (relpersistence = 't' or not pg_has_role(relowner, 'usage'))
  ) as found
  order by depth`

/** What drops views, and what makes them anew, with their owner, rights and comments. */
export async function takeDown(
  client: pg.ClientBase,
  views: readonly string[],
): Promise<{ drop: string[]; putBack: () => Promise<void> }> {
  if (views.length === 0) return { drop: [], putBack: async () => undefined }
  // Where the path of names holds nothing, they are written in full.
  const inFull = async <T>(work: () => Promise<T>): Promise<T> => {
    const { rows } = await client.query<{ path: string }>("select current_setting('search_path') as path")
    const to = (path = '') => client.query("select set_config('search_path', $1, true)", [path])
    await to()
    const result = await work()
    await to(rows[0]?.path)
    return result
  }
  const dependents = await inFull(async () => (await client.query<Kept>(KEPT, [views])).rows)
  const putBack = async () => {
    for (const view of dependents) {
      await remake(client, view).catch((error: unknown) => {
        throw remakeError(view.name, error)
      })
    }
  }
  const names = dependents.map(({ name }) => name).reverse()
  return { drop: [`drop view ${names.join(', ')}`], putBack: () => inFull(putBack) }
}

async function remake(client: pg.ClientBase, { name, definition, owner, statements }: Kept): Promise<void> {
  await client.query(`create view ${definition}; alter view ${name} owner to ${owner}`)
  // Rights that new tables get by default were not asked for here.
  const { rows } = await client.query<{ role: string }>(GIVEN, [name])
  const revoked = rows.map(({ role }) => `revoke all on ${name} from ${role}`)
  await client.query([...revoked, ...statements].join(';\n'))
}

/** PostgreSQL names what a view lacks, but not the view. */
function remakeError(name: string, error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError) || isTransient(error)) return error
  return new LingotError(
    error.code === '42501' ? 'permission' : 'publish',
    `Gold could not be published, the old tables stay: columns change, and the view ${name} on them cannot be made anew: ${reasonOf(error).replace(/\.$/, '')}.`,
    'Drop the view, run this again, and make it anew.',
    { cause: error },
  )
}

interface Kept {
  name: string
  definition: string
  owner: string
  /** What follows when it is there again. */
  statements: string[]
}

const ROLE = "case grantee when 0 then 'public' else grantee::regrole::text end"

const GIVEN = `
  select distinct ${ROLE} as role from pg_class, aclexplode(relacl) where pg_class.oid = to_regclass($1)`

const KEPT = `
  select
    name,
    name || coalesce(' with (' || array_to_string(reloptions, ', ') || ')', '') || ' as ' || pg_get_viewdef(oid) as definition,
    relowner::regrole::text as owner,
    array(
      select format('grant %s on %s to %s', privilege_type, name, ${ROLE})
        || case when is_grantable then ' with grant option' else '' end
      from aclexplode(coalesce(relacl, acldefault('r', relowner)))
    ) || array(
      select format('grant %s (%I) on %s to %s', privilege_type, attname, name, ${ROLE})
        || case when is_grantable then ' with grant option' else '' end
      from pg_attribute, aclexplode(attacl) where attrelid = oid
    ) || array(
      select format('comment on view %s is %L', name, description)
      from pg_description where objoid = oid and classoid = 'pg_class'::regclass and objsubid = 0
    ) || array(
      select format('comment on column %s.%I is %L', name, attname, description)
      from pg_description inner join pg_attribute on attrelid = objoid and attnum = objsubid
      where objoid = oid and classoid = 'pg_class'::regclass and objsubid > 0
    ) as statements
  from unnest($1::oid[]) with ordinality as wanted(view, place)
  inner join (
    select pg_class.*, format('%I.%I', nspname, relname) as name
    from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace
  ) as views on oid = view
  order by place`
