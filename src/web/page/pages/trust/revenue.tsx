import type { Figure, Page } from '../../../api.ts'
import { type RankedPoint, rankedBars } from '../../charts/ranked_bars.ts'
import { type WaterfallRoom, type WaterfallStep, waterfall } from '../../charts/waterfall.ts'
import type { Resource } from '../../data.ts'
import { numeric, type Row, recordsOf } from '../../figure.ts'
import { type Format, useFormat } from '../../format.ts'
import { useMessages, useWords } from '../../language.ts'
import { numberColumn } from '../../parts/data_table.tsx'
import { FigureCard } from '../../parts/figure_card.tsx'
import { Loading, Trouble } from '../../parts/states.tsx'
import { en, fr } from '../trust_words.ts'
import { GradeMark } from './grade.tsx'
import { Place, Section } from './section.tsx'

/** From all revenue to what each table holds, to the cent. */
export function RevenueSection({ page: { data, problem, retry } }: { page: Resource<Page> }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const figure = data?.figures['reconciliation']
  if (problem !== undefined || figure === undefined) {
    return (
      <Section name="revenue" title={words.revenueTitle} note={words.revenueNote}>
        {problem !== undefined ? <Trouble problem={problem} onRetry={retry} /> : <Loading height={240} />}
      </Section>
    )
  }
  const tables = [
    ...new Set(
      recordsOf(figure)
        .filter((row) => row['table_revenue'] !== null)
        .map((row) => row['gold_table'] ?? ''),
    ),
  ]
  const steps = new Map(tables.map((table) => [table, stepsOf(recordsOf(figure), table, words, format)]))
  const all = [...steps.values()].flat()
  const room = {
    name: Math.max(...all.map(({ name }) => name.length)),
    label: Math.max(...all.map(({ label }) => label.length)),
  }
  return (
    <Place name="revenue">
      <header class="section-head">
        <h2>{words.revenueTitle}</h2>
        <p class="quiet">{words.revenueNote}</p>
      </header>
      <div class="waterfalls">
        {tables.map((table) => (
          <TableCard key={table} figure={figure} table={table} steps={steps.get(table) ?? []} room={room} />
        ))}
        <StatusCard figure={figure} />
      </div>
    </Place>
  )
}

/** The rows of a figure that belong to some of the tables. */
function partOf(figure: Figure, tables: readonly string[]): Figure {
  const index = figure.columns.findIndex(({ name }) => name === 'gold_table')
  return { ...figure, rows: figure.rows.filter((row) => tables.includes(row[index] ?? '')) }
}

function TableCard({
  figure,
  table,
  steps,
  room,
}: {
  figure: Figure
  table: string
  steps: readonly WaterfallStep[]
  room: WaterfallRoom
}) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const part = partOf(figure, ['all sales', table])
  const rows = recordsOf(part)
  const own = rows.filter((row) => row['gold_table'] === table)
  const [first] = own
  const isExact = first?.['adds_up'] === 't' && first['holds'] === first['table_revenue']
  const unknown = own.find((row) => row['part']?.endsWith(' unknown') && numeric(row['revenue']) !== 0)
  return (
    <FigureCard
      title={table}
      note={words.tableNotes[table]}
      name={`revenue-${table}`}
      figure={part}
      columns={useColumns()}
      unit={messages.inCurrency(messages.revenue, format.currency)}
      range={messages.periods.all}
      label={words.waterfallOf(table, format.money(first?.['holds']))}
      draw={(width) => waterfall(steps, width, room)}
    >
      <p class="exact">
        <GradeMark of={isExact ? 'good' : 'bad'} word={isExact ? words.toTheCent : words.notToTheCent} />{' '}
        {words.tableHolds(format.money(first?.['table_revenue']), format.money(first?.['holds']))}
        {unknown && ` ${words.ofWhichUnknown(format.money(unknown['revenue']))}`}
      </p>
    </FigureCard>
  )
}

