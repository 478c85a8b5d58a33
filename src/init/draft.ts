import { createHash } from 'node:crypto'
import type { Path } from '../contracts/contract.ts'
import { isChosen, isIdName, wordsOf } from '../contracts/likeness.ts'
import { namesToTell } from '../contracts/names.ts'
import { nameProblem } from '../settings/kept.ts'
import { inJson } from '../text/printable.ts'
import { counted, readable } from '../text/terminal.ts'
import type { Buyers } from './buyers.ts'
import { documentHints, hintsOf, monthOrder, soleCurrency } from './hints.ts'
import { type CollectionMatch, type FieldMatch, isMostly, shareOf } from './matching.ts'
import { describePhones, type NationalPhones } from './phones.ts'
import type { Pointer } from './references.ts'
import type { CollectionSurvey, FieldSurvey } from './survey.ts'

/** Fields that no contract names, listed per collection. */
const MOST_UNNAMED = 30

/** What was found in bronze. */
interface Found {
  matches: readonly CollectionMatch[]
  others: readonly CollectionSurvey[]
  pointers?: readonly Pointer[]
  buyers?: Buyers | undefined
  phones?: NationalPhones | undefined
}

/** A commented `lingot.config.ts` after a look at bronze: names, counts and types, and none of its values. */
export function draftConfig(bronze: string, { matches, others, pointers = [], buyers, phones }: Found): string {
  const { silver, goldSchema } = layersOf(bronze)
  const currency = soleCurrency(
    matches.flatMap(({ contract, unnamed }) => (contract.collection === 'transactions' ? unnamed : [])),
  )
  const named = describeOthers(others, pointers)
  const none = DISPENSABLE.filter((collection) => {
    const isBuyers = collection === 'customers' && buyers !== undefined
    return !isBuyers && !matches.some(({ contract }) => contract.collection === collection)
  })
  return [
    '// Written by `lingot init` after a look at bronze: names, counts and types, and no value of your data.',
    '// A line that is commented out is a guess; the reason stands above it. docs/configuration.md tells every key.',
    "import { defineConfig } from 'lingot'",
    '',
    'export default defineConfig({',
    `  bronze: ${quoted(bronze)},`,
    '  // Of this shop alone: the layers of another one would be replaced.',
    `  silver: ${quoted(silver)},`,
    `  goldSchema: ${quoted(goldSchema)},`,
    ...(currency === undefined ? [] : [`  currency: ${quoted(currency)}, // all sales name it`]),
    ...(phones === undefined ? [] : describePhones(phones).map((line) => `  // ${line}`)),
    '',
    '  collections: {',
    ...(buyers === undefined
      ? []
      : [`    customers: 'buyers', // ${describeBuyers(buyers)}: who bought is a customer`]),
    ...matches.flatMap(draftCollection),
    ...none.map((collection) => `    ${collection}: false, // nothing like them was found`),
    '  },',
    ...(named.length === 0 ? [] : ['', `  // Not read: ${named.join(', ')}.`]),
    '',
    '  // Statuses of sales whose revenue does not count, if there are such.',
    '  // revenue: { leaveOut: [] },',
    '})',
    '',
  ].join('\n')
}

/** Collections of which the settings can say that a shop has none. */
const DISPENSABLE: readonly string[] = ['customers', 'campaigns']

/** The collections that nothing is read from, and what points to them or they to. */
export function describeOthers(others: readonly CollectionSurvey[], pointers: readonly Pointer[]): string[] {
  const named = others.filter(({ name }) => isChosen(name.replaceAll('.', '_'))).slice(0, MOST_UNNAMED)
  const isNamed = (name: string) => isChosen(name.replaceAll('.', '_'))
  return named.map(({ name, documents }) => {
    const known = pointers.filter(({ from, to }) => isNamed(from) && isNamed(to))
    const own = known.filter(({ from }) => from === name).map(({ field, to }) => `its ${field} names one of ${to}`)
    const theirs = known.filter(({ to }) => to === name).map(({ field, from }) => `${field} of ${from} names one of it`)
    return `${name} (${[counted(documents, 'document'), ...own, ...theirs].join('; ')})`
  })
}

