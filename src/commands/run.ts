import { runAggregator, runPipeline, runProcessor } from '../engines/pipeline.ts'
import { LingotError } from '../system/errors.ts'
import { tellPlaces } from './places.ts'
import { consents, type RunArguments, type SparkArguments } from './run_arguments.ts'
import { report } from './run_result.ts'
import { fullSession, session } from './session.ts'

type Layer = 'process' | 'aggregate' | 'run'

/** `lingot process`, `aggregate` and `run`: bronze to silver, silver to gold, and both. */
export async function layerCommand(command: Layer, options: RunArguments, args: readonly string[]): Promise<void> {
  if (options.engine === 'spark') return (await import('./spark_run.ts')).sparkCommand(command, options, args)
  refuseSparkOptions(options, args)
  if (command === 'process') return processCommand(options)
  return command === 'aggregate' ? aggregateCommand(options) : runCommand(options)
}

function processCommand(options: RunArguments): Promise<void> {
  return session(options, async (opened) => {
    const { config, mongodb, terminal, hooks } = opened
    const record = await runProcessor(mongodb, { ...config, ...hooks, ...consents(options) })
    tellPlaces(opened, options)
    report(terminal, options, record)
  })
}

function aggregateCommand(options: RunArguments): Promise<void> {
  return fullSession(options, async (opened) => {
    const { config, mongodb, terminal, hooks } = opened
    const { uri } = opened.postgresServer
    const record = await runAggregator(mongodb, uri, { ...config, ...hooks, ...consents(options) })
    tellPlaces(opened, options, ['silver'])
    report(terminal, options, record)
  })
}

function runCommand(options: RunArguments): Promise<void> {
  return fullSession(options, async (opened) => {
    const { config, mongodb, terminal, hooks } = opened
    const { uri } = opened.postgresServer
    const record = await runPipeline(mongodb, uri, { ...config, ...hooks, ...consents(options) })
    tellPlaces(opened, options)
    report(terminal, options, record)
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
