import { type Job, makesGold, makesSilver } from './job.ts'

/**
 * The job as Spark SQL, a statement each; `run` names it, or a new name is made each time that the job is submitted.
 *
 * Every statement that runs Lingot's program may be done again, whole or in part, whenever Spark loses a machine.
 */
export function jobSql(job: Job, run?: string): string {
  const statements = [
    ...settings(run),
    transform('begin', [], ONE),
    ...(makesSilver(job) ? silverSql(job) : []),
    makesGold(job) ? goldSql(job) : transform('finish', [], ONE),
  ]
  return `${statements.map((statement) => `${statement};\n`).join('\n')}`
}

/** The setting in which `submit.sh` names a run that it submits. */
export const RUN_SETTING = 'spark.lingot.run'

/** One row, for a step that is one task. */
const ONE = 'range(0, 1, 1, 1)'

/** No text that is handed over holds a tab; it may hold the character that Spark would take otherwise. */
const BY_TABS = "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t'"

function settings(run: string | undefined): string[] {
  const given = `'\${${RUN_SETTING}}'`
  const made = "concat(lower(lpad(hex(unix_timestamp()), 8, '0')), substring(replace(uuid(), '-', ''), 1, 16))"
  // What is not set stays as it is written.
  const fresh = `CASE WHEN length(${given}) = 24 THEN ${given} ELSE ${made} END`
  return [
    "-- Where the executors find Lingot's program, which is shipped with --files.\nSET lingot.program = lingot.mjs",
    `-- The name of the run.\nDECLARE OR REPLACE VARIABLE lingot_run STRING DEFAULT ${run === undefined ? fresh : `'${run}'`}`,
  ]
}

/** Runs a step of Lingot's program on rows, each of which gets the run in front. */
function transform(step: string, columns: readonly string[], from: string, as: readonly string[] = ['told']): string {
  return `SELECT TRANSFORM(${['lingot_run', ...columns].join(', ')}) ${BY_TABS}
USING '\${lingot.program} ${step}' AS (${as.map((name) => `${name} STRING`).join(', ')}) ${BY_TABS}
FROM ${from}`
}

/** A row for each part of each collection; where there is little, all of them in one task. */
function parts({ collections, isShared }: Job): string {
  const each = collections.map(({ collection, parts }) => {
    return `SELECT '${collection}' AS collection, id AS part FROM range(0, ${parts}, 1, ${parts})`
  })
  return `(SELECT ${isShared ? '' : '/*+ COALESCE(1) */ '}* FROM (\n${each.join('\nUNION ALL\n')}\n))`
}

function silverSql(job: Job): string[] {
  const cleaned = transform('clean', ['collection', 'part'], parts(job), ['settler', 'collection', 'keys'])
  // Equal keys meet in one task.
  const met = `(SELECT /*+ REPARTITION(${job.settlers}, settler) */ CAST(settler AS INT) AS settler, collection, keys FROM (
${cleaned}
))`
  return [
    `-- Cleans bronze into silver, and finds the documents that are one.\n${transform('settle', ['spark_partition_id()', 'collection', 'keys'], met)}`,
    transform('remove', ['id'], `range(0, ${job.settlers}, 1, ${job.settlers})`),
    transform('complete', [], ONE),
  ]
}

function goldSql(job: Job): string {
  const pieces = ['name', 'source', 'number', 'count', 'bytes']
  const read = transform('read', ['collection', 'part'], parts(job), ['bucket', ...pieces])
  const bucket = `(SELECT /*+ REPARTITION(${job.buckets}, bucket) */ CAST(bucket AS INT) AS bucket, ${pieces.join(', ')} FROM (
${read}
))`
  const modelled = transform('model', ['spark_partition_id()', ...pieces], bucket, pieces)
  // Also where there is nothing to read.
  return `-- Reads silver, builds in each bucket what divides, and in one task the rest of gold, which it puts in place.
${transform(
  'finish',
  pieces,
  `(SELECT /*+ REPARTITION(1) */ * FROM (
SELECT ${pieces.map((name) => `'' AS ${name}`).join(', ')} FROM ${ONE}
UNION ALL
${modelled}
))`,
)}`
}
