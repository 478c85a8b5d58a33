import { LingotError } from '../system/errors.ts'
import { counted, inJson, style, table } from '../text/terminal.ts'
import { shownId } from '../trust/ids.ts'
import type { Quarantined, QuarantineSelection } from '../trust/quarantined.ts'
import { toCsv } from './ask.ts'
import { session } from './session.ts'

export interface QuarantineOptions extends QuarantineSelection {
  all?: boolean
  csv?: boolean
  json?: boolean
}

/** Documents that are printed in one go. */
const AT_ONCE = 1000

/** `lingot quarantine`: which documents did not come into silver, and why. */
export function quarantineCommand({
  all = false,
  csv = false,
  json = false,
  ...selection
}: QuarantineOptions): Promise<void> {
  if (csv && json) {
    throw new LingotError('usage', 'There is one output at a time.', 'Choose one of --json and --csv.')
  }
  return session({ json: json || csv }, async ({ lingot, terminal }) => {
    const isWhole = all || csv || json
    if (!csv && !json) {
      const found = await lingot.quarantine({ ...(isWhole && { limit: Number.POSITIVE_INFINITY }), ...selection })
      return terminal.print(describeQuarantine(found, selection))
    }
    // What is misspelt is refused before anything is printed.
    const { counts } = await lingot.quarantine({ ...selection, limit: 0 })
    const documents = inParts(lingot.quarantined(selection), AT_ONCE)
    if (json) {
      let isFirst = true
      terminal.print(`{\n  "counts": ${inJson(counts)},\n  "documents": [`)
      for await (const part of documents) {
        terminal.print(part.map((document, i) => `    ${isFirst && i === 0 ? '' : ','}${inJson(document)}`).join('\n'))
        isFirst = false
      }
      return terminal.print('  ]\n}')
    }
    const columns = ['collection', 'document_id', 'reason', 'run'].map((name) => ({ name, isNumber: false }))
    terminal.print(columns.map(({ name }) => name).join(','))
    for await (const part of documents) {
      const rows = part.map(({ collection, document_id, reason, run }) => [
        collection,
        shownId(document_id, Number.POSITIVE_INFINITY),
        reason,
        run,
      ])
      terminal.print(await toCsv({ columns, rows }, { hasHeader: false }))
    }
  })
}

async function* inParts<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let part: T[] = []
  for await (const item of items) {
    part.push(item)
    if (part.length < size) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

/** Counts, then the documents that were asked for. */
export function describeQuarantine(
  { counts, documents }: Quarantined,
  { collection, reason }: QuarantineSelection = {},
): string {
  if (counts.length === 0) {
    return collection === undefined && reason === undefined
      ? 'The quarantine is empty: every document of bronze is in silver, or equal to one there.'
      : `Nothing is quarantined ${[collection && `from ${collection}`, reason && `as "${reason}"`].filter(Boolean).join(' ')}.`
  }
  const titles = ['collection', 'reason'].map((title) => ({ title, isNumber: false }))
  const total = table(
    [...titles, { title: 'documents', isNumber: true }],
    counts.map(({ collection, reason, documents }) => [collection, reason, `${documents}`]),
  )
  const list = table(
    [...titles, { title: 'bronze _id', isNumber: false, widest: 44 }, { title: 'run', isNumber: false }],
    documents.map(({ collection, reason, document_id, run }) => [collection, reason, shownId(document_id, 44), run]),
  )
  const more = counts.reduce((sum, { documents }) => sum + documents, 0) - documents.length
  return [
    total,
    ...(documents.length === 0 ? [] : ['', list]),
    ...(more > 0
      ? [
          style(
            'dim',
            `  and ${counted(more, 'document')} more: --all lists them, --csv and --json give them to other programs`,
          ),
        ]
      : []),
  ].join('\n')
}
