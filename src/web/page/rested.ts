import { useEffect, useState } from 'preact/hooks'

/** How long it is waited for the next letter. */
const TYPING_MS = 250

/** What is typed, as soon as the typing rests. */
export function useRested(text: string): string {
  const [rested, setRested] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text])
  return rested
}
