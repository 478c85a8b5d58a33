import type { Marks } from '../api.ts'
import { storedList } from './stored_list.ts'

export type View = Marks['views'][number]

/** The views that somebody keeps in this browser. */
export const ownViews = storedList<View>('lingot.views', isView)

/** An address leads nowhere but to a page. */
function isView(value: unknown): value is View {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('address' in value)) return false
  return typeof value.name === 'string' && typeof value.address === 'string' && /^\/[a-z]*(\?|$)/.test(value.address)
}
