import type { MongoClient } from 'mongodb'
import { readRaw } from '../mongo/cursor.ts'
import { isSound } from '../runs/gate.ts'
import type { CheckResult, ReconciliationPart } from '../runs/record.ts'
import type { Config } from '../settings/config.ts'
import { madeBy, refuseReplaced } from '../silver/made.ts'
import type { Feed } from '../silver/processor.ts'
import { silverReader } from '../silver/schema.ts'
import { collectGarbage, heldBytes } from '../system/machine.ts'
import type { RetryOptions } from '../system/retry.ts'
import type { Timed } from '../system/steps.ts'
import type { Progress } from '../text/progress.ts'
import { checkModel, type Query, type RowSettings } from './checks.ts'
import { severalCurrenciesOf } from './currencies.ts'
import type { WarehouseFeed } from './feed.ts'
import { type Published, surveyGold } from './in_place.ts'
import { type Making, makingOf } from './making.ts'
import { emptyTables, type Model, neededModels, publishedModels, SALES, SOLD_BY_DAY, viewOf } from './models.ts'
import type { Ground } from './obstacles.ts'
import { byCopy, lookAhead, openPublication, type Publication, type Target } from './publish.ts'
import { checkReferences, referencesIn } from './references.ts'
import type { Planned } from './standing.ts'
import { secondsToWait, type WaitOptions } from './waiting.ts'
import { type GoldTable, openWarehouse, type RunName, type Warehouse } from './warehouse.ts'

export interface AggregateOptions
  extends Pick<Config, 'silver' | 'goldSchema' | 'leaveOut' | 'limits' | 'portions' | 'project'>,
    RowSettings,
    RetryOptions,
    WaitOptions,
    Pick<Ground, 'shop' | 'takeOver' | 'prune'>,
    Pick<Target, 'history' | 'erased'> {
  /** Which run makes gold; none, where it is only checked. */
  run?: RunName
  /** The one model whose table is made, beside the gold in place. */
  only?: string | undefined
  /** What was made ready for it, where that began before. */
  prepared?: Prepared
  /** Parquet files of silver, by collection, instead of what feeds would be given. */
  files?: ReadonlyMap<string, readonly string[]>
  timed: Timed
  /** Rows at fault that are named of each check. */
  named?: number
  /** Runs when nothing but the last step of publishing is left. */
  beforeCommit?: () => Promise<void>
  onProgress?: Progress
  onStep?: (step: string) => void
}

export interface Built {
  /** Rows of each table. */
  gold: Record<string, number>
  reconciliation: ReconciliationPart[]
  /** How many orders the sales are of; not known where each is its own, or a table that tells is left out. */
  orders?: number
  checks: CheckResult[]
  making: Making
  /** Tables of this shop's gold in place that no model makes any more. */
  unmade: string[]
  /** Tables that are not made, by the collection that the shop does without. */
  without: Record<string, string[]>
  /** Whether the tables may be published: no check of severity error failed. */
  sound: boolean
}

/** What is checked beside the tests of the models. */
export interface Gates {
  /** What is known before gold is built. */
  known: readonly CheckResult[]
  /** What the tables tell that were built; `query` asks these, and sales by their days. */
  built: (query: Query, tables: readonly string[]) => Promise<CheckResult[]>
}

export const NO_GATES: Gates = { known: [], built: async () => [] }

/**
 * Silver to gold: loads silver into DuckDB, runs the SQL models there, checks their tables, publishes them to PostgreSQL.
 *
 * `check` tells what both are held against, beside the gold in place, null where it is not looked for. A failed check of severity
 * error, or no address to publish to, leaves the old tables in place.
 */
export async function aggregateSilver(
  mongodb: MongoClient,
  postgresUrl: string | undefined,
  options: AggregateOptions,
  check: (published: Published | null) => Promise<Gates> = async () => NO_GATES,
): Promise<Built> {
  const { silver, contracts, timed } = options
  const db = mongodb.db(silver)
  const made = await madeBy(db, contracts)
  const gold = await openGold(postgresUrl, options)
  try {
    for (const { collection } of contracts) {
      const feed = gold.feeds[collection] as GoldFeed
      if (!gold.needs.has(collection)) {
        feed.end()
        continue
      }
      const read = silverReader(feed.columns)
      const selection = {
        projection: Object.fromEntries(['_id', ...feed.columns].map((name) => [name, name === '_id' ? 0 : 1])),
        ...(feed.inOrder && { sort: { _id: 1 } }),
      }
      await timed(`load ${collection}`, async () => {
        const total = await db.collection(collection).estimatedDocumentCount()
        let done = 0
        for await (const batch of readRaw(mongodb, db.collection(collection), selection, options.portions)) {
          options.signal?.throwIfAborted()
          for (const document of batch) feed.add(read(document))
          done += batch.length
          options.onProgress?.(collection, done, Math.max(done, total))
        }
      })
      feed.end()
    }
    await refuseReplaced(db, contracts, made)
    const built = await gold.build(await check(gold.published))
    if (built.sound && postgresUrl !== undefined) await gold.publish(options.beforeCommit)
    return built
  } finally {
    await gold.close()
  }
}

