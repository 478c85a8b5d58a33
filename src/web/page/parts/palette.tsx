import { Search } from 'lucide'
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { Customers, PageName, Trust } from '../../api.ts'
import { useAddress } from '../address.ts'
import { base } from '../base.ts'
import { useChoices } from '../choices.ts'
import { useResource } from '../data.ts'
import { recordsOf } from '../figure.ts'
import { keptQueries, parametersOf } from '../kept_queries.ts'
import { language, languages, useMessages, useWords } from '../language.ts'
import { useMarks } from '../marks.ts'
import { plain } from '../plain.ts'
import { chooseTheme, themes } from '../theme.ts'
import { ownViews } from '../views.ts'
import { nameOrId } from './thing.tsx'
import '../style/palette.css'
import { Icon } from './icon.tsx'
import { en, fr } from './palette_words.ts'

interface Entry {
  kind: keyof typeof en.kinds
  name: string
  /** What it means, or where it is. */
  note?: string
  open: () => void
}

const places = [
  'overview',
  'customers',
  'products',
  'campaigns',
  'countries',
  'explore',
  'trust',
  'glossary',
  'sql',
] as const
const FIRST_OF_A_KIND = 6
const TYPING_MS = 200

/** Finds pages, customers, products, countries, columns with their meanings, views, kept queries and commands by what is typed. */
export function Palette({ onClose }: { onClose: () => void }) {
  const words = useWords({ en, fr })
  const dialog = useRef<HTMLDialogElement>(null)
  const list = useId()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const found = useFound(text, onClose)
  const chosen = Math.min(at, found.length - 1)
  useEffect(() => dialog.current?.showModal(), [])
  useEffect(() => document.getElementById(`${list}-${chosen}`)?.scrollIntoView({ block: 'nearest' }), [list, chosen])
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) setAt((chosen + step + found.length) % Math.max(1, found.length))
    else if (event.key === 'Enter') found[chosen]?.open()
    else return
    event.preventDefault()
  }
  return (
    <dialog ref={dialog} class="palette" aria-label={words.label} onClose={onClose}>
      <label>
        <span class="unseen">{words.placeholder}</span>
        <Icon of={Search} />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={found.length > 0 ? `${list}-${chosen}` : undefined}
          placeholder={words.placeholder}
          value={text}
          maxLength={200}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <div class="found" id={list} role="listbox" aria-label={words.label}>
        {found.map(({ kind, name, note, open }, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys go to the box above, which says what is chosen
          <div
            key={`${kind} ${name} ${note}`}
            id={`${list}-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === chosen}
            onClick={open}
          >
            <span class="quiet">{words.kinds[kind]}</span>
            <span>
              {name}
              {note && <small>{note}</small>}
            </span>
          </div>
        ))}
      </div>
      <p class={found.length === 0 ? 'quiet' : 'unseen'} role="status">
        {found.length === 0 ? words.nothing : words.found(found.length)}
      </p>
    </dialog>
  )
}

function useFound(text: string, onClose: () => void): Entry[] {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const choices = useChoices()
  const { link } = useAddress()
  const { route } = useLocation()
  const views = [...(useMarks().data?.views ?? []), ...ownViews.use()]
  const kept = keptQueries.use()
  const columns = useResource<Trust>('/api/trust').data?.lineage.gold
  const customers = useCustomers(text)
  const wanted = plain(text)
  const then = (act: () => void) => () => {
    onClose()
    act()
  }
  const to = (address: string) => then(() => route(address))
  const parts = useMemo(() => wanted.split(/\s+/).filter((part) => part !== ''), [wanted])
  const fits = (...texts: readonly string[]) => {
    const all = plain(texts.join(' '))
    return parts.every((part) => all.includes(part))
  }
  const some = <T,>(all: readonly T[], textsOf: (one: T) => readonly string[], make: (one: T) => Entry): Entry[] => {
    const own: Entry[] = []
    for (const one of all) {
      if (own.length === FIRST_OF_A_KIND) break
      if (fits(...textsOf(one))) own.push(make(one))
    }
    return own
  }
  const empty: readonly string[] = choices?.empty ?? []
  const commands = [
    { name: words.print, act: () => setTimeout(() => print()) },
    ...themes.map((theme) => ({ name: words.theme(messages.themes[theme]), act: () => chooseTheme(theme) })),
    ...languages.map((each) => ({
      name: words.language({ en: 'English', fr: 'Français' }[each]),
      act: () => language.set(each),
    })),
  ]
  const always: Entry[] = [
    ...places.flatMap((page): Entry[] => {
      const name = messages.pages[page]
      return empty.includes(page) || !fits(name, page) ? [] : [{ kind: 'page', name, open: to(link(page)) }]
    }),
    ...some(
      views,
      ({ name }) => [name],
      ({ name, address }) => ({ kind: 'view', name, open: to(base + address) }),
    ),
    ...some(
      kept,
      ({ name }) => [name],
      (query) => ({ kind: 'query', name: query.name, open: to(link('sql', parametersOf(query))) }),
    ),
    ...some(
      commands,
      ({ name }) => [name],
      ({ name, act }) => ({ kind: 'command', name, open: then(act) }),
    ),
  ]
  if (parts.length === 0) return always
  const narrowed = (page: PageName, filter: 'product' | 'country', value: string): Entry => ({
    kind: filter,
    name: messages.known(value),
    open: to(link(page, { [filter]: value })),
  })
  return [
    ...always,
    ...some(
      choices?.products ?? [],
      (name) => [name, messages.known(name)],
      (name) => narrowed('products', 'product', name),
    ),
    ...some(
      choices?.countries ?? [],
      (name) => [name, messages.known(name)],
      (name) => narrowed('overview', 'country', name),
    ),
    ...customers.map(
      ({ id, name, note }): Entry => ({
        kind: 'customer',
        name,
        note,
        open: to(link('customers', { search: id, explain: `customer:${id}` })),
      }),
    ),
    ...some(
      columns ?? [],
      ({ table, column, meaning }) => [table, column, column.replaceAll('_', ' '), meaning],
      ({ table, column, meaning }) => ({
        kind: 'column',
        name: `${table}.${column}`,
        note: meaning,
        open: to(link('glossary', { term: `${table}.${column}` })),
      }),
    ),
  ]
}

/** Customers whose name, city or id has the text in it, asked for when the typing rests. */
function useCustomers(text: string): { id: string; name: string; note: string }[] {
  const [asked, setAsked] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text])
  const messages = useMessages()
  const search = asked.length < 2 ? { limit: '1' } : { search: asked, limit: String(FIRST_OF_A_KIND) }
  const { data } = useResource<Customers>(`/api/customers?${new URLSearchParams(search)}`)
  if (asked.length < 2 || data === undefined) return []
  return recordsOf(data).map((row) => ({
    id: row['customer_id'] ?? '',
    name: nameOrId(row['full_name'], row['customer_id']),
    note: [row['customer_id'], row['city'], row['country']].map((each) => messages.known(each ?? '')).join(', '),
  }))
}
