import { createHash } from 'node:crypto'
import { isChosen, wordsOf } from '../contracts/likeness.ts'
import { namesToTell } from '../contracts/names.ts'
import { nameProblem } from '../settings/kept.ts'
import { inJson } from '../text/printable.ts'
import { counted, readable } from '../text/terminal.ts'
import { documentHints, hintsOf, isMonthFirst } from './hints.ts'
import { type CollectionMatch, type FieldMatch, isMostly } from './matching.ts'
import type { CollectionSurvey, FieldSurvey } from './survey.ts'

/** Fields that no contract names, listed per collection. */
const MOST_UNNAMED = 30

/** A commented `lingot.config.ts` after a look at bronze: names, counts and types, and none of its values. */
export function draftConfig(
  bronze: string,
  matches: readonly CollectionMatch[],
  others: readonly CollectionSurvey[],
): string {
  const { silver, goldSchema } = layersOf(bronze)
  const named = others.filter(({ name }) => isChosen(name.replaceAll('.', '_'))).slice(0, MOST_UNNAMED)
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
    '',
    '  collections: {',
    ...matches.flatMap(draftCollection),
    '  },',
    ...(named.length === 0
      ? []
      : [
          '',
          `  // Not read: ${named.map(({ name, documents }) => `${name} (${counted(documents, 'document')})`).join(', ')}.`,
        ]),
    '',
    '  // Statuses of sales whose revenue does not count, if there are such.',
    '  // revenue: { leaveOut: [] },',
    '})',
    '',
  ].join('\n')
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

function draftCollection({ contract, source, doubt, fields, missing, unnamed }: CollectionMatch): string[] {
  const block = [
    `    ${contract.collection}: {`,
    `      from: ${quoted(source.name)}, // ${describeLook(source)}`,
    '      fields: {',
    ...fields.flatMap((match) => draftField(contract, match)).map((line) => `        ${line}`),
    ...(missing.length === 0 ? [] : [`        // Nothing found for ${missing.join(', ')}.`]),
    '      },',
    ...draftDocuments(fields, unnamed).map((line) => `      // ${line}`),
    ...draftKept(contract, unnamed, source.looked).map((line) => `      ${line}`),
    '    },',
  ]
  return doubt === undefined
    ? block
    : [`    // ${doubt}:`, ...block.map((line) => line.replace(/^ {4}(?:( *)\/\/ )?/, '    // $1'))]
}

/** How much of a collection was looked at. */
export function describeLook({ documents, looked }: CollectionSurvey): string {
  return looked < documents
    ? `the first ${readable(looked)} of about ${counted(documents, 'document')} looked at`
    : `${counted(documents, 'document')}, all looked at`
}

function draftField(contract: CollectionMatch['contract'], match: FieldMatch): string[] {
  const { field, source, doubt } = match
  const kind = contract.fields[field]?.kind ?? ''
  const from = quoted(source.name)
  const read = kind === 'date' && isMonthFirst(source) ? `{ from: ${from}, dates: 'month first' }` : from
  const line = `${field}: ${read}, // ${describeField(source)}`
  const hints = hintsOf(kind, doubt === undefined ? match : { field, source }, quoted).map((hint) => `// ${hint}`)
  return [...(doubt === undefined ? [line] : [`// ${doubt}:`, `// ${line}`]), ...hints]
}

/** In how many documents a field stands, and of which types. */
function describeField({ documents, types }: FieldSurvey): string {
  const frequent = Object.entries(types).sort(([, a], [, b]) => b - a)
  const [[only] = []] = frequent
  const described =
    frequent.length === 1 ? only : frequent.map(([type, count]) => `${type} ${readable(count)}`).join(', ')
  return `in ${counted(documents, 'document')}: ${described}`
}

/** What may have to be said of the documents as a whole. */
function draftDocuments(fields: readonly FieldMatch[], unnamed: readonly FieldSurvey[]): string[] {
  const isVersioned = fields.some(({ shared }) => shared !== undefined)
  return documentHints(
    unnamed.filter(({ name }) => isChosen(name)),
    isVersioned,
  )
}

function draftKept(contract: CollectionMatch['contract'], unnamed: readonly FieldSurvey[], looked: number): string[] {
  if (unnamed.length === 0) return []
  const chosen = unnamed.filter(({ name }) => isChosen(name))
  const names = chosen.map(({ name, documents }) => ({ field: name, count: documents }))
  const listed = namesToTell(names, looked, MOST_UNNAMED).flatMap(({ field }) =>
    chosen.filter(({ name }) => name === field),
  )
  const rest = unnamed.length - listed.length
  return [
    '// No contract names these, so silver leaves them out. To keep one, say what it means, and whether it is personal.',
    '// keep: {',
    ...listed.map((field) => `//   ${draftKeptField(contract, field)}`),
    ...(rest === 0 ? [] : [`//   and ${counted(rest, 'field')} more`]),
    '// },',
  ]
}

function draftKeptField(contract: CollectionMatch['contract'], field: FieldSurvey): string {
  const meaning = describeField(field)
  if (isMostly(field, 'object', 'array')) return `${quoted(field.name)} cannot be kept as it is, ${meaning}`
  const plain = wordsOf(field.name)
    .join('_')
    .replace(/[^a-z0-9_]/g, '')
  const name = nameProblem(contract, plain) === undefined ? plain : `${contract.collection.slice(0, -1)}_${plain}`
  // Personal until somebody says otherwise: silver refuses it as it stands.
  return `${name}: { kind: '${kindOf(field)}', from: ${quoted(field.name)}, personal: true, meaning: '' }, // ${meaning}`
}

function kindOf(field: FieldSurvey): string {
  if (isMostly(field, 'bool')) return 'consent'
  if (isMostly(field, 'date')) return 'date'
  if (isMostly(field, 'double', 'decimal')) return 'money'
  return isMostly(field, 'int', 'long') ? 'count' : 'label'
}

/** A name as a text of TypeScript, whatever it holds. */
function quoted(name: string): string {
  const escaped = inJson(name).slice(1, -1)
  return `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
