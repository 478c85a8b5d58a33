import { type Contract, sourceOf } from './contract.ts'

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

/** Tells which fields of bronze are neither read by the contract nor bookkeeping: silver has them not, and they count. */
export function countedBeside({
  fields,
  bookkeeping: names = bookkeeping,
}: Pick<Contract, 'fields' | 'bookkeeping'>): (field: string) => boolean {
  const read = new Set(Object.entries(fields).map(([name, field]) => sourceOf(name, field)))
  const whole = new Set(names.filter((name) => !name.endsWith('*')))
  const starts = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  return (field) =>
    !(field === '_id' || read.has(field) || whole.has(field) || starts.some((start) => field.startsWith(start)))
}
