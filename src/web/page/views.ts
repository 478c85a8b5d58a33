import { useSyncExternalStore } from 'preact/compat'
import type { Marks } from '../api.ts'

export type View = Marks['views'][number]

const KEY = 'lingot.views'
const listeners = new Set<() => void>()
let views = read()

/** The views that somebody keeps in this browser. */
export function useOwnViews(): readonly View[] {
  return useSyncExternalStore(listen, () => views)
}

/** Keeps a view; another one of its name goes. */
export function keepView(view: View): void {
  become([...views.filter(({ name }) => name !== view.name), view])
}

export function forgetView(name: string): void {
  become(views.filter((view) => view.name !== name))
}

function become(next: readonly View[]): void {
  views = next
  try {
    localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // Where the browser keeps nothing, they last as long as the page.
  }
  for (const listener of listeners) listener()
}

function read(): readonly View[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isView) : []
  } catch {
    return []
  }
}

/** Anything may stand there; an address leads nowhere but to a page. */
function isView(value: unknown): value is View {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('address' in value)) return false
  return typeof value.name === 'string' && typeof value.address === 'string' && /^\/[a-z]*(\?|$)/.test(value.address)
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
