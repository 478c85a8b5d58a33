import { CircleCheck, CircleX, Copy, X } from 'lucide'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { filtersOf, type Place } from '../../addresses.ts'
import type { ExplainedValue, Explanation } from '../../explanation.ts'
import { useAddress } from '../address.ts'
import { useResource } from '../data.ts'
import { explanationAddress, namesOf, type Target, targetOf, useOpening, wholeTables } from '../explain.ts'
import { written } from '../explained_value.ts'
import { useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { useChosen } from '../narrowing.ts'
import { en as trustEn, fr as trustFr } from '../pages/trust_words.ts'
import '../style/explain.css'
import { authorization } from '../token.ts'
import { en, fr } from './explain_words.ts'
import { Icon } from './icon.tsx'
import { Part } from './part.tsx'
import { RecordsPart } from './records_part.tsx'
import { Loading, Trouble } from './states.tsx'
import { WhyPart } from './why_part.tsx'

/** Where the number comes from that the address names, over the page that it stands on. */
export function ExplainPanel() {
  const { target: text, close } = useOpening()
  const target = text === undefined ? undefined : targetOf(text)
  return target === undefined ? null : <Panel key="panel" target={target} onClose={close} />
}

function Panel({ target, onClose }: { target: Target; onClose: () => void }) {
  const words = useWords({ en, fr })
  const place = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const label = useId()
  const title = useTitleOf(target)
  const { filters } = useAddress()
  useEffect(() => {
    const dialog = place.current
    const before = document.activeElement
    dialog?.showModal()
    return () => {
      dialog?.close()
      // Who came by the address goes on with the page.
      const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body
      const next = isThere ? before : document.getElementById('content')
      next?.focus({ preventScroll: true })
    }
  }, [])
  // What is opened from within is read from its beginning.
  useEffect(() => {
    heading.current?.focus()
    place.current?.scrollTo({ top: 0 })
  }, [title])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      class="explanation"
      ref={place}
      aria-labelledby={label}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose()
      }}
    >
      <div class="explanation-inner">
        <header>
          <div>
            <p class="quiet">{words.subjects[target.subject] ?? words.row(target.subject)}</p>
            <h2 id={label} ref={heading} tabIndex={-1}>
              {title}
            </h2>
          </div>
          <button type="button" class="tool" onClick={onClose} aria-label={words.close}>
            <Icon of={X} size={18} />
          </button>
        </header>
        {filters.asOf === undefined ? (
          <Content key={`${target.subject}:${target.key}`} target={target} />
        ) : (
          <p>{words.asOf}</p>
        )}
      </div>
    </dialog>
  )
}

/** What it is that is explained, in the reader's words. */
function useTitleOf({ subject, key, own }: Target): string {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  if (subject === 'figure') {
    const [page, column = ''] = key.split('.')
    const shown = Object.entries(messages.pages).find(([name]) => name === page)?.[1] ?? page
    return `${nameOf(column, words)} · ${shown}`
  }
  const thing = /^(month|monthly_revenue)$/.test(subject) ? format.month(key) : messages.known(key)
  return [thing, ...Object.values(own).map((name) => messages.known(name ?? ''))].join(' · ')
}

function Content({ target }: { target: Target }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const { path } = useLocation()
  const { filters } = useAddress()
  const { column } = useOpening()
  const page = pageAt(path)
  const [records, setRecords] = useState<number>()
  const { data, problem, isLoading, retry } = useResource<Explanation>(
    explanationAddress(page, target, filters, records),
    authorization(),
  )
  if (problem !== undefined) return <Trouble problem={problem} onRetry={retry} />
  // What is still there may be of another choice; more records are of the same number.
  if (data === undefined || (isLoading && records === undefined)) return <Loading height={360} />
  const pointedAt = column ?? (target.subject === 'figure' ? target.key.split('.')[1] : undefined)
  return (
    <div data-explained={`${target.subject}:${target.key}`}>
      <Value data={data} target={target} column={pointedAt} />
      <Months data={data} />
      {data.silver.map((set) => (
        <RecordsPart key={set.collection} set={set} />
      ))}
      {records === undefined && data.silver.some(({ documents, records }) => documents > records.length) && (
        <p>
          <button type="button" class="button" onClick={() => setRecords(MOST_RECORDS)}>
            {words.showRecords(format.integer(MOST_RECORDS))}
          </button>
        </p>
      )}
      <Unseen data={data} />
      <Checks data={data} />
      <Sql data={data} />
    </div>
  )
}

