import { createHash } from 'node:crypto'
import { elementsIn, ownOf } from '../bronze/elements.ts'
import type { Context, Contract } from '../contracts/contract.ts'
import { contentOf } from '../mongo/bson_reader.ts'
import { documentWriter, emptyBatch } from '../mongo/bson_writer.ts'
import { cleaner, unobserved } from './clean/cleaner.ts'
import { leftOutBy } from './clean/leaving_out.ts'
import { written } from './schema.ts'
import { restsOf } from './versions.ts'

/** A document of which the elements of a list are records, all of it together. */
export interface Whole {
  /** Equal where two documents are equal in all but `_id` and bookkeeping: what is read of them clean, the rest as it is. */
  content: string
  /** Its records, as silver has them. */
  records: Buffer[]
}

/** Looks at documents of bronze as a whole. */
export function wholes(contract: Contract, context: Context): (document: Buffer) => Whole {
  const { each = [], key, keyRequired } = contract
  const { clean, place } = cleaner(contract, context)
  const write = documentWriter(written(contract))
  const restOf = restsOf(contract)
  const isNone = leftOutBy(contract.leaveOut)
  return (document) => {
    const content = createHash('md5')
    const records: Buffer[] = []
    for (const { record, isObject } of elementsIn(contract, document)) {
      const parts = [restOf(record)]
      if (!isObject || isNone?.(record)) parts.push(ownOf(each, record))
      else {
        const values = clean(record, unobserved)
        const batch = emptyBatch(Buffer.alloc(record.length))
        write(batch, record, place, values)
        const silver = batch.bytes.subarray(0, batch.size)
        parts.push(contentOf(silver))
        if (!keyRequired || key === null || typeof values[key] === 'string') records.push(silver)
      }
      content.update(Buffer.concat([Buffer.from(`${parts.map(({ length }) => length)} `), ...parts]))
    }
    return { content: content.digest('base64'), records }
  }
}
