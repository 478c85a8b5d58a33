import { resolve } from 'node:path'
import type { Layer } from '../engines/engine.ts'
import { LingotError } from '../system/errors.ts'
import { tellPlaces } from './places.ts'
import { goldOf, layersOf, type RunArguments } from './run_arguments.ts'
import { report } from './run_result.ts'
import { session } from './session.ts'

/** `lingot process`, `aggregate` and `run` with `--engine spark`. */
export function sparkCommand(layer: Layer, options: RunArguments, args: readonly string[]): Promise<void> {
  const { json, dryRun } = options
  if (options.only !== undefined) {
    const next = 'Leave `--engine spark` out: it is made on this machine.'
    throw new LingotError('usage', 'Spark makes all of gold, not one table.', next)
  }
  const cluster = {
    master: options.master,
    args: [
      ...(options.conf ?? []).flatMap((setting) => ['--conf', setting]),
      // Spark takes the last of several.
      ...(options.jars === undefined ? [] : ['--jars', options.jars.join(',')]),
      ...(options.packages === undefined ? [] : ['--packages', options.packages.join(',')]),
      ...args,
    ],
  }
  if (dryRun !== undefined) {
    return session({ json }, async ({ lingot, terminal }) => {
      const folder = resolve(dryRun === true ? 'lingot-spark' : dryRun)
      await lingot.writeJob(folder, layer, options, cluster)
      terminal.print(json ? JSON.stringify({ folder }, null, 2) : describeFolder(folder))
    })
  }
  return session({ json, gold: goldOf(layer) }, async ({ lingot, terminal }) => {
    const run = await lingot[layer]({ ...options, cluster })
    tellPlaces(lingot, terminal, options, layersOf(layer))
    report(terminal, options, run)
  })
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
