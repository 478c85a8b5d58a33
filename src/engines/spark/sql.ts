import type { Contract } from '../../contracts/contract.ts'
import type { Model } from '../../gold/models.ts'
import { type Job, makesGold, makesSilver } from './job.ts'
import { goldSql } from './sql_gold.ts'
import { TASKS_OF_ONE, tasksOf, transform } from './statements.ts'

/**
 * The job as Spark SQL, a statement each; `run` names it, or a new name is made each time that the job is submitted.
 *
 * Every statement that runs Lingot's program may be done again, whole or in part, whenever Spark loses a machine.
 */
export function jobSql(
  job: Job,
  {
    contracts,
    models,
    leaveOut,
    run,
  }: { contracts: readonly Contract[]; models: readonly Model[]; leaveOut: readonly string[]; run?: string },
): string {
  const statements = [
    ...settings(run),
    transform('begin', [], TASKS_OF_ONE),
    ...(makesSilver(job) ? silverSql(job) : []),
    ...(makesGold(job) ? goldSql(job, contracts, models, leaveOut) : []),
    transform('finish', [], TASKS_OF_ONE),
  ]
  return `${statements.map((statement) => `${statement.trim()};\n`).join('\n')}`
}

/** The setting in which `submit.sh` names a run that it submits. */
export const RUN_SETTING = 'spark.lingot.run'

function settings(run: string | undefined): string[] {
  const given = `'\${${RUN_SETTING}}'`
  const made = "concat(lower(lpad(hex(unix_timestamp()), 8, '0')), substring(replace(uuid(), '-', ''), 1, 16))"
  // What is not set stays as it is written.
  const fresh = `CASE WHEN length(${given}) = 24 THEN ${given} ELSE ${made} END`
  return [
    "-- Where the executors find Lingot's program, which is shipped with --files.\nSET lingot.program = lingot.mjs",
    'SET spark.sql.ansi.enabled = true',
    'SET spark.sql.ansi.doubleQuotedIdentifiers = true',
    'SET spark.sql.session.timeZone = UTC',
    `-- The name of the run.\nDECLARE OR REPLACE VARIABLE lingot_run STRING DEFAULT ${run === undefined ? fresh : `'${run}'`}`,
    'DECLARE OR REPLACE VARIABLE lingot_started TIMESTAMP DEFAULT timestamp_millis(unix_millis(current_timestamp()))',
  ]
}

function silverSql({ collections }: Job): string[] {
  const tasks = collections.map(tasksOf).join('\nUNION ALL\n')
  const met = ['collection', 'key', 'content', 'position', 'id', 'told']
  const cleaned = transform('clean', ['collection', 'part'], `(\n${tasks}\n)`, met)
  // Documents that share a key meet in one task, in the order of their _ids.
  const sorted = `SELECT collection, key, content, CAST(position AS BIGINT) AS position, id, told FROM (
${cleaned}
)
DISTRIBUTE BY collection, key SORT BY collection, key, position`
  const found = transform('resolve', met, `(\n${sorted}\n)`, ['collection', 'settled'])
  // Also where no document has a key.
  const all = `SELECT /*+ COALESCE(1) */ collection, settled FROM (
${collections.map(({ collection }) => `SELECT '${collection}' AS collection, '' AS settled`).join(' UNION ALL ')}
UNION ALL
${found}
)`
  const most = Math.max(...collections.map(({ parts }) => parts))
  return [
    `-- Cleans bronze into silver, and finds the documents that are one.\n${transform('settled', ['collection', 'settled'], `(\n${all}\n)`)}`,
    transform('remove', ['id'], `range(0, ${most}, 1, ${most})`),
    transform('complete', ['0'], TASKS_OF_ONE),
  ]
}
