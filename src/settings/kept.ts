import { z } from 'zod'
import { type Contract, columnsOf, consent, count, date, type Field, id, label, money } from '../contracts/contract.ts'
import { defaultValue } from './defaults.ts'
import { path } from './paths.ts'
import { readings } from './readings.ts'
import { reserved } from './reserved.ts'

const kinds: Record<z.output<typeof kind>, (meaning: string) => Field<unknown>> = {
  label: (meaning) => label(meaning),
  id,
  money: (meaning) => money(meaning),
  count: (meaning) => count(meaning, { least: 0, otherwise: null }),
  date,
  consent,
}
const kind = z.enum(['label', 'id', 'money', 'count', 'date', 'consent'])

/** A field of bronze that no contract names, and that silver keeps all the same. */
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
  /** Lets the dashboard be narrowed to its values. */
  filter: z.boolean().optional(),
  shared: z.boolean().optional(),
})
export type Kept = z.output<typeof kept>

/** The line of the contract. */
export function keptField(
  { kind, meaning, personal, inClear = false, filter = false }: Kept,
  report: (key: string) => (problem: string) => void,
): Field<unknown> {
  if (personal && !inClear) report('inClear')('must be true, for silver keeps this personal field in clear')
  if (filter && kind !== 'label' && kind !== 'id') report('filter')('is for labels and ids')
  if (filter && personal)
    report('filter')('is for fields that are not personal, since gold adds sales up by its values')
  return { ...kinds[kind](meaning), personal, ...(filter && { filter }) }
}

/** What models call columns of their own beside all those of silver. */
const namesOfModels = new Set(['buyer', 'country', 'id_order', 'is_left_out', 'month', 'recency'])

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
  if (namesOfModels.has(name))
    return `${name} is what gold calls something else; choose another, and from tells its name in bronze`
  return undefined
}
