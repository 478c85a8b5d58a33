import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DIVISION } from './models.ts'

/** Writes rows into one Parquet file. */
export function copyInto(file: string, rows: string): string {
  return `copy (${rows}) to ${text(file)} (format parquet, compression zstd)`
}

/** Writes rows into Parquet files, by bucket: all of a customer are in one. */
export function divideInto(folder: string, rows: string, buckets: number): string {
  // No column of a collection ends in $. What is nobody's goes anywhere, but the same way if it is done again.
  const bucket = `case when ${DIVISION} is null then row_number() over () else hash(${DIVISION}) end % ${buckets}`
  return `copy (select *, ${bucket} as bucket$ from (${rows})) to ${text(folder)}
    (format parquet, compression zstd, partition_by (bucket$), overwrite true)`
}

/** The files of the buckets that have rows. */
export function bucketFiles(folder: string): { bucket: number; file: string }[] {
  return readdirSync(folder).flatMap((name) => {
    const files = readdirSync(join(folder, name))
    return files.map((file) => ({ bucket: Number(name.slice(name.indexOf('=') + 1)), file: join(folder, name, file) }))
  })
}

/** The rows of Parquet files. */
export function rowsIn(files: readonly string[]): string {
  return `select * from read_parquet([${files.map(text).join(', ')}], hive_partitioning = false)`
}

/** A text as SQL has it. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
