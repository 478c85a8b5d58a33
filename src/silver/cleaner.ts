import type { Document } from 'bson'
import type { Context, Contract } from './contract.ts'
import { Flaw, Repaired } from './values.ts'

/** Told of every field whose value was missing, invalid or repaired. Never told the value. */
export type Report = (field: string, outcome: Flaw | Repaired<unknown>) => void

/** A bronze document as it is read: anything under any name. */
export type Raw = Readonly<Record<string, unknown>>

/** Makes the pure function that turns a bronze document into its silver one: `_id`, every field, every derived column. */
export function cleaner(contract: Contract, context: Context): (raw: Raw, report: Report) => Document {
  const fields = Object.entries(contract.fields)
  const derived = Object.entries(contract.derived)
  return (raw, report) => {
    const clean: Record<string, unknown> = { _id: raw['_id'] }
    for (const [name, field] of fields) {
      const outcome = field.read(raw[name], context, clean)
      if (outcome instanceof Flaw) {
        clean[name] = field.default
        report(name, outcome)
      } else if (outcome instanceof Repaired) {
        clean[name] = outcome.value
        report(name, outcome)
      } else clean[name] = outcome
    }
    for (const [name, column] of derived) clean[name] = column.from(clean)
    return clean
  }
}
