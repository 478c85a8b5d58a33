import type { MongoClient, ObjectId } from 'mongodb'
import type { Generated, GenerateOptions } from '../bronze/sample/generator.ts'
import { hasOwnNames } from '../contracts/contracts.ts'
import { consentsOf, type Engine, type Layer } from '../engines/engine.ts'
import type { RunOptions } from '../engines/local/pipeline.ts'
import { completeSwap } from '../engines/recovery.ts'
import type { Cluster } from '../engines/spark/folder.ts'
import type { Manifest } from '../exports/folder.ts'
import type { LineageEvent } from '../exports/openlineage.ts'
import type { Format, TablesManifest } from '../exports/tables.ts'
import { goldInPlace, type Published } from '../gold/in_place.ts'
import type { Question } from '../gold/questions.ts'
import type { Draft } from '../init/look.ts'
import type { Ask } from '../init/questions.ts'
import type { Trials } from '../init/trial.ts'
import { PrimaryClient } from '../mongo/client.ts'
import type { Known } from '../privacy/known.ts'
import type { Output, Place } from '../privacy/search.ts'
import type { RunRecord } from '../runs/record.ts'
import { ownServer } from '../runs/shop.ts'
import { runOf } from '../runs/store.ts'
import { openMongodb, openPostgres, openReader, openServers, type Server } from '../servers/servers.ts'
import type { Config } from '../settings/config.ts'
import type { Person } from '../silver/erasure.ts'
import { kindOf, LingotError, stopped, toFailure } from '../system/errors.ts'
import type { Progress } from '../text/progress.ts'
import type { Quarantined, QuarantinedDocument, QuarantineSelection } from '../trust/quarantined.ts'
import type { Answer, Run } from './results.ts'
import type { AggregateOptions, AskOptions, Following, Shop } from './shop.ts'
import { toldRun } from './told_run.ts'

/** How work is followed, and stopped. */
interface Hooks {
  signal: AbortSignal
  onProgress: Progress
  onStep: (step: string) => void
  onNote: (note: string) => void
}

/** How a shop is opened. */
export interface Opening extends Hooks {
  /**
   * What is done with gold: written, or only read, as its reader where there is one; if not given, PostgreSQL is opened
   * when it is needed.
   */
  gold?: 'written' | 'read' | undefined
}

/** What a run takes beside what the library offers: the Spark that it is made on, if that is not this machine. */
export interface MakingOptions extends AggregateOptions {
  cluster?: Cluster | undefined
}

/** A shop's layers, opened, and all that can be done with them. */
export interface Lingot extends Shop {
  config: Readonly<Config>
  mongodb: MongoClient
  /** The servers that hold the layers. */
  servers: { mongodb: Server; postgres?: Server }
  /** Where gold is; throws where it was opened without. */
  postgresUrl: () => string

  process: (options?: MakingOptions) => Promise<Run>
  aggregate: (options?: MakingOptions) => Promise<Run>
  run: (options?: MakingOptions) => Promise<Run>
  ask: (question?: string | number | readonly Question[], options?: AskOptions) => Promise<Answer[]>

  /** Fills bronze with a sample. */
  generate: (options: Partial<Omit<GenerateOptions, 'database'>>) => Promise<Generated>
  /** About how many documents each collection of bronze has. */
  countBronze: () => Promise<Record<string, number>>
  /** Looks at bronze, and writes down which of its collections and fields are which; asks where it is not sure. */
  draft: (ask?: Ask) => Promise<Draft>
  /** Cleans a part of bronze by another configuration, and writes nothing. */
  tryOut: (config: Readonly<Config>) => Promise<Trials>
  /** Writes the job that Spark would do into a folder. */
  writeJob: (folder: string, layer: Layer, options: AggregateOptions, cluster: Cluster) => Promise<void>

  /** Looks for a person by their id. */
  find: (customerId: string, fromBronze: boolean) => Promise<Person>
  /** Takes a person out of silver and gold, and of bronze where that is wanted. */
  erase: (person: Person, fromBronze: boolean, options: AggregateOptions) => Promise<Run>

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

/** Opens a shop, lets `work` use it, and closes it. */
export async function withLingot<T>(
  config: Readonly<Config>,
  opening: Opening,
  work: (lingot: Lingot) => Promise<T>,
): Promise<T> {
  const lingot = await openLingot(config, opening)
  try {
    return await work(lingot)
  } finally {
    await lingot.close()
  }
}

/** Opens a shop, until it is closed. */
export async function openLingot(config: Readonly<Config>, opening: Opening): Promise<Lingot> {
  const { gold, onStep, signal } = opening
  // Both servers start at the same time; the failure of this one is met where it is awaited.
  const postgres = gold === 'written' ? openPostgres(config) : gold === 'read' ? openReader(config) : undefined
  postgres?.catch(() => undefined)
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
    const postgresServer = await postgres
    const servers = { mongodb: mongodbServer, ...(postgresServer && { postgres: postgresServer }) }
    return lingotOf(config, mongodb, servers, opening)
  } catch (error) {
    await mongodb.close()
    throw error
  }
}

