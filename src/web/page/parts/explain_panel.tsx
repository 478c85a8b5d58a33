import { CircleCheck, CircleX, Copy, X } from 'lucide'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { filtersOf, type Place } from '../../addresses.ts'
import { BETWEEN, type Cell, cellNamed, keyParts } from '../../cells.ts'
import type { ExplainedValue, Explanation } from '../../explanation.ts'
import { useAddress } from '../address.ts'
import { useResource } from '../data.ts'
import { explanationAddress, namesOf, type Target, targetOf, useOpening, wholeTables } from '../explain.ts'
import { written } from '../explained_value.ts'
import { useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { useChosen } from '../narrowing.ts'
import { en as customersEn, fr as customersFr } from '../pages/customers_words.ts'
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
  const label = useLabels()
  if (subject === 'figure') {
    const [page, column = ''] = key.split('.')
    const shown = Object.entries(messages.pages).find(([name]) => name === page)?.[1] ?? page
    return `${nameOf(column, words)} · ${shown}`
  }
  const cell = subject === 'cell' ? cellNamed(key) : undefined
  if (cell !== undefined) return [nameOf(cell.column, words), ...label(keyParts(cell))].join(' · ')
  const [from = '', to = from] = key.split('..')
  const isOfTime = /^(month|sales|monthly_revenue)$/.test(subject)
  // A month that is a row of gold is named by its first day.
  const isSpan = subject === 'sales' && !isMonth(key)
  const thing = isSpan ? format.span(from, to) : isOfTime ? format.month(key) : messages.known(key)
  return [thing, ...Object.values(own).map((name) => messages.known(name ?? ''))].join(' · ')
}

/** The values of the key of a row, as people read them; that a customer is known goes without saying. */
function useLabels(): (key: readonly (readonly [column: string, value: string])[]) => string[] {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const { kinds } = useWords({ en: customersEn, fr: customersFr })
  return (key) => {
    const said = key.flatMap(([column, value]) => {
      if (value === '' || value === 'customer known') return []
      if (isMonth(value)) return format.month(value)
      // A number says nothing by itself.
      if (/^-?\d+(\.\d+)?$/.test(value) && words.columns[column] !== undefined)
        return `${nameOf(column, words).toLowerCase()} ${written(column, value, format)}`
      return (column === 'segment' ? kinds[value]?.[0] : undefined) ?? messages.known(value)
    })
    return [...new Set(said)]
  }
}

const isMonth = (text: string) => /^\d{4}-\d\d$/.test(text)

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
  const named = target.subject === 'figure' ? target.key.split('.')[1] : cellNamed(target.key)?.column
  return (
    <div data-explained={`${target.subject}:${target.key}`}>
      <Value data={data} target={target} column={column ?? named} />
      <Months data={data} />
      <Leads data={data} target={target} />
      <GoldParts data={data} />
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
  const now = column.replace(/^previous_/, '')
  const name = words.columns[now] ?? now
  return now === column ? name : words.previous(name)
}

