import type { ComponentChildren } from 'preact'
import { isReport } from '../data.ts'
import { useOpening } from '../explain.ts'
import { useMessages } from '../language.ts'

/** A number that opens to where it comes from; in a report it is the number alone. */
export function Explained({
  target,
  column,
  isFirst = true,
  children,
}: {
  target: string | undefined
  /** Which of the numbers of its row it is. */
  column: string
  /** Of several side by side the first is reached by Tab, the others by the arrows. */
  isFirst?: boolean
  children: ComponentChildren
}) {
  const messages = useMessages()
  const { open } = useOpening()
  if (target === undefined || isReport) return <>{children}</>
  return (
    <button
      type="button"
      class="explains"
      title={messages.explain}
      tabIndex={isFirst ? 0 : -1}
      onClick={() => open(target, column)}
      onKeyDown={moveAlong}
    >
      {children}
    </button>
  )
}

/** Left and right lead to the next number of the row. */
function moveAlong(event: KeyboardEvent & { currentTarget: HTMLButtonElement }): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  const row = event.currentTarget.closest('tr')
  if (step === 0 || row === null) return
  const all = [...row.querySelectorAll<HTMLButtonElement>('button.explains')]
  const next = all[all.indexOf(event.currentTarget) + step]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}
