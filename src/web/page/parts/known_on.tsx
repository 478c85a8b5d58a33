import { History } from 'lucide'
import type { Page } from '../../api.ts'
import { useAddress } from '../address.ts'
import { useChoices } from '../choices.ts'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { Icon } from './icon.tsx'

/** As of when the numbers are shown: a day that somebody chooses. */
export function KnownOn() {
  const messages = useMessages()
  const { filters, change } = useAddress()
  const since = useChoices()?.knownSince
  return (
    <label title={since === null ? messages.noHistory : undefined}>
      <span>{messages.knownOn}</span>
      <input
        type="date"
        min={since?.slice(0, 10)}
        max={new Date().toISOString().slice(0, 10)}
        value={filters.asOf?.slice(0, 10) ?? ''}
        disabled={since === null && filters.asOf === undefined}
        onChange={({ currentTarget: { value } }) => change({ asOf: value })}
      />
    </label>
  )
}

/** That the numbers are those of an earlier time. */
export function AsKnown({ asOf: { published } }: { asOf: NonNullable<Page['asOf']> }) {
  const messages = useMessages()
  const format = useFormat()
  const { filters, change } = useAddress()
  const asked = filters.asOf ?? ''
  const words = /^\d{4}-\d\d-\d\d$/.test(asked) ? format.date(asked) : /^\d{4}-/.test(asked) ? format.time(asked) : null
  return (
    <p class="as-known">
      <Icon of={History} /> <span>{messages.asKnown(words, format.time(published))}</span>
      <button type="button" class="button" onClick={() => change({ asOf: undefined })}>
        {messages.asItIs}
      </button>
    </p>
  )
}
