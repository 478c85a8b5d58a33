import type { Db, MongoClient } from 'mongodb'
import * as pipeline from '../src/engines/local/pipeline.ts'
import * as aggregator from '../src/gold/aggregator.ts'
import type { Published } from '../src/gold/in_place.ts'
import { readModels } from '../src/gold/models.ts'
import { type Config, configOf } from '../src/settings/config.ts'
import { LINGOTS_OWN } from '../src/settings/own_files.ts'
import * as erasure from '../src/silver/erasure.ts'
import * as processor from '../src/silver/processor.ts'
import { untimed } from '../src/system/steps.ts'
import * as explaining from '../src/trust/explain/explain.ts'
import * as quarantine from '../src/trust/quarantined.ts'
import * as report from '../src/trust/report.ts'

/*
 * What a shop does without a configuration file: the functions of `src/`, which take every setting, with those alone that
 * a test is about.
 */

const usual = await configOf(undefined, {})
/** Most tests are about something else than amounts. */
export const withoutAmounts = { suspicious: { ...usual.suspicious, 'no amount is known': 'warn' } } as const
export const standard = { ...usual, ...withoutAmounts }

/** As `models` of a configuration file: of gold's tables these, and no others but those that Lingot itself reads. */
export const modelsBut = (...wanted: string[]): Record<string, false> =>
  Object.fromEntries(
    readModels().flatMap(({ name }) => (wanted.includes(name) || LINGOTS_OWN.has(name) ? [] : [[name, false]])),
  )
/** The same in a configuration. What is about silver, or about these tables, takes half as long. */
export const onlyTables = (...wanted: string[]): Config['project'] => ({
  ...usual.project,
  leftOut: { models: Object.keys(modelsBut(...wanted)), questions: [] },
})

const consents = { noWait: false, acceptShrink: false, takeOver: false, prune: false }

type Names = Pick<Config, 'bronze' | 'silver' | 'goldSchema'>
type Some<O, Named extends keyof O = never> = Partial<O> & Pick<O, Named>
export type RunOptions = Some<pipeline.RunOptions, keyof Names>

export const runProcessor = (client: MongoClient, options: Some<pipeline.RunOptions, 'bronze' | 'silver'>) =>
  pipeline.runProcessor(client, { ...standard, ...consents, ...options })

/** The new silver, complete, beside the one in place. */
export const prepareSilver = (
  client: MongoClient,
  options: Some<processor.ProcessOptions, 'bronze' | 'silver' | 'run'>,
) =>
  processor.prepareSilver(client, {
    ...standard,
    started: new Date(),
    whenWritten: async () => undefined,
    beforeSwap: async () => undefined,
    timed: untimed,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    ...options,
  })

export const runAggregator = (client: MongoClient, postgresUrl: string, options: RunOptions) =>
  pipeline.runAggregator(client, postgresUrl, { ...standard, ...consents, ...options })

export const runPipeline = (client: MongoClient, postgresUrl: string, options: RunOptions) =>
  pipeline.runPipeline(client, postgresUrl, { ...standard, ...consents, ...options })

export const runErasure = (
  client: MongoClient,
  postgresUrl: string,
  person: erasure.Person,
  options: RunOptions & { fromBronze: boolean },
) => pipeline.runErasure(client, postgresUrl, person, { ...standard, ...consents, ...options })

export const runChecks = (
  client: MongoClient,
  options: Some<Parameters<typeof pipeline.runChecks>[1], keyof Names>,
  gold?: Published | null,
) => pipeline.runChecks(client, { ...standard, ...options }, gold)

export const aggregateSilver = (
  client: MongoClient,
  postgresUrl: string | undefined,
  options: Some<aggregator.AggregateOptions, 'silver' | 'goldSchema' | 'shop'>,
  ...check: [check?: Parameters<typeof aggregator.aggregateSilver>[3]]
) => aggregator.aggregateSilver(client, postgresUrl, { ...standard, timed: untimed, ...options }, ...check)

export const findPerson = (
  client: MongoClient,
  id: string,
  options: Some<erasure.ErasureOptions, 'bronze' | 'silver'>,
) => erasure.findPerson(client, id, { ...standard, ...options })

export const explain = (
  client: MongoClient,
  postgresUrl: string,
  subject: string,
  name: string,
  options: Some<explaining.ExplainOptions, keyof Names>,
) => explaining.explain(client, postgresUrl, subject, name, { ...standard, ...options })

export const readReport = (silver: Db, options: Partial<Parameters<typeof report.readReport>[1]> = {}) =>
  report.readReport(silver, { ...standard, ...options })

export const readQuarantine = (silver: Db, selection: quarantine.QuarantineSelection = {}) =>
  quarantine.readQuarantine(silver, selection, standard)
