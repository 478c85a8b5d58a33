import { useSyncExternalStore } from 'preact/compat'

/** A choice of the reader's that is remembered in this browser. */
export interface Stored<T extends string> {
  get: () => T
  set: (value: T) => void
  use: () => T
}

/** Where the browser keeps nothing, the choice lasts as long as the page. */
export function stored<T extends string>(key: string, values: readonly T[], otherwise: T): Stored<T> {
  const listeners = new Set<() => void>()
  let value = values.find((known) => known === read(key)) ?? otherwise
  const get = () => value
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  return {
    get,
    set(next) {
      value = next
      write(key, next)
      for (const listener of listeners) listener()
    },
    use: () => useSyncExternalStore(subscribe, get),
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // A private window may refuse.
  }
}
