import { Search } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Query, Table } from '../../../api.ts'
import type { Resource } from '../../data.ts'
import { type KeptQuery, keptQueries } from '../../kept_queries.ts'
import { useMessages, useWords } from '../../language.ts'
import { Icon } from '../../parts/icon.tsx'
import { Reason } from '../../parts/states.tsx'
import { plain } from '../../plain.ts'
import { en, fr } from '../sql_words.ts'
import { TableTree, tablesWith } from './table_tree.tsx'

/** What there is to open and to insert: kept queries, questions, tables, models and figures. */
export function QueryList({
  queries,
  tables: { data: tables, problem },
  open,
  kept,
  canInsert,
  onOpen,
  onOpenKept,
  onInsert,
}: {
  queries: readonly Query[]
  tables: Resource<readonly Table[]>
  open: Query | undefined
  /** The kept one that is open. */
  kept: KeptQuery | undefined
  canInsert: boolean
  onOpen: (query: Query) => void
  onOpenKept: (query: KeptQuery) => void
  onInsert: (name: string, takesFocus: boolean) => void
}) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const [wanted, setWanted] = useState('')
  const isFound = (...texts: string[]) => plain(texts.join(' ')).includes(plain(wanted))
  const own = keptQueries.use().filter(({ name }) => isFound(name))
  const calledOf = ({ kind, name, title }: Query) => (kind === 'question' ? messages.told(title) : name)
  const found = queries.filter((query) => isFound(query.name, query.title, calledOf(query)))
  const hasTables = tablesWith(tables ?? [], wanted).length > 0
  const listOf = (kind: Query['kind']) => (
    <Group
      title={words.groups[kind]}
      isOpen={kind === 'question' || wanted !== '' || open?.kind === kind}
      entries={found
        .filter((query) => query.kind === kind)
        .map((query) => ({
          id: query.name,
          name: calledOf(query),
          isOpen: query === open,
          onOpen: () => onOpen(query),
        }))}
    />
  )
  return (
    <nav class="queries" aria-label={words.queries}>
      <label class="find">
        <span class="unseen">{words.find}</span>
        <Icon of={Search} size={14} />
        <input
          type="search"
          placeholder={words.find}
          value={wanted}
          onInput={({ currentTarget }) => setWanted(currentTarget.value)}
        />
      </label>
      <Group
        title={words.kept}
        isOpen
        entries={own
          .toSorted((a, b) => a.name.localeCompare(b.name))
          .map((query) => ({
            id: query.name,
            name: query.name,
            isOpen: query === kept,
            onOpen: () => onOpenKept(query),
          }))}
      />
      {listOf('question')}
      {problem !== undefined ? (
        <Details title={words.tables} isOpen>
          <Reason {...messages.problem(problem)} />
        </Details>
      ) : hasTables ? (
        <Details title={words.tables} isOpen>
          <TableTree tables={tables ?? []} wanted={wanted} canInsert={canInsert} onInsert={onInsert} />
        </Details>
      ) : (
        tables?.length === 0 && <p class="quiet">{words.noTables}</p>
      )}
      {listOf('model')}
      {listOf('figure')}
      {own.length + found.length === 0 && !hasTables && <p class="quiet">{words.nothingFound}</p>}
    </nav>
  )
}

interface Entry {
  id: string
  name: string
  isOpen: boolean
  onOpen: () => void
}

/** Entries to open, where there are any. */
function Group({ title, isOpen, entries }: { title: string; isOpen: boolean; entries: readonly Entry[] }) {
  if (entries.length === 0) return null
  return (
    <Details title={title} isOpen={isOpen}>
      <ul>
        {entries.map(({ id, name, isOpen, onOpen }) => (
          <li key={id}>
            <button type="button" aria-current={isOpen ? 'true' : undefined} onClick={onOpen}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </Details>
  )
}

function Details({ title, isOpen, children }: { title: string; isOpen: boolean; children: ComponentChildren }) {
  return (
    <details open={isOpen}>
      <summary>{title}</summary>
      {children}
    </details>
  )
}
