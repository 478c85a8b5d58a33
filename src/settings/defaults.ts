import { z } from 'zod'
import { type Field, reread, UNKNOWN } from '../contracts/contract.ts'
import { latestOf } from '../rules/dates.ts'
import { Flaw, fold, Repaired, text } from '../rules/values.ts'

/** A default as settings write it; a date may be its ISO text. */
export const defaultValue = z.union([z.string(), z.number(), z.boolean(), z.date(), z.null()], {
  error: 'must be a text, a number, true, false, a date or null',
})

const words = z.array(z.string())

/** The words of a label: instead of those of the contract, or beside them. */
export const vocabularyChange = z.union([words, z.strictObject({ add: words })], {
  error: 'must be a list of words, or { add: [words] }',
})

type Report = (problem: string) => void

const IDENTITIES: Field<unknown>['kind'][] = ['id', 'email', 'phone']

/**
 * Labels that gold compares with Unknown. Models and questions are SQL that runs in psql as it stands,
 * so the word in them cannot follow a setting.
 */
const comparedByGold = new Set([
  'customers.country',
  'transactions.product',
  'campaigns.campaign_name',
  'campaigns.campaign_type',
  'campaigns.status',
])

/** The field with another value where bronze has none. */
export function changeDefault(
  field: Field<unknown>,
  value: z.output<typeof defaultValue> | undefined,
  report: Report,
  name?: string,
): Field<unknown> {
  if (value === undefined) return field
  const read = readDefault(field, value)
  if (read instanceof Refusal) report(read.message)
  else if (name !== undefined && comparedByGold.has(name) && read !== UNKNOWN) {
    report(`must stay ${UNKNOWN}: gold leaves it out of its rankings by that word, in SQL that runs as it stands`)
  } else return { ...field, default: read }
  return field
}

const WORDS_FOR_UNKNOWN = [UNKNOWN.toLowerCase(), 'inconnu', 'inconnue']

class Refusal {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

const typeOf: Partial<Record<Field<unknown>['kind'], string>> = {
  label: 'a text',
  money: 'a number',
  count: 'a number',
  fractional: 'a number',
  consent: 'true or false',
  date: 'a date, such as 2020-01-31',
}

/** A default is a value that its own rule would leave as it is. */
function readDefault(field: Field<unknown>, value: string | number | boolean | Date | null): unknown {
  const { kind } = field
  if (IDENTITIES.includes(kind))
    return new Refusal('an identity that is missing stays null: with a default, all who have none would be one')
  if (value === null)
    return field.default === null ? null : new Refusal(`must be ${typeOf[kind]}: other columns count on it`)
  const isOfType =
    kind === 'label'
      ? typeof value === 'string'
      : kind === 'consent'
        ? typeof value === 'boolean'
        : kind === 'date'
          ? typeof value === 'string' || value instanceof Date
          : typeof value === 'number'
  if (!isOfType) return new Refusal(`must be ${typeOf[kind]}`)
  // What stands for a missing label may say so.
  if (kind === 'label' && WORDS_FOR_UNKNOWN.includes(String(value).toLowerCase())) return value
  const read = field.read(value, { latest: latestOf(new Date()), region: 'FR' }, {})
  if (read instanceof Flaw)
    return new Refusal(read.kind === 'missing' ? 'is itself read as missing' : `is ${read.reason}`)
  if (!(read instanceof Repaired)) return read
  return kind === 'date' ? read.value : new Refusal(`must be ${String(read.value)}, as silver keeps it`)
}

/** The label with other spellings to settle on. */
export function changeVocabulary(
  field: Field<unknown>,
  change: z.output<typeof vocabularyChange> | undefined,
  report: Report,
): Field<unknown> {
  if (change === undefined) return field
  if (field.kind !== 'label') {
    report(`is for labels, and this is ${field.kind === 'id' ? 'an id' : `a ${field.kind}`}`)
    return field
  }
  const vocabulary = 'add' in change ? [...(field.vocabulary ?? []), ...change.add] : change
  const seen = new Map<string, string>()
  for (const word of vocabulary) {
    const twin = seen.get(fold(word))
    if (fold(word) !== fold(UNKNOWN) && text(word) !== word)
      report(`"${word}" is no label as silver keeps it: without outer or double spaces, and no word for missing`)
    else if (twin !== undefined)
      report(`"${word}" and "${twin}" are one word to Lingot, which ignores case, accents and spacing`)
    seen.set(fold(word), word)
  }
  const twin = seen.get(fold(UNKNOWN))
  if (twin !== undefined && twin !== UNKNOWN)
    report(`"${twin}" would be a second spelling of ${UNKNOWN}, which stands for a missing value`)
  return reread(field, { vocabulary })
}
