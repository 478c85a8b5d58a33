import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** A part of the panel with a heading. */
export function Part({ title, name, children }: { title: string; name: string; children: ComponentChildren }) {
  const heading = useId()
  return (
    <section class="explanation-part" aria-labelledby={heading} data-part={name}>
      <h3 id={heading}>{title}</h3>
      {children}
    </section>
  )
}
