import { CircleStop, Copy, Play, Search, Table2 } from 'lucide'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Problem, Query, Result } from '../../api.ts'
import { useAddress } from '../address.ts'
import { problemOf, request, useResource } from '../data.ts'
import { useMessages, useWords } from '../language.ts'
import { Icon } from '../parts/icon.tsx'
import { PageHead, useTitle } from '../parts/page_frame.tsx'
import { Loading, Trouble } from '../parts/states.tsx'
import { useStatus } from '../status.ts'
import { authorization } from '../token.ts'
import '../style/sql.css'
import { Editor } from './sql/editor.tsx'
import { ResultView } from './sql/result_view.tsx'
import { en, fr } from './sql_words.ts'

/** The questions, the models and the figures as they are written, and statements of one's own. */
export function Sql() {
  const messages = useMessages()
  const { data: queries, problem, retry } = useResource<readonly Query[]>('/api/queries')
  useTitle(messages.pages.sql)
  return (
    <>
      <PageHead page="sql" />
      {problem !== undefined ? (
        <Trouble problem={problem} onRetry={retry} />
      ) : queries === undefined ? (
        <Loading height={420} />
      ) : (
        <Workbench queries={queries} />
      )}
    </>
  )
}

/** The address says what is open: `?question=1`, `?query=model/NAME`, or `?sql=…`. */
function Workbench({ queries }: { queries: readonly Query[] }) {
  const words = useWords({ en, fr })
  const { query, change } = useAddress()
  const { status } = useStatus()
  const open = openQuery(queries, query)
  const written = query['sql'] ?? open?.sql ?? ''
  const [text, setText] = useState(written)
  const [opened, setOpened] = useState({ text: written })
  const { result, problem, isRunning, asked, run, cancel } = useStatement()
  const tables = useTables(queries)
  const isModel = open?.kind === 'model'
  const canAsk = status?.canAsk ?? true
  /** What the address has from the editor, where the reader may have written on since. */
  const own = useRef<string>(undefined)

  const show = (sql: string) => {
    setText(sql)
    setOpened({ text: sql })
  }
  // Whoever made an address, what it names is shown, and waits: only the reader runs it.
  useLayoutEffect(() => {
    if (written === own.current) return
    own.current = undefined
    show(written)
    if (asked() !== (open === undefined ? written : statementOf(open))) cancel()
  }, [written])

  const ask = (sql: string) => {
    if (canAsk && sql.trim() !== '') run(sql)
  }
  const openOther = (query: Query) => {
    change({ query: `${query.kind}/${query.name}`, question: undefined, sql: undefined })
    show(query.sql)
    ask(statementOf(query))
  }
  const write = (sql: string) => change({ sql, query: undefined, question: undefined })
  const askTable = (sql: string) => {
    write(sql)
    ask(sql)
  }
  const runText = (sql: string) => {
    if (open !== undefined && isModel) return ask(statementOf(open))
    if (sql !== written) {
      own.current = sql
      change({ sql, query: undefined, question: undefined }, { replace: true })
    }
    ask(sql)
  }
  return (
    <div class="workbench">
      <QueryList queries={queries} open={open} onOpen={openOther} />
      <div class="bench">
        <div class="bench-head">
          <div>
            <h2>{open?.title ?? words.own}</h2>
            <p class="quiet">{isModel ? words.modelNote : (open?.note ?? words.limits)}</p>
          </div>
          <div class="actions">
            {isModel ? (
              <button type="button" class="button" onClick={() => askTable(statementOf(open))}>
                <Icon of={Table2} /> {words.askTable}
              </button>
            ) : (
              <>
                {open !== undefined && (
                  <button type="button" class="button" onClick={() => write(text)}>
                    <Icon of={Copy} /> {words.edit}
                  </button>
                )}
                {isRunning ? (
                  <button type="button" class="button" onClick={cancel}>
                    <Icon of={CircleStop} /> {words.cancel}
                  </button>
                ) : (
                  <button
                    type="button"
                    class="button main"
                    onClick={() => runText(text)}
                    disabled={!canAsk || text.trim() === ''}
                    title={words.hint}
                  >
                    <Icon of={Play} /> {words.run}
                  </button>
                )}
              </>
            )}
          </div>
        </div>
        <Editor
          label={words.statement}
          opened={opened}
          isReadOnly={isModel}
          tables={tables}
          position={problem?.position}
          onChange={setText}
          onRun={runText}
        />
        {!canAsk && <p class="warning">{words.notAllowed}</p>}
        {problem !== undefined ? (
          <Trouble problem={problem} />
        ) : result !== undefined ? (
          <ResultView result={result} name={open?.name.replace('/', '-') ?? 'result'} />
        ) : isRunning ? (
          <Loading height={240} />
        ) : (
          canAsk && <p class="quiet">{words.waits}</p>
        )}
      </div>
    </div>
  )
}

