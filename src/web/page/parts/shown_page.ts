import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Page } from '../../api.ts'

/** What the page around a part shows: its figures, and which time and part of the shop in words. */
export interface ShownPage extends Pick<Page, 'gold'> {
  range: string
}

export const ShownPageContext = createContext<ShownPage | undefined>(undefined)

export function useShownPage(): ShownPage | undefined {
  return useContext(ShownPageContext)
}
