import type { Contract } from '../../contracts/contract.ts'
import { counted, namesToTell, OTHERS } from '../../contracts/names.ts'
import type { Hide } from '../../rules/contacts.ts'
import { Flaw } from '../../rules/values.ts'
import type { FieldObservations, Observations, Tally } from '../../runs/record.ts'
import type { CleanValues, Labels, Observer } from './cleaner.ts'
import { type OddValues, suspicionsOf, type Watched, watching } from './suspicions.ts'
import { added, noting } from './tally.ts'

/** Bronze may hold any number of field names: so many are counted, and the most frequent ones reported. */
const MOST_COUNTED = 1000
const MOST_UNNAMED = 50

/** All that was met, such that it can be kept, and added up with what was met elsewhere. */
export interface Tallies {
  values: { field: string; reason: string; kind: string; tally: Tally }[]
  suspicious: { suspicion: string; tally: Tally }[]
  unnamed: { field: string; count: number }[]
  watched: Watched
}

/** Collects what a cleaner meets. */
export function observing(
  contract: Contract,
  hide: Hide,
): {
  observer: Observer
  /** To be told of each document that is kept, once it is clean. */
  kept: (clean: CleanValues, document: Buffer) => void
  tallies: (labels: Labels) => Tallies
} {
  const values = new Map(Object.keys(contract.fields).map((field) => [field, new Map<string, [string, Tally]>()]))
  const suspicious = new Map<string, Tally>()
  const unnamed = new Map<string, number>()

  const note = noting(hide)
  const watch = watching(contract, note)

  const observer: Observer = {
    value(field, outcome, document, value, factor) {
      const texts = [value, factor].filter((spelled) => typeof spelled === 'string')
      if (texts.length > 0) watch.texts(field, texts, document)
      const kind = outcome instanceof Flaw ? outcome.kind : 'repaired'
      const reasons = values.get(field)
      const known = reasons?.get(outcome.reason)
      if (known !== undefined) note(known[1], document)
      else reasons?.set(outcome.reason, [kind, note({ count: 0, examples: [] }, document)])
    },
    unnamed(field, document, start, end) {
      watch.unnamed(field, document, start, end)
      const known = unnamed.get(field)
      if (known !== undefined) {
        unnamed.set(field, known + 1)
        return
      }
      count(unnamed, counted(field), 1)
    },
    suspicious(suspicion, document) {
      suspicious.set(suspicion, note(suspicious.get(suspicion) ?? { count: 0, examples: [] }, document))
    },
  }

  const tallies = (labels: Labels): Tallies => ({
    values: [...values].flatMap(([field, reasons]) =>
      [...reasons].map(([reason, [kind, tally]]) => ({ field, reason, kind, tally })),
    ),
    suspicious: [...suspicious].map(([suspicion, tally]) => ({ suspicion, tally })),
    unnamed: [...unnamed].map(([field, count]) => ({ field, count })),
    watched: watch.watched(labels),
  })
  return { observer, kept: watch.document, tallies }
}

/** Counts a field name, or what stands for those beyond the first thousand. */
export function count(unnamed: Map<string, number>, field: string, times: number): void {
  const name = unnamed.size < MOST_COUNTED || unnamed.has(field) ? field : OTHERS
  unnamed.set(name, (unnamed.get(name) ?? 0) + times)
}

/** What the parts of a collection add up to, in their order, with what is odd about the whole. */
export function observationsOf(
  contract: Contract,
  parts: readonly Tallies[],
  odd: readonly OddValues[],
  documents: number,
): Observations {
  const values = new Map(Object.keys(contract.fields).map((field) => [field, new Map<string, [string, Tally]>()]))
  const suspicious = new Map<string, Tally>()
  const unnamed = new Map<string, number>()
  for (const part of parts) {
    for (const { field, reason, kind, tally } of part.values) {
      values.get(field)?.set(reason, [kind, added(values.get(field)?.get(reason)?.[1], tally)])
    }
    for (const { suspicion, tally } of part.suspicious) {
      suspicious.set(suspicion, added(suspicious.get(suspicion), tally))
    }
    for (const { field, count: times } of part.unnamed) count(unnamed, field, times)
  }
  const fields = Object.fromEntries(
    [...values].map(([field, reasons]): [string, FieldObservations] => [field, fieldObservations(reasons, documents)]),
  )
  const watched = parts.map(({ watched }) => watched)
  for (const { field, suspicion, tally } of [...suspicionsOf(contract, watched), ...odd]) {
    const of = fields[field]
    // A field that no contract names may be watched all the same.
    if (of === undefined) suspicious.set(suspicion, tally)
    else of.suspicious = { ...of.suspicious, [suspicion]: tally }
  }
  return {
    fields,
    unnamed: namesToTell(
      [...unnamed].map(([field, count]) => ({ field, count })),
      documents,
      MOST_UNNAMED,
    ),
    suspicious: Object.fromEntries([...suspicious].sort()),
  }
}

function fieldObservations(reasons: Map<string, [string, Tally]>, documents: number): FieldObservations {
  const of = (wanted: string) =>
    Object.fromEntries(
      [...reasons].filter(([, [kind]]) => kind === wanted).map(([reason, [, tally]]) => [reason, tally]),
    )
  const missing = of('missing')
  return { present: documents - total(missing), missing, invalid: of('invalid'), repaired: of('repaired') }
}

/** The sum of the counts. */
export function total(tallies: Record<string, Tally>): number {
  return Object.values(tallies).reduce((sum, { count }) => sum + count, 0)
}
