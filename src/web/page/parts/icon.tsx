import type { IconNode } from 'lucide'
import { createElement } from 'preact'

/** A drawing beside words; never the only thing that says what it means. */
export function Icon({ of, size = 16 }: { of: IconNode; size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {of.map(([tag, attributes], i) => createElement(tag, { ...attributes, key: i }))}
    </svg>
  )
}
