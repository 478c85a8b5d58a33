import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { reasonOf } from '../system/errors.ts'
import { type Limits, memoryBytes } from '../system/machine.ts'

/** Opens a DuckDB in a folder that is thrown away with it: in a file, so that memory does not grow with the data. */
export function openDuckDB(folder: string, limits: Limits): Promise<DuckDBInstance> {
  return DuckDBInstance.create(join(folder, 'models.duckdb'), {
    memory_limit: `${limits.memoryMb}MB`,
    threads: String(limits.threads),
    temp_directory: folder,
    preserve_insertion_order: 'false',
    // Never, since nobody reads the file again.
    checkpoint_threshold: '1TB',
  })
}

/** Does work anew with twice the memory where it does not fit, up to half of the machine's. */
export async function withMoreRoom<T>(limits: Limits, work: (limits: Limits) => Promise<T>): Promise<T> {
  const most = memoryBytes() / 2 / 2 ** 20
  for (let { memoryMb } = limits; ; memoryMb *= 2) {
    try {
      return await work({ ...limits, memoryMb })
    } catch (error) {
      if (!reasonOf(error).includes('Out of Memory Error') || memoryMb * 2 > most) throw error
    }
  }
}
