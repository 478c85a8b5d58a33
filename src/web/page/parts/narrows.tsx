import { isReport } from '../data.ts'
import { useMessages } from '../language.ts'
import { useChosen } from '../narrowing.ts'
import '../style/table_card.css'

/** A name that narrows the page to what it names; in a report it is the name alone. */
export function Narrows({ filter, value }: { filter: string; value: string }) {
  const messages = useMessages()
  const { add } = useChosen()
  const name = <span class={value === 'Unknown' ? 'long-text faint' : 'long-text'}>{messages.known(value)}</span>
  if (isReport) return name
  return (
    <button
      type="button"
      class="narrows"
      title={messages.only(messages.known(value))}
      onClick={() => add(filter, value)}
    >
      {name}
    </button>
  )
}
