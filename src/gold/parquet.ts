import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Contract } from '../contracts/contract.ts'
import type { Config } from '../settings/config.ts'
import { bucketFiles, copyInto, divideInto } from './buckets.ts'
import { openScratch } from './duckdb.ts'
import { openFeed, type WarehouseFeed } from './feed.ts'
import {
  columnsRead,
  type Intermediate,
  inOrder,
  intermediatesOf,
  isDivided,
  neededModels,
  type Shop,
  viewOf,
} from './models.ts'
import { openWarehouse } from './warehouse.ts'

/*
 * Gold made in many places: the columns of silver that models read go into files, those that divide are made in each
 * bucket of them, and what comes of them is put together where the rest of gold is made.
 */

/** The files of collections and models, by name. */
export type Files = ReadonlyMap<string, readonly string[]>

/** The models that are made in buckets, each behind those that it reads. */
export function dividedModels(config: Shop): Intermediate[] {
  const models = neededModels(config)
  return inOrder([...intermediatesOf(models), ...models]).filter(({ by }) => by !== undefined)
}

/** Documents of silver on their way into files. */
export interface ParquetFeed extends Pick<WarehouseFeed, 'columns' | 'add'> {
  /** Writes the columns that models read, a file for each bucket that has any; `place` is added to the order of `_id`s. */
  write: (buckets: number, place: number) => Promise<{ bucket: number; file: string }[]>
  close: () => void
}

export async function openParquetFeed(
  contract: Contract,
  config: Pick<Config, 'contracts' | 'limits' | 'portions' | 'project'>,
): Promise<ParquetFeed> {
  const { limits, portions } = config
  const { folder, connection, close } = await openScratch(limits)
  const models = neededModels(config)
  const read = columnsRead([...intermediatesOf(models), ...models], contract, config.contracts)
  const view = viewOf(contract.collection)
  await connection.run('begin')
  const feed = await openFeed(connection, contract, read, view, portions)
  return {
    columns: feed.columns,
    add: feed.add,
    async write(buckets, place) {
      feed.close()
      await connection.run('commit')
      const order = read.inOrder ? `replace (id_order + ${place} as id_order)` : ''
      const out = join(folder, 'out')
      const rows = `select * ${order} from ${view}`
      await connection.run(isDivided(contract) ? divideInto(out, rows, buckets) : copyInto(out, rows))
      return isDivided(contract) ? bucketFiles(out) : [{ bucket: 0, file: out }]
    },
    close,
  }
}

/** What the models of a bucket came to. */
export interface MadeInBucket {
  /** Rows of the collections. */
  taken: Record<string, number>
  /** Rows of the models, and the file of each. */
  made: { model: string; rows: number; file: string }[]
  close: () => void
}

/** Makes the models that divide of what one bucket has of the collections. */
export async function makeInBucket(
  files: Files,
  options: Pick<Config, 'contracts' | 'leaveOut' | 'limits' | 'portions' | 'project'>,
): Promise<MadeInBucket> {
  const folder = mkdtempSync(join(tmpdir(), 'made-'))
  const warehouse = await openWarehouse({
    ...options,
    models: neededModels(options),
    files,
    into: folder,
    portions: { ...options.portions, buckets: 1 },
  })
  try {
    for (const collection of Object.keys(warehouse.feeds)) await warehouse.end(collection)
    const taken: MadeInBucket['taken'] = {}
    for (const collection of files.keys()) {
      const [counted] = await warehouse.query(`select count(*) as rows from ${viewOf(collection)}`)
      taken[collection] = Number(counted?.['rows'])
    }
    const made: MadeInBucket['made'] = []
    for (const { name } of dividedModels(options)) {
      const model = warehouse.models.find((model) => model.name === name)
      if (model !== undefined) await warehouse.build(model)
      const file = join(folder, name)
      made.push({ model: name, rows: await warehouse.write(name, file), file })
    }
    return { taken, made, close: () => rmSync(folder, { recursive: true, force: true }) }
  } finally {
    warehouse.close()
  }
}
