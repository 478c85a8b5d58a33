import { wordsOf } from '../contracts/likeness.ts'
import { currencies, currencyIn, isOpenSeparator, monthPlace } from '../rules/suspicious.ts'
import type { FieldSurvey, Judges } from './survey.ts'

/*
 * What the values of a field may mean beside what its rule reads: a setting for each, which somebody has to decide on.
 */

const whole = (value: unknown) => (typeof value === 'number' && Number.isInteger(value)) || typeof value === 'bigint'
const isText = (value: unknown): value is string => typeof value === 'string'

/** What tells of a value that a setting may be wanted. */
export const hintJudges: Judges = {
  whole: (value) => whole(value),
  'from 100': (value) => whole(value) && Number(value) >= 100,
  'from a million': (value) => whole(value) && Number(value) >= 1e6,
  'more than one': (value) => Number(value) > 1,
  'month first': (value) => isText(value) && monthPlace(value) === 'first',
  'either mark': (value) => isText(value) && isOpenSeparator(value),
  ...Object.fromEntries(
    currencies.map((code) => [`in ${code}`, (value: unknown) => isText(value) && currencyIn(value) === code]),
  ),
}

/** What may have to be said of a field that is read, a line each. */
export function hintsOf(
  kind: string,
  { field, source }: { field: string; source: FieldSurvey },
  quoted: (name: string) => string,
): string[] {
  const has = (judge: string) => source.judged[judge] ?? 0
  const setting = (what: string) => `${field}: { from: ${quoted(source.name)}, ${what} },`
  const values = source.sampled - has('missing')
  const hints: string[] = []
  if (kind === 'date' && has('month first') > 0) {
    hints.push(`Some of its texts have a day where others have the month: ${setting("dates: 'month first'")}`)
  }
  if (kind !== 'money' && kind !== 'count' && kind !== 'fractional') return hints
  if (has('either mark') > 0) {
    hints.push(`Texts such as 1.234 may be 1234 or not; the decimal mark decides: ${setting("decimal: ','")}`)
  }
  const named = currencies.filter((code) => has(`in ${code}`) > 0)
  if (named.length > 1)
    hints.push(`Its values name ${named.join(', ')}, and are added up as if they were one currency.`)
  if (kind !== 'money' || values === 0) return hints
  if (isInMicros(source)) hints.push(`If these are millionths: ${setting('scale: 0.000001')}`)
  else if (has('whole') === values && has('from 100') * 2 > values) {
    hints.push(`All of them are whole numbers. If these are cents: ${setting('scale: 0.01')}`)
  }
  return hints
}

function isInMicros({ name, sampled, judged }: FieldSurvey): boolean {
  return wordsOf(name).includes('micros') || (judged['from a million'] ?? 0) * 2 > sampled - (judged['missing'] ?? 0)
}

/** What a field is called that tells which documents are no records. */
const TOMBSTONES =
  /^(?:is|was)?_?(?:deleted|removed|tombstone|test|demo|sandbox)(?:_?(?:at|on|flag))?$|deleted_?at$|^test_?mode$/i

/** What may have to be said of the documents of a collection, by the fields that no contract names. */
export function documentHints(unnamed: readonly FieldSurvey[], isVersioned: boolean, hasPrice: boolean): string[] {
  const named = (pattern: RegExp) => unnamed.filter(({ name }) => pattern.test(name)).map(({ name }) => name)
  const [updated] = named(/^(?:updated|modified|changed|last_?modified)_?(?:at|on)$/i)
  const lastBy = updated === undefined ? '' : ` lastBy: '${updated}',`
  return [
    ...named(TOMBSTONES).map(
      (name) => `If documents with ${name} are no records: leaveOut: ['${name}'], or [{ field: '${name}', is: true }],`,
    ),
    ...(isVersioned ? [`If those with one id are versions of one record: identity: 'last one wins',${lastBy}`] : []),
    ...named(/^(?:currency|currency_code|devise)$/i).map(
      (name) => `${name} tells a currency: amounts are added up as if they were in one.`,
    ),
    ...(hasPrice
      ? ['Beside a quantity, a price may be that of one: amount is the price of them all, which a view can multiply.']
      : []),
  ]
}
