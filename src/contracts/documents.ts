import type { Contract } from './contract.ts'

/** Fields that tell of a document's way into bronze, not of what it says; a `*` stands for any end of a name. */
export const bookkeeping: readonly string[] = [
  '_*',
  'created_at',
  'updated_at',
  'inserted_at',
  'received_at',
  'extracted_at',
  'loaded_at',
  'synced_at',
  'ingested_at',
]

/** Tells which fields of bronze that no contract reads are no bookkeeping: silver has them not, and they count. */
export function countedBeside({
  bookkeeping: names = bookkeeping,
}: Pick<Contract, 'bookkeeping'>): (field: string) => boolean {
  const whole = new Set(names.filter((name) => !name.endsWith('*')))
  const starts = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  return (path) => {
    // Of what stands beside a field that is read, below another one: by its own name.
    const field = path.slice(path.lastIndexOf('.') + 1)
    return !(whole.has(field) || starts.some((start) => field.startsWith(start)))
  }
}