function lingotOf(
  config: Readonly<Config>,
  mongodb: MongoClient,
  servers: Lingot['servers'],
  opening: Opening,
): Lingot {
  const silver = mongodb.db(config.silver)
  const postgresUrl = () => {
    if (servers.postgres !== undefined) return servers.postgres.uri
    throw new LingotError('bug', 'PostgreSQL was not opened.')
  }
  const closing = new AbortController()
  const { onProgress, onStep, onNote } = opening
  const own: Hooks = { signal: AbortSignal.any([opening.signal, closing.signal]), onProgress, onStep, onNote }
  const isOwn = servers.mongodb.origin === 'lingot'
  const revival = (open: typeof openMongodb | typeof openServers, { onStep, signal }: Hooks) => ({
    revive: () => open(config, onStep, signal),
    // The address of a server of Lingot's own may change.
    ...(isOwn && { server: ownServer(config.home) }),
  })
  const place = { ...config, mongodbUri: servers.mongodb.uri }

  /** Where gold is written, and where it is read: as it was opened, or as it is needed. */
  const gold = {
    written: async ({ onStep, signal }: Hooks) =>
      servers.postgres?.uri ?? (await openPostgres(config, onStep, signal)).uri,
    read: async ({ onStep, signal }: Hooks) => servers.postgres?.uri ?? (await openReader(config, onStep, signal)).uri,
  }

  /** Does some work, told of and stopped as its caller wants beside who opened the shop; what fails has its kind. */
  async function called<T>(following: Following, work: (hooks: Hooks) => Promise<T>): Promise<T> {
    const signal = following.signal === undefined ? own.signal : AbortSignal.any([own.signal, following.signal])
    try {
      signal.throwIfAborted()
      return await work({
        signal,
        onProgress: following.onProgress ?? onProgress,
        onStep: following.onStep ?? onStep,
        onNote: following.onNote ?? onNote,
      })
    } catch (error) {
      throw signal.aborted ? stopped(signal.reason) : toFailure(error)
    }
  }

  /** Work that stops by itself when it is told to, and leaves things in order. */
  const underWay = new Set<Promise<unknown>>()
  function stoppable<T>(following: Following, work: (hooks: Hooks) => Promise<T>): Promise<T> {
    const promise = called(following, work)
    const forget = () => underWay.delete(promise)
    underWay.add(promise)
    promise.then(forget, forget)
    return promise
  }

  async function engineOf(
    cluster: Cluster | undefined,
    postgresUrl: string | undefined,
    options: Hooks & Pick<RunOptions, 'revive' | 'server' | 'onRun'>,
  ): Promise<Engine> {
    if (cluster === undefined) {
      const { localEngine } = await import('../engines/local/pipeline.ts')
      return localEngine(mongodb, () => postgresUrl ?? '', { ...place, ...options })
    }
    const [{ sparkEngine }, { findSpark }] = await Promise.all([
      import('../engines/spark/engine.ts'),
      import('../servers/spark/installation.ts'),
    ])
    return sparkEngine(mongodb, config, {
      ...cluster,
      ...options,
      spark: await findSpark(config),
      mongodbUri: servers.mongodb.uri,
      postgresUrl,
    })
  }

  /** Makes silver, gold of it, or both. */
  function make(layer: Layer, { cluster, ...options }: MakingOptions = {}): Promise<Run> {
    return stoppable(options, async (hooks) => {
      const consents = consentsOf(options)
      // Silver alone needs no PostgreSQL.
      const postgresUrl = layer === 'process' ? undefined : await gold.written(hooks)
      let run: ObjectId | undefined
      const onRun = (id: ObjectId) => {
        run = id
      }
      const revived = revival(postgresUrl === undefined ? openMongodb : openServers, hooks)
      const engine = await engineOf(cluster, postgresUrl, { ...hooks, ...revived, onRun })
      const tell = async (record: RunRecord | null) => {
        if (record === null || (config.openLineage === undefined && config.openTelemetry === undefined)) return
        const { tellOfRun } = await import('../exports/telling.ts')
        await tellOfRun(record, config, { mongodbUri: servers.mongodb.uri, postgresUrl }, hooks.onNote)
      }
      try {
        const record = await engine.make(layer, consents)
        await tell(record)
        return toldRun(record)
      } catch (error) {
        // What failed before it began left no record.
        if (run !== undefined) await tell(await runOf(silver, run).catch(() => null))
        throw error
      }
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

  async function close() {
    closing.abort(new LingotError('usage', 'The shop is closed.', 'Open it again.'))
    await Promise.allSettled(underWay)
    await mongodb.close()
  }

  return {
    config,
    mongodb,
    servers,
    postgresUrl,
    async generate(given) {
      const { generate } = await import('../bronze/sample/generator.ts')
      const onMade = (done: number, total: number) => onProgress('sample bronze', done, total)
      return generate(mongodb, { database: config.bronze, ...given, signal: own.signal, onProgress: onMade })
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
      return draft(mongodb, config.bronze, { ...own, ...revival(openMongodb, own), ask })
    },
    async tryOut(tried) {
      const { tryOut } = await import('../init/trial.ts')
      return tryOut(mongodb, { ...tried, bronze: config.bronze }, own.signal)
    },
    process: (options) => make('process', options),
    aggregate: (options) => make('aggregate', options),
    run: (options) => make('run', options),
    async writeJob(folder, command, options, cluster) {
      const { writeJob } = await import('../engines/spark/folder.ts')
      return writeJob(folder, mongodb, config, { command, ...consentsOf(options), ...cluster })
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
    erase(person, fromBronze, options) {
      return stoppable(options, async (hooks) => {
        const { runErasure } = await import('../engines/local/pipeline.ts')
        const begun = { ...hooks, ...revival(openServers, hooks), ...consentsOf(options), fromBronze }
        return toldRun(await runErasure(mongodb, await gold.written(hooks), person, { ...place, ...begun }))
      })
    },
    plan(options = {}) {
      return stoppable(options, async (hooks) => {
        const { planRun } = await import('../engines/local/planning.ts')
        return planRun(mongodb, await gold.read(hooks), { ...place, ...hooks })
      })
    },
    check({ named, ...options } = {}) {
      return stoppable(options, async (hooks) => {
        const { runChecks } = await import('../engines/local/pipeline.ts')
        const begun = { ...hooks, ...revival(openMongodb, hooks), ...(named !== undefined && { named }) }
        return (await runChecks(mongodb, { ...place, ...begun }, await publishedGold())).checks
      })
    },
    ask(question, { asOf } = {}) {
      return called({}, async (hooks) => {
        const { ask, questionsAsked } = await import('../gold/questions.ts')
        const asked = typeof question === 'object' ? question : questionsAsked(config, question)
        const { readAsOf } = await import('../gold/as_of.ts')
        const then = asOf === undefined ? undefined : await readAsOf(asOf, config.timeZone)
        return ask(await gold.read(hooks), config.goldSchema, asked, then)
      })
    },
    explain(subject, key, { limit = 10, within } = {}) {
      return called({}, async (hooks) => {
        const { explain } = await import('../trust/explain/explain.ts')
        const options = { ...config, limit, ...(within !== undefined && { within }) }
        return explain(mongodb, await gold.read(hooks), subject, key, options)
      })
    },
    why(subject, key, { signal, ...asked } = {}) {
      return called({ signal }, async (hooks) => {
        const { why } = await import('../trust/why/why.ts')
        return why(mongodb, await gold.read(hooks), subject, key, { ...config, signal: hooks.signal, ...asked })
      })
    },
    report({ last } = {}) {
      return called({}, async () => {
        const [{ readReport }, { historyIn }] = await Promise.all([
          import('../trust/report.ts'),
          import('../gold/as_of.ts'),
        ])
        const published = await publishedGold()
        const gold = published === undefined ? undefined : (published?.run ?? null)
        const goldHistory = (published ? await ofGold((uri) => historyIn(uri, config.goldSchema)) : null) ?? null
        return readReport(silver, { ...config, gold, goldHistory, ...(last !== undefined && { last }) })
      })
    },
    gold: {
      query<Row>(sql: string, parameters: readonly unknown[] = []) {
        return called({}, async (hooks) => {
          const { queryGold } = await import('../gold/query.ts')
          // What the rows are is known to who wrote the query.
          return (await queryGold(await gold.read(hooks), config.goldSchema, sql, parameters)) as Row[]
        })
      },
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
      return exportTables(mongodb, postgresUrl(), format, folder, { ...place, ...own })
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
      return searchPersonal(mongodb, postgresUrl(), { ...place, ...own }, outputs)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
