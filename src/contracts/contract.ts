import type { CountryCode } from 'libphonenumber-js/min'
import * as country from '../rules/countries.ts'
import * as dates from '../rules/dates.ts'
import * as number from '../rules/numbers.ts'
import * as people from '../rules/people.ts'
import type { Pseudonym } from '../rules/pseudonym.ts'
import * as rule from '../rules/values.ts'

/** How a column is kept in silver and staged for gold. */
export type ColumnType = 'text' | 'money' | 'count' | 'fractional' | 'rate' | 'date' | 'flag'

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

/** The way to a value of bronze: the key at the top of a document, then keys below it and places in lists. */
export type Path = readonly string[]

/** A field of bronze and how silver keeps it: one line of a contract. */
export interface Field<T> extends Column {
  kind: 'id' | 'label' | 'money' | 'count' | 'fractional' | 'date' | 'consent' | 'email' | 'phone'
  /** What stands in silver where bronze has no value, or one that breaks its rule. */
  default: T
  /** Where the field stands in bronze, if not under its own name at the top of a document; null where bronze has none. */
  source?: Path | null
  /** Where the number stands in bronze that each value is multiplied by. */
  times?: Path
  vocabulary?: readonly string[]
  /** By what other names words of the vocabulary are known. */
  otherNames?: rule.OtherNames
  /** The smallest and the largest value accepted of a number. */
  least?: number
  most?: number
  /** Whose key it names. */
  refers?: Reference
  /** Whether the dashboard can be narrowed to its values. */
  filter?: boolean
  /** Whether it is what a campaign brought in. */
  value?: boolean
  /** What of a feed its rule cannot know. */
  how: Reading
  read: Read<T>
  /** The rule for a feed of another kind. */
  reader: (how: Reading) => Read<T>
}

/** That a field names a record of another collection by its key. */
export interface Reference {
  to: string
  /** How many of those that name one may find none, in percent. */
  atMost: number
  severity: 'warn' | 'error'
}

/** `clean` holds the fields above this one in the contract, already cleaned. */
type Read<T> = (value: unknown, context: Context, clean: Record<string, unknown>) => rule.Outcome<T>

