import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

/**
 * Copies lines of COPY's text format into a table of this quoted name, with its columns where they are listed. What the
 * lines fail with is thrown as it is: PostgreSQL says of it that a statement was ended. However it ends, no line is being
 * made any more.
 */
export async function copyInto(client: pg.Client, into: string, lines: AsyncIterable<string>): Promise<void> {
  let ownFailure: unknown
  let isGiven = Promise.resolve()
  const given = async function* () {
    let end = () => {}
    isGiven = new Promise((resolve) => {
      end = resolve
    })
    try {
      yield* lines
    } catch (error) {
      ownFailure = error
      throw error
    } finally {
      end()
    }
  }
  try {
    await pipeline(Readable.from(given()), client.query(copyFrom(`copy ${into} from stdin`)))
  } catch (error) {
    throw ownFailure ?? error
  } finally {
    // A connection that ends does not wait for the next lines; who closes what gives them would close it at work.
    await isGiven
  }
}

/** Characters that are written at a time. */
const BLOCK = 65_536

/** Rows in the text format of COPY. */
export async function* copyLines(rows: AsyncIterable<readonly (string | null)[]>): AsyncGenerator<string> {
  let block = ''
  for await (const row of rows) {
    block += `${row.map(copyField).join('\t')}\n`
    if (block.length < BLOCK) continue
    yield block
    block = ''
  }
  if (block !== '') yield block
}

const ESCAPED: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function copyField(text: string | null): string {
  return text === null ? '\\N' : text.replace(/[\\\t\n\r]/g, (character) => ESCAPED[character] ?? character)
}
