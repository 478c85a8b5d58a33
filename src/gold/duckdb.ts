import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Limits } from '../system/machine.ts'

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
