import { Copy, SquareTerminal } from 'lucide'
import { useMemo, useState } from 'preact/hooks'
import type { Catalogue, Explored, Subject } from '../../../api.ts'
import { useAddress } from '../../address.ts'
import { type Drawn, exploredColumns, exploredLines, exploredRows } from '../../charts/explored_chart.ts'
import { heat } from '../../charts/heat_grid.ts'
import { Chart } from '../../charts/plot.tsx'
import { rankedBars } from '../../charts/ranked_bars.ts'
import { signsOf } from '../../charts/signs.ts'
import { REST_COLOR, UNKNOWN_COLOR } from '../../charts/style.ts'
import { useChoices } from '../../choices.ts'
import { numeric, type Row } from '../../figure.ts'
import { type Format, useFormat } from '../../format.ts'
import { useMessages, useWords } from '../../language.ts'
import { Card } from '../../parts/card.tsx'
import { type ColumnStyle, DataTable } from '../../parts/data_table.tsx'
import { FigureCsv } from '../../parts/file_tools.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useUnfinished } from '../../parts/period_line.tsx'
import { PictureTools } from '../../parts/picture_tools.tsx'
import { Empty } from '../../parts/states.tsx'
import { TrustMark } from '../../parts/trust_mark.tsx'
import { en as customersEn, fr as customersFr } from '../customers_words.ts'
import { en, fr } from '../explore_words.ts'
import { type Grid, gridOf, isUnfinished, type Kind, kindsOf, type Label, MOST_TIMES, timesBetween } from './shape.ts'
import { useTitles } from './titles.ts'

/** Rows that a chart has room for; the table has all. */
const MOST_DRAWN: Readonly<Partial<Record<Kind, number>>> = { bars: 40, stacked: 40 }

/** What was asked: drawn or as a table, with its SQL beneath. */
export function Answer({ data, catalogue, subject }: { data: Explored; catalogue: Catalogue; subject: Subject }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const { query } = useAddress()
  const title = useTitles()
  const grid = useMemo(() => gridOf(data, subject), [data, subject])
  const { measures, by, across } = data
  const kinds = kindsOf({ subject, measures, by, across: across ?? undefined })
  const kind = kinds.find((each) => each === query['chart']) ?? kinds[0] ?? 'table'
  const unfinished = useUnfinished(data.period)
  const listed = (names: readonly string[]) => names.map(title).join(', ')
  const dimensions = [...by, ...(across === null ? [] : [across])]
  const name = words.asked(listed(measures), dimensions.map(title))
  const isOver = (kindName: string) => (each: string) =>
    subject.dimensions.some((dimension) => dimension.name === each && dimension.kind === kindName)
  const isCounted = subject.name === 'sales' && measures.some((each) => each === 'customers' || each === 'orders')
  const notes = [
    ...(data.isCut ? [words.firstRows(format.integer(grid.rows.length))] : []),
    ...(across !== null && grid.columns.includes(null)
      ? [
          words.others(format.integer(catalogue.mostColumns), title(across), isOver('time')(across)),
          ...emptyAmongOthers(grid, measures, (all) => words.othersEmpty(listed(all))),
        ]
      : []),
    ...(isCounted ? [words.countedOnce] : []),
    ...(dimensions.some((each) => each === 'day' || each === 'week') ? [words.undated] : []),
    ...(subject.name === 'sales' &&
    data.period.months === null &&
    unfinished !== undefined &&
    dimensions.some(isOver('time'))
      ? [words.notOver(format.month(unfinished.month), unfinished.known)]
      : []),
  ]
  return (
    <>
      {kind === 'table' || kind === 'heat' || grid.rows.length === 0 ? (
        <Card
          title={name}
          mark={<TrustMark figure={data} />}
          note={notes.join(' ') || undefined}
          tools={<FigureCsv title={name} name="explored" figure={data} />}
          wide
        >
          <div data-figure="explored">
            {grid.rows.length === 0 ? (
              <Empty />
            ) : (
              <Table title={name} data={data} grid={grid} subject={subject} isHeat={kind === 'heat'} />
            )}
          </div>
        </Card>
      ) : (
        measures.map((measure) => (
          <Picture
            key={measure}
            measure={measure}
            kind={kind}
            data={data}
            grid={grid}
            subject={subject}
            notes={notes}
          />
        ))
      )}
      <SqlCard sql={data.sql} />
    </>
  )
}

