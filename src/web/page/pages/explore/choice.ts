import type { Catalogue, Filters, Selection, Subject, SubjectName } from '../../../api.ts'
import { narrowedBy, tableOf } from '../../../fitting.ts'

/** What the page asks, as its address says. */
export interface Choice {
  subject: Subject
  measures: readonly string[]
  by: readonly string[]
  across: string | undefined
  sort: string | undefined
  limit: number
}

export const LIMITS = [10, 25, 50, 100, 500, 1000] as const
const USUAL_LIMIT = 100

/** What is asked of a subject where the address does not say. */
const usual: Readonly<Record<SubjectName, { measures: string; by: string }>> = {
  sales: { measures: 'revenue', by: 'month' },
  customers: { measures: 'customers', by: 'segment' },
  campaigns: { measures: 'spend', by: 'type' },
}

/** What an address chooses; undefined where the shop has nothing to explore. What nobody knows the server refuses. */
export function choiceOf({ subjects }: Catalogue, query: Readonly<Record<string, string>>): Choice | undefined {
  const subject = subjects.find(({ name }) => name === query['subject']) ?? subjects[0]
  if (subject === undefined) return undefined
  const { measures, by } = usual[subject.name]
  const limit = LIMITS.find((each) => String(each) === query['limit'])
  return {
    subject,
    measures: (query['measures'] || measures).split(','),
    by: (query['by'] || by).split(','),
    across: query['across'] || undefined,
    sort: query['sort'] || undefined,
    limit: limit ?? USUAL_LIMIT,
  }
}

export function selectionOf({ measures, by, across, sort, limit }: Choice): Selection {
  return { measures: measures.join(','), by: by.join(','), across, sort, limit }
}

/** The parameters of the page's address that say so. */
export function parametersOf({ subject, measures, by, across, sort, limit }: Choice) {
  const own = usual[subject.name]
  const unless = (value: string, usual: string) => (value === usual ? undefined : value)
  return {
    subject: unless(subject.name, 'sales'),
    measures: unless(measures.join(','), own.measures),
    by: unless(by.join(','), own.by),
    across,
    sort,
    limit: unless(String(limit), String(USUAL_LIMIT)),
  }
}

/** Whether a table of gold holds together what is chosen. */
export function fits({ subject, measures, by, across }: Choice, filters: Filters): boolean {
  const dimensions = [...by, ...(across === undefined ? [] : [across])]
  return tableOf(subject, { measures, dimensions, narrowedBy: narrowedBy(subject, filters) }) !== undefined
}

/** What of a choice does not go with a measure or a dimension: something chosen, or a filter; undefined where it is all together. */
export function obstacle(choice: Choice, name: string, filters: Filters): string | undefined {
  const { subject, measures, by, across } = choice
  const isMeasure = subject.measures.some((measure) => measure.name === name)
  const held = (other: { measure?: string; dimension?: string; filter?: string }) =>
    tableOf(subject, {
      measures: [...(isMeasure ? [name] : []), ...(other.measure === undefined ? [] : [other.measure])],
      dimensions: [...(isMeasure ? [] : [name]), ...(other.dimension === undefined ? [] : [other.dimension])],
      narrowedBy: other.filter === undefined ? [] : [other.filter],
    }) !== undefined
  return (
    measures.find((measure) => measure !== name && !held({ measure })) ??
    narrowedBy(subject, filters).find((filter) => !held({ filter })) ??
    [...by, ...(across === undefined ? [] : [across])].find((other) => other !== name && !held({ dimension: other }))
  )
}
