import { ArrowUpRight } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useAddress } from '../address.ts'
import { isReport } from '../data.ts'
import { useMessages } from '../language.ts'
import { Icon } from './icon.tsx'

export type Thing = 'customer' | 'product' | 'campaign'

/** What somebody or something is called: by the id, where there is no name. */
export function nameOrId(name: string | null | undefined, id: string | null | undefined): string {
  return name == null || name === 'Unknown' ? (id ?? '') : name
}

/** Leads to the page of a customer, a product or a campaign: by its name, or by a sign beside it. */
export function ThingLink({
  of,
  id,
  children,
}: {
  of: Thing
  id: string | null | undefined
  children?: ComponentChildren
}) {
  const messages = useMessages()
  const { thing } = useAddress()
  if (isReport || id == null) return <>{children}</>
  if (children !== undefined) {
    return (
      <a class="thing" href={thing(of, id)}>
        {children}
      </a>
    )
  }
  const label = messages.pageOf(messages.known(id))
  return (
    <a class="tool thing-sign" href={thing(of, id)} aria-label={label} title={label}>
      <Icon of={ArrowUpRight} size={13} />
    </a>
  )
}
