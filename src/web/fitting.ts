import { filtersOf, KEPT, knownOn, listOf } from './addresses.ts'
import type { Filters, Subject } from './api.ts'

/** What is asked at once, by names of the catalogue. */
export interface Asked {
  measures: readonly string[]
  /** Of rows and columns alike. */
  dimensions: readonly string[]
  /** As {@link narrowedBy} gives it. */
  narrowedBy: readonly string[]
}

/** What narrows a subject, in the words of its tables. */
export function narrowedBy({ page, dimensions }: Pick<Subject, 'page' | 'dimensions'>, filters: Filters): string[] {
  const takes = filtersOf[page]
  const known = knownOn(page, filters)
  const isChosen = (name: string) => {
    const values = name === 'country' || name === 'product' ? filters[name] : filters.kept?.[name.slice(KEPT.length)]
    return listOf(values).length > 0 || known.includes(name)
  }
  const own = dimensions.flatMap(({ name }) => (name.startsWith(KEPT) ? name : []))
  return [
    ...(takes.includes('period') && filters.period !== 'all' ? ['period'] : []),
    ...(['country', 'product'] as const).filter((name) => takes.includes(name) && isChosen(name)),
    ...(takes.includes('kept') ? own.filter(isChosen) : []),
    ...(takes.includes('revenue') && filters.revenue === 'net' ? ['revenue'] : []),
  ]
}

/** The first table that holds together what is asked; undefined where none does. */
export function tableOf<T extends Subject['tables'][number]>(
  { measures, tables }: { measures: Subject['measures']; tables: readonly T[] },
  asked: Asked,
): T | undefined {
  const isNet = asked.narrowedBy.includes('revenue')
  if (isNet && measures.some(({ name, isGross }) => isGross && asked.measures.includes(name))) return undefined
  const hasAll = (held: readonly string[], wanted: readonly string[]) => wanted.every((name) => held.includes(name))
  return tables.find(
    (table) =>
      hasAll(table.measures, asked.measures) &&
      hasAll(table.dimensions, asked.dimensions) &&
      hasAll(table.narrowedBy, asked.narrowedBy),
  )
}