function openQuery(
  queries: readonly Query[],
  { query, question, sql }: Readonly<Record<string, string>>,
): Query | undefined {
  if (sql !== undefined) return undefined
  if (query !== undefined) return queries.find(({ kind, name }) => `${kind}/${name}` === query)
  return queries.find(({ kind, name }) => kind === 'question' && name.startsWith(`${question ?? 1}_`))
}

/** What is put to PostgreSQL of a query: a model is not for it, but its table is there. */
function statementOf({ ask, sql }: Query): string {
  return ask ?? sql
}

/** Puts statements to gold, one at a time; a newer one takes the place of the one under way. */
function useStatement() {
  const [state, setState] = useState<{ result?: Result; problem?: Problem; isRunning: boolean }>({ isRunning: false })
  const abort = useRef<AbortController>(undefined)
  const asked = useRef<string>(undefined)
  const cancel = () => {
    abort.current?.abort()
    asked.current = undefined
    setState({ isRunning: false })
  }
  const run = async (sql: string) => {
    abort.current?.abort()
    const own = new AbortController()
    abort.current = own
    asked.current = sql
    setState({ isRunning: true })
    try {
      const result = await request<Result>('/api/sql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization() },
        body: JSON.stringify({ sql }),
        signal: own.signal,
      })
      if (!own.signal.aborted) setState({ result, isRunning: false })
    } catch (error) {
      if (!own.signal.aborted) setState({ problem: problemOf(error), isRunning: false })
    }
  }
  useEffect(() => () => abort.current?.abort(), [])
  return { ...state, asked: () => asked.current, run, cancel }
}

/** The tables of gold and their columns; PostgreSQL knows both. */
function useTables(queries: readonly Query[]): Readonly<Record<string, readonly string[]>> {
  return useMemo(() => {
    const models = queries.filter(({ kind }) => kind === 'model')
    return Object.fromEntries(models.map(({ name, columns }) => [name, columns]))
  }, [queries])
}

function QueryList({
  queries,
  open,
  onOpen,
}: {
  queries: readonly Query[]
  open: Query | undefined
  onOpen: (query: Query) => void
}) {
  const words = useWords({ en, fr })
  const [wanted, setWanted] = useState('')
  const kinds = ['question', 'model', 'figure'] as const
  const isFound = ({ name, title }: Query) => `${name} ${title}`.toLowerCase().includes(wanted.toLowerCase())
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
      {kinds.map((kind) => {
        const found = queries.filter((query) => query.kind === kind && isFound(query))
        if (found.length === 0) return null
        return (
          <details key={kind} open={kind !== 'figure' || wanted !== '' || open?.kind === 'figure'}>
            <summary>{words.groups[kind]}</summary>
            <ul>
              {found.map((query) => (
                <li key={query.name}>
                  <button
                    type="button"
                    aria-current={query === open ? 'true' : undefined}
                    onClick={() => onOpen(query)}
                  >
                    {kind === 'question' ? query.title : query.name}
                  </button>
                </li>
              ))}
            </ul>
          </details>
        )
      })}
    </nav>
  )
}
