import { CircleStop, Copy, Play, Table2 } from 'lucide'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { fitsAddress } from '../../addresses.ts'
import type { Problem, Query, Result, Table } from '../../api.ts'
import { useAddress } from '../address.ts'
import { problemOf, request, useResource } from '../data.ts'
import { chartParameters, type KeptQuery, keptQueries, parametersOf } from '../kept_queries.ts'
import { useMessages, useWords } from '../language.ts'
import { Icon } from '../parts/icon.tsx'
import { PageHead, useTitle } from '../parts/page_frame.tsx'
import { Loading, Trouble } from '../parts/states.tsx'
import { useStatus } from '../status.ts'
import { asking } from '../token.ts'
import '../style/sql.css'
import { Editor, type EditorHandle } from './sql/editor.tsx'
import { Keeping } from './sql/keeping.tsx'
import { QueryList } from './sql/query_list.tsx'
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

/**
 * The address says what is open: `?question=1`, `?query=model/NAME`, `?kept=NAME`, or `?sql=…`; and how its rows are
 * drawn.
 */
function Workbench({ queries }: { queries: readonly Query[] }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const { query, change } = useAddress()
  const { status } = useStatus()
  const tables = useResource<readonly Table[]>('/api/tables')
  const kept = keptQueries.use().find(({ name }) => name === query['kept'])
  const open = openQuery(queries, query)
  const written = query['sql'] ?? kept?.sql ?? open?.sql ?? ''
  const [opened, setOpened] = useState({ text: written })
  // What is typed draws nothing anew but what follows from it.
  const text = useRef(written)
  const [isBlank, setIsBlank] = useState(written.trim() === '')
  const [isChanged, setIsChanged] = useState(false)
  const [isTooLong, setIsTooLong] = useState(false)
  const { result, problem, isRunning, asked, run, cancel } = useStatement()
  const editor = useRef<EditorHandle>(undefined)
  const isModel = open?.kind === 'model'
  const canAsk = status?.canAsk ?? true
  /** What the address has from the editor, where the reader may have written on since. */
  const own = useRef<string>(undefined)

  const typed = (sql: string) => {
    text.current = sql
    setIsBlank(sql.trim() === '')
    setIsChanged(kept !== undefined && sql !== kept.sql)
  }
  const show = (sql: string) => {
    typed(sql)
    setOpened({ text: sql })
    setIsTooLong(false)
  }
  // Whoever made an address, what it names is shown, and waits: only the reader runs it.
  useLayoutEffect(() => {
    if (written === own.current) return
    own.current = undefined
    show(written)
    if (asked() !== (open === undefined ? written : statementOf(open))) cancel()
  }, [written])
  useLayoutEffect(() => setIsChanged(kept !== undefined && text.current !== kept.sql), [kept])

  const ask = (sql: string) => {
    if (canAsk && sql.trim() !== '') run(sql)
  }
  const openOther = (query: Query) => {
    change({ ...nothingOpen, query: `${query.kind}/${query.name}` })
    show(query.sql)
    ask(statementOf(query))
  }
  const openKept = (query: KeptQuery) => {
    change({ ...nothingOpen, ...parametersOf(query) })
    show(query.sql)
    ask(query.sql)
  }
  /** Puts a statement of the reader's own into the address, where there is room. */
  const write = (sql: string, replace = false) => {
    const fits = fitsAddress(sql)
    setIsTooLong(!fits)
    if (fits) change({ sql, query: undefined, question: undefined }, { replace })
  }
  const askTable = (sql: string) => {
    write(sql)
    ask(sql)
  }
  const runText = () => {
    const sql = text.current
    if (open !== undefined && isModel) return ask(statementOf(open))
    if (sql !== written) {
      own.current = sql
      write(sql, true)
    }
    ask(sql)
  }
  const insert = (name: string, takesFocus: boolean) => {
    editor.current?.insert(name)
    if (takesFocus) editor.current?.focus()
  }
  const isElsewhere = query['kept'] !== undefined && kept === undefined && query['sql'] === undefined
  return (
    <div class="workbench">
      <QueryList
        queries={queries}
        tables={tables}
        open={open}
        kept={kept}
        canInsert={!isModel}
        onOpen={openOther}
        onOpenKept={openKept}
        onInsert={insert}
      />
      <div class="bench">
        <div class="bench-head">
          <div>
            <h2>{kept?.name ?? (open && messages.told(open.title)) ?? words.own}</h2>
            <p class="quiet">
              {isElsewhere
                ? words.keptElsewhere(query['kept'] ?? '')
                : isModel
                  ? words.modelNote
                  : open === undefined
                    ? words.limits
                    : messages.told(open.note.replaceAll('\n', ' '))}
            </p>
          </div>
          <div class="actions">
            {isModel ? (
              <button type="button" class="button" onClick={() => askTable(statementOf(open))}>
                <Icon of={Table2} /> {words.askTable}
              </button>
            ) : (
              <>
                {open !== undefined && (
                  <button type="button" class="button" onClick={() => write(text.current)}>
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
                    onClick={runText}
                    disabled={!canAsk || isBlank}
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
          opened={opened}
          isReadOnly={isModel}
          tables={tables.data ?? noTables}
          asked={asked()}
          position={problem?.position}
          handle={editor}
          onChange={typed}
          onRun={runText}
        />
        {!isModel && (
          <Keeping
            key={kept?.name}
            open={kept}
            isChanged={isChanged}
            isBlank={isBlank}
            textOf={() => text.current}
            onAddress={(sql) => {
              own.current = sql
            }}
          />
        )}
        {isTooLong && <p class="quiet">{words.tooLong}</p>}
        {!canAsk && <p class="warning">{words.notAllowed}</p>}
        {problem !== undefined ? (
          <Trouble problem={problem} />
        ) : result !== undefined ? (
          <ResultView
            result={result}
            sql={asked() ?? ''}
            name={kept?.name ?? open?.name.replace('/', '-') ?? 'result'}
          />
        ) : isRunning ? (
          <Loading height={240} />
        ) : (
          canAsk && <p class="quiet">{words.waits}</p>
        )}
      </div>
    </div>
  )
}

const noTables: readonly Table[] = []

/** What of an address is of the statement that is open. */
const nothingOpen: Readonly<Record<string, undefined>> = Object.fromEntries(
  ['kept', 'query', 'question', 'sql', ...chartParameters].map((name) => [name, undefined]),
)

function openQuery(
  queries: readonly Query[],
  { query, question, sql, kept }: Readonly<Record<string, string>>,
): Query | undefined {
  if (sql !== undefined || kept !== undefined) return undefined
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
      const result = await request<Result>('/api/sql', { ...asking({ sql }), signal: own.signal })
      if (!own.signal.aborted) setState({ result, isRunning: false })
    } catch (error) {
      if (!own.signal.aborted) setState({ problem: problemOf(error), isRunning: false })
    }
  }
  useEffect(() => () => abort.current?.abort(), [])
  return { ...state, asked: () => asked.current, run, cancel }
}