/** What silver and the schema of gold are called for a bronze: no other bronze's are called the same. */
export function layersOf(bronze: string): { silver: string; goldSchema: string } {
  if (bronze === 'bronze_db') return { silver: 'silver_db', goldSchema: 'public' }
  const mark = createHash('sha256').update(bronze).digest('hex').slice(0, 8)
  const silver = `${bronze}_silver`
  // MongoDB counts bytes.
  const start = Array.from(bronze).slice(0, 11).join('')
  const words = bronze
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
  // A name that was changed may be another's.
  const isKept = words === bronze && /^[a-z_]/.test(words) && !/^(pg_|(public|information_schema)$)/.test(words)
  return {
    silver: Buffer.byteLength(silver) < 64 ? silver : `${start}_${mark}_silver`,
    goldSchema: isKept ? bronze : `gold_${words.slice(0, 48)}_${mark}`,
  }
}

function draftCollection(match: CollectionMatch): string[] {
  const { contract, source, each, doubt, fields, missing, unnamed } = match
  const block = [
    `    ${contract.collection}: {`,
    `      from: ${quoted(source.name)}, // ${describeLook(source)}`,
    ...(each === undefined
      ? []
      : [
          `      each: ${pathText(each.path)}, // ${counted(each.elements, 'element')} in ${counted(each.documents, 'document')}`,
        ]),
    '      fields: {',
    ...draftFields(match).map((line) => `        ${line}`),
    ...(missing.length === 0 ? [] : [`        // Nothing found for ${missing.join(', ')}.`]),
    '      },',
    ...draftDocuments(fields, unnamed).map((line) => `      // ${line}`),
    ...draftKept(contract, unnamed, source.looked).map((line) => `      ${line}`),
    '    },',
  ]
  return doubt === undefined ? block : [`    // ${doubt}:`, ...block.map((line) => line.replace(/^ {4}/, '    // '))]
}

/** How many bought, and in which of the sales that was looked at. */
export function describeBuyers({ ids, sales }: Buyers): string {
  return `${readable(ids.size)} in ${sales.name}, ${describeLook(sales)}`
}

/** How much of a collection was looked at. */
export function describeLook({ documents, looked }: CollectionSurvey): string {
  return looked < documents
    ? `the first ${readable(looked)} of about ${counted(documents, 'document')} looked at`
    : `${counted(documents, 'document')}, all looked at`
}

function draftFields({ contract, fields, each }: CollectionMatch): string[] {
  const sure = new Set(fields.flatMap(({ field, doubt }) => (doubt === undefined ? field : [])))
  const told = new Set<string>()
  // A list of records is no value of a field that is called as it is.
  const isList = each !== undefined && each.name in contract.fields && !sure.has(each.name)
  const list = isList ? [`${each.name}: null, // the list itself`] : []
  const read = fields.flatMap((match) => {
    const { field, source, how, doubt, why, shared } = match
    const isFirst = !told.has(field)
    told.add(field)
    // Under its own name a field is read whatever is written here.
    const isReadAnyway =
      doubt !== undefined && isFirst && !sure.has(field) && source?.name === field && field !== each?.name
    const isClosed = isReadAnyway && field in contract.fields && !(contract.keyRequired && field === contract.key)
    const kind = { ...contract.fields, ...contract.optional }[field]?.kind ?? ''
    const reason = why ?? doubt
    const line = `${field}: ${wayText(match)},${source === null ? '' : ` // ${describeField(source)}`}`
    const hints =
      source === null || !isFirst
        ? []
        : hintsOf(kind, field, source, {
            from: pathText(source.path),
            ...(how && { how }),
            ...(shared && doubt === undefined && { shared }),
          })
    return [
      ...hints.map((hint) => `// ${hint}`),
      ...(reason === undefined ? [] : [`// ${reason}:`]),
      doubt === undefined ? line : `// ${line}`,
      ...(isClosed ? [`${field}: null, // until that is decided`] : []),
    ]
  })
  return [...list, ...read]
}

