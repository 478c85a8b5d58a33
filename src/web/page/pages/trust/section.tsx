import type { ComponentChildren } from 'preact'
import { Card } from '../../parts/card.tsx'

/** The sections of the page in their order; each is an anchor. */
export const sections = ['documents', 'fields', 'drift', 'checks', 'revenue', 'runs', 'lineage'] as const
export type SectionName = (typeof sections)[number]

/** A part of the page that its table of contents leads to. */
export function Section({ name, ...card }: { name: SectionName } & Parameters<typeof Card>[0]) {
  return (
    <Place name={name}>
      <Card {...card} wide />
    </Place>
  )
}

/** Where an anchor leads. */
export function Place({ name, children }: { name: SectionName; children: ComponentChildren }) {
  return (
    <div class="trust-section" id={name} tabIndex={-1}>
      {children}
    </div>
  )
}
