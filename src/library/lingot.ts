import type { MongoClient } from 'mongodb'
import type { Generated, GenerateOptions } from '../bronze/sample/generator.ts'
import { hasOwnNames } from '../contracts/contracts.ts'
import type { Consents, Engine, Layer } from '../engines/engine.ts'
import { completeSwap } from '../engines/recovery.ts'
import type { Cluster } from '../engines/spark/folder.ts'
import type { Manifest } from '../exports/folder.ts'
import type { LineageEvent } from '../exports/openlineage.ts'
import type { Format, TablesManifest } from '../exports/tables.ts'
import type { Built } from '../gold/aggregator.ts'
import { goldInPlace, type Published } from '../gold/in_place.ts'
import type { Answer, Question } from '../gold/questions.ts'
import type { Draft } from '../init/look.ts'
import type { Ask } from '../init/questions.ts'
import type { Trials } from '../init/trial.ts'
import { PrimaryClient } from '../mongo/client.ts'
import type { Known } from '../privacy/known.ts'
import type { Output, Place } from '../privacy/search.ts'
import type { RunRecord } from '../runs/record.ts'
import { ownServer } from '../runs/shop.ts'
import { lastRuns } from '../runs/store.ts'
import { openMongodb, openPostgres, openReader, openServers, type Server } from '../servers/servers.ts'
import type { Config } from '../settings/config.ts'
import type { Person } from '../silver/erasure.ts'
import { kindOf, LingotError } from '../system/errors.ts'
import type { Progress } from '../text/progress.ts'
import type { Explanation } from '../trust/explain/explanation_schema.ts'
import type { Quarantined, QuarantinedDocument, QuarantineSelection } from '../trust/quarantined.ts'
import type { Report } from '../trust/report_schema.ts'
import type { Plan } from '../trust/why/plan_schema.ts'
import type { WhyOptions } from '../trust/why/why.ts'
import type { Why } from '../trust/why/why_schema.ts'

/** How a shop is opened. */
export interface Opening {
  /** What is done with gold: written, or only read, as its reader where there is one; PostgreSQL is not asked if not given. */
  gold?: 'written' | 'read' | undefined
  signal: AbortSignal
  onProgress: Progress
  onStep: (step: string) => void
  onNote: (note: string) => void
}

/** A shop's layers, opened, and all that can be done with them. */
export interface Lingot {
  config: Readonly<Config>
  mongodb: MongoClient
  /** The servers that hold the layers. */
  servers: { mongodb: Server; postgres?: Server }
  /** Where gold is; throws where it was opened without. */
  postgresUrl: () => string

  /** Fills bronze with a sample. */
  generate: (options: Partial<Omit<GenerateOptions, 'database'>>) => Promise<Generated>
  /** About how many documents each collection of bronze has. */
  countBronze: () => Promise<Record<string, number>>
  /** Looks at bronze, and writes down which of its collections and fields are which; asks where it is not sure. */
  draft: (ask?: Ask) => Promise<Draft>
  /** Cleans a part of bronze by another configuration, and writes nothing. */
  tryOut: (config: Readonly<Config>) => Promise<Trials>
  /** Makes silver, gold of it, or both: here, or on the Spark that is given. */
  make: (layer: Layer, consents: Consents, cluster?: Cluster) => Promise<RunRecord>
  /** Writes the job that Spark would do into a folder. */
  writeJob: (folder: string, layer: Layer, consents: Consents, cluster: Cluster) => Promise<void>

  /** Looks for a person by their id. */
  find: (customerId: string, fromBronze: boolean) => Promise<Person>
  /** Takes a person out of silver and gold, and of bronze where that is wanted. */
  erase: (person: Person, fromBronze: boolean, consents: Consents) => Promise<RunRecord>

  /** Builds gold of the silver in place and checks it, without publishing; names so many rows at fault of each check. */
  check: (named?: number) => Promise<Built>
  ask: (questions: readonly Question[]) => Promise<Answer[]>
  /** Follows a row of gold back to its bronze documents, and lists so many of them; within so many milliseconds, where that is said. */
  explain: (subject: string, key: string, limit: number, within?: number) => Promise<Explanation>
  /** What a run would change, without one. */
  plan: () => Promise<Plan>
  /** Why a row of gold is another than it was. */
  why: (subject: string, key: string, asked: Pick<WhyOptions, 'column' | 'since' | 'signal' | 'within'>) => Promise<Why>
  /** What was done to the data, with the last runs. */
  report: (last?: number) => Promise<Report>
  quarantine: (selection: QuarantineSelection) => Promise<Quarantined>
  /** The documents in quarantine, one after the other. */
  quarantined: (selection: QuarantineSelection) => AsyncIterable<QuarantinedDocument>
  /** Writes silver and gold into a folder, for other programs. */
  exportTables: (format: Format, folder: string) => Promise<TablesManifest>
  /** Writes what is known of silver and gold into a folder: as data contracts, or as what a dbt project reads. */
  exportDescribed: (as: 'odcs' | 'dbt', folder: string) => Promise<Manifest>
  /** What OpenLineage is told of the runs that made silver and gold. */
  lineage: () => Promise<LineageEvent[]>
  /** Looks for emails and phone numbers of bronze in every other place, and in what is printed of them. */
  searchPersonal: (outputs: () => Promise<readonly Output[]>) => Promise<{ known: Known; places: Place[] }>
}