/** How a feed writes the values of a field. */
export interface Reading extends Pick<number.Writing, 'decimal' | 'scale'> {
  vocabulary?: readonly string[]
  /** What stands for a value that is missing, beside what does everywhere. */
  missing?: readonly (string | number)[] | undefined
  dates?: 'month first' | undefined
  /** Whether dates are days, which no time zone moves. */
  holds?: 'day' | undefined
  /** The zone of the shop, if it is not UTC. */
  timeZone?: string | undefined
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

/** Documents of bronze in which a field is set or, where there are such, has one of these values. */
export interface LeaveOut {
  field: Path
  is?: readonly (string | number | boolean)[]
}

/** Everything Lingot knows about a collection: the cleaner, silver's types, staging, reports and docs come from it. */
export interface Contract {
  /** The name of the collection in silver, and in bronze unless `source` says otherwise. */
  collection: string
  source?: string
  /** The list in documents of bronze of which each element is a record; the documents themselves are, if not given. */
  each?: Path
  /** The field that names a document to people; null where nothing less than all of it does. */
  key: string | null
  /** Whether a document without its key is quarantined. */
  keyRequired: boolean
  /** What is done with documents that share a key. */
  identity: 'last one wins' | 'equal ones are one'
  /** The field of bronze by which the last one is told; by `_id` where it is not given. */
  lastBy?: Path
  /** The currency that the shop names; amounts that name another one are suspicious. */
  currency?: string | undefined
  /** Fields of bronze in which documents that are one may differ, if the contract does not read them. */
  bookkeeping?: readonly string[]
  /** A collection that a shop has beside those that Lingot knows. */
  isOwn?: true
  /** Of sales: that whoever bought is a customer, of whom no collection tells more. */
  buyersAreCustomers?: true
  /** Which documents of bronze are no records. */
  leaveOut?: readonly LeaveOut[]
  /** A label that documents with one key should share, and what it is called where they do not. */
  shared?: { field: string; otherwise: string }
  fields: Fields
  /** Fields that are among the others where settings say where they stand. */
  optional?: Fields
  derived: Record<string, Derived<Fields, string>>
  /** What is odd about a document although each of its values is valid. */
  suspicions: Record<string, (clean: Record<string, unknown>, fields: Fields) => boolean>
}

/** Checks a contract's columns against each other; from here on they are read by name, fields by their own. */
export function contract<
  F extends Fields,
  D extends Record<string, keyof F>,
  O extends Fields = Record<never, Field<unknown>>,
>(
  definition: Omit<Contract, 'fields' | 'optional' | 'derived' | 'suspicions'> & {
    key: keyof F
    fields: F
    optional?: O
    derived: { [K in keyof D]: Derived<F, D[K]> }
    suspicions: Record<string, (clean: Clean<F>, fields: F) => boolean>
  },
): Known<F, O> {
  return definition as unknown as Known<F, O>
}

type Known<F, O> = Omit<Contract, 'key' | 'fields' | 'optional'> & { key: string; fields: F; optional?: O }

/** Where a field stands in bronze; null where bronze has none. */
export function sourceOf(name: string, { source = [name] }: Pick<Field<unknown>, 'source'>): Path | null {
  return source
}

/** All that is read of a document. */
export function pathsOf({ fields }: Pick<Contract, 'fields'>): Path[] {
  const paths = Object.entries(fields).flatMap(([name, field]) => {
    const source = sourceOf(name, field)
    return [source, field.times].filter((path) => path != null)
  })
  return [...new Map(paths.map((path) => [keyOf(path), path])).values()]
}

/** The same text for the same path, and for no other. */
export function keyOf(path: Path): string {
  return path.join('\0')
}

/** The collection of bronze that the records of a contract are read from. */
export function bronzeName({ collection, source = collection }: Contract): string {
  return source
}

/**
 * The column by which documents are told to be one: of those that hold lists it is that of the whole, where there is one.
 * Null where all columns together are.
 */
export function identityOf({ each, fields, optional = {}, key }: Contract): string | null {
  return each !== undefined && ORDER in optional && ORDER in fields ? ORDER : key
}

/** What a sale belongs to where it is not alone. */
const ORDER = 'order_id'

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

/** The field of a feed that writes it in another way. */
export function reread<T>(field: Field<T>, change: Reading): Field<T> {
  const how = { ...field.how, ...change }
  const read = field.reader(how)
  const isMissing = how.missing && rule.wordsFor(how.missing)
  return {
    ...field,
    how,
    ...(how.vocabulary && { vocabulary: how.vocabulary }),
    read:
      isMissing === undefined
        ? read
        : (value, ...rest) => {
            const written = value instanceof number.Product ? value.value : value
            return isMissing(written) ? rule.missing.placeholder : read(value, ...rest)
          },
  }
}

/** The zone in which the days and months of a field are counted; UTC if undefined. */
export function zoneOf({ how: { holds, timeZone } }: Field<unknown>): string | undefined {
  return holds === 'day' ? undefined : timeZone
}

/** The field of numbers that accepts fewer of them. */
export function ranged(
  field: Field<unknown>,
  { least = field.least ?? Number.NEGATIVE_INFINITY, most = field.most ?? Number.POSITIVE_INFINITY },
): Field<unknown> {
  const reader = (how: Reading): Read<unknown> => {
    const read = field.reader(how)
    return (...given) => {
      const outcome = read(...given)
      const value = rule.cleanOf(outcome)
      if (typeof value !== 'number') return outcome
      return value < least ? rule.invalid.tooSmall : value > most ? rule.invalid.tooLarge : outcome
    }
  }
  return { ...field, least, most, reader, read: reader(field.how) }
}

function field<T>(line: Omit<Field<T>, 'how' | 'read' | 'personal'> & { personal?: boolean }): Field<T> {
  return { personal: false, ...line, how: {}, read: line.reader({}) }
}

/** An identity: stays null where it is missing, and nothing is looked up by it. */
export function id(meaning: string): Field<string | null> {
  return field({ kind: 'id', type: 'text', default: null, meaning, reader: () => rule.id })
}

/** A label: `Unknown` where it is missing. */
export function label(
  meaning: string,
  vocabulary: readonly string[] = [],
  otherNames: rule.OtherNames = {},
): Field<string> {
  const reader = (how: Reading) => rule.label(how.vocabulary ?? vocabulary, otherNames)
  return field({ kind: 'label', type: 'text', default: UNKNOWN, vocabulary, otherNames, meaning, reader })
}

/** A first or last name. */
export function personalName(meaning: string): Field<string> {
  const reader = ({ vocabulary = [] }: Reading) => rule.label(vocabulary, {}, rule.name)
  return { ...field({ ...label(meaning), reader }), personal: true }
}

/** A label of digits, in the main. */
export function code(meaning: string): Field<string> {
  const reader = ({ vocabulary = [] }: Reading) => rule.label(vocabulary, {}, rule.markedText)
  return field({ ...label(meaning), reader })
}

/** A country, by its French name. */
export function nation(meaning: string, vocabulary: readonly string[]): Field<string> {
  return field({ ...label(meaning, vocabulary), reader: (how) => country.country(how.vocabulary ?? vocabulary) })
}

/** A measurement in money: stays null where it is missing. */
export function money(meaning: string, least = -number.LARGEST): Field<number.Money | null> {
  const reader = (how: Reading) => number.money(least, how)
  return field({ kind: 'money', type: 'money', default: null, least, most: number.LARGEST, meaning, reader })
}

/** A cost that did not happen where it is missing. */
export function optionalCost(meaning: string): Field<number.Money> {
  const reader = (how: Reading) => number.money(0, how)
  return field({ kind: 'money', type: 'money', default: 0, least: 0, most: number.LARGEST, meaning, reader })
}

/** A whole number, or what stands for it where it is missing. */
export function count<T extends number | null>(
  meaning: string,
  {
    least,
    most = number.LARGEST,
    otherwise,
    hasThousands = false,
  }: { least: number; most?: number; otherwise: T; hasThousands?: boolean },
): Field<number | T> {
  const reader = (how: Reading) => number.count(least, most, { ...how, hasThousands })
  return field<number | T>({ kind: 'count', type: 'count', default: otherwise, least, most, meaning, reader })
}

/** A count of which shares are given out: stays null where it is missing. */
export function fractional(meaning: string): Field<number | null> {
  const range = { least: 0, most: number.LARGEST }
  return field({ kind: 'fractional', type: 'fractional', default: null, ...range, meaning, reader: number.fractional })
}

export function date(meaning: string): Field<Date | null> {
  const reader = ({ dates: order, holds, timeZone }: Reading): Read<Date> => {
    const calendar = { isMonthFirst: order === 'month first', timeZone: holds === 'day' ? undefined : timeZone }
    return (value, { latest }) => dates.date(value, latest, calendar)
  }
  return field({ kind: 'date', type: 'date', default: null, meaning, reader })
}

/** Silence is not consent. */
export function consent(meaning: string): Field<boolean> {
  return field({ kind: 'consent', type: 'flag', default: false, meaning, reader: () => number.consent })
}

/** An email address, kept as its hash. */
export function email(meaning: string): Field<people.Hash | null> {
  const reader =
    (): Read<people.Hash> =>
    (value, { hash }) =>
      people.email(value, hash)
  return field({ kind: 'email', type: 'text', default: null, personal: true, meaning, reader })
}

/** A phone number of the country that the clean field `country` names, kept as the hash of its E.164 form. */
export function phone(meaning: string): Field<people.Hash | null> {
  const reader =
    (): Read<people.Hash> =>
    (value, { region, hash }, clean) => {
      const own = clean['country'] === UNKNOWN ? region : country.regionOf(String(clean['country']), region)
      return people.phone(value, own, hash)
    }
  return field({ kind: 'phone', type: 'text', default: null, personal: true, meaning, reader })
}
