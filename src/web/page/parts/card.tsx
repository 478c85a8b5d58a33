import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** A part of a page with a heading. */
export function Card({
  title,
  mark,
  note,
  tools,
  wide = false,
  children,
}: {
  title: string
  /** Stands beside the title. */
  mark?: ComponentChildren
  note?: ComponentChildren
  tools?: ComponentChildren
  wide?: boolean
  children: ComponentChildren
}) {
  const heading = useId()
  return (
    <section class={wide ? 'card wide' : 'card'} aria-labelledby={heading}>
      <header class="card-head">
        <div>
          <div class="card-title">
            <h2 id={heading}>{title}</h2>
            {mark}
          </div>
          {note !== undefined && <p class="quiet">{note}</p>}
        </div>
        {tools !== undefined && <div class="tools">{tools}</div>}
      </header>
      {children}
    </section>
  )
}
