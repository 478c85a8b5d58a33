import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { ObjectId } from 'bson'
import type { MongoClient } from 'mongodb'
import { goldInPlace } from '../../gold/in_place.ts'
import { makingOf, SETTINGS_OF_ALL } from '../../gold/making.ts'
import { neededModels, publishedModels } from '../../gold/models.ts'
import { questionsOf } from '../../gold/questions.ts'
import { type Entry, entriesOf, lastEntry, readPieces } from '../../history/entries.ts'
import { openLedger } from '../../history/ledger.ts'
import { changedRules, silverMaking } from '../../history/making.ts'
import { openMoments } from '../../history/moments.ts'
import { PrimaryClient } from '../../mongo/client.ts'
import { readGold } from '../../postgres/reader.ts'
import { latestOf } from '../../rules/dates.ts'
import { pseudonym } from '../../rules/pseudonym.ts'
import { goldOnRecord, isOfOtherSilver, silverInPlace } from '../../runs/store.ts'
import { findMongod } from '../../servers/mongod.ts'
import { openMongodb, stopServers } from '../../servers/servers.ts'
import type { Config } from '../../settings/config.ts'
import { readErasures } from '../../silver/erasures.ts'
import { prepareSilver } from '../../silver/processor.ts'
import { LingotError } from '../../system/errors.ts'
import { untimed } from '../../system/steps.ts'
import { abandonedFolders, removeFolder, temporaryFolder } from '../../system/temporary.ts'
import type { Progress } from '../../text/progress.ts'
import { gatesOf } from '../../trust/limits.ts'
import { planOf } from '../../trust/why/plan.ts'
import type { Plan } from '../../trust/why/plan_schema.ts'

export interface PlanningOptions extends Config {
  signal: AbortSignal
  onProgress: Progress
  onStep: (step: string) => void
}

/**
 * Does all of a run but publishing, and tells what it would change: silver is made on a MongoDB of its own in a temporary
 * folder, and nothing is written to the servers of the shop.
 */
export async function planRun(mongodb: MongoClient, postgresUrl: string, options: PlanningOptions): Promise<Plan> {
  const { contracts, signal, onProgress, onStep } = options
  const silver = mongodb.db(options.silver)
  const inPlace = await silverInPlace(silver, contracts)
  const before = await lastEntry(silver, inPlace?._id)
  if (inPlace === null || before === null) {
    throw new LingotError(
      'data',
      `${silver.databaseName} has no silver of which is known what it was made of.`,
      'Make it once: `lingot run`. From then on a plan tells what would change.',
    )
  }
  const published = await goldInPlace(postgresUrl, options.goldSchema)
  const gold = await goldOnRecord(silver, published?.run ?? null)
  const run = { _id: new ObjectId(), started: new Date() }
  return withMongodb(options, async (scratch) => {
    const into = scratch.db(options.silver)
    const ledger = openLedger(mongodb, run, options, into)
    try {
      onStep('clean bronze')
      const prepared = await prepareSilver(scratch, {
        ...options,
        run: run._id,
        started: run.started,
        source: mongodb,
        context: {
          latest: latestOf(run.started),
          region: options.phoneRegion,
          hash: pseudonym(options.pii),
          isErased: await readErasures(silver, options.bronze, options.erasureKey),
        },
        ledger,
        whenWritten: async () => undefined,
        beforeSwap: async () => undefined,
        timed: untimed,
        onProgress,
        signal,
      })
      await prepared.swapIn()
      const entry = await entriesOf(into).findOne({ _id: run._id })
      const changes = await changesIn(scratch, options.silver, entry)
      const models = neededModels(options)
      const making = silverMaking(options)
      onStep('build gold')
      const moments = await openMoments(({ collection }) => silver.collection(collection), {
        ...options,
        models,
        changes,
      })
      try {
        const gates = await gatesOf(silver, prepared.refined, published, options)
        const counts = Object.entries(entry?.changes ?? {}).map(([collection, { counts }]) => [collection, counts])
        const rules = contracts.flatMap(({ collection }) => {
          const rules = changedRules(before.making, making, collection)
          return rules.length === 0 ? [] : [[collection, rules]]
        })
        return await planOf(
          { changes: Object.fromEntries(counts), rules: Object.fromEntries(rules) },
          {
            ...options,
            moments,
            gates,
            models: publishedModels(options),
            questions: questionsOf(options),
            changedModels: changedModels(options, gold?.making),
            isUnpublished: gold === null || isOfOtherSilver(gold, inPlace),
            gold: (work) => readGold(postgresUrl, options.goldSchema, work),
          },
        )
      } finally {
        moments.close()
      }
    } finally {
      await ledger.close(true)
    }
  })
}

/** The changes that were written there, as files, by collection. */
async function changesIn(scratch: MongoClient, database: string, entry: Entry | null): Promise<Map<string, Buffer[]>> {
  const changes = new Map<string, Buffer[]>()
  for (const [collection, { counts, bytes }] of Object.entries(entry?.changes ?? {})) {
    if (Object.keys(counts).length === 0) continue
    if (bytes === 0 || entry === null) {
      throw new LingotError(
        'data',
        `Too much of ${collection} would change to be told apart.`,
        'history.size in the configuration file says how many megabytes of changes are kept.',
      )
    }
    const pieces: Buffer[] = []
    for await (const piece of readPieces(scratch.db(database), { run: entry._id, collection, what: 'changes' })) {
      pieces.push(piece)
    }
    changes.set(collection, [Buffer.concat(pieces)])
  }
  return changes
}

/** Which models are others than those that gold was made by, and whether a setting of all of them is. */
function changedModels(options: Config, then: ReturnType<typeof makingOf> | undefined): string[] {
  if (then === undefined) return []
  const now = makingOf(options)
  const models = Object.keys({ ...then.models, ...now.models }).filter((name) => then.models[name] !== now.models[name])
  return [...models.sort(), ...(now.settings === then.settings ? [] : [SETTINGS_OF_ALL])]
}

/** Lends a MongoDB in a temporary folder, which goes with it. */
async function withMongodb<T>(config: PlanningOptions, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const placesIn = (home: string) => {
    return { ...config, home, mongodbUri: undefined, mongodbPort: 28_100 + (process.pid % 1000) * 10 }
  }
  for (const abandoned of abandonedFolders('plan')) {
    await stopServers(placesIn(abandoned))
    removeFolder(abandoned)
  }
  const home = temporaryFolder('plan')
  mkdirSync(join(home, 'bin'))
  symlinkSync(await findMongod(config.home, config.onStep), join(home, 'bin', 'mongod'))
  const places = placesIn(home)
  try {
    const { uri } = await openMongodb(places, config.onStep, config.signal)
    const client = await PrimaryClient.connect(uri, { appName: 'lingot' })
    try {
      return await work(client)
    } finally {
      await client.close()
    }
  } finally {
    await stopServers(places)
    removeFolder(home)
  }
}
