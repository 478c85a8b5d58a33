import type { Layer } from '../engines/engine.ts'
import { LingotError } from '../system/errors.ts'
import { tellPlaces } from './places.ts'
import { goldOf, layersOf, type RunArguments, type SparkArguments } from './run_arguments.ts'
import { report } from './run_result.ts'
import { session } from './session.ts'

/** `lingot process`, `aggregate` and `run`: bronze to silver, silver to gold, and both. */
export async function layerCommand(layer: Layer, options: RunArguments, args: readonly string[]): Promise<void> {
  if (options.engine === 'spark') return (await import('./spark_run.ts')).sparkCommand(layer, options, args)
  refuseSparkOptions(options, args)
  return session({ json: options.json, gold: goldOf(layer) }, async ({ lingot, terminal }) => {
    const run = await lingot[layer](options)
    tellPlaces(lingot, terminal, options, layersOf(layer))
    report(terminal, options, run)
  })
}

function refuseSparkOptions(options: SparkArguments, args: readonly string[]): void {
  const given = (['master', 'conf', 'jars', 'packages', 'dryRun'] as const).filter(
    (name) => options[name] !== undefined,
  )
  if (given.length === 0 && args.length === 0) return
  const [name = 'arguments of spark-sql'] = given.map((name) => (name === 'dryRun' ? '--dry-run' : `--${name}`))
  throw new LingotError('usage', `The local engine takes no ${name}.`, 'Add `--engine spark`.')
}