/** Says of measures that the column of all others lacks that they do. */
function emptyAmongOthers(grid: Grid, measures: readonly string[], say: (measures: readonly string[]) => string) {
  const others = grid.rows.flatMap(({ cells }): Row[] => {
    const row = cells.get(null)
    return row === undefined ? [] : [row]
  })
  const empty = measures.filter((measure) => others.every((row) => row[measure] === null))
  return empty.length === 0 ? [] : [say(empty)]
}

type Write = (value: string | null | undefined) => string

function writerOf(subject: Subject, measure: string, format: Format): Write {
  const type = subject.measures.find(({ name }) => name === measure)?.type
  if (type === 'money') return format.money
  if (type === 'percent') return (value) => format.percent(value, 2)
  return type === 'integer' ? format.integer : format.number
}

/** A value of a dimension as people read it, and in few letters. */
function useLabels(): (dimension: string, value: Label, isShort?: boolean) => string {
  const words = useWords({ en, fr })
  const { kinds } = useWords({ en: customersEn, fr: customersFr })
  const messages = useMessages()
  const format = useFormat()
  return (dimension, value, isShort = false) => {
    if (value === null) return words.other
    if (value === 'Unknown') return messages.unknown
    if (dimension === 'segment') return kinds[value]?.[0] ?? value
    if (/(^|_)month$/.test(dimension)) return format.month(value, isShort ? 'short' : 'long')
    const [, year = '', quarter] = /^(\d{4})-Q(\d)$/.exec(value) ?? []
    if (dimension === 'quarter' && quarter !== undefined) return messages.quarter(Number(quarter), year)
    if (dimension === 'day') return isShort ? format.day(value) : format.date(value)
    if (dimension === 'week') return isShort ? format.day(value) : words.week(format.date(value))
    return messages.known(value)
  }
}

/** Whether a row that is explained has a measure: that of a country tells revenue alone, prices are of products. */
function isExplained(measure: string, { month, product }: Readonly<Record<string, Label>>): boolean {
  if (measure === 'avg_price') return product !== undefined
  return measure === 'revenue' || (measure === 'transactions' && (month !== undefined || product !== undefined))
}

/** What explains a cell: a month, a country or a product of the sales, or one of the others in a month. */
function explainerOf(data: Explored, subject: Subject) {
  const { by, across, period } = data
  const dimensions = [...by, ...(across === null ? [] : [across])]
  return (measure: string, labels: readonly Label[]): string | undefined => {
    if (subject.name !== 'sales' || period.days !== null || data.asOf) return undefined
    const parts: Record<string, Label> = {}
    for (const [i, name] of dimensions.entries()) parts[name] = labels[i] ?? null
    if (!isExplained(measure, parts)) return undefined
    const { month, country, product, ...others } = parts
    if (Object.keys(others).length > 0 || (month !== undefined && !/^\d{4}/.test(month ?? ''))) return undefined
    if (country !== undefined && (country === null || /^(no customer|customer not)/.test(country))) return undefined
    if (product === null || (country !== undefined && product !== undefined)) return undefined
    if (month == null) return country == null ? `product:${product}` : `country:${country}`
    const own = country == null ? (product == null ? '' : `,product:${product}`) : `,country:${country}`
    return `month:${month}${own}`
  }
}

/** Deeper the less is known. */
const greys: Readonly<Record<string, string>> = {
  Unknown: REST_COLOR,
  'customer not in customers': UNKNOWN_COLOR,
  'no customer': 'color-mix(in srgb, var(--series-rest) 38%, var(--ink))',
}

/** The rows of a grid, with those between them that nothing is known of; what has no time is last. */
function withEmpty({ rows }: Grid, dimension: string): Grid['rows'] {
  const dated = rows.filter(({ labels: [time = ''] }) => /^\d{4}/.test(time))
  const [first, last] = [dated[0]?.labels[0], dated.at(-1)?.labels[0]]
  if (first === undefined || last === undefined) return rows
  const known = new Map(dated.map((row) => [row.labels[0], row]))
  const all = timesBetween(dimension, first, last).map(
    (time) => known.get(time) ?? { labels: [time], cells: new Map() },
  )
  return [...all, ...rows.filter((row) => !dated.includes(row))]
}

