import { KEPT, listOf } from '../addresses.ts'
import { useAddress } from './address.ts'

/** What is chosen of the filters that take several values, by their names in an address, and how to change that. */
export interface Chosen {
  of: (filter: string) => readonly string[]
  /** Whether `Unknown` is left out. */
  isKnown: (filter: string) => boolean
  add: (filter: string, value: string) => void
  drop: (filter: string, value: string) => void
  setKnown: (filter: string, isKnown: boolean) => void
  clear: (filter: string) => void
}

const UNKNOWN = 'Unknown'

/** Other customers begin with their first page, and what was explained is of another choice. */
const closed = { page: undefined, explain: undefined, of: undefined, why: undefined }

export function useChosen(): Chosen {
  const { filters, change } = useAddress()
  const of = (filter: string): readonly string[] => {
    if (filter === 'country' || filter === 'product') return listOf(filters[filter])
    return listOf(filters.kept?.[filter.slice(KEPT.length)])
  }
  const known = listOf(filters.known)
  const without = (filter: string) => known.filter((name) => name !== filter)
  return {
    of,
    isKnown: (filter) => known.includes(filter),
    add: (filter, value) => {
      const values = [...of(filter).filter((other) => other !== value), value]
      change({ ...closed, [filter]: values, ...(value === UNKNOWN && { known: without(filter) }) })
    },
    drop: (filter, value) => change({ [filter]: of(filter).filter((other) => other !== value), ...closed }),
    setKnown: (filter, isKnown) => {
      if (!isKnown) return change({ known: without(filter), ...closed })
      const values = of(filter).filter((other) => other !== UNKNOWN)
      change({ [filter]: values, known: [...without(filter), filter], ...closed })
    },
    clear: (filter) => change({ [filter]: undefined, known: without(filter), ...closed }),
  }
}
