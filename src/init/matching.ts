import type { Contract, Field } from '../contracts/contract.ts'
import { contracts } from '../contracts/contracts.ts'
import { isChosen, likenessOf, nameDoubt, rankOf, UNLIKE, wordsOf } from '../contracts/likeness.ts'
import { namesToTell } from '../contracts/names.ts'
import { date, latestOf } from '../rules/dates.ts'
import { consent, count, fractional, money } from '../rules/numbers.ts'
import { email, phone } from '../rules/people.ts'
import * as rule from '../rules/values.ts'
import { hintJudges, isMonthFirst } from './hints.ts'
import type { CollectionSurvey, FieldSurvey, Judges, Shared } from './survey.ts'

/** A field of bronze that a field of the contract is read from, or may be. */
export interface FieldMatch {
  field: string
  source: FieldSurvey
  /** Why it is not sure. */
  doubt?: string
  /** Which of its values name several documents, of a key. */
  shared?: Shared
}

/** A collection of bronze that a contract is read from, or may be. */
export interface CollectionMatch {
  contract: Contract
  source: CollectionSurvey
  doubt?: string
  fields: FieldMatch[]
  /** Contract fields that nothing was found for. */
  missing: string[]
  /** Fields of bronze that no contract field is read from. */
  unnamed: FieldSurvey[]
}

const isRead = (outcome: unknown) => !(outcome instanceof rule.Flaw)
const isText = (value: unknown) => isRead(rule.text(value))
const isDate = (value: unknown) => isRead(date(value, latestOf(new Date())))
const isPhone = (value: unknown) => isRead(phone(value, 'FR'))

/** What a field of each kind can be read from, and what its values look like beyond doubt. */
export const judges: Judges = {
  id: (value) => isRead(rule.id(value)),
  label: isText,
  money: (value) => isRead(money()(value)),
  count: (value) => isRead(count(0)(value)),
  fractional: (value) => isRead(fractional()(value)),
  date: isDate,
  consent: (value) => isRead(consent(value)),
  email: (value) => isRead(email(value)),
  phone: isPhone,
  missing: (value) => {
    const read = rule.text(value)
    return read instanceof rule.Flaw && read.kind === 'missing'
  },
  'like emails': (value) => isRead(email(value)),
  'like phone numbers': (value) =>
    typeof value === 'string' && /^\s*(\+|0)[\d .()-]{8,}$/.test(value) && isPhone(value),
  'like dates': (value) =>
    value instanceof Date || (typeof value === 'string' && !/^\d+$/.test(value) && isDate(value)),
  ...hintJudges,
}

/** How a value of each kind is called. */
const kindNames: Record<Field<unknown>['kind'], string> = {
  id: 'texts or numbers',
  label: 'texts',
  money: 'amounts',
  count: 'whole numbers from 0',
  fractional: 'numbers from 0',
  date: 'dates',
  consent: 'yes or no',
  email: 'emails',
  phone: 'phone numbers',
}

/** The collection that each contract is read from, as far as there is one. */
export function matchCollections(surveys: readonly CollectionSurvey[]): CollectionMatch[] {
  const pairs = contracts.flatMap((contract) =>
    surveys
      .filter(({ looked, name }) => looked > 0 && /^[\p{L}\p{N} _.-]{1,120}$/u.test(name))
      .map((source) => ({ rank: rankOf(contract.collection, source.name), match: matchFields(contract, source) })),
  )
  const sure = ({ fields }: CollectionMatch) => fields.filter(({ doubt }) => doubt === undefined).length
  const fits = pairs
    .filter(({ rank, match }) =>
      rank > 0 ? sure(match) > 0 : sure(match) > Object.keys(match.contract.fields).length / 2,
    )
    .sort(
      (a, b) =>
        b.rank - a.rank || sure(b.match) - sure(a.match) || a.match.source.name.localeCompare(b.match.source.name),
    )

  const chosen: CollectionMatch[] = []
  for (const { rank, match } of fits) {
    const { contract, source } = match
    if (chosen.some((other) => other.contract === contract || other.source === source)) continue
    const twin = fits.find(
      (other) =>
        other.match.contract === contract &&
        other.match.source !== source &&
        other.rank === rank &&
        sure(other.match) === sure(match),
    )
    const doubt =
      rank === 0
        ? `its name does not tell, but ${sure(match)} of its fields are like those of ${contract.collection}`
        : twin && `${twin.match.source.name} is as likely`
    chosen.push({ ...match, ...(doubt !== undefined && { doubt }) })
  }
  return contracts.flatMap((contract) => chosen.filter((match) => match.contract === contract))
}