/**
 * Opens a shop, lets `work` use it, and closes it.
 *
 *     await open(await loadConfig(), { gold: 'read', ...hooks }, ({ explain }) => explain('customer', 'CUST12345', 10))
 */
export async function open<T>(
  config: Readonly<Config>,
  { gold, signal, onProgress, onStep, onNote }: Opening,
  work: (lingot: Lingot) => Promise<T>,
): Promise<T> {
  // Both servers start at the same time; the failure of this one is met where it is awaited.
  const opening = gold === 'written' ? openPostgres(config) : gold === 'read' ? openReader(config) : undefined
  opening?.catch(() => undefined)
  // Read from disk while the servers are greeted.
  if (gold === 'written') void import('../engines/local/pipeline.ts')
  const mongodbServer = await openMongodb(config, onStep, signal)
  signal.throwIfAborted()
  const mongodb = await PrimaryClient.connect(mongodbServer.uri, {
    serverSelectionTimeoutMS: 5000,
    appName: 'lingot',
  })
  try {
    await completeSwap(mongodb.db(config.silver))
    const postgresServer = await opening
    return await work(
      lingotOf(
        config,
        mongodb,
        { mongodb: mongodbServer, ...(postgresServer && { postgres: postgresServer }) },
        { signal, onProgress, onStep, onNote },
      ),
    )
  } finally {
    await mongodb.close()
  }
}

