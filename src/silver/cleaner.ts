import type { Document } from 'bson'
import type { Context, Contract } from './contract.ts'
import { Flaw, Repaired } from './values.ts'

/**
 * Told of everything that the cleaner meets. Never told a value, only which document it was: whatever the cleaner was
 * given as such.
 */
export interface Observer {
  /** A field whose value was missing, invalid or repaired. */
  value: (field: string, outcome: Flaw | Repaired<unknown>, document: unknown) => void
  /** A field that the contract does not name. */
  unnamed: (field: string) => void
  /** A document whose values are valid each, but odd together. */
  suspicious: (suspicion: string, document: unknown) => void
}

/** A clean document without its `_id`: every field and every derived column of the contract. */
export type CleanValues = Readonly<Record<string, unknown>>

/** The pure function that turns the values of a bronze document into those of its silver one. */
export interface Cleaner {
  /** The fields of bronze, in the order in which `clean` takes their values. */
  sources: readonly string[]
  /** Gives the same object each time, filled anew. */
  clean: (values: readonly unknown[], observer: Observer, document: unknown) => CleanValues
}

export function cleaner(contract: Contract, context: Context): Cleaner {
  const fields = Object.entries(contract.fields).map(([name, field]) => ({ name, field }))
  const derived = Object.entries(contract.derived)
  const suspicions = Object.entries(contract.suspicions)
  const clean: Record<string, unknown> = {}

  return {
    sources: fields.map(({ name, field }) => field.source ?? name),
    clean(values, observer, document) {
      for (let i = 0; i < fields.length; i++) {
        const { name, field } = fields[i] as (typeof fields)[number]
        const outcome = field.read(values[i], context, clean)
        if (outcome instanceof Flaw) {
          clean[name] = field.default
          observer.value(name, outcome, document)
        } else if (outcome instanceof Repaired) {
          clean[name] = outcome.value
          observer.value(name, outcome, document)
        } else clean[name] = outcome
      }
      for (const [name, column] of derived) clean[name] = column.from(clean)
      for (const [suspicion, applies] of suspicions) {
        if (applies(clean)) observer.suspicious(suspicion, document)
      }
      return clean
    },
  }
}

/** Cleans whole documents as a driver reads them, one at a time: `_id` and every column of the contract. */
export function documentCleaner(contract: Contract, context: Context): (raw: Document, observer: Observer) => Document {
  const { sources, clean } = cleaner(contract, context)
  const named = new Set(['_id', ...sources])
  return (raw, observer) => {
    const values = sources.map((source) => (Object.hasOwn(raw, source) ? raw[source] : undefined))
    for (const name of Object.keys(raw)) if (!named.has(name)) observer.unnamed(name)
    return { _id: raw['_id'], ...clean(values, observer, raw['_id']) }
  }
}
