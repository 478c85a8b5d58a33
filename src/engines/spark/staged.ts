import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { commentWithMark } from '../../gold/mark.ts'
import { refuseForeignTables } from '../../gold/obstacles.ts'
import type { Target } from '../../gold/publish.ts'
import { columnsOf, listed } from '../../gold/shape.ts'
import { type Planned, standing } from '../../gold/standing.ts'
import { createSchema, withPostgres } from '../../postgres/client.ts'
import { copyInto, copyLines } from '../../postgres/copy.ts'
import { quoted } from '../../postgres/quoting.ts'
import { commandOf } from '../../system/alive.ts'
import { LingotError } from '../../system/errors.ts'

/*
 * Gold beside the tables that readers see: what tasks copy stands in tables of the job's own until all of it is there.
 */

/** The table in which a job stages one of gold. */
export function stagedName(run: string, model: string): string {
  return `next_${run}_${model}`
}

/** Which tasks have staged their rows: one that is done again finds that they are there. */
function ledgerName(run: string): string {
  return `next_${run}`
}

/** Makes the empty tables of a job. */
export async function createStaged(
  url: string,
  schema: string,
  run: string,
  tables: readonly Planned[],
): Promise<void> {
  await withPostgres(url, async (client) => {
    // Another one that makes the schema is not waited for for ever.
    await client.query("begin; set local lock_timeout to '3min'")
    await createSchema(client, schema)
    const wanted = [ledgerName(run), ...tables.map(({ model }) => stagedName(run, model.name))]
    const there = (await standing(client, schema, wanted)).filter(({ name }) => wanted.includes(name))
    refuseForeignTables(schema, there)
    // What a crash of the server empties is noticed by its rows, which are counted before they are published.
    const create = async (name: string, columns: readonly string[]) => {
      if (there.some((table) => table.name === name)) return
      const mark = { shop: null, columns: [] }
      await client.query(
        `create unlogged table ${quoted(schema, name)} (${columns.join(', ')});
         comment on table ${quoted(schema, name)} is ${pg.escapeLiteral(commentWithMark(name, `Of the run ${run}, on its way into gold.`, mark))}`,
      )
    }
    await create(ledgerName(run), ['part integer primary key'])
    for (const table of tables) {
      const defined = columnsOf(table).map(({ name, type }) => `${pg.escapeIdentifier(name)} ${type}`)
      await create(stagedName(run, table.model.name), defined)
    }
    await client.query('commit')
  })
}

/** Stages what a task got, in one step and once, however often it is tried; `stage` adds rows to a table. */
export async function stageOnce(
  client: pg.Client,
  { schema, run, part }: { schema: string; run: string; part: number },
  work: (stage: (model: string, rows: AsyncIterable<readonly (string | null)[]>) => Promise<void>) => Promise<void>,
): Promise<void> {
  // What has no time zone is UTC.
  await client.query("begin; set local timezone to 'UTC'")
  const noted = await client.query(
    `insert into ${quoted(schema, ledgerName(run))} values ($1) on conflict do nothing`,
    [part],
  )
  await work(async (model, rows) => {
    if (noted.rowCount === 0) for await (const _ of rows);
    else {
      await copyInto(client, quoted(schema, stagedName(run, model)), copyLines(rows))
    }
  })
  // Where the executor was killed its rows end as well, and not all of them came.
  await setTimeout(DYING_MS)
  if (isOrphan()) throw new LingotError('server', 'The executor of a task has ended.', 'Run it again.')
  await client.query('commit')
}

/** How long a process may take from closing its pipes to having ended. */
const DYING_MS = 250
const EXECUTOR = process.ppid

/** Whether the executor that began this task has ended, which may have been before this could look at it. */
function isOrphan(): boolean {
  return process.ppid !== EXECUTOR || !EXECUTORS.has(commandOf(process.ppid) ?? '')
}

/** An executor is a Java; some shells stay between it and its tasks. Nobody else gives a task rows. */
const EXECUTORS: ReadonlySet<string> = new Set(['java', 'bash', 'sh', 'dash', ''])

/** Puts what is staged into place; throws where rows of it are missing. */
export function fromStaged(schema: string, run: string): Target['fill'] {
  return async (client, into, table) => {
    const staged = quoted(schema, stagedName(run, table.model.name))
    const own = listed(table)
    const { rows } = await client.query<{ rows: string }>(`select count(*) as rows from ${staged}`)
    if (Number(rows[0]?.rows) !== table.rows) {
      throw new LingotError(
        'publish',
        `${table.model.name} has ${table.rows} rows, but ${rows[0]?.rows} came to PostgreSQL; the old gold stays.`,
        'Run it again.',
      )
    }
    await client.query(`insert into ${into} (${own}) select ${own} from ${staged}`)
  }
}

/** Removes what a job staged. */
export async function dropStaged(url: string, schema: string, run: string): Promise<void> {
  await withPostgres(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select relname::text as name from pg_class
       where relnamespace = to_regnamespace(quote_ident($1)) and relkind = 'r' and relpersistence = 'u'
         and (relname = $2 or starts_with(relname, $2 || '_'))`,
      [schema, ledgerName(run)],
    )
    for (const { name } of rows) await client.query(`drop table if exists ${quoted(schema, name)}`)
  })
}