function stepsOf(rows: readonly Row[], table: string, words: typeof en, format: Format): WaterfallStep[] {
  const all = numeric(rows.find((row) => row['gold_table'] === 'all sales')?.['revenue']) ?? 0
  const own = rows.filter((row) => row['gold_table'] === table)
  const tip = (row: Row | undefined, name: string) =>
    [
      name,
      format.money(row?.['revenue']),
      words.sales(format.integer(row?.['transactions'])),
      words.ofUnknownAmount(format.integer(row?.['amount_unknown'])),
    ].join('\n')
  const whole = rows.find((row) => row['gold_table'] === 'all sales')
  const steps: WaterfallStep[] = [
    {
      name: words.allRevenue,
      from: 0,
      to: all,
      kind: 'whole',
      label: format.money(whole?.['revenue']),
      text: tip(whole, words.allRevenue),
    },
  ]
  let level = all
  for (const row of own.filter((row) => row['in_table'] === 'f')) {
    const revenue = numeric(row['revenue']) ?? 0
    const name = words.revenueParts[row['part'] ?? ''] ?? row['part'] ?? ''
    const label = revenue === 0 ? format.money(row['revenue']) : `−${format.money(row['revenue'])}`
    steps.push({
      name,
      from: level - revenue,
      to: level,
      kind: 'taken',
      label: label.replace('−-', '+'),
      text: tip(row, name),
    })
    level -= revenue
  }
  let from = 0
  for (const row of own.filter((row) => row['in_table'] === 't')) {
    const revenue = numeric(row['revenue']) ?? 0
    const name = words.revenueParts[row['part'] ?? ''] ?? row['part'] ?? ''
    steps.push({
      name: words.inTheTable,
      from,
      to: from + revenue,
      kind: row['part']?.endsWith(' unknown') ? 'unknown' : 'left',
      label: format.money(row['holds']),
      text: tip(row, name),
    })
    from += revenue
  }
  return steps
}

function StatusCard({ figure }: { figure: Figure }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const part = partOf(figure, ['by status'])
  const rows = recordsOf(part).toSorted((a, b) => (numeric(b['revenue']) ?? 0) - (numeric(a['revenue']) ?? 0))
  const points: RankedPoint[] = rows.map((row) => {
    const counts = row['in_table'] === 't'
    const name = messages.known(row['part'] ?? '')
    return {
      name,
      value: numeric(row['revenue']) ?? 0,
      label: `${format.money(row['revenue'])}  ${counts ? words.counts : words.doesNotCount}`,
      text: [
        `${name} (${counts ? words.counts : words.doesNotCount})`,
        format.money(row['revenue']),
        words.sales(format.integer(row['transactions'])),
        words.ofUnknownAmount(format.integer(row['amount_unknown'])),
      ].join('\n'),
      isRest: !counts,
    }
  })
  return (
    <FigureCard
      title={words.statusTitle}
      note={words.statusNote(rows.every((row) => row['in_table'] === 't'))}
      name="revenue-by-status"
      figure={part}
      columns={useColumns()}
      unit={messages.inCurrency(messages.revenue, format.currency)}
      range={messages.periods.all}
      label={messages.chartOf(words.statusTitle, rows.length)}
      draw={(width) => rankedBars(points, width)}
      wide
    >
      <p class="quiet how">
        {words.leaveOut} <code>{"revenue: { leaveOut: ['Cancelled', 'Refunded'] }"}</code>
      </p>
    </FigureCard>
  )
}

function useColumns() {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  return [
    {
      name: 'part',
      title: words.part,
      write: (value: string | null) => words.revenueParts[value ?? ''] ?? messages.known(value ?? ''),
    },
    { name: 'in_table', title: words.counted, write: (value: string | null) => (value === 't' ? words.yes : words.no) },
    numberColumn('revenue', messages.revenue, format.money),
    numberColumn('transactions', messages.transactions, format.integer),
    numberColumn('amount_unknown', words.amountUnknown, format.integer),
  ]
}