/** One measure, drawn. */
function Picture({
  measure,
  kind,
  data,
  grid,
  subject,
  notes,
}: {
  measure: string
  kind: Exclude<Kind, 'table' | 'heat'>
  data: Explored
  grid: Grid
  subject: Subject
  notes: readonly string[]
}) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const title = useTitles()
  const label = useLabels()
  const standing = useChoices()?.standing
  const explain = explainerOf(data, subject)
  const { query } = useAddress()
  const { by, across } = data
  const write = writerOf(subject, measure, format)
  const isSum = subject.measures.some(({ name, type, addsUp }) => name === measure && (addsUp || type === 'integer'))
  const type = subject.measures.find(({ name }) => name === measure)?.type
  const isOverTime = subject.dimensions.some(({ name, kind }) => name === by[0] && kind === 'time') && by.length === 1
  // A campaign may begin at any time to come.
  const until = subject.name === 'campaigns' ? null : data.gold.completeUntil
  const most = isOverTime ? MOST_TIMES : (MOST_DRAWN[kind] ?? MOST_TIMES)
  const rows = (isOverTime && query['sort'] === undefined ? withEmpty(grid, by[0] ?? '') : grid.rows).slice(0, most)
  const rowName = (labels: readonly string[], isShort = false) =>
    labels.map((each, i) => label(by[i] ?? '', each, isShort)).join(' · ')
  const nobody = new Set(Object.keys(greys).map((each) => label('', each)))
  const colorOf = colorsOf(across, grid.columns, standing)
  const seriesName = (column: Label) => (across === null ? title(measure) : label(across, column))
  const drawn: Drawn = {
    series: grid.columns.map((column) => ({
      name: seriesName(column),
      color: across === null ? 'var(--gold)' : colorOf(column),
    })),
    rows: rows.map(({ labels, cells }) => {
      const only =
        across === null ? explain(measure, labels) : explainerOf({ ...data, across: null }, subject)(measure, labels)
      return {
        at: rowName(labels),
        name: rowName(labels, true),
        text: [
          rowName(labels),
          // As the layers lie: the uppermost first.
          ...grid.columns.toReversed().flatMap((column) => {
            const cell = cells.get(column)
            return cell === undefined ? [] : `${seriesName(column)}  ${write(cell[measure])}`
          }),
        ].join('\n'),
        explain: cells.size === 0 ? undefined : only,
        isIncomplete: isOverTime && until !== null && isUnfinished(by[0] ?? '', labels[0] ?? '', until),
      }
    }),
    points: rows.flatMap(({ labels, cells }) =>
      grid.columns.flatMap((column) => {
        const cell = cells.get(column)
        // Where nothing was sold a line has come down, and an average is not known.
        const value = cell === undefined && isSum && kind === 'lines' ? '0' : (cell?.[measure] ?? null)
        if (value === null && kind !== 'lines') return []
        const all = across === null ? labels : [...labels, column]
        return {
          at: rowName(labels),
          series: seriesName(column),
          value: numeric(value),
          text: `${[rowName(labels), ...(across === null ? [] : [seriesName(column)])].join(' · ')}\n${title(measure)}  ${write(value)}`,
          explain: cell === undefined ? undefined : explain(measure, all),
        }
      }),
    ),
  }
  const draw = (width: number) => {
    if (kind === 'lines') return exploredLines(drawn, format, width)
    if (isOverTime) return exploredColumns(drawn, format, width)
    if (across !== null) return exploredRows(drawn, format, width)
    const compact = type === 'money' ? format.compact : write
    return rankedBars(
      drawn.points.map(({ value, ...point }) => ({
        ...point,
        value: value ?? 0,
        name: point.at,
        label: compact(String(value)),
        isRest: nobody.has(point.at),
      })),
      width,
    )
  }
  const name = words.asked(title(measure), [...by, ...(across === null ? [] : [across])].map(title))
  const all = [...notes, ...(rows.length < grid.rows.length ? [words.drawn(format.integer(most))] : [])]
  return (
    <Card
      title={name}
      mark={<TrustMark figure={data} />}
      note={all.join(' ') || undefined}
      tools={
        <>
          <FigureCsv title={name} name="explored" figure={data} />
          {drawn.points.length > 0 && (
            <PictureTools
              title={name}
              name="explored"
              unit={type === 'money' ? messages.inCurrency(title(measure), format.currency) : title(measure)}
              draw={draw}
            />
          )}
        </>
      }
      wide
    >
      <div data-figure="explored">
        {drawn.points.length === 0 ? (
          <Empty />
        ) : (
          <Chart draw={draw} label={words.chartLabel(name, grid.rows.length)} of={[data, kind, messages, standing]} />
        )}
      </div>
    </Card>
  )
}

