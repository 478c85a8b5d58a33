import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'

/**
 * The rows that Spark gives to a script: a line each, its columns divided by tabs. A value may hold a line separator of
 * Unicode, which Node's own reader of lines would take for an end.
 */
export async function* rowsOf(input: Readable): AsyncGenerator<string> {
  input.setEncoding('utf8')
  let rest = ''
  for await (const chunk of input as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** Characters that are written at a time. */
const BLOCK = 65_536

/** Writes rows for Spark to read; no column holds a tab or a line feed. */
export interface RowWriter {
  add: (...columns: readonly string[]) => void
  /** Waits where Spark is slower; true where that is needed. */
  isFull: () => boolean
  flush: () => Promise<void>
}

export function rowWriter(output: Writable): RowWriter {
  let block = ''
  return {
    add: (...columns) => {
      block += `${columns.join('\t')}\n`
    },
    isFull: () => block.length >= BLOCK,
    async flush() {
      const isDrained = output.write(block)
      block = ''
      if (!isDrained) await once(output, 'drain')
    },
  }
}
