import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Contract } from '../contracts/contract.ts'
import type { Limits } from '../system/machine.ts'
import type { Portions } from '../system/portions.ts'
import { openFeed, type WarehouseFeed } from './feed.ts'
import { columnsRead, intermediatesOf, readModels, viewOf } from './models.ts'

/** Documents of silver on their way into files. */
export interface ParquetFeed extends Pick<WarehouseFeed, 'columns' | 'add'> {
  /** Writes the columns that models read, a file for each bucket that has any. */
  write: (buckets: number) => Promise<{ bucket: number; file: string }[]>
  close: () => void
}

export async function openParquetFeed(
  contract: Contract,
  { limits, portions, place }: { limits: Limits; portions: Portions; place: number },
): Promise<ParquetFeed> {
  const folder = mkdtempSync(join(tmpdir(), 'parquet-'))
  const instance = await DuckDBInstance.create(join(folder, 'feed.duckdb'), {
    memory_limit: `${limits.memoryMb}MB`,
    threads: String(limits.threads),
    temp_directory: folder,
    checkpoint_threshold: '1TB',
  })
  const connection = await instance.connect()
  const models = readModels()
  const read = columnsRead([...intermediatesOf(models), ...models], contract)
  const view = viewOf(contract.collection)
  await connection.run('pragma disable_checkpoint_on_shutdown')
  await connection.run('begin')
  const feed = await openFeed(connection, contract, read, view, portions)
  return {
    columns: feed.columns,
    add: feed.add,
    async write(buckets) {
      feed.close()
      await connection.run('commit')
      const isDivided = buckets > 1 && feed.columns.includes('customer_id')
      const order = read.inOrder ? `replace (id_order + ${place} as id_order)` : ''
      const bucket = isDivided ? `hash(customer_id) % ${buckets}` : '0'
      await connection.run(
        `copy (select * ${order}, ${bucket} as bucket from ${view}) to '${folder}/out'
         (format parquet, compression zstd, partition_by (bucket))`,
      )
      return readdirSync(join(folder, 'out')).map((name) => {
        return { bucket: Number(name.replace('bucket=', '')), file: join(folder, 'out', name, 'data_0.parquet') }
      })
    },
    close() {
      connection.closeSync()
      instance.closeSync()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
