import type { Document } from 'bson'
import type { Context, Contract } from './contract.ts'
import { Flaw, Repaired } from './values.ts'

/** Told of everything that the cleaner meets. Never told a value, only the `_id` of its document. */
export interface Observer {
  /** A field whose value was missing, invalid or repaired. */
  value: (field: string, outcome: Flaw | Repaired<unknown>, id: unknown) => void
  /** A field that the contract does not name. */
  unnamed: (field: string) => void
  /** A document whose values are valid each, but odd together. */
  suspicious: (suspicion: string, id: unknown) => void
}

/** A bronze document as it is read: anything under any name. */
export type Raw = Readonly<Record<string, unknown>>

/** Makes the pure function that turns a bronze document into its silver one: `_id`, every field, every derived column. */
export function cleaner(contract: Contract, context: Context): (raw: Raw, observer: Observer) => Document {
  const named = new Set(['_id'])
  const fields = Object.entries(contract.fields).map(([name, field]) => {
    const source = field.source ?? name
    // Two fields may read one source, and one may read `_id`: it is seen once.
    const first = named.has(source) ? 0 : 1
    named.add(source)
    return { name, source, first, field }
  })
  const derived = Object.entries(contract.derived)
  const suspicions = Object.entries(contract.suspicions)

  return (raw, observer) => {
    const id = raw['_id']
    const clean: Record<string, unknown> = { _id: id }
    let seen = 1
    for (const { name, source, first, field } of fields) {
      const value = raw[source]
      if (value !== undefined) seen += first
      const outcome = field.read(value, context, clean)
      if (outcome instanceof Flaw) {
        clean[name] = field.default
        observer.value(name, outcome, id)
      } else if (outcome instanceof Repaired) {
        clean[name] = outcome.value
        observer.value(name, outcome, id)
      } else clean[name] = outcome
    }
    for (const [name, column] of derived) clean[name] = column.from(clean, contract.fields)
    for (const [suspicion, applies] of suspicions) if (applies(clean)) observer.suspicious(suspicion, id)
    if (Object.keys(raw).length !== seen) {
      for (const name of Object.keys(raw)) if (!named.has(name)) observer.unnamed(name)
    }
    return clean
  }
}
