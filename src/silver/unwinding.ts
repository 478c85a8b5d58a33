import { elementsIn } from '../bronze/elements.ts'
import type { Contract } from '../contracts/contract.ts'

/** What there was of documents whose elements are records. */
export interface Unwound {
  documents: number
  /** Documents without an element. */
  empty: number
  /** Elements that are no objects. */
  noObject: number
}

/** Bytes of records that are handed on at a time: a document may have many elements, and each holds all the rest of it. */
const AT_ONCE = 1 << 20

/** Makes batches of records of batches of documents; `setAside` takes an element that is no object, unless it is left out. */
export function unwinding(
  contract: Contract,
  isLeftOut: ((record: Buffer) => boolean) | undefined,
  setAside: (record: Buffer) => Promise<void> | undefined,
): { unwound: Unwound; records: (batches: AsyncIterable<readonly Buffer[]>) => AsyncGenerator<readonly Buffer[]> } {
  const unwound = { documents: 0, empty: 0, noObject: 0 }
  return {
    unwound,
    async *records(batches) {
      for await (const documents of batches) {
        let batch: Buffer[] = []
        let bytes = 0
        for (const document of documents) {
          unwound.documents++
          let isEmpty = true
          for (const { record, isObject } of elementsIn(contract, document)) {
            isEmpty = false
            if (!isObject && !isLeftOut?.(record)) {
              unwound.noObject++
              await setAside(record)
              continue
            }
            batch.push(record)
            bytes += record.length
            if (bytes < AT_ONCE) continue
            yield batch
            batch = []
            bytes = 0
          }
          if (isEmpty) unwound.empty++
        }
        // Who gives batches counts on what came of one before it gives the next.
        yield batch
      }
    },
  }
}
