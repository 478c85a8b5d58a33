import { Bookmark, BookmarkMinus, FileCode, PencilLine, Save } from 'lucide'
import { useState } from 'preact/hooks'
import { useAddress } from '../../address.ts'
import { download, textFile } from '../../charts/export.ts'
import { chartParameters, type KeptQuery, keptQueries, parametersOf } from '../../kept_queries.ts'
import { useWords } from '../../language.ts'
import { Icon } from '../../parts/icon.tsx'
import { Naming } from '../../parts/naming.tsx'
import { en, fr } from '../sql_words.ts'
import { questionFile } from './question_file.ts'

/** What the address says of how rows are drawn. */
export function chartIn(query: Readonly<Record<string, string>>): KeptQuery['chart'] {
  return Object.fromEntries(chartParameters.flatMap((name) => (query[name] ? [[name, query[name]]] : [])))
}

/** Keeps a statement under a name, with its chart; changes, renames and deletes the one that is open. */
export function Keeping({
  open,
  isChanged,
  isBlank,
  textOf,
  onAddress,
}: {
  /** The kept query that is open. */
  open: KeptQuery | undefined
  /** Whether the editor has another text than that. */
  isChanged: boolean
  isBlank: boolean
  textOf: () => string
  /** Told before the address has another one of the editor's own statements. */
  onAddress: (sql: string) => void
}) {
  const words = useWords({ en, fr })
  const { query, change } = useAddress()
  const others = keptQueries.use().filter((other) => other !== open)
  const [naming, setNaming] = useState<'keep' | 'rename'>()
  const isDrawnOtherwise = chartParameters.some(
    (parameter) => (query[parameter] ?? undefined) !== open?.chart[parameter],
  )
  const keep = (name: string, sql: string) => {
    const kept = { name, sql, chart: chartIn(query) }
    keptQueries.keep(kept)
    onAddress(sql)
    const { sql: written } = parametersOf(kept)
    change({ kept: name, sql: written, query: undefined, question: undefined }, { replace: true })
  }
  const end = (wanted: string | undefined) => {
    if (wanted !== undefined) {
      keep(wanted, naming === 'rename' && open !== undefined ? open.sql : textOf())
      if (naming === 'rename' && open !== undefined && open.name !== wanted) keptQueries.forget(open.name)
    }
    setNaming(undefined)
  }
  const forget = () => {
    if (open === undefined) return
    const sql = textOf()
    onAddress(sql)
    change({ kept: undefined, sql: parametersOf({ ...open, sql })['sql'] }, { replace: true })
    keptQueries.forget(open.name)
  }
  const saveFile = () => {
    const { name, text } = questionFile(open?.name ?? '', textOf())
    download(name, textFile(text, 'application/sql'))
  }
  if (naming !== undefined) {
    return (
      <Naming label={words.keptName} save={words.save} before={open?.name ?? ''} onEnd={end}>
        {(name) => (
          <p class="quiet" role="status">
            {others.some((other) => other.name === name) && words.replaces}
          </p>
        )}
      </Naming>
    )
  }
  return (
    <div class="keeping">
      {open === undefined ? (
        <button type="button" class="tool" disabled={isBlank} onClick={() => setNaming('keep')}>
          <Icon of={Bookmark} />
          <span>{words.keep}</span>
        </button>
      ) : (
        <>
          {(isChanged || isDrawnOtherwise) && (
            <button type="button" class="tool" disabled={isBlank} onClick={() => keep(open.name, textOf())}>
              <Icon of={Save} />
              <span>{words.keepChanges}</span>
            </button>
          )}
          <button type="button" class="tool" onClick={() => setNaming('rename')}>
            <Icon of={PencilLine} />
            <span>{words.rename}</span>
          </button>
          <button type="button" class="tool" onClick={forget}>
            <Icon of={BookmarkMinus} />
            <span>{words.forget}</span>
          </button>
          <button type="button" class="tool" title={words.asQuestionHint} onClick={saveFile}>
            <Icon of={FileCode} />
            <span>{words.asQuestion}</span>
          </button>
        </>
      )}
    </div>
  )
}
