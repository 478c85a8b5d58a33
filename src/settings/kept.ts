import { z } from 'zod'
import {
  type Contract,
  columnsOf,
  consent,
  count,
  date,
  email,
  type Field,
  fractional,
  id,
  label,
  money,
  phone,
  type Reference,
  ranged,
} from '../contracts/contract.ts'
import { changeVocabulary, defaultValue, vocabularyChange } from './defaults.ts'
import { path } from './paths.ts'
import { NUMBERS, oneOf, readings } from './readings.ts'
import { reserved } from './reserved.ts'
import { severity } from './thresholds.ts'

const kinds: Record<z.output<typeof kind>, (meaning: string, least: number | undefined) => Field<unknown>> = {
  label: (meaning) => label(meaning),
  id,
  money: (meaning, least) => money(meaning, least),
  count: (meaning, least = 0) => count(meaning, { least, otherwise: null }),
  fractional,
  date,
  consent,
  email,
  phone,
}
const kind = z.enum(['label', 'id', 'money', 'count', 'fractional', 'date', 'consent', 'email', 'phone'])
const HASHED: readonly z.output<typeof kind>[] = ['email', 'phone']

/** A field of bronze that Lingot itself does not know. */
export const kept = z.strictObject({
  ...readings,
  kind,
  /** What it says, for the data dictionary. */
  meaning: z.string().min(1, 'must say what the field means'),
  /** Whether it may identify a person. */
  personal: z.boolean(),
  /** Says that a personal field is kept as it is. */
  inClear: z.boolean().optional(),
  /** Where the field stands in bronze, if not under this name. */
  from: path.optional(),
  default: defaultValue.optional(),
  /** The spellings of a label. */
  vocabulary: vocabularyChange.optional(),
  /** The smallest and the largest number that is accepted. */
  least: z.number().optional(),
  most: z.number().optional(),
  /** The collection whose key it names; those that name nobody there are told, by default with a warning. */
  refers: z
    .union(
      [
        z.string(),
        z.strictObject({
          to: z.string(),
          /** How many of them may name nobody, in percent. */
          atMost: z.number().min(0).max(100).default(0),
          severity: severity.default('warn'),
        }),
      ],
      { error: 'must be the name of a collection, or { to, atMost, severity }' },
    )
    .optional(),
  /** Lets the dashboard be narrowed to its values. */
  filter: z.boolean().optional(),
  /** Says that it is what a campaign brought in. */
  value: z.boolean().optional(),
  shared: z.boolean().optional(),
})
export type Kept = z.output<typeof kept>

/** The line of the contract. */
export function keptField(settings: Kept, report: (key: string) => (problem: string) => void): Field<unknown> {
  const {
    kind,
    meaning,
    personal,
    inClear = false,
    filter = false,
    value = false,
    vocabulary,
    least,
    refers,
  } = settings
  if (HASHED.includes(kind)) {
    if (!personal)
      report('personal')(`must be true, for ${kind === 'email' ? 'an email' : 'a phone number'} is personal`)
    if (inClear) report('inClear')('must be left out, for silver keeps its hash')
  } else if (personal && !inClear) {
    report('inClear')('must be true, for silver keeps this personal field in clear')
  }
  if (filter && kind !== 'label' && kind !== 'id') report('filter')('is for labels and ids')
  if (filter && personal)
    report('filter')('is for fields that are not personal, since gold adds sales up by its values')
  if (value && kind !== 'money') report('value')(`is for money, and this is ${oneOf(kind)}`)
  if (value && personal) report('value')('is for fields that are not personal, since gold adds them up')
  const own = { ...kinds[kind](meaning, least), personal, ...(filter && { filter }), ...(value && { value }) }
  const within = inRange(changeVocabulary(own, vocabulary, report('vocabulary')), settings, report)
  if (refers === undefined) return within
  if (kind !== 'id') report('refers')(`is for ids, and this is ${oneOf(kind)}`)
  const reference: Reference = typeof refers === 'string' ? { to: refers, atMost: 0, severity: 'warn' } : refers
  return { ...within, refers: reference }
}

function inRange(
  field: Field<unknown>,
  { kind, least, most }: Kept,
  report: (key: string) => (problem: string) => void,
): Field<unknown> {
  if (least === undefined && most === undefined) return field
  const isNumber = NUMBERS.includes(kind)
  if (!isNumber) report(least === undefined ? 'most' : 'least')(`is for numbers, and this is ${oneOf(kind)}`)
  if (least !== undefined && most !== undefined && least > most) report('most')('must not be below least')
  return isNumber
    ? ranged(field, { ...(least !== undefined && { least }), ...(most !== undefined && { most }) })
    : field
}

/** What models call columns of their own beside all those of silver. */
const namesOfModels = new Set(['buyer', 'country', 'id_order', 'is_left_out', 'month', 'recency', 'rowid'])
/** Of a collection of one's own Lingot's models know nothing. */
const namesOfSilver = new Set(['id_order', 'rowid'])

/** Why a field cannot be kept under a name, if it cannot. */
export function nameProblem(contract: Contract, name: string): string | undefined {
  if (columnsOf(contract).some(([column]) => column === name))
    return `${contract.collection} has a column ${name} already`
  if (contract.optional !== undefined && Object.hasOwn(contract.optional, name))
    return `${name} is a field of ${contract.collection}: it stands under fields`
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name))
    return 'must be named in lower case with letters, digits and _; from tells its name in bronze'
  if (name in Object.prototype) return `${name} is no name that can be read`
  if (reserved.has(name)) return `${name} is a word of SQL; choose another, and from tells its name in bronze`
  if ((contract.isOwn ? namesOfSilver : namesOfModels).has(name))
    return `${name} is what gold calls something else; choose another, and from tells its name in bronze`
  return undefined
}
