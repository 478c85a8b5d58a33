import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { reasonOf } from '../system/errors.ts'
import { type Limits, memoryBytes } from '../system/machine.ts'
import { temporaryFolder } from '../system/temporary.ts'

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

/** A DuckDB for one piece of work, with a folder for the files beside it. */
export interface Scratch {
  folder: string
  connection: DuckDBConnection
  /** Another connection, for what is asked while the first one is busy; it ends with the others. */
  connect: () => Promise<DuckDBConnection>
  /** Ends it, and removes the folder with all that is in it. */
  close: () => void
}

export async function openScratch(limits: Limits): Promise<Scratch> {
  const folder = temporaryFolder()
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const instance = await openDuckDB(folder, limits).catch((error: unknown) => {
    remove()
    throw error
  })
  const connections: DuckDBConnection[] = []
  const connect = async () => {
    const connection = await instance.connect()
    connections.push(connection)
    return connection
  }
  const connection = await connect()
  await connection.run('pragma disable_checkpoint_on_shutdown')
  return {
    folder,
    connection,
    connect,
    close() {
      for (const open of connections) open.closeSync()
      instance.closeSync()
      remove()
    },
  }
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
