import type { Trust } from '../../../api.ts'

export type Lineage = Trust['lineage']
export type GoldColumn = Lineage['gold'][number]
export type SilverColumn = Lineage['silver'][number]

/** The way of a column of gold: the columns of silver that it reads, and the cleaned fields these are made of. */
export interface Way {
  gold: GoldColumn
  steps: { silver: SilverColumn; fields: readonly SilverColumn[] }[]
}

/** The ways of all columns of a table. */
export function waysOf({ gold, silver }: Lineage, table: string): Way[] {
  const known = new Map(silver.map((column) => [`${column.collection}.${column.column}`, column]))
  const named = (names: readonly string[]) => names.flatMap((name) => known.get(name) ?? [])
  return gold
    .filter((column) => column.table === table)
    .map((column) => ({
      gold: column,
      steps: named(column.reads ?? []).map((of) => ({
        silver: of,
        fields: of.bronze === null ? named(of.reads) : [of],
      })),
    }))
}

/** The name of a column of silver, with its collection. */
export function nameOf({ collection, column }: SilverColumn): string {
  return `${collection}.${column}`
}
