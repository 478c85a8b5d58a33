import type { Contract, Field, Path } from '../contracts/contract.ts'
import { contracts } from '../contracts/contracts.ts'
import { isChosen, nameDoubt, pathLikeness, priceOf, rankOf, scaleIn, UNLIKE } from '../contracts/likeness.ts'
import { isShownBelow, namesToTell } from '../contracts/names.ts'
import { date, latestOf } from '../rules/dates.ts'
import { consent, count, fractional, money } from '../rules/numbers.ts'
import { email, phone } from '../rules/people.ts'
import * as rule from '../rules/values.ts'
import { hintJudges, mayBeCents, monthOrder } from './hints.ts'
import type { CollectionSurvey, FieldSurvey, How, Judges, ListSurvey, Shared } from './survey.ts'

/** A field of bronze that a field of the contract is read from, or may be. */
export interface FieldMatch {
  field: string
  /** Null where bronze has none, although something there may be called so. */
  source: FieldSurvey | null
  how?: How
  /** Why it is not sure. */
  doubt?: string
  /** Why it is sure, where its name does not say it all. */
  why?: string
  /** Which of its values name several documents, of a key. */
  shared?: Shared
}

/** A collection of bronze that a contract is read from, or may be. */
export interface CollectionMatch {
  contract: Contract
  source: CollectionSurvey
  /** The list of which each element is a record. */
  each?: ListSurvey
  doubt?: string
  /** Other collections that may be meant by their names. */
  rivals?: readonly CollectionSurvey[]
  fields: FieldMatch[]
  /** Contract fields that nothing was found for. */
  missing: string[]
  /** Fields of bronze that no contract field is read from. */
  unnamed: FieldSurvey[]
}

const isRead = (outcome: unknown) => !(outcome instanceof rule.Flaw)
const isText = (value: unknown) => isRead(rule.text(value))
const isDate = (value: unknown) => isRead(date(value, latestOf(new Date())))
const isMonthFirst = (value: unknown) => isRead(date(value, latestOf(new Date()), { isMonthFirst: true }))
const isPhone = (value: unknown) => isRead(phone(value, 'FR'))
/** Countries that between them have numbers of every length. */
const isPhoneAnywhere = (value: unknown) =>
  isPhone(value) || (['DE', 'ES', 'GB', 'US'] as const).some((region) => isRead(phone(value, region)))

/** What a field of each kind can be read from, and what its values look like beyond doubt. */
export const judges: Judges = {
  id: (value) => isRead(rule.id(value)),
  label: isText,
  money: (value) => isRead(money()(value)),
  count: (value) => isRead(count(0)(value)),
  fractional: (value) => isRead(fractional()(value)),
  date: (value) => isDate(value) || isMonthFirst(value),
  consent: (value) => isRead(consent(value)),
  email: (value) => isRead(email(value)),
  phone: isPhoneAnywhere,
  missing: (value) => {
    const read = rule.text(value)
    return read instanceof rule.Flaw && read.kind === 'missing'
  },
  'like emails': (value) => isRead(email(value)),
  'like phone numbers': (value) =>
    typeof value === 'string' && /^\s*(\+|0)[\d .()-]{8,}$/.test(value) && isPhone(value),
  'like dates': (value) =>
    value instanceof Date ||
    (typeof value === 'string' && !/^\d+$/.test(value) && (isDate(value) || isMonthFirst(value))),
  ...hintJudges,
}