/** Throws where gold could not be published, before anything is done that leads to it; names the tables that no model makes. */
export async function lookAtGold(postgresUrl: string, options: AggregateOptions): Promise<string[]> {
  const { goldSchema, shop, takeOver, history, contracts } = options
  const tables = publishedModels(options).map((model) => ({ model, columns: [] }))
  return lookAhead(postgresUrl, { schema: goldSchema, tables, shop, takeOver, history, contracts })
}

/** What gold is made in, opened while others are still asked whether it may be made. */
export interface Prepared {
  /** Throws where the models cannot be made. */
  check: () => Promise<void>
  /** The warehouse and what it will make; what is taken a second time is made anew. Who takes it closes it. */
  take: () => Promise<{ warehouse: Warehouse; planned: Planned[] }>
  /** Removes what nobody took. */
  drop: () => Promise<void>
}

/** Begins to open what gold is made in. */
export function prepareGold(
  options: Pick<AggregateOptions, 'contracts' | 'leaveOut' | 'limits' | 'portions' | 'files' | 'project' | 'only'>,
): Prepared {
  const open = async () => {
    const warehouse = await openWarehouse({ ...options, models: neededModels(options) })
    try {
      return { warehouse, planned: await warehouse.plan() }
    } catch (error) {
      warehouse.close()
      throw error
    }
  }
  let ahead: ReturnType<typeof open> | undefined = open()
  // Met by who takes it.
  ahead.catch(() => undefined)
  return {
    async check() {
      await ahead
    },
    take() {
      const taken = ahead ?? open()
      ahead = undefined
      return taken
    },
    async drop() {
      const left = await ahead?.catch(() => undefined)
      left?.warehouse.close()
    },
  }
}

/** The tables that are published, as their models would make them. */
export async function plannedTables(options: Parameters<typeof prepareGold>[0]): Promise<Planned[]> {
  const { warehouse, planned } = await prepareGold(options).take()
  warehouse.close()
  const wanted = publishedModels(options).map(({ name }) => name)
  return planned.filter(({ model }) => wanted.includes(model.name))
}

/** Throws where the models of a shop cannot be made, before there is anything to make them of. */
export async function checkModels(options: Parameters<typeof prepareGold>[0]): Promise<void> {
  const prepared = prepareGold(options)
  try {
    await prepared.check()
  } finally {
    await prepared.drop()
  }
}

/** Gold in the making: fed with the documents of silver, then checked, then published. */
export interface GoldInTheMaking {
  /** The gold in place; null where there is none of Lingot's, or nothing is to be published. */
  published: Published | null
  feeds: Readonly<Record<string, GoldFeed>>
  /** The collections and models that some model, or a check of references, reads. */
  needs: ReadonlySet<string>
  /** Waits for the models and runs their checks, and these. */
  build: (gates: Gates) => Promise<Built>
  /** Swaps the tables in; `beforeCommit` runs when nothing but the last step is left. */
  publish: (beforeCommit?: () => Promise<void>) => Promise<void>
  /** Removes what was not published. */
  close: () => Promise<void>
}

export interface GoldFeed extends Feed, Pick<WarehouseFeed, 'take' | 'layout'> {
  /** The columns that are taken in: those that a model reads. */
  columns: readonly string[]
}

/**
 * Opens gold, to be published to `postgresUrl` if there is one.
 *
 * A model is built as soon as the collections that it reads have ended and the models that it reads are built, and
 * copied while the next ones are. The transaction of PostgreSQL begins when one collection is left to end: not earlier, since nothing is cleaned up behind an open one.
 */
