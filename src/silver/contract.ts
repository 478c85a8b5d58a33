import type { CountryCode } from 'libphonenumber-js/min'
import * as rule from './values.ts'

/** How a column is kept in silver and staged for gold. */
export type ColumnType = 'text' | 'money' | 'count' | 'rate' | 'date' | 'flag'

/** What a rule may know besides the value; constant during a run. */
export interface Context {
  /** Epoch milliseconds after which an instant lies in the future: a day from the start of the run. */
  latest: number
  /** The region of a phone number whose customer names no country. */
  region: CountryCode
}

interface Column {
  type: ColumnType
  /** May identify a person: its raw value is never reported. */
  personal: boolean
  meaning: string
}

/** A field of bronze and how silver keeps it: one line of a contract. */
export interface Field<T> extends Column {
  /** What stands in silver where bronze has no value, or one that breaks its rule. */
  default: T
  vocabulary?: readonly string[]
  /** The accepted range, in words. */
  range?: string
  /** `clean` holds the fields above this one in the contract, already cleaned. */
  read: (value: unknown, context: Context, clean: Record<string, unknown>) => rule.Outcome<T>
}

/** A column that silver adds, computed from the clean fields. */
export interface Derived<Input, T> extends Column {
  from: (clean: Input) => T
}

type Fields = Record<string, Field<unknown>>

/** The clean values of a table of fields. */
export type Clean<F> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never }

/** Everything Lingot knows about a collection: the cleaner, silver's types, staging, reports and docs come from it. */
export interface Contract {
  collection: string
  /** The field that names a document to people. */
  key: string
  /** Whether a document without its key is quarantined. */
  keyRequired: boolean
  /** What is done with documents that share a key. */
  identity: 'last one wins' | 'equal ones are one'
  /** The indexes that silver's users need, beside the one on the key. */
  indexes: readonly string[]
  fields: Fields
  derived: Record<string, Derived<Record<string, unknown>, unknown>>
}

/** Checks a contract's columns against each other; from here on they are read by name. */
export function contract<F extends Fields>(
  definition: Omit<Contract, 'fields' | 'derived'> & {
    key: keyof F
    fields: F
    derived: Record<string, Derived<Clean<F>, unknown>>
  },
): Contract {
  return definition as Contract
}

/** Every column of a silver collection but `_id`, in its order. */
export function columnsOf(contract: Contract): [name: string, column: Column][] {
  return [...Object.entries(contract.fields), ...Object.entries(contract.derived)]
}

// ---------------------------------------------------------------------------------------- the kinds of field there are

/** An identity: stays null where it is missing, and nothing is looked up by it. */
export function id(meaning: string): Field<string | null> {
  return { type: 'text', default: null, personal: false, meaning, read: rule.text }
}

/** A label: `Unknown` where it is missing. */
export function label(meaning: string, vocabulary?: readonly string[]): Field<string> {
  const base = { type: 'text', default: UNKNOWN, personal: false, meaning } as const
  return vocabulary === undefined ? { ...base, read: rule.text } : { ...base, vocabulary, read: rule.label(vocabulary) }
}

export function personalLabel(meaning: string): Field<string> {
  return { ...label(meaning), personal: true }
}

/** A measurement in money, which may be negative and stays null where it is missing. */
export function amount(meaning: string): Field<rule.Money | null> {
  return { type: 'money', default: null, personal: false, range: '±1e12', meaning, read: rule.money() }
}

/** A measurement in money that cannot be negative. */
export function cost(meaning: string): Field<rule.Money | null> {
  return { type: 'money', default: null, personal: false, range: '0 to 1e12', meaning, read: rule.money(0) }
}

/** A cost that did not happen where it is missing. */
export function optionalCost(meaning: string): Field<rule.Money> {
  return { type: 'money', default: 0, personal: false, range: '0 to 1e12', meaning, read: rule.money(0) }
}

export function count<T extends number | null>(
  meaning: string,
  least: number,
  otherwise: T,
  most = 1e12,
): Field<number | T> {
  return {
    type: 'count',
    default: otherwise,
    personal: false,
    range: `${least} to ${most === 1e12 ? '1e12' : most}`,
    meaning,
    read: rule.count(least, most),
  }
}

export function date(meaning: string): Field<Date | null> {
  const read = (value: unknown, { latest }: Context) => rule.date(value, latest)
  return { type: 'date', default: null, personal: false, range: '1970 to a day from now', meaning, read }
}

export function consent(meaning: string): Field<boolean> {
  return { type: 'flag', default: false, personal: false, meaning, read: rule.consent }
}

export function email(meaning: string): Field<rule.Md5 | null> {
  return { type: 'text', default: null, personal: true, meaning, read: rule.email }
}

/** A phone number, of the country that the clean field `country` names. */
export function phone(meaning: string): Field<rule.Md5 | null> {
  const read = (value: unknown, { region }: Context, clean: Record<string, unknown>) =>
    rule.phone(value, clean['country'] === UNKNOWN ? region : rule.regionOf(String(clean['country']), region))
  return { type: 'text', default: null, personal: true, meaning, read }
}

/** What a missing label is called. */
export const UNKNOWN = 'Unknown'