function lingotOf(
  config: Readonly<Config>,
  mongodb: MongoClient,
  servers: Lingot['servers'],
  { signal, onProgress, onStep, onNote }: Omit<Opening, 'gold'>,
): Lingot {
  const silver = mongodb.db(config.silver)
  const postgresUrl = () => {
    if (servers.postgres !== undefined) return servers.postgres.uri
    throw new LingotError('bug', 'PostgreSQL was not opened.')
  }
  const isOwn = servers.mongodb.origin === 'lingot'
  const hooks = {
    signal,
    onProgress,
    onStep,
    onNote,
    revive: () => (servers.postgres === undefined ? openMongodb : openServers)(config, onStep, signal),
    // The address of a server of Lingot's own may change.
    ...(isOwn && { server: ownServer(config.home) }),
  }
  const options = { ...config, ...hooks, mongodbUri: servers.mongodb.uri }

  async function engineOf(cluster: Cluster | undefined): Promise<Engine> {
    if (cluster === undefined) {
      const { localEngine } = await import('../engines/local/pipeline.ts')
      return localEngine(mongodb, postgresUrl, options)
    }
    const [{ sparkEngine }, { findSpark }] = await Promise.all([
      import('../engines/spark/engine.ts'),
      import('../servers/spark/installation.ts'),
    ])
    return sparkEngine(mongodb, config, {
      ...cluster,
      ...hooks,
      spark: await findSpark(config),
      mongodbUri: servers.mongodb.uri,
      postgresUrl: servers.postgres?.uri,
    })
  }

  /** Which gold is in place, as it says itself; undefined where PostgreSQL does not answer, or gold is held. */
  function publishedGold(): Promise<Published | null | undefined> {
    return ofGold((uri) => goldInPlace(uri, config.goldSchema))
  }

  /** What gold tells; undefined where it does not. */
  async function ofGold<T>(ask: (uri: string) => Promise<T>): Promise<T | undefined> {
    try {
      const { uri } = await openReader(config)
      return await ask(uri)
    } catch (error) {
      if (['server', 'permission', 'publish'].includes(kindOf(error))) return undefined
      throw error
    }
  }

  return {
    config,
    mongodb,
    servers,
    postgresUrl,
    async generate(given) {
      const { generate } = await import('../bronze/sample/generator.ts')
      const onMade = (done: number, total: number) => onProgress('sample bronze', done, total)
      return generate(mongodb, { database: config.bronze, ...given, signal, onProgress: onMade })
    },
    async countBronze() {
      const { bronzeCounts } = await import('../bronze/sample/generator.ts')
      if (!hasOwnNames(config.contracts)) return { ...(await bronzeCounts(mongodb, config.bronze)) }
      const sources = config.contracts.map(({ collection, source = collection }) => source)
      const count = (source: string) => mongodb.db(config.bronze).collection(source).estimatedDocumentCount()
      return Object.fromEntries(await Promise.all(sources.map(async (source) => [source, await count(source)])))
    },
    async draft(ask) {
      const { draft } = await import('../init/look.ts')
      return draft(mongodb, config.bronze, { ...hooks, ask })
    },
    async tryOut(tried) {
      const { tryOut } = await import('../init/trial.ts')
      return tryOut(mongodb, { ...tried, bronze: config.bronze }, signal)
    },
    async make(layer, consents, cluster) {
      const engine = await engineOf(cluster)
      if (config.openLineage === undefined && config.openTelemetry === undefined) return engine.make(layer, consents)
      const { tellOfRun } = await import('../exports/telling.ts')
      const tell = async (record: RunRecord | undefined) => {
        if (record === undefined) return
        // Of silver alone nothing is in PostgreSQL.
        const where = { mongodbUri: servers.mongodb.uri, postgresUrl: servers.postgres?.uri }
        await tellOfRun(record, config, where, onNote)
      }
      const [before] = await lastRuns(silver, 1)
      try {
        const record = await engine.make(layer, consents)
        await tell(record)
        return record
      } catch (error) {
        // What failed before it began left no record.
        const [last] = await lastRuns(silver, 1).catch(() => [])
        if (last !== undefined && !last._id.equals(before?._id)) await tell(last)
        throw error
      }
    },
    async writeJob(folder, command, consents, cluster) {
      const { writeJob } = await import('../engines/spark/folder.ts')
      return writeJob(folder, mongodb, config, { command, ...consents, ...cluster })
    },
    async find(customerId, fromBronze) {
      const [{ findPerson }, { isInHistory }, { isInChanges }] = await Promise.all([
        import('../silver/erasure.ts'),
        import('../gold/forgetting.ts'),
        import('../history/forgetting.ts'),
      ])
      // Whom bronze no longer has may still be there.
      const isElsewhere = async (id: string) => {
        return (await isInHistory(postgresUrl(), config, id)) || (await isInChanges(silver, config, id))
      }
      return findPerson(mongodb, customerId, { ...config, fromBronze }, isElsewhere)
    },
    async erase(person, fromBronze, consents) {
      const { runErasure } = await import('../engines/local/pipeline.ts')
      return runErasure(mongodb, postgresUrl(), person, { ...options, ...consents, fromBronze })
    },
    async check(named) {
      const { runChecks } = await import('../engines/local/pipeline.ts')
      return runChecks(mongodb, { ...options, ...(named !== undefined && { named }) }, await publishedGold())
    },
    async ask(questions) {
      const { ask } = await import('../gold/questions.ts')
      return ask(postgresUrl(), config.goldSchema, questions)
    },
    async explain(subject, key, limit, within) {
      const { explain } = await import('../trust/explain/explain.ts')
      return explain(mongodb, postgresUrl(), subject, key, {
        ...config,
        limit,
        ...(within !== undefined && { within }),
      })
    },
    async plan() {
      const { planRun } = await import('../engines/local/planning.ts')
      return planRun(mongodb, postgresUrl(), options)
    },
    async why(subject, key, asked) {
      const { why } = await import('../trust/why/why.ts')
      return why(mongodb, postgresUrl(), subject, key, { ...config, signal, ...asked })
    },
    async report(last) {
      const { readReport } = await import('../trust/report.ts')
      const published = await publishedGold()
      const gold = published === undefined ? undefined : (published?.run ?? null)
      const { historyIn } = await import('../gold/as_of.ts')
      const history = published ? await ofGold((uri) => historyIn(uri, config.goldSchema)) : null
      return readReport(silver, { ...config, gold, goldHistory: history ?? null, ...(last !== undefined && { last }) })
    },
    async quarantine(selection) {
      const { readQuarantine } = await import('../trust/quarantined.ts')
      return readQuarantine(silver, selection, config)
    },
    async *quarantined(selection) {
      const { quarantined } = await import('../trust/quarantined.ts')
      yield* quarantined(silver, selection, config)
    },
    async exportTables(format, folder) {
      const { exportTables } = await import('../exports/tables.ts')
      return exportTables(mongodb, postgresUrl(), format, folder, options)
    },
    async exportDescribed(as, folder) {
      const { writeDescribed } = await import('../exports/described.ts')
      if (as === 'dbt') {
        const { sources, exposures } = await (await import('../exports/dbt.ts')).dbtFiles(config)
        return writeDescribed(folder, as, { 'lingot_sources.yml': sources, 'lingot_exposures.yml': exposures })
      }
      const { dataContracts } = await import('../exports/odcs.ts')
      const where = { mongodbUri: servers.mongodb.uri, postgresUrl: postgresUrl() }
      const { silver, gold } = await dataContracts(config, where)
      return writeDescribed(folder, as, { 'silver.odcs.yaml': silver, 'gold.odcs.yaml': gold })
    },
    async lineage() {
      const { lineageInPlace } = await import('../exports/openlineage.ts')
      const gold = (await publishedGold())?.run ?? null
      return lineageInPlace(silver, gold, config, { mongodbUri: servers.mongodb.uri, postgresUrl: postgresUrl() })
    },
    async searchPersonal(outputs) {
      const { searchPersonal } = await import('../privacy/places.ts')
      return searchPersonal(mongodb, postgresUrl(), options, outputs)
    },
  }
}
