import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

/** Asks for a name, and tells it without spaces around; undefined where none is given. */
export function Naming({
  label,
  save,
  before = '',
  onEnd,
  children,
}: {
  label: string
  save: string
  before?: string
  onEnd: (name: string | undefined) => void
  /** What is said of the name that is typed. */
  children?: (name: string) => ComponentChildren
}) {
  const [name, setName] = useState(before)
  const wanted = name.trim()
  return (
    <form
      class="naming"
      onSubmit={(event) => {
        event.preventDefault()
        onEnd(wanted === '' ? undefined : wanted)
      }}
    >
      <label>
        <span>{label}</span>
        <input
          type="text"
          value={name}
          maxLength={100}
          // biome-ignore lint/a11y/noAutofocus: whoever asked for it types next
          autoFocus
          onInput={({ currentTarget }) => setName(currentTarget.value)}
          onKeyDown={({ key }) => key === 'Escape' && onEnd(undefined)}
        />
      </label>
      <button type="submit" class="button">
        {save}
      </button>
      {children?.(wanted)}
    </form>
  )
}
