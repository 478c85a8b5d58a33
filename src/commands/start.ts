import type { MongoClient } from 'mongodb'
import { bronzeCounts, type Generated, generate } from '../bronze/sample/generator.ts'
import { hasOwnNames } from '../contracts/contracts.ts'
import { runPipeline } from '../engines/pipeline.ts'
import { ask, readQuestions } from '../gold/questions.ts'
import type { Config } from '../settings/config.ts'
import { asCalled, calledAs } from '../system/invocation.ts'
import { describeSteps, readable, style } from '../text/terminal.ts'
import { describeAnswer } from './ask.ts'
import { tellPlaces } from './places.ts'
import { consents } from './run_arguments.ts'
import { describeRun } from './run_result.ts'
import { describeConnections, describeServers } from './servers.ts'
import { fullSession } from './session.ts'

/** `lingot start`: everything, from nothing to the five answers. */
export function startCommand(): Promise<void> {
  return fullSession({}, async (opened) => {
    const { config, mongodb, mongodbServer, postgresServer, terminal, hooks } = opened
    const servers = { mongodb: mongodbServer, postgres: postgresServer }
    terminal.print(`${describeServers(servers)}\n`)

    const wantsSample = !hasOwnNames(config.contracts) && sum(await bronzeCounts(mongodb, config.bronze)) === 0
    if (wantsSample) {
      await generate(mongodb, {
        database: config.bronze,
        signal: hooks.signal,
        onProgress: (done, total) => hooks.onProgress('sample bronze', done, total),
      }).catch(async (error: unknown) => {
        // Another start may have filled it meanwhile.
        if (sum(await bronzeCounts(mongodb, config.bronze)) === 0) throw error
      })
    }
    const counts = Object.entries(await countBronze(mongodb, config))
    const described = counts.map(([name, count]) => `${readable(count)} ${name}`).join(', ')
    terminal.print(`${style('bold', 'Bronze')}${wantsSample ? ' (a sample, made now)' : ''}\n  ${described}`)

    const record = await runPipeline(mongodb, servers.postgres.uri, { ...config, ...hooks, ...consents() })
    tellPlaces(opened, {})
    terminal.print(`${describeRun(record)}\n`)

    const answers = await ask(servers.postgres.uri, config.goldSchema, readQuestions())
    terminal.print(`${answers.map((answer) => describeAnswer(answer)).join('\n\n')}\n`)

    terminal.print(describeConnections(servers))
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

/** Documents by collection, as bronze calls them. */
async function countBronze(mongodb: MongoClient, { bronze, contracts }: Config): Promise<Record<string, number>> {
  if (!hasOwnNames(contracts)) return { ...(await bronzeCounts(mongodb, bronze)) }
  const sources = contracts.map(({ collection, source = collection }) => source)
  const count = (source: string) => mongodb.db(bronze).collection(source).estimatedDocumentCount()
  return Object.fromEntries(await Promise.all(sources.map(async (source) => [source, await count(source)])))
}

function sum({ customers, transactions, campaigns }: Generated): number {
  return customers + transactions + campaigns
}