/** The number that was pointed at, or else the first that is no name; and what stands beside it. */
function Value({ data, target, column }: { data: Explanation; target: Target; column: string | undefined }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const { open } = useOpening()
  const label = useLabels()
  const isCell = data.subject === 'cell'
  const isFigure = data.subject === 'figure' || isCell
  const numbers = data.row.filter(({ isNumber }) => isNumber)
  const named = namesOf(column ?? 'revenue')
  const found = named.flatMap((name) => data.row.find((value) => value.column === name) ?? []).at(0)
  const total = data.silver
    .flatMap(({ totals }) => totals)
    .find((total) => found === undefined && total.column === column)
  const main = found ?? (column === undefined ? numbers[0] : undefined)
  const others = data.row.filter((value) => value !== main && value.value !== 'customer known')
  const meaningOf = ({ column, meaning }: ExplainedValue) =>
    (isCell
      ? cellMeaning(target.key, column, words)
      : isFigure
        ? words.figureMeanings[data.key.value]
        : words.meanings[column]) ?? meaning
  const shown = ({ column, value }: ExplainedValue) =>
    isCell && value !== null && column === 'segment' ? label([[column, value]]).join() : written(column, value, format)
  const isRow = target.subject !== 'sales' || isMonth(target.key)
  const whole =
    data.subject === 'sales' && isRow && Object.keys(target.own).length === 0 ? wholeTables[target.subject] : undefined
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
          <p>
            {meaningOf(main)} <Term data={data} column={main.column} />
          </p>
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
      {others.length > 0 && data.subject !== 'figure' && (
        <Part title={words.beside} name="beside">
          <dl class="explained-row">
            {others.map((value) => (
              <div key={value.column} data-column={value.column}>
                <dt title={meaningOf(value)}>{nameOf(value.column, words)}</dt>
                <dd class="number">
                  {messages.known(shown(value))}
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

/** The way to what a column of gold means, among the others. */
function Term({ data: { subject, table }, column }: { data: Explanation; column: string }) {
  const messages = useMessages()
  const { link } = useAddress()
  if (['sales', 'figure', 'cell'].includes(subject)) return null
  return <a href={link('glossary', { term: `${table}.${column}` })}>{messages.pages.glossary}</a>
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
  // The row of gold that a month has tells no orders.
  const isOfOrders = column === 'orders' || column === 'average_order_value'
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
              onClick={() => open(`${isOfOrders ? 'sales' : 'month'}:${month}`, column)}
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

/** What a number of a figure is made of, or a part of: each leads on to its records. */
function Leads({ data, target }: { data: Explanation; target: Target }) {
  const words = useWords({ en, fr })
  const label = useLabels()
  const { open } = useOpening()
  const { filters } = useAddress()
  const cell = data.subject === 'cell' ? cellNamed(target.key) : undefined
  if (cell === undefined) return null
  const textOf = (name: string) => data.row.find(({ column }) => column === name)?.value ?? null
  // A share is of all products, also where one is chosen.
  const isOfAll = cell.column === 'share_pct' && cell.page !== 'customers' && filters.product === undefined
  const leads = [
    // What it was in another period is no number of this one.
    ...(/^(previous_|change_pct)/.test(cell.column) ? [] : leadOf(cell, textOf)),
    ...(isOfAll ? [`figure:${cell.page}.revenue`] : []),
  ]
  const nameOfLead = (lead: string) =>
    lead.startsWith('figure:')
      ? nameOf('revenue', words)
      : label([['', Object.values(targetOf(lead)?.own ?? {})[0] ?? targetOf(lead)?.key ?? '']]).join()
  if (leads.length === 0) return null
  return (
    <Part title={words.leads} name="leads">
      <p class="ways">
        {leads.map((lead) => (
          <button key={lead} type="button" class="button" onClick={() => open(lead)}>
            {words.explainThat(nameOfLead(lead))}
          </button>
        ))}
      </p>
    </Part>
  )
}

/** What is explained of the sales or the customer that a row of a figure is of. */
function leadOf({ page }: Cell, textOf: (column: string) => string | null): string[] {
  const customer = textOf('customer_id')
  if (customer !== null) return [`customer:${customer}`]
  const month = textOf('month')
  for (const name of ['product', 'country'] as const) {
    const value = textOf(name)
    if (value === null) continue
    // No row of gold is of several, or of nobody known, whom the overview has among those of no known country.
    const isOfNobody = name === 'country' && page === 'overview' && value === 'Unknown'
    if (isOfNobody || /^(Other products|Other countries|no customer|customer not in customers)$/.test(value)) return []
    return [month === null ? `${name}:${value}` : `month:${month},${name}:${value}`]
  }
  return month === null ? [] : [`sales:${month}`]
}

/** The rows of gold that a number of a figure is the sum of: each leads on to where it comes from. */
function GoldParts({ data: { parts, row } }: { data: Explanation }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const label = useLabels()
  const { open } = useOpening()
  if (parts === null || parts.rows.length === 0) return null
  const asked = row[0]?.column ?? ''
  const column = parts.rows[0]?.values[asked] === undefined ? 'customers' : asked
  return (
    <Part title={words.goldParts(parts.table)} name="parts">
      <p class="quiet">
        {words.partsNote(nameOf(column, words).toLowerCase())}{' '}
        {parts.all > parts.rows.length &&
          messages.rowsShown(format.integer(parts.rows.length), format.integer(parts.all))}
      </p>
      <ul class="explained-months">
        {parts.rows.map(({ key, values }) => (
          <li key={key}>
            <button
              type="button"
              class="explains"
              title={messages.explain}
              onClick={() => open(`${parts.table}:${key}`, column)}
            >
              {label(key.split(BETWEEN).map((value, i) => [parts.columns[i] ?? '', value] as const)).join(' · ')}
            </button>
            <span class="number">{written(column, values[column] ?? null, format)}</span>
          </li>
        ))}
      </ul>
    </Part>
  )
}

/** What a number of a figure is, in words. */
function cellMeaning(key: string, column: string, words: typeof en): string | undefined {
  const cell = cellNamed(key)
  const now = column.replace(/^previous_/, '')
  const meaning = words.cellMeanings[`${cell?.page}/${cell?.figure}.${now}`] ?? words.cellMeanings[now]
  return meaning !== undefined && now !== column ? words.previously(meaning) : meaning
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
        {(subject === 'sales' || subject === 'figure' || subject === 'cell') && (
          <a class="tool" href={link('sql', { sql: sql.text })}>
            {words.openSql}
          </a>
        )}
      </p>
    </Part>
  )
}
