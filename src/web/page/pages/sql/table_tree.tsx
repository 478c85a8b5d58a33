import { ChevronRight } from 'lucide'
import { Fragment } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { inSql } from '../../../../settings/reserved.ts'
import type { Table } from '../../../api.ts'
import { useWords } from '../../language.ts'
import { Icon } from '../../parts/icon.tsx'
import { plain } from '../../plain.ts'
import { en, fr } from '../sql_words.ts'

/** A table of the tree, with the columns that are shown when it is open. */
interface Branch {
  table: Table
  columns: Table['columns']
  isOpen: boolean
}

/** The tables in which a text stands: in what they are called and mean, or in what their columns are. */
export function tablesWith(tables: readonly Table[], wanted: string): Omit<Branch, 'isOpen'>[] {
  const text = plain(wanted)
  const has = (...texts: (string | null)[]) => plain(texts.join(' ')).includes(text)
  return tables.flatMap((table) => {
    if (has(table.name, table.description)) return [{ table, columns: table.columns }]
    const columns = table.columns.filter(({ name, meaning }) => has(name, meaning))
    return columns.length === 0 ? [] : [{ table, columns }]
  })
}

/**
 * Tables and their columns with types and meanings. One stop of Tab: the arrows go through it, right and left open and
 * close, Enter inserts a name into the statement.
 */
export function TableTree({
  tables,
  wanted,
  canInsert,
  onInsert,
}: {
  tables: readonly Table[]
  wanted: string
  canInsert: boolean
  /** The editor takes the focus where somebody pointed at a name, and not where the keyboard is in the tree. */
  onInsert: (name: string, takesFocus: boolean) => void
}) {
  const words = useWords({ en, fr })
  const tree = useRef<HTMLDivElement>(null)
  const [opened, setOpened] = useState<readonly string[]>([])
  const [at, setAt] = useState('')
  const [told, setTold] = useState('')
  const branches = tablesWith(tables, wanted).map(
    (found): Branch => ({
      ...found,
      isOpen: opened.includes(found.table.name) || found.columns.length < found.table.columns.length,
    }),
  )
  const items = branches.flatMap(({ table, columns, isOpen }) => [
    { id: table.name, name: table.name, of: table.name },
    ...(isOpen ? columns.map(({ name }) => ({ id: `${table.name}.${name}`, name, of: table.name })) : []),
  ])
  const current = items.find(({ id }) => id === at) ?? items[0]

  const goTo = (id: string | undefined) => {
    if (id === undefined) return
    setAt(id)
    tree.current?.querySelector<HTMLElement>(`[data-item="${CSS.escape(id)}"]`)?.focus()
  }
  const setOpen = (table: string, isOpen: boolean) =>
    setOpened([...opened.filter((name) => name !== table), ...(isOpen ? [table] : [])])
  const insert = (name: string, takesFocus: boolean) => {
    if (!canInsert) return
    onInsert(inSql(name), takesFocus)
    setTold(words.inserted(name))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (current === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const { key } = event
    const place = items.indexOf(current)
    const isTable = current.id === current.of
    const isOpen = branches.some(({ table, isOpen }) => table.name === current.id && isOpen)
    if (key === 'ArrowDown') goTo(items[place + 1]?.id)
    else if (key === 'ArrowUp') goTo(items[place - 1]?.id)
    else if (key === 'Home') goTo(items[0]?.id)
    else if (key === 'End') goTo(items.at(-1)?.id)
    else if (key === 'ArrowRight' && isTable && !isOpen) setOpen(current.of, true)
    else if (key === 'ArrowRight' && isTable) goTo(items[place + 1]?.id)
    else if (key === 'ArrowLeft' && isTable) setOpen(current.of, false)
    else if (key === 'ArrowLeft') goTo(current.of)
    else if (key === 'Enter') insert(current.name, false)
    else if (key.length === 1 && key !== ' ') {
      const others = [...items.slice(place + 1), ...items.slice(0, place)]
      goTo(others.find(({ name }) => name.startsWith(key.toLowerCase()))?.id)
    } else return
    event.preventDefault()
  }
  const item = (id: string) => ({ 'data-item': id, onFocus: () => setAt(id) })
  const tabIndexOf = (id: string) => (id === current?.id ? 0 : -1)
  return (
    <>
      <div class="tables" role="tree" aria-label={words.tables} ref={tree} onKeyDown={onKeyDown}>
        {branches.map(({ table, columns, isOpen }) => (
          <Fragment key={table.name}>
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys */}
            <div
              role="treeitem"
              aria-level={1}
              aria-expanded={isOpen}
              title={canInsert ? words.insert(table.name) : undefined}
              onClick={() => (canInsert ? insert(table.name, true) : setOpen(table.name, !isOpen))}
              tabIndex={tabIndexOf(table.name)}
              {...item(table.name)}
            >
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys */}
              {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
              <span
                class="twist"
                onClick={(event) => {
                  event.stopPropagation()
                  setOpen(table.name, !isOpen)
                }}
              >
                <Icon of={ChevronRight} size={14} />
              </span>
              <span class="name">{table.name}</span>
              {isOpen && table.description !== null && <small>{table.description}</small>}
            </div>
            {isOpen &&
              columns.map(({ name, type, meaning, isPersonal }) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys
                <div
                  key={`${table.name}.${name}`}
                  role="treeitem"
                  aria-level={2}
                  title={canInsert ? words.insert(name) : undefined}
                  onClick={() => insert(name, true)}
                  tabIndex={tabIndexOf(`${table.name}.${name}`)}
                  {...item(`${table.name}.${name}`)}
                >
                  <span class="name">{name}</span>
                  <span class="type">
                    {type}
                    {isPersonal && ` · ${words.personal}`}
                  </span>
                  {meaning !== null && <small>{meaning}</small>}
                </div>
              ))}
          </Fragment>
        ))}
      </div>
      <p class="unseen" role="status">
        {told}
      </p>
    </>
  )
}