/** The field that each field of a contract is read from, as far as there is one. */
export function matchFields(contract: Contract, source: CollectionSurvey): CollectionMatch {
  const plain = source.fields.filter(({ name }) => name !== '_id' && isChosen(name))
  const fields: FieldMatch[] = []
  const taken = new Map<string, FieldSurvey>()
  const likely = plain
    .flatMap((survey) =>
      Object.keys(contract.fields).map((field) => ({
        field,
        survey,
        likeness: likenessOf(contract.collection, field, survey.name),
      })),
    )
    .filter(({ likeness }) => likeness < UNLIKE)
    .sort((a, b) => a.likeness - b.likeness || b.survey.documents - a.survey.documents)
  const matched = new Set<FieldSurvey>()
  const quantity = likely.find(({ field, survey }) => field === 'quantity' && (survey.judged['more than one'] ?? 0) > 0)
  for (const { field, survey, likeness } of likely) {
    if (matched.has(survey)) continue
    const winner = taken.get(field)
    const doubt =
      winner === undefined
        ? (valueDoubt(contract.fields[field], survey) ??
          nameDoubt(contract.collection, field, likeness) ??
          (quantity && field === 'amount' && isPrice(survey.name) ? priceDoubt(quantity.survey.name) : undefined))
        : `${field} is read from ${winner.name}`
    if (doubt === undefined) taken.set(field, survey)
    matched.add(survey)
    fields.push({ field, source: survey, ...(doubt !== undefined && { doubt }) })
  }
  const listed = namesToTell(
    plain.map(({ name, documents }) => ({ field: name, count: documents })),
    source.looked,
    plain.length,
  )
  const named = plain.filter(({ name }) => listed.some(({ field }) => field === name))
  for (const match of [...byValues(contract, named, matched, taken), ...byId(contract, source, taken)]) {
    fields.push(match)
    matched.add(match.source)
    if (match.doubt === undefined) taken.set(match.field, match.source)
  }

  const order = Object.keys(contract.fields)
  const position = ({ field, doubt }: FieldMatch) => order.indexOf(field) + (doubt === undefined ? 0 : 0.5)
  return {
    contract,
    source,
    fields: fields.sort((a, b) => position(a) - position(b)),
    missing: order.filter((field) => !fields.some((match) => match.field === field)),
    unnamed: source.fields.filter((survey) => !matched.has(survey) && survey.name !== '_id'),
  }
}

/** Whether a name is that of one price, of which a line may be a multiple. */
function isPrice(name: string): boolean {
  return wordsOf(name).some((word) => ['price', 'prix'].includes(word))
}

function priceDoubt(quantity: string): string {
  return `beside ${quantity} it may be the price of one: amount is the price of them all, which times multiplies`
}

/** Why the values of a field do not fit, if they do not. */
function valueDoubt(field: Field<unknown> | undefined, survey: FieldSurvey): string | undefined {
  if (field === undefined || valuesIn(survey) === 0) return undefined
  if (isMostly(survey, 'object', 'array'))
    return 'it holds objects or lists; a path reads a field in them, such as address.city'
  if (field.kind === 'date' && isMonthFirst(survey)) return 'some of its texts have a day where others have the month'
  if (shareOf(field.kind, survey) < 0.5) return `most of its values are no ${kindNames[field.kind]}`
  if (field.kind !== 'id' && field.kind !== 'label') return undefined
  const clear = ['like emails', 'like phone numbers'].find((look) => shareOf(look, survey) > 0.5)
  return clear && `its values look ${clear}, and silver would keep them in clear`
}

/** Values in the sample that are not missing. */
function valuesIn({ sampled, judged }: FieldSurvey): number {
  return sampled - (judged['missing'] ?? 0)
}

/** The share of them that a judge said yes to. */
function shareOf(judge: string, survey: FieldSurvey): number {
  const values = valuesIn(survey)
  return values === 0 ? 0 : (survey.judged[judge] ?? 0) / values
}

const looks: Partial<Record<Field<unknown>['kind'], string>> = {
  email: 'like emails',
  phone: 'like phone numbers',
  date: 'like dates',
}

/** Fields whose name says nothing, but whose values look like those of a field that nothing was found for. */
function byValues(
  { fields }: Contract,
  surveys: readonly FieldSurvey[],
  matched: ReadonlySet<FieldSurvey>,
  taken: ReadonlyMap<string, FieldSurvey>,
): FieldMatch[] {
  const open = Object.entries(fields).flatMap(([field, { kind }]) => {
    const look = looks[kind]
    return look === undefined || taken.has(field) ? [] : [{ field, look }]
  })
  return surveys
    .filter((survey) => !matched.has(survey))
    .flatMap((source) => {
      const found = open.find(({ look }) => shareOf(look, source) > 0.9)
      return found === undefined
        ? []
        : [{ field: found.field, source, doubt: `its name does not tell, but its values look ${found.look}` }]
    })
}

/** The key of a collection that has no other id than `_id`. */
function byId({ key }: Contract, { fields }: CollectionSurvey, taken: ReadonlyMap<string, FieldSurvey>): FieldMatch[] {
  const id = fields.find(({ name }) => name === '_id')
  if (key === null || taken.has(key) || id === undefined) return []
  if (shareOf('id', id) > 0.9) return [{ field: key, source: id }]
  return [{ field: key, source: id, doubt: `most of its values are no ${kindNames.id}` }]
}

/** Whether more than half of the documents hold one of the types. */
export function isMostly({ types, documents }: FieldSurvey, ...wanted: string[]): boolean {
  return wanted.reduce((sum, type) => sum + (types[type] ?? 0), 0) > documents / 2
}
