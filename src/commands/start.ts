import { hasOwnNames } from '../contracts/contracts.ts'
import { asCalled, calledAs } from '../system/invocation.ts'
import type { Language } from '../text/numbers.ts'
import { describeSteps, style } from '../text/terminal.ts'
import { describeAnswers, shownOf } from './ask.ts'
import { tellPlaces } from './places.ts'
import { describeRun } from './run_result.ts'
import { describeConnections, describeServers } from './servers.ts'
import { session } from './session.ts'

/** `lingot start`: everything, from nothing to the five answers. */
export function startCommand({ language }: { language?: Language } = {}): Promise<void> {
  const opening = { gold: 'written', languageOf: (configured: Language) => language ?? configured } as const
  return session(opening, async ({ lingot, terminal, words }) => {
    const { config, servers } = lingot
    terminal.print(`${describeServers(Object.values(servers), words)}\n`)

    const isEmpty = async () => Object.values(await lingot.countBronze()).every((documents) => documents === 0)
    const wantsSample = !hasOwnNames(config.contracts) && (await isEmpty())
    if (wantsSample) {
      await lingot.generate({}).catch(async (error: unknown) => {
        // Another start may have filled it meanwhile.
        if (await isEmpty()) throw error
      })
    }
    const counts = Object.entries(await lingot.countBronze())
    const described = counts.map(([name, count]) => `${words.number(count)} ${name}`).join(', ')
    terminal.print(`${style('bold', 'Bronze')}${wantsSample ? words.sampleMade : ''}\n  ${described}`)

    const run = await lingot.run()
    tellPlaces(lingot, terminal, {}, undefined, words)
    terminal.print(`${describeRun(run, words)}\n`)

    const answers = await lingot.ask()
    terminal.print(`${describeAnswers(answers, shownOf(config), words)}\n`)

    terminal.print(describeConnections(Object.values(servers), words))
    const steps = Object.entries(words.steps).map(
      ([command, purpose]) => [`${calledAs()} ${command}`, purpose] as const,
    )
    const ownData = words.ownData.map((line) => `  ${asCalled(line)}`)
    terminal.print([style('bold', words.next), ...describeSteps(steps), ...ownData].join('\n'))
  })
}