/** Colours of columns: a product, a country and a channel keep theirs; the rest and the unknown are grey. */
function colorsOf(
  across: string | null,
  columns: readonly Label[],
  standing: Readonly<Record<string, readonly string[]>> | undefined,
): (column: Label) => string {
  const known = standing?.[across === 'type' ? 'campaign_type' : (across ?? '')]
  const signOf = signsOf(known ?? columns.flatMap((column) => (column === null ? [] : column)))
  if (across === 'country')
    return (column) => (column === null ? 'var(--silver)' : (greys[column] ?? signOf(column).color))
  return (column) => (column === null ? REST_COLOR : column === 'Unknown' ? UNKNOWN_COLOR : signOf(column).color)
}

/** Rows and columns with all numbers; as a grid of heat the larger ones are deeper. */
function Table({
  title: name,
  data,
  grid,
  subject,
  isHeat,
}: {
  title: string
  data: Explored
  grid: Grid
  subject: Subject
  isHeat: boolean
}) {
  const format = useFormat()
  const title = useTitles()
  const label = useLabels()
  const explain = explainerOf(data, subject)
  const { by, across, measures } = data
  const keyOf = (measure: string, column: Label) => (across === null ? measure : `${measure}:${column ?? ''}`)
  const labelsOf = (row: Row) => by.map((dimension) => row[dimension] ?? '')
  const numbers = grid.columns.flatMap((column) =>
    measures.map((measure): ColumnStyle => {
      const write = writerOf(subject, measure, format)
      const most = isHeat ? mostOf(grid, measure) : 0
      return {
        name: keyOf(measure, column),
        title:
          across === null
            ? title(measure)
            : measures.length === 1
              ? label(across, column, true)
              : `${label(across, column, true)} · ${title(measure)}`,
        ...(across !== null && { meaning: `${title(measure)}, ${label(across, column)}` }),
        isNumber: true,
        write: (value) =>
          isHeat ? (
            <span
              class="heat-cell"
              {...(value !== null && {
                style: {
                  background: `color-mix(in srgb, var(--gold) ${(heat(Number(value), most) * 100).toFixed(1)}%, transparent)`,
                },
              })}
            >
              {write(value)}
            </span>
          ) : (
            write(value)
          ),
        explain: (row) => explain(measure, [...labelsOf(row), ...(across === null ? [] : [column])]),
      }
    }),
  )
  const figure = {
    columns: [
      ...by.map((name) => ({ name, type: 'text' as const })),
      ...numbers.map(({ name }) => ({ name, type: 'decimal' as const })),
    ],
    rows: grid.rows.map(({ labels, cells }) => [
      ...labels,
      ...grid.columns.flatMap((column) => measures.map((measure) => cells.get(column)?.[measure] ?? null)),
    ]),
  }
  const columns: ColumnStyle[] = [
    ...by.map((dimension) => ({
      name: dimension,
      title: title(dimension),
      write: (value: string | null) => (
        <span class={value === 'Unknown' ? 'long-text faint' : 'long-text'}>{label(dimension, value)}</span>
      ),
    })),
    ...numbers,
  ]
  return (
    <div class={isHeat ? 'explored-table heat-table' : 'explored-table'}>
      <DataTable label={name} name="explored" figure={figure} columns={columns} />
    </div>
  )
}

function mostOf(grid: Grid, measure: string): number {
  return Math.max(0, ...grid.rows.flatMap(({ cells }) => [...cells.values()].map((row) => Number(row[measure] ?? 0))))
}

/** The SQL that gave the answer, to be taken elsewhere. */
function SqlCard({ sql }: { sql: string }) {
  const words = useWords({ en, fr })
  const { link } = useAddress()
  const [outcome, setOutcome] = useState<{ sql: string; word: 'copied' | 'notCopied' }>()
  const word = outcome?.sql === sql ? words[outcome.word] : undefined
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(sql)
      setOutcome({ sql, word: 'copied' })
    } catch {
      setOutcome({ sql, word: 'notCopied' })
    }
  }
  return (
    <Card
      title={words.sql}
      note={words.sqlNote}
      tools={
        <>
          <button type="button" class="tool" onClick={copy}>
            <Icon of={Copy} />
            <span>{word ?? words.copySql}</span>
          </button>
          <span class="unseen" role="status">
            {word}
          </span>
          <a class="tool" href={link('sql', { sql })}>
            <Icon of={SquareTerminal} />
            <span>{words.openSql}</span>
          </a>
        </>
      }
      wide
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="shown-sql" tabIndex={0} aria-label={words.sql}>
        <pre>{sql.trim()}</pre>
      </section>
    </Card>
  )
}
