import { Command, Option } from '@commander-js/extra-typings'
import { chaos } from './chaos.ts'
import { divisions } from './division.ts'
import { describeResult } from './summary.ts'

const options = new Command('npm run test:chaos --')
  .description('disturbs runs of Lingot at drawn moments, and compares what they leave with undisturbed ones')
  .option(
    '--seed <number>',
    'the same seed draws the same disturbances',
    Number,
    Number(process.env['CHAOS_SEED'] ?? 1),
  )
  .option('--rounds <number>', 'disturbances', Number, Number(process.env['CHAOS_ROUNDS'] ?? 420))
  .option('--scale <factor>', "size of the sample shops, times the brief's", Number, 0.1)
  .addOption(
    new Option('--division <portions>', 'how all runs divide their work; by turns in each way, if not said').choices(
      divisions,
    ),
  )
  .option('--fail-fast', 'end with the first round that finds something')
  .parse()
  .opts()

const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())
const say = (line: string) => console.log(line)
say(`seed ${options.seed}, ${options.rounds} rounds`)
const result = await chaos({ ...options, failFast: options.failFast === true, say, signal: stopped.signal })
say(`\n${describeResult(result)}`)
const failed = result.outcomes.filter(({ problems }) => problems.length > 0)
if (failed.length > 0) {
  const again = `npm run test:chaos -- --seed ${options.seed} --rounds ${failed[0]?.plan.round}`
  say(`\n${failed.length} rounds found something. Again: ${again}`)
  process.exitCode = 1
}
