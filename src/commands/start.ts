import { hasOwnNames } from '../contracts/contracts.ts'
import { asCalled, calledAs } from '../system/invocation.ts'
import { describeSteps, readable, style } from '../text/terminal.ts'
import { describeAnswers } from './ask.ts'
import { tellPlaces } from './places.ts'
import { describeRun } from './run_result.ts'
import { describeConnections, describeServers } from './servers.ts'
import { session } from './session.ts'

/** `lingot start`: everything, from nothing to the five answers. */
export function startCommand(): Promise<void> {
  return session({ gold: 'written' }, async ({ lingot, terminal }) => {
    const { config, servers } = lingot
    terminal.print(`${describeServers(Object.values(servers))}\n`)

    const isEmpty = async () => Object.values(await lingot.countBronze()).every((documents) => documents === 0)
    const wantsSample = !hasOwnNames(config.contracts) && (await isEmpty())
    if (wantsSample) {
      await lingot.generate({}).catch(async (error: unknown) => {
        // Another start may have filled it meanwhile.
        if (await isEmpty()) throw error
      })
    }
    const counts = Object.entries(await lingot.countBronze())
    const described = counts.map(([name, count]) => `${readable(count)} ${name}`).join(', ')
    terminal.print(`${style('bold', 'Bronze')}${wantsSample ? ' (a sample, made now)' : ''}\n  ${described}`)

    const run = await lingot.run()
    tellPlaces(lingot, terminal)
    terminal.print(`${describeRun(run)}\n`)

    const answers = await lingot.ask()
    terminal.print(`${describeAnswers(answers, false, lingot.config.currency)}\n`)

    terminal.print(describeConnections(Object.values(servers)))
    terminal.print(
      [
        style('bold', 'Next'),
        ...describeSteps([
          [`${calledAs()} serve`, 'all of it in a browser'],
          [`${calledAs()} ask 1 --sql`, 'the query behind an answer; --csv and --json give it to other programs'],
          [`${calledAs()} report`, 'how far the numbers can be trusted'],
          [`${calledAs()} explain --help`, 'a number, back to the documents behind it'],
          [`${calledAs()} run`, 'bronze to gold again, after the data changed'],
          [`${calledAs()} doctor`, 'what runs where'],
          [`${calledAs()} down`, 'end the servers; the data stays'],
        ]),
        '  Your own data: set MONGODB_URI and POSTGRES_URL in .env; .env.example shows how. Where its collections or',
        asCalled('  fields have other names, `lingot init` writes a lingot.config.ts that says which is which.'),
      ].join('\n'),
    )
  })
}
