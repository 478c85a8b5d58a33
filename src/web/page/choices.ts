import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Place } from '../addresses.ts'
import type { Choices } from '../api.ts'
import { useResource } from './data.ts'

/** What there is to choose from, and which pages have data: asked for once, by whatever shows it. */
export const ChoicesContext = createContext<Choices | undefined>(undefined)

export function useChoices(): Choices | undefined {
  return useContext(ChoicesContext)
}

const nothingYet: readonly string[] = []

/** All that a chart tells apart by colour, the best of all time first. */
export function useStanding(of: keyof Choices['standing']): readonly string[] {
  return useChoices()?.standing[of] ?? nothingYet
}

/** The same for the values of a column, where it is called as one of these. */
export function useStandingIn(column: string | undefined): readonly string[] {
  const standings = Object.entries(useChoices()?.standing ?? {})
  return standings.find(([name]) => name === column)?.[1] ?? nothingYet
}

/** Whether a page has anything to show, so that ways lead there. */
export function useHasData(): (page: Place) => boolean {
  const empty: readonly string[] = useChoices()?.empty ?? []
  return (page) => !empty.includes(page)
}

export function useReadChoices(): Choices | undefined {
  return useResource<Choices>('/api/choices').data
}
