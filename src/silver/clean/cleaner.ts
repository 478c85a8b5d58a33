import { type Context, type Contract, type Field, keyOf, pathsOf, sourceOf } from '../../contracts/contract.ts'
import type { IdPlace } from '../../mongo/bson_type.ts'
import { DeadEnd, fieldReader } from '../../mongo/field_reader.ts'
import { readSpelled, spelledBy } from '../../rules/extended_json.ts'
import { Product } from '../../rules/numbers.ts'
import { cleanOf, Flaw, invalid, type Outcome, Repaired, text } from '../../rules/values.ts'
import { forgetting } from './forgetting.ts'

/** Told of everything that the cleaner meets; keeps no value of a document, only its `_id`. */
export interface Observer {
  /** A field whose value, and what it is multiplied by, was missing, invalid or repaired. */
  value: (field: string, outcome: Flaw | Repaired<unknown>, document: Buffer, value: unknown, factor: unknown) => void
  /** A field that the contract does not name, and where its element stands in the document. */
  unnamed: (field: string, document: Buffer, start: number, end: number) => void
  /** A document whose values are valid each, but odd together. */
  suspicious: (suspicion: string, document: Buffer) => void
}

/** Is told nothing. */
export const unobserved: Observer = { value: () => undefined, unnamed: () => undefined, suspicious: () => undefined }

/** A clean document without its `_id`: every field and every derived column of the contract. */
export type CleanValues = Readonly<Record<string, unknown>>

/** The pure function that turns a bronze document, as the BSON that it is, into the values of its silver one. */
export interface Cleaner {
  /** Gives the same object each time, filled anew. */
  clean: (document: Buffer, observer: Observer) => CleanValues
  /** Where the `_id` of the document stands that was cleaned last. */
  place: IdPlace
  /** The labels that were met, as they are in silver, by field: the first ones, and none that may identify a person. */
  labels: () => Labels
}

export type Labels = { field: string; values: string[] }[]

export function cleaner(given: Contract, context: Context): Cleaner {
  const contract = forgetting(onPaths(given), context.isErased)
  // Two fields may read one source.
  const paths = pathsOf(contract)
  const positions = new Map(paths.map((path, position) => [keyOf(path), position]))
  const memories: { field: string; outcomes: Memory }[] = []
  let row: readonly unknown[] = []
  const fields = Object.entries(contract.fields).map(([name, given]) => {
    const source = sourceOf(name, given)
    const factor = given.times && positions.get(keyOf(given.times))
    const field = factor === undefined ? given : multiplying(given, () => row[factor])
    const position = (source === null ? undefined : positions.get(keyOf(source))) ?? paths.length
    if (field.kind !== 'label' || field.personal) return { name, field, read: field.read, position, factor }
    const outcomes: Memory = new Map()
    memories.push({ field: name, outcomes })
    return { name, field, read: remembering(field.read, outcomes), position, factor }
  })
  const derived = Object.entries(contract.derived)
  const suspicions = Object.entries(contract.suspicions)
  const reader = fieldReader(paths)
  const clean: Record<string, unknown> = {}

  /** What is kept of an outcome that is no bare value. */
  const settle = (
    { name, field, factor }: { name: string; field: Field<unknown>; factor: number | undefined },
    value: unknown,
    read: Outcome<unknown>,
    document: Buffer,
    observer: Observer,
  ) => {
    const outcome =
      read instanceof Flaw && typeof value === 'object'
        ? readSpelled(value, read, (spelled) => field.read(spelled, context, clean))
        : read
    if (!(outcome instanceof Flaw || outcome instanceof Repaired)) return outcome
    observer.value(name, outcome, document, value, factor === undefined ? undefined : row[factor])
    return outcome instanceof Flaw ? field.default : outcome.value
  }

  return {
    place: reader.place,
    clean(document, observer) {
      const values = reader.read(document, observer.unnamed)
      row = values
      for (const field of fields) {
        const value = values[field.position]
        const outcome = field.read(value, context, clean)
        clean[field.name] = typeof outcome === 'object' ? settle(field, value, outcome, document, observer) : outcome
      }
      for (const [name, column] of derived) clean[name] = column.from(clean, contract.fields)
      for (const [suspicion, applies] of suspicions) {
        if (applies(clean, contract.fields)) observer.suspicious(suspicion, document)
      }
      return clean
    },
    labels: () => memories.map(({ field, outcomes }) => ({ field, values: [...new Set(textsOf(outcomes.values()))] })),
  }
}

/** The contract by which what a path meets on its way is no value of a field. */
function onPaths(contract: Contract): Contract {
  const fields = Object.entries(contract.fields).map(([name, field]): [string, typeof field] => {
    const read: typeof field.read = (value, ...rest) =>
      value instanceof DeadEnd ? (deadEnd(value.value) ?? field.read(undefined, ...rest)) : field.read(value, ...rest)
    return [name, (sourceOf(name, field)?.length ?? 0) > 1 ? { ...field, read } : field]
  })
  return { ...contract, fields: Object.fromEntries(fields) }
}

/** The field whose values are multiplied by another one of their document. */
function multiplying(field: Field<unknown>, factor: () => unknown): Field<unknown> {
  const read: typeof field.read = (value, ...rest) =>
    field.read(value instanceof DeadEnd ? value : new Product(value, readable(factor())), ...rest)
  return { ...field, read }
}

function readable(factor: unknown): unknown {
  if (factor instanceof DeadEnd) return (deadEnd(factor.value)?.kind ?? 'missing') === 'missing' ? undefined : factor
  return spelledBy(factor) ?? factor
}

/** What is wrong with a value on a path; undefined where it is an object after all, which spells no value. */
function deadEnd(value: unknown): Flaw | undefined {
  const spelled = spelledBy(value)
  if (spelled === undefined && Object.getPrototypeOf(value ?? '') === Object.prototype) return undefined
  // Where nothing is that counts as a value, a path leads nowhere.
  const read = text(spelled ?? value)
  return read instanceof Flaw && read.kind === 'missing' ? read : invalid.notObject
}

type Memory = Map<unknown, Outcome<unknown>>

/** Labels of a field that are remembered, how long they are at most, and all together: they have to fit a document. */
const MOST_KNOWN = 50_000
const LONGEST_KNOWN = 200
const MOST_CHARACTERS = 2 ** 19

/** The rule of a label, which needs nothing but the label: most of them come again and again. */
function remembering(read: Field<unknown>['read'], outcomes: Memory): Field<unknown>['read'] {
  let characters = 0
  const isRoom = (value: string) =>
    value.length <= LONGEST_KNOWN && characters + value.length <= MOST_CHARACTERS && outcomes.size < MOST_KNOWN
  return (value, context, clean) => {
    const known = outcomes.get(value)
    if (known !== undefined) return known
    const outcome = read(value, context, clean)
    if (typeof value === 'string' && isRoom(value)) {
      characters += value.length
      const label = own(value)
      outcomes.set(label, outcome === value ? label : outcome)
    }
    return outcome
  }
}

/** A text of its own, where it is a part of the text of its whole document. */
function own(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}

function* textsOf(outcomes: Iterable<Outcome<unknown>>): Iterable<string> {
  for (const outcome of outcomes) {
    const value = cleanOf(outcome)
    if (typeof value === 'string') yield value
  }
}
