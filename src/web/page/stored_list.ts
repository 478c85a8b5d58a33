import { useSyncExternalStore } from 'preact/compat'

/** Things with names that somebody keeps in this browser. */
export interface StoredList<T extends { name: string }> {
  use: () => readonly T[]
  /** Keeps one; another one of its name goes. */
  keep: (one: T) => void
  forget: (name: string) => void
}

/** Where the browser keeps nothing, they last as long as the page. Anything may stand there that is not one of them. */
export function storedList<T extends { name: string }>(
  key: string,
  isOne: (value: unknown) => value is T,
): StoredList<T> {
  const listeners = new Set<() => void>()
  let list = read()
  // What another tab keeps is kept here as well.
  addEventListener('storage', (event) => {
    if (event.key !== key) return
    list = read()
    tell()
  })
  function tell(): void {
    for (const listener of listeners) listener()
  }
  function read(): readonly T[] {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
      return Array.isArray(kept) ? kept.filter(isOne) : []
    } catch {
      return []
    }
  }
  function become(next: readonly T[]): void {
    list = next
    try {
      localStorage.setItem(key, JSON.stringify(next))
    } catch {
      // A private window may refuse.
    }
    tell()
  }
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  return {
    use: () => useSyncExternalStore(subscribe, () => list),
    keep: (one) => become([...list.filter(({ name }) => name !== one.name), one]),
    forget: (name) => become(list.filter((one) => one.name !== name)),
  }
}
