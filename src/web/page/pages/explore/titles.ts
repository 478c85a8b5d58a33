import { KEPT } from '../../../addresses.ts'
import { useWords } from '../../language.ts'
import { titleOf } from '../../title.ts'
import { en, fr } from '../explore_words.ts'

/** What measures, dimensions and filters are called on the page. */
export function useTitles(): (name: string) => string {
  const words = useWords({ en, fr })
  return (name) => {
    if (name.startsWith(KEPT)) return titleOf(name.slice(KEPT.length))
    return words.measures[name] ?? words.dimensions[name] ?? words.filters[name] ?? name
  }
}
