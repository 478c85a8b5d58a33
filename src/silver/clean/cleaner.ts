import { type Context, type Contract, type Field, sourceOf } from '../../contracts/contract.ts'
import { fieldReader } from '../../mongo/bson_reader.ts'
import type { IdPlace } from '../../mongo/bson_type.ts'
import { readSpelled } from '../../rules/extended_json.ts'
import { Flaw, Repaired } from '../../rules/values.ts'
import { forgetting } from './forgetting.ts'

/** Told of everything that the cleaner meets; keeps no value of a document, only its `_id`. */
export interface Observer {
  /** A field whose value was missing, invalid or repaired. */
  value: (field: string, outcome: Flaw | Repaired<unknown>, document: Buffer, value: unknown) => void
  /** A field that the contract does not name, and that tells the currency of a document. */
  beside?: (field: string, value: unknown, document: Buffer) => void
  /** A field that the contract does not name. */
  unnamed: (field: string) => void
  /** A document whose values are valid each, but odd together. */
  suspicious: (suspicion: string, document: Buffer) => void
}

/** What a field is called that names the currency of a document. */
const CURRENCIES = ['currency', 'currency_code', 'devise']

/** A clean document without its `_id`: every field and every derived column of the contract. */
export type CleanValues = Readonly<Record<string, unknown>>

/** The pure function that turns a bronze document, as the BSON that it is, into the values of its silver one. */
export interface Cleaner {
  /** Gives the same object each time, filled anew. */
  clean: (document: Buffer, observer: Observer) => CleanValues
  /** Where the `_id` of the document stands that was cleaned last. */
  place: IdPlace
}

export function cleaner(given: Contract, context: Context): Cleaner {
  const contract = forgetting(given, context.isErased)
  // Two fields may read one source.
  const sources = [...new Set(Object.entries(contract.fields).flatMap(([name, field]) => sourceOf(name, field) ?? []))]
  const currencies = CURRENCIES.filter((name) => !sources.includes(name))
  const currency = sources.length
  const fields = Object.entries(contract.fields).map(([name, field]) => {
    const source = sourceOf(name, field)
    return { name, field, position: source === null ? -1 : sources.indexOf(source) }
  })
  const derived = Object.entries(contract.derived)
  const suspicions = Object.entries(contract.suspicions)
  const reader = fieldReader([...sources, ...currencies])
  const clean: Record<string, unknown> = {}
  // Apart from the loop over fields, which would make room for what this remembers of each.
  const readAgain = (field: Field<unknown>, value: unknown, outcome: Flaw) =>
    readSpelled(value, outcome, (spelled) => field.read(spelled, context, clean))

  return {
    place: reader.place,
    clean(document, observer) {
      const values = reader.read(document, observer.unnamed)
      for (const { name, field, position } of fields) {
        const value = values[position]
        let outcome = field.read(value, context, clean)
        if (outcome instanceof Flaw && typeof value === 'object') {
          outcome = readAgain(field, value, outcome)
        }
        if (outcome instanceof Flaw) {
          clean[name] = field.default
          observer.value(name, outcome, document, values[position])
        } else if (outcome instanceof Repaired) {
          clean[name] = outcome.value
          observer.value(name, outcome, document, values[position])
        } else clean[name] = outcome
      }
      for (let i = 0; i < currencies.length; i++) {
        if (values[currency + i] === undefined) continue
        observer.unnamed(currencies[i] as string)
        observer.beside?.(currencies[i] as string, values[currency + i], document)
      }
      for (const [name, column] of derived) clean[name] = column.from(clean, contract.fields)
      for (const [suspicion, applies] of suspicions) {
        if (applies(clean, contract.fields)) observer.suspicious(suspicion, document)
      }
      return clean
    },
  }
}
