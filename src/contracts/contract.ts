import type { CountryCode } from 'libphonenumber-js/min'
import type { Pseudonym } from '../rules/pseudonym.ts'
import * as rule from '../rules/values.ts'

/** How a column is kept in silver and staged for gold. */
export type ColumnType = 'text' | 'money' | 'count' | 'rate' | 'date' | 'flag'

/** What a rule may know besides the value; constant during a run. */
export interface Context {
  /** Epoch milliseconds after which an instant lies in the future: a day from the start of the run. */
  latest: number
  /** The region of a phone number whose customer names no country. */
  region: CountryCode
  /** What stands for an email or a phone number; its MD5 if not given. */
  hash?: Pseudonym
  /** Who was erased; nobody if not given. */
  isErased?: IsErased | undefined
}

/** Whether a person was erased, by their clean `customer_id`. */
export type IsErased = (customerId: string) => boolean

interface Column {
  type: ColumnType
  /** May identify a person: its raw value is never reported. */
  personal: boolean
  meaning: string
}

/** A field of bronze and how silver keeps it: one line of a contract. */
export interface Field<T> extends Column {
  kind: 'id' | 'label' | 'money' | 'count' | 'date' | 'consent' | 'email' | 'phone'
  /** What stands in silver where bronze has no value, or one that breaks its rule. */
  default: T
  /** The name of the field in bronze, where it is another. */
  source?: string
  vocabulary?: readonly string[]
  /** The smallest and the largest value accepted of a number. */
  least?: number
  most?: number
  /** `clean` holds the fields above this one in the contract, already cleaned. */
  read: (value: unknown, context: Context, clean: Record<string, unknown>) => rule.Outcome<T>
}

type Fields = Record<string, Field<unknown>>

/** The clean values of a table of fields. */
type Clean<F> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never }

/** A column that silver adds, computed from the clean fields that it reads and from no others. */
export interface Derived<F, Read extends keyof F> extends Column {
  nullable: boolean
  reads: readonly Read[]
  /** `fields` tell which word stands for a missing value. */
  from: (clean: Clean<Pick<F, Read>>, fields: Readonly<Record<Read, Field<unknown>>>) => unknown
}

/** Everything Lingot knows about a collection: the cleaner, silver's types, staging, reports and docs come from it. */
export interface Contract {
  /** The name of the collection in silver, and in bronze unless `source` says otherwise. */
  collection: string
  source?: string
  /** The field that names a document to people. */
  key: string
  /** Whether a document without its key is quarantined. */
  keyRequired: boolean
  /** What is done with documents that share a key. */
  identity: 'last one wins' | 'equal ones are one'
  fields: Fields
  derived: Record<string, Derived<Fields, string>>
  /** What is odd about a document although each of its values is valid. */
  suspicions: Record<string, (clean: Record<string, unknown>) => boolean>
}

/** Checks a contract's columns against each other; from here on they are read by name, fields by their own. */
export function contract<F extends Fields, D extends Record<string, keyof F>>(
  definition: Omit<Contract, 'fields' | 'derived' | 'suspicions'> & {
    key: keyof F
    fields: F
    derived: { [K in keyof D]: Derived<F, D[K]> }
    suspicions: Record<string, (clean: Clean<F>) => boolean>
  },
): Omit<Contract, 'fields'> & { fields: F } {
  return definition as Omit<Contract, 'fields'> & { fields: F }
}

/** Every column of a silver collection but `_id`, in its order. */
export function columnsOf(contract: Contract): [name: string, column: Column & { nullable: boolean }][] {
  const fields = Object.entries(contract.fields)
  return [
    ...fields.map(([name, field]): [string, Column & { nullable: boolean }] => [
      name,
      { ...field, nullable: field.default === null },
    ]),
    ...Object.entries(contract.derived),
  ]
}

// ---------------------------------------------------------------------------------------- the kinds of field there are

/** What a missing label is called. */
export const UNKNOWN = 'Unknown'

/** An identity: stays null where it is missing, and nothing is looked up by it. */
export function id(meaning: string): Field<string | null> {
  return { kind: 'id', type: 'text', default: null, personal: false, meaning, read: rule.text }
}

/** A label: `Unknown` where it is missing. */
export function label(meaning: string, vocabulary: readonly string[] = []): Field<string> {
  const read = rule.label(vocabulary)
  return { kind: 'label', type: 'text', default: UNKNOWN, personal: false, vocabulary, meaning, read }
}

export function personalLabel(meaning: string): Field<string> {
  return { ...label(meaning), personal: true }
}

/** A measurement in money: stays null where it is missing. */
export function money(meaning: string, least = -rule.LARGEST): Field<rule.Money | null> {
  const read = rule.money(least)
  return { kind: 'money', type: 'money', default: null, personal: false, least, most: rule.LARGEST, meaning, read }
}

/** A cost that did not happen where it is missing. */
export function optionalCost(meaning: string): Field<rule.Money> {
  const read = rule.money(0)
  return { kind: 'money', type: 'money', default: 0, personal: false, least: 0, most: rule.LARGEST, meaning, read }
}

/** A whole number, or what stands for it where it is missing. */
export function count<T extends number | null>(
  meaning: string,
  { least, most = rule.LARGEST, otherwise }: { least: number; most?: number; otherwise: T },
): Field<number | T> {
  const read = rule.count(least, most)
  return { kind: 'count', type: 'count', default: otherwise, personal: false, least, most, meaning, read }
}

export function date(meaning: string): Field<Date | null> {
  const read = (value: unknown, { latest }: Context) => rule.date(value, latest)
  return { kind: 'date', type: 'date', default: null, personal: false, meaning, read }
}

/** Silence is not consent. */
export function consent(meaning: string): Field<boolean> {
  return { kind: 'consent', type: 'flag', default: false, personal: false, meaning, read: rule.consent }
}

/** An email address, kept as its hash. */
export function email(meaning: string): Field<rule.Hash | null> {
  const read = (value: unknown, { hash }: Context) => rule.email(value, hash)
  return { kind: 'email', type: 'text', default: null, personal: true, meaning, read }
}

/** A phone number of the country that the clean field `country` names, kept as the hash of its E.164 form. */
export function phone(meaning: string): Field<rule.Hash | null> {
  const read = (value: unknown, { region, hash }: Context, clean: Record<string, unknown>) =>
    rule.phone(value, clean['country'] === UNKNOWN ? region : rule.regionOf(String(clean['country']), region), hash)
  return { kind: 'phone', type: 'text', default: null, personal: true, meaning, read }
}