/** As many records are listed where somebody wants more. */
const MOST_RECORDS = 200

/** The filters of a page that is none of figures are those of none; a product has the overview's. */
function pageAt(path: string): Place {
  const name = path.slice(1)
  return name === 'customers' ||
    name === 'products' ||
    name === 'campaigns' ||
    name === 'countries' ||
    name === 'explore'
    ? name
    : name === '' || name === 'product'
      ? 'overview'
      : 'trust'
}

function nameOf(column: string, words: typeof en): string {
  return words.columns[column] ?? column
}

/** The number that was pointed at, or else the first that is no name; and what stands beside it. */
function Value({ data, target, column }: { data: Explanation; target: Target; column: string | undefined }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const { open } = useOpening()
  const isFigure = data.subject === 'figure'
  const numbers = data.row.filter(({ isNumber }) => isNumber)
  const named = namesOf(column ?? 'revenue')
  const found = named.flatMap((name) => data.row.find((value) => value.column === name) ?? []).at(0)
  const total = data.silver
    .flatMap(({ totals }) => totals)
    .find((total) => found === undefined && total.column === column)
  const main = found ?? (column === undefined ? numbers[0] : undefined)
  const others = data.row.filter((value) => value !== main && (!isFigure || !value.column.startsWith('previous_')))
  const meaningOf = (value: ExplainedValue) =>
    (isFigure ? words.figureMeanings[data.key.value] : words.meanings[value.column]) ?? value.meaning
  const whole =
    data.subject === 'sales' && Object.keys(target.own).length === 0 ? wholeTables[target.subject] : undefined
  return (
    <>
      {data.subject === 'sales' && (
        <p class="quiet">
          {words.someSales}: {data.key.value}
        </p>
      )}
      {main !== undefined ? (
        <div class="explained-value" data-column={main.column}>
          <p class="quiet">{nameOf(main.column, words)}</p>
          <p class="kpi-value number">{written(main.column, main.value, format)}</p>
          <p>{meaningOf(main)}</p>
          {!isFigure && <Verdict value={main} data={data} />}
        </div>
      ) : total !== undefined ? (
        <div class="explained-value" data-column={total.column}>
          <p class="quiet">{nameOf(total.column, words)}</p>
          <p class="kpi-value number">{format.number(total.sum)}</p>
          <p>{words.fromSums}</p>
        </div>
      ) : (
        <p>{words.notHere}</p>
      )}
      <p class="ways">
        <Closer target={target} />
        {whole !== undefined && (
          <button type="button" class="button" onClick={() => open(`${whole}:${target.key}`, column)}>
            {words.whole}
          </button>
        )}
      </p>
      {!isFigure && data.subject !== 'sales' && <WhyPart data={data} target={target} main={main} />}
      {others.length > 0 && !isFigure && (
        <Part title={words.beside} name="beside">
          <dl class="explained-row">
            {others.map((value) => (
              <div key={value.column} data-column={value.column}>
                <dt title={meaningOf(value)}>{nameOf(value.column, words)}</dt>
                <dd class="number">
                  {messages.known(written(value.column, value.value, format))}
                  {!value.agrees && <Verdict value={value} data={data} />}
                </dd>
              </div>
            ))}
          </dl>
        </Part>
      )}
    </>
  )
}

/** Narrows the page beneath to the product or the country that a number is of, and leads to a page of it alone. */
function Closer({ target: { subject, key, own } }: { target: Target }) {
  const messages = useMessages()
  const { path } = useLocation()
  const { thing } = useAddress()
  const { add, of } = useChosen()
  const named = subject === 'product' || subject === 'country' ? { [subject]: key } : own
  const takes = filtersOf[pageAt(path)]
  const ways = Object.entries(named).filter(
    ([filter, value]) => takes.some((name) => name === filter) && !of(filter).includes(value),
  )
  return (
    <>
      {ways.map(([filter, value]) => (
        <button key={filter} type="button" class="button" onClick={() => add(filter, value)}>
          {messages.only(messages.known(value))}
        </button>
      ))}
      {(subject === 'customer' || subject === 'product' || subject === 'campaign') && (
        <a class="button" href={thing(subject, key)}>
          {messages.pageOf(messages.known(key))}
        </a>
      )}
    </>
  )
}

