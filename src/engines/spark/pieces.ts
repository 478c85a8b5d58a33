import { mkdtempSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LingotError } from '../../system/errors.ts'
import type { RowWriter } from './lines.ts'

/*
 * Files on their way from task to task, as rows of Spark: each is cut into pieces, in Base64. A row is name, source, number,
 * count, bytes: what the file is of, which task made it, which piece of how many this is.
 */

/** Bytes of a piece: long rows are slow to read, and Spark holds some of them in memory. */
const PIECE = 2 ** 18

/** Gives a file to Spark; the columns in `lead` stand before those of each piece. */
export async function sendFile(out: RowWriter, lead: readonly string[], file: string | Buffer): Promise<void> {
  const bytes = typeof file === 'string' ? await readFile(file) : file
  const count = Math.max(1, Math.ceil(bytes.length / PIECE))
  for (let number = 0; number < count; number++) {
    const piece = bytes.subarray(number * PIECE, (number + 1) * PIECE)
    out.add(...lead, String(number), String(count), piece.toString('base64'))
    await out.flush()
  }
}

/** Files that come in pieces, in any order. */
export interface Received {
  add: (row: string) => Promise<void>
  /** The files of each name; throws where a piece is missing, or came twice. */
  end: () => Promise<Map<string, string[]>>
}

export function receiving(): Received {
  const folder = mkdtempSync(join(tmpdir(), 'received-'))
  const files = new Map<string, { name: string; file: string; count: number; numbers: Set<number> }>()
  return {
    async add(row) {
      const [name = '', source = '', number = '', count = '', bytes = ''] = row.split('\t')
      const key = `${name}.${source}`
      const known = files.get(key)
      const found = known ?? { name, file: join(folder, `${key}.parquet`), count: Number(count), numbers: new Set() }
      files.set(key, found)
      if (found.numbers.has(Number(number))) throw incomplete(name)
      found.numbers.add(Number(number))
      const handle = await open(found.file, known === undefined ? 'w' : 'r+')
      try {
        await handle.write(Buffer.from(bytes, 'base64'), 0, undefined, Number(number) * PIECE)
      } finally {
        await handle.close()
      }
    },
    async end() {
      const byName = new Map<string, string[]>()
      for (const { name, file, count, numbers } of files.values()) {
        if (numbers.size !== count) throw incomplete(name)
        byName.set(name, [...(byName.get(name) ?? []), file])
      }
      return byName
    },
  }
}

/** What some task gave did not come to the next one as it was. */
export function incomplete(name: string): LingotError {
  return new LingotError(
    'server',
    `What Spark handed on of ${name} is not whole; the old outputs stay.`,
    'Run it again.',
  )
}
