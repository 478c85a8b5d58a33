import { shownId } from '../quality/ids.ts'
import { type Quarantined, type QuarantineSelection, readQuarantine } from '../quality/quarantined.ts'
import { counted, inJson, style, table } from '../terminal.ts'
import { session } from './session.ts'

export interface QuarantineOptions extends QuarantineSelection {
  json?: boolean
}

/** `lingot quarantine`: which documents did not come into silver, and why. */
export function quarantineCommand({ json = false, ...selection }: QuarantineOptions): Promise<void> {
  return session({ json }, async ({ config, mongodb, terminal }) => {
    const quarantined = await readQuarantine(mongodb.db(config.silver), selection, config)
    terminal.print(json ? inJson(quarantined, 2) : describeQuarantine(quarantined, selection))
  })
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
    ...(more > 0 ? [style('dim', `  and ${counted(more, 'document')} more: --limit`)] : []),
  ].join('\n')
}
