import type { Page, Period } from '../../../api.ts'
import { useAddress } from '../../address.ts'
import { type MonthPoint, monthBars, monthLine } from '../../charts/months_chart.ts'
import type { Drawing } from '../../charts/plot.tsx'
import { sheet } from '../../charts/sheet.ts'
import { isReport } from '../../data.ts'
import { numeric, type Row, recordsOf } from '../../figure.ts'
import { useFormat } from '../../format.ts'
import { useMessages } from '../../language.ts'
import { numberColumn } from '../../parts/data_table.tsx'
import { FigureCard } from '../../parts/figure_card.tsx'
import { MarksList, useMarksShown } from './marks.tsx'

const DAY = 86_400_000

/** Of transactions there are no goals: they are of orders. */
const NO_MARKS = { goals: [], spans: [] }

/** Of the charts of months, in pixels. */
export const REVENUE_HEIGHT = 260
export const ORDERS_HEIGHT = 130

/** Revenue above, with what else there is beneath it. */
export function barsAndLine(
  bars: Drawing,
  beneath: { title: string; line: Drawing } | undefined,
  width: number,
): Drawing {
  if (beneath === undefined) return bars
  const both = sheet(width, REVENUE_HEIGHT + ORDERS_HEIGHT + 34)
  both.add(bars, 0, 0)
  both.write(beneath.title, 0, REVENUE_HEIGHT + 24, { 'font-weight': '550' })
  both.add(beneath.line, 0, REVENUE_HEIGHT + 34)
  return both.element
}

/** Revenue by days, weeks, quarters, or months of which the first or last may be cut off. */
export function Spans({ data }: { data: Page }) {
  const messages = useMessages()
  const format = useFormat()
  const marks = useMarksShown(data)
  const figure = data.figures['over_time']
  if (figure === undefined) return null
  const { grain } = data.period
  const title = messages.revenueOver[grain]
  const nameOf = (from: string, to: string, isWhole: boolean): string => {
    if (isWhole && grain === 'month') return format.month(from)
    if (!isWhole || grain !== 'quarter') return format.span(from, to)
    return messages.quarter(Math.ceil(Number(from.slice(5, 7)) / 3), from.slice(0, 4))
  }
  const rows = recordsOf(figure).map((row) => {
    const [from, to] = [row['from_day'] ?? '', row['to_day'] ?? '']
    const isWhole = row['is_whole'] === 't'
    const isOfMonth = from.slice(0, 7) === to.slice(0, 7)
    const until = new Date(Date.parse(to) + DAY)
    return {
      row,
      from,
      until,
      explain: `sales:${from}..${to}`,
      isOfMonth,
      name: nameOf(from, to, isWhole),
      known: isWhole ? undefined : format.days(from, to),
    }
  })
  const points = (name: 'revenue' | 'transactions'): MonthPoint[] =>
    rows.map(({ row, from, until, name: span, known, explain }) => ({
      month: new Date(from),
      until,
      value: numeric(row[name]),
      before: numeric(row[`previous_${name}`]),
      known,
      text: [
        span,
        `${messages.revenue}  ${format.money(row['revenue'])}`,
        `${messages.transactions}  ${format.integer(row['transactions'])}`,
        ...(row['previous_revenue'] == null
          ? []
          : [`${messages.compared}  ${messages.against(format.money(row['previous_revenue']))}`]),
      ].join('\n'),
      explain,
      of: name,
    }))
  const explain = (row: Row) => `sales:${row['from_day']}..${row['to_day']}`
  const beneath = (first: Date) => {
    const day = first.toISOString().slice(0, 10)
    if (grain === 'day' || grain === 'week') return format.day(day)
    // Days of several months would not fit beneath a bar.
    const known = rows.find(({ from, isOfMonth }) => from === day && isOfMonth)?.known
    return known ?? (grain === 'month' ? format.month(day, 'short') : nameOf(day, day, true))
  }
  const [revenue, transactions] = [points('revenue'), points('transactions')]
  return (
    <FigureCard
      title={title}
      note={<GrainNote period={data.period}>{messages.revenueOverNote}</GrainNote>}
      name={`revenue-by-${grain}`}
      figure={figure}
      columns={[
        {
          name: 'from_day',
          title: messages.spans[grain],
          write: (_, row) => nameOf(row['from_day'] ?? '', row['to_day'] ?? '', row['is_whole'] === 't'),
        },
        numberColumn('revenue', messages.revenue, format.money, explain),
        numberColumn('transactions', messages.transactions, format.integer, explain),
        ...(data.period.before === null
          ? []
          : [
              numberColumn('previous_revenue', `${messages.compared}: ${messages.revenue}`, format.money),
              numberColumn('previous_transactions', `${messages.compared}: ${messages.transactions}`, format.integer),
            ]),
      ]}
      unit={`${messages.inCurrency(messages.revenue, format.currency)}, ${messages.transactions.toLowerCase()}`}
      label={messages.chartOf(title, figure.rows.length)}
      draw={(width) =>
        barsAndLine(
          monthBars(revenue, format, width, REVENUE_HEIGHT, beneath, marks.of('revenue')),
          {
            title: messages.transactions,
            line: monthLine(transactions, format, width, ORDERS_HEIGHT, beneath, NO_MARKS),
          },
          width,
        )
      }
      of={[marks.key]}
      wide
    >
      <MarksList data={data} />
    </FigureCard>
  )
}

/** What a chart over time is added up by, beside what has to be said of it. */
export function GrainNote({ period: { grain, grains }, children }: { period: Period; children: string }) {
  const messages = useMessages()
  const { change } = useAddress()
  if (isReport) return <>{children}</>
  return (
    <>
      <label class="grain">
        <span>{messages.grain}</span>
        <select value={grain} onChange={({ currentTarget: { value } }) => change({ grain: value })}>
          {grains.map((each) => (
            <option key={each} value={each}>
              {messages.grains[each]}
            </option>
          ))}
        </select>
      </label>
      {children}
    </>
  )
}