const kindNames: Record<Field<unknown>['kind'], string> = {
  id: 'ids',
  label: 'texts',
  money: 'amounts',
  count: 'whole numbers',
  fractional: 'numbers',
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
  const sure = ({ fields }: CollectionMatch) =>
    fields.filter(({ doubt, source }) => doubt === undefined && source !== null).length
  // An id alone does not make a record: one that has more is the likelier.
  const hasMore = ({ match }: (typeof pairs)[number]) => Math.min(sure(match), 2)
  const fits = pairs
    .filter(({ rank, match }) =>
      rank > 0 ? sure(match) > 0 : sure(match) > Object.keys(match.contract.fields).length / 2,
    )
    .sort(
      (a, b) =>
        hasMore(b) - hasMore(a) ||
        b.rank - a.rank ||
        sure(b.match) - sure(a.match) ||
        a.match.source.name.localeCompare(b.match.source.name),
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
  const rivals = ({ contract }: CollectionMatch) =>
    fits.flatMap(({ rank, match: { contract: own, source } }) => {
      return own !== contract || rank === 0 || chosen.some((other) => other.source === source) ? [] : source
    })
  return contracts.flatMap((contract) => {
    return chosen.filter((match) => match.contract === contract).map((match) => ({ ...match, rivals: rivals(match) }))
  })
}

/** The field that each field of a contract is read from, as far as there is one; of sales the lines of an order, if it has such. */
export function matchFields(contract: Contract, source: CollectionSurvey): CollectionMatch {
  const whole = matchWithin(contract, source)
  if (contract.optional === undefined || whole.fields.some(namesProduct)) return whole
  const lines = source.lists.map((each) => matchWithin(contract, source, each)).filter(hasLines)
  const [likeliest] = lines.sort((a, b) => linesIn(b) - linesIn(a) || (b.each?.elements ?? 0) - (a.each?.elements ?? 0))
  return likeliest ?? whole
}

/** Whether a path may be read: what every object has is no name of a field. */
export function isReadable({ path }: FieldSurvey): boolean {
  return !path.some((key) => key in Object.prototype)
}

/** Whether a document says itself what was sold. */
function namesProduct({ field, source, doubt }: FieldMatch): boolean {
  return field === 'product' && doubt === undefined && source !== null && !isInList(source)
}

function isInList({ path }: FieldSurvey): boolean {
  return path.some((key) => /^\d+$/.test(key))
}

/** Whether the elements of a list are things that are sold: they say what, and for how much or how many. */
function hasLines({ fields }: CollectionMatch): boolean {
  const of = (name: string) => fields.some(({ field, source }) => field === name && source?.list !== undefined)
  return of('product') && (of('amount') || of('quantity'))
}

function linesIn({ fields }: CollectionMatch): number {
  return fields.filter(({ source }) => source?.list !== undefined).length
}

/** What of a sale is a line's own: that of its whole order would count once for each. */
const OF_LINES = ['product', 'amount', 'quantity', 'discount_applied', 'shipping_cost']

/** A field of a contract that something is looked for. */
interface Wanted {
  field: string
  kind: Field<unknown>['kind']
  /** By which field's names it is known. */
  known: string
}

/** What of a contract is looked for. An order with lines needs no id of these. */
function wantedOf({ fields }: Contract, each: ListSurvey | undefined): Wanted[] {
  return Object.entries(fields).map(([field, { kind }]) => {
    return { field: each !== undefined && field === 'transaction_id' ? ORDER : field, kind, known: field }
  })
}

const ORDER = 'order_id'

function matchWithin(contract: Contract, source: CollectionSurvey, each?: ListSurvey): CollectionMatch {
  const { collection } = contract
  const readable = readableIn(source, each)
  const plain = readable.filter((field) => field.name !== '_id' && isReadable(field))
  const wanted = wantedOf(contract, each)
  const fields: FieldMatch[] = []
  const taken = new Map<string, FieldSurvey>()
  const likely = plain
    .flatMap((survey) =>
      wanted.map(({ field, kind, known }) => {
        const isLine = survey.list !== undefined
        const path = survey.path.slice(isLine ? each?.path.length : 0)
        const { likeness, within } = pathLikeness(collection, known, path, isLine)
        return { field, kind, known, survey, within, likeness, isOff: isLine !== (each && OF_LINES.includes(field)) }
      }),
    )
    .filter(({ likeness }) => likeness < UNLIKE)
    .sort(
      (a, b) =>
        Number(a.within !== undefined) - Number(b.within !== undefined) ||
        (each === undefined ? 0 : Number(a.isOff) - Number(b.isOff)) ||
        a.likeness - b.likeness ||
        b.survey.documents - a.survey.documents,
    )
  const matched = new Set<FieldSurvey>()
  const quantity = likely.find(
    ({ field, survey, within }) => field === 'quantity' && within === undefined && shareOf('count', survey) > 0.5,
  )?.survey
  for (const { field, kind, known, survey, likeness, within } of likely) {
    if (matched.has(survey)) continue
    const winner = taken.get(field)
    const price = field === 'amount' && quantity !== undefined ? priceOf(survey.path.at(-1) ?? '') : undefined
    const doubt =
      winner !== undefined
        ? readFrom(field, winner.name)
        : (valueDoubt(kind, field, survey) ??
          (within === undefined ? undefined : `it stands within ${within}`) ??
          severalDoubt(survey, source) ??
          (each !== undefined && OF_LINES.includes(field) && survey.list === undefined
            ? `it is of the whole document, and would count once for each of its ${each.name}`
            : undefined) ??
          (price === 'one' ? undefined : nameDoubt(collection, known, likeness)) ??
          (price === 'any' && isMultiple(quantity) ? priceDoubt(quantity?.name ?? '') : undefined))
    if (doubt === undefined) taken.set(field, survey)
    matched.add(survey)
    const how = howOf(kind, survey, price === 'one' ? quantity : undefined)
    fields.push({ field, source: survey, ...how, ...(doubt !== undefined && { doubt }) })
    if (doubt === undefined || winner !== undefined) continue
    if (price === 'any' && quantity !== undefined) {
      const times = howOf(kind, survey, quantity).how
      fields.push({ field, source: survey, ...(times && { how: times }), doubt: 'if it is the price of one' })
    }
    if (kind === 'date' && dateDoubt(survey) !== undefined) {
      fields.push({ field, source: survey, how: { dates: 'month first' }, doubt: 'if the month stands first' })
    }
    if (field === 'amount' && mayBeCents(survey)) {
      fields.push({ field, source: survey, how: { scale: 0.01 }, doubt: 'if these are cents' })
    }
  }
  const listed = namesToTell(
    plain.map(({ name, documents }) => ({ field: name, count: documents })),
    source.looked,
    plain.length,
  )
  const named = plain.filter(({ name }) => listed.some(({ field }) => field === name))
  for (const match of [...byValues(wanted, named, matched, taken), ...byId(contract, wanted, source, taken)]) {
    fields.push(match)
    if (match.source === null) continue
    matched.add(match.source)
    if (match.doubt === undefined) taken.set(match.field, match.source)
  }
  if (each !== undefined && contract.key !== null) {
    fields.push({ field: contract.key, source: null, why: `each of ${each.name} is a line of an order` })
  }

  return matchOf({ contract, source, ...(each && { each }) }, fields)
}

/** A match with these fields, in the order of the contract; the likelier first where there are several for one. */
function matchOf(
  { contract, source, each, doubt }: Pick<CollectionMatch, 'contract' | 'source' | 'each' | 'doubt'>,
  fields: readonly FieldMatch[],
): CollectionMatch {
  const order = Object.keys({ ...contract.optional, ...contract.fields })
  const position = ({ field, doubt }: FieldMatch) => order.indexOf(field) + (doubt === undefined ? 0 : 0.5)
  const used = new Set(fields.flatMap(({ source, how }) => [source, how?.times]))
  return {
    contract,
    source,
    ...(each && { each }),
    ...(doubt !== undefined && { doubt }),
    fields: [...fields].sort((a, b) => position(a) - position(b)),
    missing: Object.keys(contract.fields).filter((field) => !fields.some((match) => match.field === field)),
    unnamed: unnamedIn(source, each).filter((survey) => !used.has(survey)),
  }
}

/** The match with a way to read a field that is sure; what was sure or likely of the field is not any more. */
export function withSure(match: CollectionMatch, { doubt: _, ...way }: FieldMatch, why: string): CollectionMatch {
  const { name } = way.source ?? {}
  const others = match.fields.flatMap((other): FieldMatch[] => {
    if (other.source === way.source && isSameHow(other.how, way.how)) {
      // Under its own name it would be read as well.
      const isReadAnyway = other.field !== way.field && other.field === name && name in match.contract.fields
      return isReadAnyway ? [{ field: other.field, source: null, why: `${name} is ${way.field}` }] : []
    }
    if (other.field !== way.field) return [other]
    return name === undefined || other.source === null ? [] : [{ ...other, doubt: readFrom(way.field, name) }]
  })
  return matchOf(match, [...others, { ...way, why }])
}

function readFrom(field: string, name: string): string {
  return `${field} is read from ${name}`
}

function isSameHow(one: How = {}, other: How = {}): boolean {
  return one.times === other.times && one.scale === other.scale && one.dates === other.dates
}

/** The fields that a path can lead to, and that may be told. */
function readableIn(source: CollectionSurvey, each: ListSurvey | undefined): FieldSurvey[] {
  const isWithin = ({ path }: FieldSurvey, above: Path) => above.every((key, i) => path[i] === key)
  const readable = toldIn(source).filter((field) => {
    // A key of an element that is a number would be taken for a place in the list.
    if (field.list !== undefined) return field.list === each?.name && !/^\d+$/.test(field.path[each.path.length] ?? '')
    return each === undefined || !isWithin(field, each.path)
  })
  // What stands in an object is told by itself.
  const holders = new Set(readable.map(aboveOf))
  return readable.filter((field) => !(isMostly(field, 'object') && holders.has(placeOf(field))))
}

/** Fields by names that may be shown, with what they stand in. */
export function toldIn({ fields, looked, lists }: CollectionSurvey): FieldSurvey[] {
  const groups = new Map<string, FieldSurvey[]>()
  for (const field of fields) groups.set(aboveOf(field), [...(groups.get(aboveOf(field)) ?? []), field])
  const sizes = new Map([['', looked], ...fields.map((field) => [placeOf(field), field.documents] as const)])
  const elements = new Map(lists.map(({ name, elements }) => [name, elements]))
  const told = new Set([''])
  return fields.filter((field) => {
    const above = aboveOf(field)
    const group = groups.get(above) ?? []
    const isElement = field.list === field.path.slice(0, -1).join('.')
    const all = (isElement ? elements.get(field.list ?? '') : sizes.get(above)) ?? looked
    const name = keyOf(field)
    const names = namesToTell(
      group.map((one) => ({ field: keyOf(one), count: one.documents })),
      all,
      group.length,
    )
    const isNamed = names.some(({ field }) => field === name)
    if (!isChosen(name.replaceAll('.', ' ')) || !told.has(above)) return false
    const isShown = isNamed && (above === '' || isShownBelow({ field: name, count: field.documents }, all))
    if (isShown) told.add(placeOf(field))
    // A name at the top is no value where fields are called so.
    return isShown || above === ''
  })
}

function keyOf({ path }: FieldSurvey): string {
  return path.at(-1) ?? ''
}

/** Where a field stands, and what it stands in: the list itself, of an element's. */
function placeOf({ path, list = '' }: Pick<FieldSurvey, 'path' | 'list'>): string {
  return path.length === 0 ? '' : [list, ...path].join('\0')
}
function aboveOf({ path, list }: FieldSurvey): string {
  const above = path.slice(0, -1)
  return placeOf({ path: above, ...(list !== undefined && list !== above.join('.') && { list }) })
}

/** What a contract might keep: no place in a list. Names that are not told are counted. */
function unnamedIn(source: CollectionSurvey, each: ListSurvey | undefined): FieldSurvey[] {
  const told = readableIn(source, each).filter((field) => {
    return field.name !== '_id' && !isInList(field)
  })
  const untold = source.fields.filter(({ path }) => path.length === 1 && !isChosen(path[0] ?? ''))
  return [...told, ...untold]
}

/** How a field is read, by its name and by what its values look like. */
function howOf(kind: string, survey: FieldSurvey, times: FieldSurvey | undefined): Pick<FieldMatch, 'how'> {
  const scale = kind === 'money' ? scaleIn(survey.name) : undefined
  const isMonthFirst = kind === 'date' && monthOrder(survey) === 'month first'
  const how: How = {
    ...(times && { times }),
    ...(scale !== undefined && { scale }),
    ...(isMonthFirst && { dates: 'month first' }),
  }
  return Object.keys(how).length === 0 ? {} : { how }
}

function isMultiple(quantity: FieldSurvey | undefined): boolean {
  return (quantity?.judged['more than one'] ?? 0) > 0
}

function priceDoubt(quantity: string): string {
  return `beside ${quantity} it may be the price of one: amount is the price of them all, which times multiplies`
}

/** Whether a place in a list is one of several. */
function severalDoubt({ path }: FieldSurvey, { lists }: CollectionSurvey): string | undefined {
  const place = path.findIndex((key) => /^\d+$/.test(key))
  const list = lists.find(({ name }) => place > 0 && name === path.slice(0, place).join('.'))
  return list !== undefined && list.elements > list.documents ? `it is of the first of several ${list.name}` : undefined
}

/** Why the values of a field do not fit, if they do not. */
function valueDoubt(kind: Field<unknown>['kind'], field: string, survey: FieldSurvey): string | undefined {
  if (valuesIn(survey) === 0) return undefined
  if (isMostly(survey, 'object', 'array'))
    return 'it holds objects or lists; a path reads a field in them, such as address.city'
  if (shareOf(kind, survey) < 0.5) return `most of its values are no ${kindNames[kind]}`
  if (kind === 'date') return dateDoubt(survey)
  if (field === 'discount_applied' && shareOf('below one', survey) === 1 && shareOf('whole', survey) < 1)
    return 'all of its values are below 1: it may be a share of the amount'
  if (field === 'amount' && mayBeCents(survey)) return 'all of its values are whole numbers: they may be cents'
  if (kind !== 'id' && kind !== 'label') return undefined
  const clear = ['like emails', 'like phone numbers'].find((look) => shareOf(look, survey) > 0.5)
  return clear && `its values look ${clear}, and silver would keep them in clear`
}

function dateDoubt(survey: FieldSurvey): string | undefined {
  const order = monthOrder(survey)
  if (order === 'mixed') return 'some of its texts have a day where others have the month'
  return order === 'open' ? 'none of its texts tells which is the day and which the month' : undefined
}

/** Values in the sample that are not missing. */
function valuesIn({ sampled, judged }: FieldSurvey): number {
  return sampled - (judged['missing'] ?? 0)
}

/** The share of them that a judge said yes to. */
export function shareOf(judge: string, survey: FieldSurvey): number {
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
  wanted: readonly Wanted[],
  surveys: readonly FieldSurvey[],
  matched: ReadonlySet<FieldSurvey>,
  taken: ReadonlyMap<string, FieldSurvey>,
): FieldMatch[] {
  const open = wanted.flatMap(({ field, kind }) => {
    const look = looks[kind]
    return look === undefined || taken.has(field) ? [] : [{ field, look }]
  })
  return surveys
    .filter((survey) => !matched.has(survey) && survey.list === undefined)
    .flatMap((source) => {
      const found = open.find(({ look }) => shareOf(look, source) > 0.9)
      return found === undefined
        ? []
        : [{ field: found.field, source, doubt: `its name does not tell, but its values look ${found.look}` }]
    })
}

/** The key of a collection that has no other id than `_id`. */
function byId(
  { key }: Contract,
  wanted: readonly Wanted[],
  { fields }: CollectionSurvey,
  taken: ReadonlyMap<string, FieldSurvey>,
): FieldMatch[] {
  const { field = key } = wanted.find(({ known }) => known === key) ?? {}
  const id = fields.find(({ name }) => name === '_id')
  if (field === null || taken.has(field) || id === undefined) return []
  if (shareOf('id', id) > 0.9) return [{ field, source: id }]
  return [{ field, source: id, doubt: `most of its values are no ${kindNames.id}` }]
}

/** Whether more than half of the documents hold one of the types. */
export function isMostly({ types, documents }: FieldSurvey, ...wanted: string[]): boolean {
  return wanted.reduce((sum, type) => sum + (types[type] ?? 0), 0) > documents / 2
}