/** Whether the records of silver give the same by themselves. */
function Verdict({ value, data }: { value: ExplainedValue; data: Explanation }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  if (value.workedOut === undefined) return <p class="quiet">{words.notWorkedOut}</p>
  return (
    <p class={value.agrees ? 'agrees' : 'differs'}>
      <Icon of={value.agrees ? CircleCheck : CircleX} size={15} />{' '}
      {value.agrees
        ? words.agrees
        : `${words.differs(written(value.column, value.workedOut, format))} ${data.silverIsNewer ? words.newer : words.byHand}`}
    </p>
  )
}

/** What a figure is made of: each month leads on to its records. */
function Months({ data }: { data: Explanation }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const { open } = useOpening()
  if (data.months.length === 0) return null
  const column = data.row[0]?.column ?? ''
  return (
    <Part title={words.months} name="months">
      <p class="quiet">{words.monthsNote}</p>
      <ul class="explained-months">
        {data.months.map(({ month, value }) => (
          <li key={month}>
            <button
              type="button"
              class="explains"
              title={messages.explain}
              onClick={() => open(`month:${month}`, column)}
            >
              {format.month(month)}
            </button>
            <span class="number">{written(column, value, format)}</span>
          </li>
        ))}
      </ul>
    </Part>
  )
}

/** What is left out of it. */
function Unseen({ data: { outside, leftOut, silver } }: { data: Explanation }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const unknown = silver.flatMap(({ documents, summed }) => (documents > summed ? [documents - summed] : []))
  const told = [
    ...unknown.map((count) => words.unknownAmount(format.integer(count))),
    ...outside.map(({ part, revenue, transactions }) =>
      words.outside(words.parts[part] ?? part, format.money(revenue), format.integer(transactions)),
    ),
    ...(leftOut.length > 0 ? [words.leftOut(leftOut.join(', '))] : []),
  ]
  return (
    <Part title={words.unknown} name="unknown">
      {told.length === 0 ? <p>{words.nothingUnknown}</p> : told.map((text) => <p key={text}>{text}</p>)}
    </Part>
  )
}

function Checks({ data: { checks } }: { data: Explanation }) {
  const words = useWords({ en, fr })
  const trust = useWords({ en: trustEn, fr: trustFr })
  const format = useFormat()
  const failed = checks?.failed ?? []
  return (
    <Part title={words.checks} name="checks">
      <p>
        {checks === null
          ? words.noChecks
          : failed.length === 0
            ? words.checksPassed(format.integer(checks.all))
            : words.checksFailed(format.integer(failed.length), format.integer(checks.all))}
      </p>
      <ul>
        {failed.map(({ name, severity, detail }) => (
          <li key={name} class={severity === 'error' ? 'differs' : undefined}>
            {trust.guards[name] ?? name}
            {trust.colon} {trust.guardDetail(detail)}
          </li>
        ))}
      </ul>
    </Part>
  )
}

function Sql({ data: { sql, subject } }: { data: Explanation }) {
  const words = useWords({ en, fr })
  const { link } = useAddress()
  const [isCopied, setIsCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(sql.text)
    setIsCopied(true)
  }
  return (
    <Part title={words.sql} name="sql">
      <details>
        <summary>{sql.file}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <section class="sql-text" tabIndex={0} aria-label={sql.file}>
          <pre>{sql.text.trim()}</pre>
        </section>
      </details>
      <p class="tools">
        <button type="button" class="tool" onClick={copy}>
          <Icon of={Copy} /> <span role="status">{isCopied ? words.copied : words.copy}</span>
        </button>
        {/* What a model is made of is not in PostgreSQL. */}
        {(subject === 'sales' || subject === 'figure') && (
          <a class="tool" href={link('sql', { sql: sql.text })}>
            {words.openSql}
          </a>
        )}
      </p>
    </Part>
  )
}
