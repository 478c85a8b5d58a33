import { Search } from 'lucide'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from './icon.tsx'

/** How long it is waited for the next letter. */
const TYPING_MS = 250
export const LONGEST_SEARCH = 200

/** Looks for what is typed as soon as the typing rests. */
export function SearchBox({
  label,
  value,
  onSearch,
}: {
  label: string
  value: string
  onSearch: (text: string) => void
}) {
  const [text, setText] = useState(value)
  const asked = useRef(value)
  const latest = useRef(onSearch)
  latest.current = onSearch
  // The address may change without the box, as when the reader goes back.
  useEffect(() => {
    if (value === asked.current) return
    asked.current = value
    setText(value)
  }, [value])
  const ask = () => {
    if (text === asked.current) return
    asked.current = text
    latest.current(text)
  }
  useEffect(() => {
    const timer = setTimeout(ask, TYPING_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <search class="search-box">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          ask()
        }}
      >
        <label>
          <span class="unseen">{label}</span>
          <Icon of={Search} size={15} />
          <input
            type="search"
            value={text}
            placeholder={label}
            maxLength={LONGEST_SEARCH}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
      </form>
    </search>
  )
}
