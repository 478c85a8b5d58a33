import { X } from 'lucide'
import { useId, useState } from 'preact/hooks'
import { useResource } from '../data.ts'
import { useMessages } from '../language.ts'
import { useChosen } from '../narrowing.ts'
import { useRested } from '../rested.ts'
import { Icon } from './icon.tsx'

/** A filter, by its name in an address. */
export interface Several {
  filter: string
  label: string
  meaning?: string
  /** What stands for all. */
  all: string
  values: readonly string[]
}

/** As many values are told at once; of more the server is asked. */
const MOST_CHOICES = 1000
/** Texts of gold begin with no space. */
const [SOME, KNOWN] = [' some', ' known'] as const

/** Chooses values of a filter, one more at a time; what is chosen can be taken away beneath the filters. */
export function Choose(several: Several) {
  return several.values.length < MOST_CHOICES ? <Listed {...several} /> : <Searched {...several} />
}

function Listed({ filter, label, meaning, all, values }: Several) {
  const messages = useMessages()
  const chosen = useChosen()
  const own = chosen.of(filter)
  const isKnown = chosen.isKnown(filter)
  const listed = [...own.filter((value) => !values.includes(value)), ...values]
  const [first] = own
  const shown = own.length > 1 || (isKnown && first !== undefined) ? SOME : isKnown ? KNOWN : (first ?? '')
  return (
    <label title={meaning}>
      <span>{label}</span>
      <select
        value={shown}
        onChange={({ currentTarget: { value } }) => {
          if (value === '') chosen.clear(filter)
          else if (value === KNOWN) chosen.setKnown(filter, true)
          else if (value !== SOME) chosen.add(filter, value)
        }}
      >
        <option value="">{all}</option>
        {shown === SOME && <option value={SOME}>{messages.chosen(own.length)}</option>}
        {listed.map((value) => (
          <option key={value} value={value}>
            {messages.known(value)}
          </option>
        ))}
        {(isKnown || values.includes('Unknown')) && <option value={KNOWN}>{messages.withoutUnknown}</option>}
      </select>
    </label>
  )
}

/** The server finds what is typed: there are more values than a list can show. */
function Searched({ filter, label, meaning, all }: Several) {
  const messages = useMessages()
  const chosen = useChosen()
  const [text, setText] = useState('')
  const list = useId()
  const asked = useRested(text)
  const { data: found = [], isLoading } = useResource<string[]>(
    `/api/choices/${encodeURIComponent(filter)}?${new URLSearchParams({ search: asked })}`,
  )
  const choose = (value: string | undefined) => {
    if (value === undefined) return
    setText('')
    chosen.add(filter, value)
  }
  return (
    <label title={meaning}>
      <span>{label}</span>
      <input
        type="search"
        list={list}
        value={text}
        placeholder={all}
        maxLength={200}
        onInput={(event) => {
          const { value } = event.currentTarget
          // What is taken from the list is chosen; what is typed may go on.
          const isTaken = !(event instanceof InputEvent) || event.inputType === 'insertReplacementText'
          if (isTaken && found.includes(value)) choose(value)
          else setText(value)
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || text === '' || isLoading || asked !== text) return
          event.preventDefault()
          choose(found.find((value) => value === text) ?? found[0])
        }}
      />
      <datalist id={list}>
        {found.map((value) => (
          <option key={value} value={value}>
            {value === 'Unknown' ? messages.unknown : value}
          </option>
        ))}
      </datalist>
    </label>
  )
}

/** What is chosen, each to be taken away. */
export function Chips({ of }: { of: readonly Several[] }) {
  const messages = useMessages()
  const chosen = useChosen()
  const chips = of.flatMap(({ filter, label }) => [
    ...chosen.of(filter).map((value) => ({
      key: `${filter} ${value}`,
      text: `${label}: ${messages.known(value)}`,
      drop: () => chosen.drop(filter, value),
    })),
    ...(chosen.isKnown(filter)
      ? [
          {
            key: `${filter} known`,
            text: `${label}: ${messages.withoutUnknown}`,
            drop: () => chosen.setKnown(filter, false),
          },
        ]
      : []),
  ])
  if (chips.length === 0) return null
  return (
    <ul class="chips" aria-label={messages.narrowedTo}>
      {chips.map(({ key, text, drop }) => (
        <li key={key}>
          <button type="button" class="chip" onClick={drop} aria-label={messages.dropChip(text)}>
            <span>{text}</span>
            <Icon of={X} size={13} />
          </button>
        </li>
      ))}
    </ul>
  )
}
