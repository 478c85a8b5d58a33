import { scaleIn } from '../contracts/likeness.ts'
import {
  currencies,
  currencyCode,
  currencyIn,
  isCurrencyName,
  isOpenSeparator,
  monthPlace,
} from '../rules/suspicious.ts'
import { counted, readable } from '../text/terminal.ts'
import type { FieldSurvey, How, Judges, Shared } from './survey.ts'

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
  'month second': (value) => isText(value) && monthPlace(value) === 'second',
  'month either': (value) => isText(value) && monthPlace(value) === 'either',
  'below one': (value) => Number(value) >= 0 && Number(value) < 1,
  'either mark': (value) => isText(value) && isOpenSeparator(value),
  ...Object.fromEntries(
    currencies.flatMap((code) => [
      [`in ${code}`, (value: unknown) => isText(value) && currencyIn(value) === code],
      [`is ${code}`, (value: unknown) => currencyCode(value) === code],
    ]),
  ),
}

/** Texts of dates of which some would tell by chance which is the month. */
const ENOUGH = 5

/** Where the month of texts of dates stands; `open` where enough of them do not tell. */
export function monthOrder({ judged }: FieldSurvey): 'day first' | 'month first' | 'mixed' | 'open' | undefined {
  const [first, second, either] = ['first', 'second', 'either'].map((place) => judged[`month ${place}`] ?? 0)
  if (first === undefined || second === undefined || either === undefined) return undefined
  if (first > second) return second === 0 ? 'month first' : 'mixed'
  if (second > 0) return 'day first'
  return either >= ENOUGH ? 'open' : undefined
}

/** Whether amounts are whole numbers as those of cents are, and no name says so. */
export function mayBeCents(source: FieldSurvey): boolean {
  const values = source.sampled - (source.judged['missing'] ?? 0)
  if (values === 0 || scaleIn(source.name) !== undefined) return false
  return source.judged['whole'] === values && (source.judged['from 100'] ?? 0) * 2 > values
}

/** What may have to be said of a field that is read, a line each. */
export function hintsOf(
  kind: string,
  field: string,
  source: FieldSurvey,
  { how, shared, from }: { how?: How; shared?: Shared; from: string },
): string[] {
  const has = (judge: string) => source.judged[judge] ?? 0
  const setting = (what: string) => `${field}: { from: ${from}, ${what} },`
  const values = source.sampled - has('missing')
  const hints: string[] = []
  if (shared !== undefined) {
    // Under its own name an id is read whatever is written here.
    const otherwise = field === 'transaction_id' && source.name === field ? `. If they are lines: ${field}: null,` : ''
    hints.push(`${describeShared(field, shared)}${otherwise}`)
  }
  if (kind !== 'money' && kind !== 'count' && kind !== 'fractional') return hints
  if (has('either mark') > 0) {
    hints.push(`Texts such as 1.234 may be 1234 or not; the decimal mark decides: ${setting("decimal: ','")}`)
  }
  const named = currencies.filter((code) => has(`in ${code}`) > 0)
  if (named.length > 1)
    hints.push(`Its values name ${named.join(', ')}, and are added up as if they were one currency.`)
  if (kind !== 'money' || values === 0 || how?.scale !== undefined) return hints
  if (has('from a million') * 2 > values) hints.push(`If these are millionths: ${setting('scale: 0.000001')}`)
  else if (field !== 'amount' && mayBeCents(source)) {
    hints.push(`All of them are whole numbers. If these are cents: ${setting('scale: 0.01')}`)
  }
  return hints
}

/** What was seen of ids that name several documents. */
export function describeShared(field: string, { ids, equal }: Shared): string {
  const what = field === 'transaction_id' ? ', lines of one order or versions of one sale' : ''
  const seen = `${readable(ids)} of its values ${ids === 1 ? 'names' : 'name'} several documents${what}`
  if (equal === 0) return `${seen}; no two of them are equal`
  const [documents, verb] = [counted(equal, 'document'), equal === 1 ? 'equals' : 'equal']
  return `${seen}; ${documents} ${verb} another one and would be left out as inserted twice`
}

/** What tells that ids are those of orders. */
export function describeLines({ ids, of, parts }: Shared): string {
  return `${readable(ids)} of its ${readable(of)} values name several documents, ${readable(parts)} of them with different products: lines of orders`
}

/** What a field is called that tells which documents are no records. */
const TOMBSTONES =
  /^(?:is|was)?_?(?:deleted|removed|tombstone|test|demo|sandbox)(?:_?(?:at|on|flag))?$|deleted_?at$|^test_?mode$/i

/** What may have to be said of the documents of a collection, by the fields that no contract names. */
export function documentHints(unnamed: readonly FieldSurvey[], isVersioned: boolean): string[] {
  const named = (pattern: RegExp) => unnamed.filter(({ name }) => pattern.test(name)).map(({ name }) => name)
  const [updated] = named(/^(?:updated|modified|changed|last_?modified)_?(?:at|on)$/i)
  const lastBy = updated === undefined ? '' : ` lastBy: '${updated}',`
  return [
    ...named(TOMBSTONES).map(
      (name) => `If documents with ${name} are no records: leaveOut: ['${name}'], or [{ field: '${name}', is: true }],`,
    ),
    ...(isVersioned ? [`If those with one id are versions of one record: identity: 'last one wins',${lastBy}`] : []),
    ...currencyFields(unnamed)
      .filter((field) => currencyOf(field) === undefined)
      .map(({ name }) => `${name} tells a currency: amounts are added up as if they were in one.`),
  ]
}

function currencyFields(fields: readonly FieldSurvey[]): FieldSurvey[] {
  return fields.filter(({ path }) => isCurrencyName(path.at(-1) ?? ''))
}

/** The currency of a shop whose sales all name the same one. */
export function soleCurrency(fields: readonly FieldSurvey[]): string | undefined {
  const [only, another] = new Set(currencyFields(fields).map(currencyOf))
  return another === undefined ? only : undefined
}

function currencyOf({ sampled, judged }: FieldSurvey): string | undefined {
  return currencies.find((code) => sampled > 0 && judged[`is ${code}`] === sampled)
}
