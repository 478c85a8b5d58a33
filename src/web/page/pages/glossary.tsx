import { Table2, Waypoints } from 'lucide'
import { useEffect, useMemo } from 'preact/hooks'
import type { Query, Trust } from '../../api.ts'
import { useAddress } from '../address.ts'
import { useResource } from '../data.ts'
import { useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { Card } from '../parts/card.tsx'
import { Icon } from '../parts/icon.tsx'
import { PageHead, useTitle } from '../parts/page_frame.tsx'
import { LONGEST_SEARCH, SearchBox } from '../parts/search_box.tsx'
import { Empty, Loading, Trouble } from '../parts/states.tsx'
import { plain } from '../plain.ts'
import '../style/glossary.css'
import { en, fr } from './glossary_words.ts'

/** A table of gold, or a collection of silver, and what its columns mean. */
interface Entry {
  name: string
  isGold: boolean
  description: string | undefined
  /** A statement that gives its rows. */
  ask: string | undefined
  columns: readonly { name: string; meaning: string; isPersonal: boolean }[]
}

/** What tables and columns mean; the address has what is looked for (`search`), or the column that it leads to (`term`). */
export function Glossary() {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const { query, change } = useAddress()
  const { data, problem, retry } = useResource<Trust>('/api/trust')
  const { data: queries } = useResource<readonly Query[]>('/api/queries')
  const entries = useMemo(
    () => (data === undefined || queries === undefined ? undefined : entriesOf(data.lineage, queries)),
    [data, queries],
  )
  const search = (query['search'] ?? '').slice(0, LONGEST_SEARCH)
  const found = useMemo(() => (entries ?? []).flatMap((entry) => matching(entry, search)), [entries, search])
  const { term } = query
  useTitle(messages.pages.glossary)
  useEffect(() => {
    const place = term === undefined ? null : document.getElementById(idOf(term))
    place?.scrollIntoView({ block: 'center' })
    place?.focus({ preventScroll: true })
  }, [entries, term])
  const count = (of: readonly Entry[]) => format.integer(of.reduce((sum, { columns }) => sum + columns.length, 0))
  return (
    <>
      <PageHead page="glossary" />
      <div class="content">
        {problem !== undefined ? (
          <Trouble problem={problem} onRetry={retry} />
        ) : entries === undefined ? (
          <Loading height={420} />
        ) : (
          <>
            <div class="glossary-bar">
              <SearchBox
                label={words.search}
                value={search}
                onSearch={(text) => change({ search: text, term: undefined }, { replace: true })}
              />
              <p class="quiet number" role="status">
                {words.found(count(found), count(entries))}
              </p>
            </div>
            {found.length === 0 && <Empty>{words.nothing}</Empty>}
            {found.map((entry) => (
              <Terms key={`${entry.isGold} ${entry.name}`} entry={entry} term={term} />
            ))}
          </>
        )}
      </div>
    </>
  )
}

function Terms({
  entry: { name, isGold, description, ask, columns },
  term,
}: {
  entry: Entry
  term: string | undefined
}) {
  const words = useWords({ en, fr })
  const { link } = useAddress()
  const tools = (
    <>
      {ask !== undefined && (
        <a class="tool" href={link('sql', { sql: ask })} aria-label={words.rowsOf(name)}>
          <Icon of={Table2} />
          <span>{words.rows}</span>
        </a>
      )}
      {isGold && (
        <a class="tool" href={`${link('trust', { lineage: name })}#lineage`} aria-label={words.originOf(name)}>
          <Icon of={Waypoints} />
          <span>{words.origin}</span>
        </a>
      )}
    </>
  )
  return (
    <Card
      title={isGold ? name : words.silver(name)}
      note={isGold ? description && <span lang="en">{description}</span> : words.silverNote}
      tools={isGold ? tools : undefined}
      wide
    >
      <dl class="glossary" lang="en">
        {columns.map((column) => {
          const key = isGold ? `${name}.${column.name}` : `silver.${name}.${column.name}`
          return (
            <div key={key} id={idOf(key)} tabIndex={-1} class={key === term ? 'named' : undefined}>
              <dt>{column.name}</dt>
              <dd>
                {column.meaning}
                {column.isPersonal && <small class="faint"> ({words.personal})</small>}
              </dd>
            </div>
          )
        })}
      </dl>
    </Card>
  )
}

/** Where a column stands on the page. */
function idOf(term: string): string {
  return `term-${term}`
}

function entriesOf({ gold, silver }: Trust['lineage'], queries: readonly Query[]): Entry[] {
  const models = new Map(queries.flatMap((query) => (query.kind === 'model' ? [[query.name, query]] : [])))
  const tables = [...Map.groupBy(gold, ({ table }) => table)].map(([name, columns]): Entry => {
    const model = models.get(name)
    return {
      name,
      isGold: true,
      description: model?.title,
      ask: model?.ask ?? undefined,
      columns: columns.map(({ column, meaning }) => ({ name: column, meaning, isPersonal: false })),
    }
  })
  const collections = [...Map.groupBy(silver, ({ collection }) => collection)].map(
    ([name, columns]): Entry => ({
      name,
      isGold: false,
      description: undefined,
      ask: undefined,
      columns: columns.map(({ column, meaning, personal }) => ({ name: column, meaning, isPersonal: personal })),
    }),
  )
  return [...tables, ...collections]
}

/** What of an entry fits all words that are looked for: all of it where its name or description does. */
function matching(entry: Entry, search: string): Entry[] {
  const parts = plain(search)
    .split(/\s+/)
    .filter((part) => part !== '')
  const fits = (...texts: readonly string[]) => {
    const all = plain(texts.join(' '))
    return parts.every((part) => all.includes(part))
  }
  const { name, description = '' } = entry
  if (fits(name, name.replaceAll('_', ' '), description)) return [entry]
  const columns = entry.columns.filter((column) =>
    fits(name, column.name, column.name.replaceAll('_', ' '), column.meaning),
  )
  return columns.length === 0 ? [] : [{ ...entry, columns }]
}
