import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Page, Trusted } from '../../api.ts'

/** What the page around a part shows: its figures, and which time and part of the shop in words. */
export interface ShownPage extends Pick<Page, 'gold'> {
  range: string
  /** How far the tables can be trusted; not known of the past. */
  trusted: Trusted | undefined
}

export const ShownPageContext = createContext<ShownPage | undefined>(undefined)

export function useShownPage(): ShownPage | undefined {
  return useContext(ShownPageContext)
}
