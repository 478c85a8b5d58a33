import { useSyncExternalStore } from 'preact/compat'

let isPrinting = false
const listeners = new Set<() => void>()
let opened: HTMLDetailsElement[] = []

/** Whether the page is being printed: then nothing stays behind a button. */
export function useIsPrinting(): boolean {
  return useSyncExternalStore(listen, () => isPrinting)
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function become(now: boolean): void {
  isPrinting = now
  for (const listener of listeners) listener()
}

addEventListener('beforeprint', () => {
  opened = [...document.querySelectorAll<HTMLDetailsElement>('.card details:not([open])')]
  for (const part of opened) part.open = true
  become(true)
})

addEventListener('afterprint', () => {
  for (const part of opened) part.open = false
  become(false)
})
