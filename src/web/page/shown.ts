import type { PageName } from '../api.ts'
import { carriedPages } from './data.ts'
import { useStatus } from './status.ts'

/** Tells whether a page has something to show; all are taken to until the server says which. */
export function useShown(): (page: PageName) => boolean {
  const { status } = useStatus()
  const shown = carriedPages ?? status?.pages
  return (page) => shown?.includes(page) ?? true
}
