import { rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Db } from 'mongodb'
import { rowsIn } from '../gold/buckets.ts'
import { openScratch } from '../gold/duckdb.ts'
import { silverInPlace } from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { type Entry, entriesBack, lastEntry, readPieces } from './entries.ts'

/** The changes of a collection that a run kept. */
export interface KeptChanges {
  entry: Entry
  collection: string
  connection: DuckDBConnection
  file: string
}

/** All changes that are kept with the silver in place, the last first; each file is there until the next one is asked for. */
export async function* keptChanges(
  silver: Db,
  { contracts, limits }: Pick<Config, 'contracts' | 'limits'>,
): AsyncGenerator<KeptChanges> {
  const inPlace = await silverInPlace(silver, contracts)
  const { folder, connection, close } = await openScratch(limits)
  try {
    for (const entry of await entriesBack(silver, await lastEntry(silver, inPlace?._id))) {
      for (const [i, [collection, { bytes }]] of Object.entries(entry.changes).entries()) {
        if (bytes === 0) continue
        const pieces: Buffer[] = []
        for await (const piece of readPieces(silver, { run: entry._id, collection, what: 'changes' }))
          pieces.push(piece)
        if (pieces.length === 0) continue
        const file = join(folder, `${entry._id.toHexString()}.${i}.parquet`)
        await writeFile(file, Buffer.concat(pieces))
        yield { entry, collection, connection, file }
        rmSync(file)
      }
    }
  } finally {
    close()
  }
}

/** The columns of a file of changes that silver had, or has, as `before.NAME` and `after.NAME`, and their types. */
export async function valuesIn(connection: DuckDBConnection, file: string): Promise<Map<string, string>> {
  const described = await connection.runAndReadAll(`describe ${rowsIn([file])}`)
  const types = described.getRows().map(([name, type]): [string, string] => [String(name), String(type)])
  return new Map(types.filter(([name]) => /^(before|after)\./.test(name)))
}