export async function openGold(postgresUrl: string | undefined, options: AggregateOptions): Promise<GoldInTheMaking> {
  const { goldSchema, contracts, timed } = options
  const step = <T>(name: string, work: () => Promise<T>): Promise<T> => {
    options.signal?.throwIfAborted()
    options.onStep?.(name)
    return timed(name, work)
  }
  const { warehouse, planned } = await (options.prepared ?? prepareGold(options)).take()
  const { models } = warehouse
  const held = heldBytes()
  const wanted = publishedModels(options).map(({ name }) => name)
  const isWanted = ({ model }: { model: { name: string } }) => wanted.includes(model.name)
  const { published, publication, unmade } = await openTarget().catch((error: unknown) => {
    warehouse.close()
    throw error
  })

  // By name: the collections that are still fed and the models that are not built yet.
  const open = new Set(contracts.map(({ collection }) => collection))
  const unbuilt = new Map(models.map((model) => [model.name, model]))
  const tables: GoldTable[] = []
  let building = Promise.resolve()
  let severalCurrencies: string | undefined

  const buildWhatCan = async (ended: string) => {
    open.delete(ended)
    if (open.size === 1) publication?.begin()
    // What the pass left would lie in memory beside what the models use.
    if (open.size === 0) collectGarbage(held)
    await step(`finish loading ${ended}`, () => warehouse.end(ended))
    const isWaiting = (model: Model) => warehouse.needs(model).some((name) => open.has(name) || unbuilt.has(name))
    for (;;) {
      const model = [...unbuilt.values()].find((model) => !isWaiting(model))
      if (model === undefined) break
      const table = await step(`build ${model.name}`, () => warehouse.build(model))
      unbuilt.delete(model.name)
      tables.push(table)
      if (isWanted(table)) publication?.copy(table)
    }
  }
  const feeds = Object.entries(warehouse.feeds).map(([collection, feed]): [string, GoldFeed] => {
    const end = () => {
      building = building.then(() => buildWhatCan(collection))
      // Met by who waits for the tables.
      building.catch(() => undefined)
    }
    return [collection, { ...feed, end }]
  })

  async function openTarget(): Promise<{ published: Published | null; publication?: Publication; unmade: string[] }> {
    if (options.run !== undefined) await warehouse.name(options.run)
    if (postgresUrl === undefined) return { published: null, unmade: [] }
    const { shop, takeOver, prune, only, history, run, erased } = options
    const ground = { schema: goldSchema, tables: planned.filter(isWanted), shop, takeOver, prune, history, contracts }
    const { published, unmade } = await surveyGold(postgresUrl, ground, options)
    const isOne = only !== undefined
    const target = {
      ...ground,
      isOne,
      run: run?.id,
      erased,
      url: postgresUrl,
      seconds: secondsToWait(options),
      fill: byCopy(warehouse.copyLines),
    }
    return { published, publication: openPublication(target, options), unmade: prune || isOne ? [] : unmade }
  }

  return {
    published,
    feeds: Object.fromEntries(feeds),
    needs: new Set([
      ...models.flatMap(warehouse.needs),
      ...(options.only === undefined
        ? [SALES, ...referencesIn(contracts).flatMap(({ collection, to }) => [collection, to])]
        : []),
    ]),
    async build(gates) {
      await building
      const place = ({ model }: GoldTable) => models.findIndex(({ name }) => name === model.name)
      tables.sort((a, b) => place(a) - place(b))
      const published = models.filter(({ name }) => wanted.includes(name))
      const checks = await step('check gold', () => checkGold(warehouse, published, gates, options))
      severalCurrencies = severalCurrenciesOf(checks)
      const reconciliation = options.only === undefined ? await warehouse.query(RECONCILIATION) : []
      const isTold = ORDERS_TOLD_BY.every((table) => tables.some(({ model }) => model.name === table))
      const hasOrders = contracts.some(({ fields }) => 'order_id' in fields) && options.only === undefined
      const [counted] = hasOrders && isTold ? await warehouse.query(ORDERS) : []
      return {
        ...(counted && { orders: Number(counted['orders']) }),
        gold: Object.fromEntries(tables.filter(isWanted).map(({ model, rows }) => [model.name, rows])),
        reconciliation: reconciliation as unknown as ReconciliationPart[],
        unmade,
        without: Object.fromEntries(emptyTables(options).map(({ collection, tables }) => [collection, tables])),
        making: makingOf(options, options.only),
        checks,
        sound: isSound(checks),
      }
    },
    async publish(beforeCommit) {
      await step('publish gold', async () => publication?.commit(beforeCommit, severalCurrencies))
    },
    async close() {
      await publication?.close()
      await building.catch(() => undefined)
      warehouse.close()
    },
  }
}

/** Checks tables that were built; of one that stands beside others, itself alone. */
export async function checkGold(
  warehouse: Warehouse,
  models: readonly Model[],
  { known, built }: Gates,
  options: Pick<AggregateOptions, 'contracts' | 'phoneRegion' | 'pii' | 'only' | 'named'>,
): Promise<CheckResult[]> {
  const { query } = warehouse
  const checks = [...known]
  for (const model of models) checks.push(...(await checkModel(model, query, options, options.named)))
  if (options.only !== undefined) return checks
  checks.push(...(await checkReferences(options.contracts, query, viewOf, options, options.named)))
  await warehouse.prepare(SOLD_BY_DAY)
  checks.push(
    ...(await built(
      query,
      models.map(({ name }) => name),
    )),
  )
  return checks
}

const ORDERS_TOLD_BY: readonly string[] = ['country_sales', 'spanning_orders']

/** Each once: those of all rows, less those that are in one of them once more. */
const ORDERS = `
  select (select coalesce(sum(orders), 0) from country_sales)
    - coalesce(sum(places) - coalesce(sum(orders) filter (where previous_month = 'None'), 0), 0) as orders
  from spanning_orders where product = '' and country = '' and buyer = 'anybody'`

const RECONCILIATION = `
  select gold_table, part, in_table, transactions, cast(revenue as varchar) as revenue, amount_unknown
  from reconciliation order by gold_table, part`