/** The way to read a field, as a setting. */
export function wayText({ source, how }: Pick<FieldMatch, 'source' | 'how'>): string {
  if (source === null) return 'null'
  if (how === undefined) return pathText(source.path)
  const settings = [
    `from: ${pathText(source.path)}`,
    ...(how.times === undefined ? [] : [`times: ${pathText(how.times.path)}`]),
    ...(how.scale === undefined ? [] : [`scale: ${how.scale === 0.01 ? '0.01' : '0.000001'}`]),
    ...(how.dates === undefined ? [] : [`dates: ${quoted(how.dates)}`]),
  ]
  return `{ ${settings.join(', ')} }`
}

/** A path as a setting: its keys one by one where one has a dot in it. */
function pathText(path: Path): string {
  return path.some((key) => key.includes('.')) ? `[${path.map(quoted).join(', ')}]` : quoted(path.join('.'))
}

/** In how many documents a field stands, and of which types. */
function describeField({ documents, types, list }: FieldSurvey): string {
  const frequent = Object.entries(types).sort(([, a], [, b]) => b - a)
  const [[only] = []] = frequent
  const described =
    frequent.length === 1 ? only : frequent.map(([type, count]) => `${type} ${readable(count)}`).join(', ')
  return `in ${counted(documents, list === undefined ? 'document' : 'element')}: ${described}`
}

/** What may have to be said of the documents as a whole. */
function draftDocuments(fields: readonly FieldMatch[], unnamed: readonly FieldSurvey[]): string[] {
  const isVersioned = fields.some(({ shared }) => shared !== undefined)
  return documentHints(
    unnamed.filter(({ path }) => path.length === 1 && isChosen(path[0] ?? '')),
    isVersioned,
  )
}

function draftKept(contract: CollectionMatch['contract'], unnamed: readonly FieldSurvey[], looked: number): string[] {
  if (unnamed.length === 0) return []
  const chosen = unnamed.filter(({ path }) => path.length > 1 || isChosen(path[0] ?? ''))
  const names = chosen.map(({ name, documents }) => ({ field: name, count: documents }))
  const listed = namesToTell(names, looked, MOST_UNNAMED).flatMap(
    ({ field }) => chosen.find(({ name }) => name === field) ?? [],
  )
  const rest = unnamed.length - listed.length
  return [
    '// No contract names these, so silver leaves them out. To keep one, say what it means, and whether it is personal.',
    '// keep: {',
    ...listed.map(
      (field) =>
        `//   ${draftKeptField(contract, field, listed.filter(({ path }) => path.at(-1) === field.path.at(-1)).length === 1)}`,
    ),
    ...(rest === 0 ? [] : [`//   and ${counted(rest, 'field')} more`]),
    '// },',
  ]
}

function draftKeptField(contract: CollectionMatch['contract'], field: FieldSurvey, isAlone: boolean): string {
  const meaning = describeField(field)
  if (isMostly(field, 'object', 'array')) return `${pathText(field.path)} cannot be kept as it is, ${meaning}`
  const plain = wordsOf((isAlone ? field.path.at(-1) : undefined) ?? field.name)
    .join('_')
    .replace(/[^a-z0-9_]/g, '')
  const name = nameProblem(contract, plain) === undefined ? plain : `${contract.collection.slice(0, -1)}_${plain}`
  const dates = monthOrder(field) === 'month first' ? " dates: 'month first'," : ''
  // Personal until somebody says otherwise: silver refuses it as it stands.
  return `${name}: { kind: '${kindOf(field)}', from: ${pathText(field.path)},${dates} personal: true, meaning: '' }, // ${meaning}`
}

function kindOf(field: FieldSurvey): string {
  if (isMostly(field, 'bool')) return 'consent'
  if (isMostly(field, 'date') || shareOf('like dates', field) > 0.9) return 'date'
  if (isMostly(field, 'objectId') || (isMostly(field, 'int', 'long', 'double') && isIdName(lastWord(field))))
    return 'id'
  if (isMostly(field, 'double', 'decimal')) return 'money'
  return isMostly(field, 'int', 'long') ? 'count' : 'label'
}

/** What of a name says what it is: the number of items is none of an item. */
function lastWord({ path }: FieldSurvey): string {
  return wordsOf(path.at(-1) ?? '').at(-1) ?? ''
}

/** A name as a text of TypeScript, whatever it holds. */
function quoted(name: string): string {
  const escaped = inJson(name).slice(1, -1)
  return `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
