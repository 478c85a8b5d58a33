import { resolve } from 'node:path'
import { runOnSpark } from '../engines/spark/engine.ts'
import { writeJob } from '../engines/spark/folder.ts'
import type { Server } from '../servers/servers.ts'
import { findSpark } from '../servers/spark/installation.ts'
import { tellPlaces } from './places.ts'
import { consents, type RunArguments } from './run_arguments.ts'
import { report } from './run_result.ts'
import { fullSession, type Session, session } from './session.ts'

/** `lingot process`, `aggregate` and `run` with `--engine spark`. */
export function sparkCommand(
  command: 'process' | 'aggregate' | 'run',
  options: RunArguments,
  args: readonly string[],
): Promise<void> {
  const submission = {
    command,
    ...consents(options),
    master: options.master,
    args: [
      ...(options.conf ?? []).flatMap((setting) => ['--conf', setting]),
      // Spark takes the last of several.
      ...(options.jars === undefined ? [] : ['--jars', options.jars.join(',')]),
      ...(options.packages === undefined ? [] : ['--packages', options.packages.join(',')]),
      ...args,
    ],
  }
  const { dryRun } = options
  if (dryRun !== undefined) {
    return session(options, async ({ config, mongodb, terminal }) => {
      const folder = resolve(dryRun === true ? 'lingot-spark' : dryRun)
      await writeJob(folder, mongodb, config, submission)
      terminal.print(options.json ? JSON.stringify({ folder }, null, 2) : describeFolder(folder))
    })
  }
  const work = async (opened: Session & { postgresServer?: Server }) => {
    const { config, mongodb, mongodbServer, terminal, hooks } = opened
    const postgresUrl = opened.postgresServer?.uri
    const spark = await findSpark(config)
    const settings = { ...submission, ...hooks, spark, mongodbUri: mongodbServer.uri, postgresUrl }
    const record = await runOnSpark(mongodb, config, settings)
    tellPlaces(opened, options, command === 'aggregate' ? ['silver'] : undefined)
    report(terminal, options, record)
  }
  return command === 'process' ? session(options, work) : fullSession(options, work)
}

function describeFolder(folder: string): string {
  return [
    `The job is in ${folder}`,
    '  job.sql     what Spark runs, statement by statement',
    '  lingot.mjs  what it runs on the executors: ship it with the job',
    '  submit.sh   the command line; MONGODB_URI and POSTGRES_URL must be set',
    '',
    'docs/spark.md tells how to submit it on YARN, Kubernetes, Databricks, EMR and Dataproc.',
  ].join('\n')
}
