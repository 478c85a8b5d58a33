import { Code } from 'lucide'
import type { ComponentChildren } from 'preact'
import type { Answers, Page, PageName } from '../../api.ts'
import { useAddress } from '../address.ts'
import { type MonthPoint, monthBars, monthLine } from '../charts/months_chart.ts'
import { type RankedPoint, rankedBars } from '../charts/ranked_bars.ts'
import { sheet } from '../charts/sheet.ts'
import { useChoices, useHasData } from '../choices.ts'
import { isReport, useResource } from '../data.ts'
import { monthDate, numeric, onlyRow, type Row, recordsOf } from '../figure.ts'
import { type Format, useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { Card } from '../parts/card.tsx'
import { FigureCard } from '../parts/figure_card.tsx'
import { Icon } from '../parts/icon.tsx'
import { Kpi, percentChange } from '../parts/kpi.tsx'
import { OwnAnswer } from '../parts/own_answer.tsx'
import { PageFrame } from '../parts/page_frame.tsx'
import { Loading, Trouble } from '../parts/states.tsx'
import { titleOf } from '../title.ts'

/** How the shop does: five figures, month by month, and the five questions answered. */
export function Overview() {
  const messages = useMessages()
  const choices = useChoices()
  return (
    <PageFrame page="overview">
      {(data) => (
        <>
          <Figures data={data} />
          <Months data={data} />
          <div class="grid two">
            <Shares data={data} of="product" title={messages.revenueByProduct} page="products" />
            <Shares data={data} of="country" title={messages.revenueByCountry} page="countries" />
            {choices?.filters.map(({ name }) => (
              <Shares key={name} data={data} of={name} title={messages.revenueBy(titleOf(name))} />
            ))}
          </div>
          <AnswersCard data={data} />
        </>
      )}
    </PageFrame>
  )
}

const figures = [
  { name: 'revenue', kind: 'money' },
  { name: 'orders', kind: 'count' },
  { name: 'average_order_value', kind: 'money' },
  { name: 'active_customers', kind: 'count' },
  { name: 'repeat_rate_pct', kind: 'rate' },
] as const

function Figures({ data }: { data: Page }) {
  const messages = useMessages()
  const format = useFormat()
  const totals = onlyRow(data.figures['totals'])
  const months = data.figures['months'] === undefined ? [] : recordsOf(data.figures['months'])
  const perOrder = messages.transactionsPerOrder(
    format.integer(totals['transactions']),
    format.decimal(numeric(totals['transactions_per_order']) ?? 0),
  )
  const areOrdersOfSeveral = totals['orders'] != null && totals['transactions'] !== totals['orders']
  const write = { money: format.money, count: format.integer, rate: (value: string | null) => format.percent(value) }
  return (
    <dl class="kpis" aria-label={messages.keyFigures}>
      {figures.map(({ name, kind }) => {
        const [now, before] = [numeric(totals[name]), numeric(totals[`previous_${name}`])]
        const change =
          kind !== 'rate' ? percentChange(now, before) : now === null || before === null ? null : now - before
        return (
          <Kpi
            key={name}
            name={name}
            label={messages.kpis[name].label}
            meaning={messages.kpis[name].meaning}
            value={write[kind](totals[name] ?? null)}
            change={change}
            isRate={kind === 'rate'}
            trend={months.map((month) => numeric(month[name]))}
            explain={`figure:overview.${name}`}
            {...(name === 'orders' && areOrdersOfSeveral && { note: perOrder })}
          />
        )
      })}
    </dl>
  )
}

/** Of the charts of months, in pixels. */
const REVENUE_HEIGHT = 260
const ORDERS_HEIGHT = 130

function Months({ data }: { data: Page }) {
  const messages = useMessages()
  const format = useFormat()
  const figure = data.figures['months']
  if (figure === undefined) return null
  const explain = (row: Row) => `month:${row['month']}`
  const points = (name: 'revenue' | 'orders'): MonthPoint[] =>
    recordsOf(figure).map((row) => ({
      month: monthDate(row['month'] ?? ''),
      value: numeric(row[name]),
      text: [
        format.month(row['month'] ?? null),
        `${messages.revenue}  ${format.money(row['revenue'])}`,
        `${messages.orders}  ${format.integer(row['orders'])}`,
      ].join('\n'),
      explain: explain(row),
    }))
  const columns = [
    { name: 'month', title: messages.month, write: (value: string | null) => format.month(value) },
    { name: 'revenue', title: messages.revenue, write: format.money, isNumber: true, explain },
    { name: 'orders', title: messages.orders, write: format.integer, isNumber: true },
    {
      name: 'average_order_value',
      title: messages.kpis.average_order_value.label,
      write: format.money,
      isNumber: true,
    },
    { name: 'active_customers', title: messages.kpis.active_customers.label, write: format.integer, isNumber: true },
    {
      name: 'repeat_rate_pct',
      title: messages.kpis.repeat_rate_pct.label,
      write: (value: string | null) => format.percent(value),
      isNumber: true,
    },
  ]
  const draw = (width: number) => {
    const bars = monthBars(points('revenue'), format, width, REVENUE_HEIGHT)
    if (data.unanswered.includes('orders')) return bars
    const both = sheet(width, REVENUE_HEIGHT + ORDERS_HEIGHT + 34)
    both.add(bars, 0, 0)
    both.write(messages.orders, 0, REVENUE_HEIGHT + 24, { 'font-weight': '550' })
    both.add(monthLine(points('orders'), format, width, ORDERS_HEIGHT), 0, REVENUE_HEIGHT + 34)
    return both.element
  }
  return (
    <FigureCard
      title={messages.revenueByMonth}
      note={messages.revenueByMonthNote}
      name="revenue-by-month"
      figure={figure}
      columns={columns}
      label={messages.chartOf(messages.revenueByMonth, figure.rows.length)}
      draw={draw}
      wide
    />
  )
}

function Shares({ data, of: key, title, page }: { data: Page; of: string; title: string; page?: PageName }) {
  const messages = useMessages()
  const format = useFormat()
  const { link } = useAddress()
  const hasData = useHasData()
  const figure = data.figures[`by_${key}`]
  if (figure === undefined) return null
  const name = (row: Row) => messages.known(row[key] ?? '')
  // What stands for several, or for nobody known, is no row of gold.
  const canExplain = (row: Row) => page !== undefined && (row[key] === 'Unknown' || !isRest(row[key]))
  const explain = (row: Row) => (canExplain(row) ? `${key}:${row[key]}` : undefined)
  const points = recordsOf(figure).map(
    (row): RankedPoint => ({
      name: name(row),
      value: numeric(row['revenue']) ?? 0,
      label: format.percent(row['share_pct']),
      text: `${name(row)}\n${messages.revenue}  ${format.money(row['revenue'])}\n${messages.share}  ${format.percent(row['share_pct'])}`,
      isRest: isRest(row[key]),
      explain: explain(row),
    }),
  )
  return (
    <FigureCard
      title={title}
      note={page && hasData(page) ? <a href={link(page)}>{messages.more}</a> : undefined}
      name={`revenue-by-${key.replaceAll('_', '-')}`}
      figure={figure}
      columns={[
        {
          name: key,
          title: key === 'product' || key === 'country' ? messages[key] : titleOf(key),
          write: (value) => messages.known(value ?? ''),
        },
        { name: 'revenue', title: messages.revenue, write: format.money, isNumber: true, explain },
        { name: 'share_pct', title: messages.share, write: (value) => format.percent(value), isNumber: true },
      ]}
      label={messages.chartOf(title, figure.rows.length)}
      draw={(width) => rankedBars(points, width)}
    />
  )
}

/** Whether a name stands for what is unknown, or for several. */
function isRest(name: string | null | undefined): boolean {
  return /^(Unknown|Other|no customer|customer not)/.test(name ?? '')
}

/** The five questions in a sentence each, with a way to where the answer comes from. */
function AnswersCard({ data: page }: { data: Page }) {
  const messages = useMessages()
  const format = useFormat()
  const { link, filters } = useAddress()
  const hasData = useHasData()
  const { data, problem, retry } = useResource<Answers>(
    `/api/answers${filters.asOf === undefined ? '' : `?${new URLSearchParams({ asOf: filters.asOf })}`}`,
  )
  const own = data?.answers.filter(({ isOwn }) => isOwn) ?? []
  return (
    <>
      <Card title={messages.fiveAnswers} note={messages.fiveAnswersNote} wide>
        {problem !== undefined ? (
          <Trouble problem={problem} onRetry={retry} />
        ) : data === undefined ? (
          <Loading height={200} />
        ) : (
          <ol class="answers">
            {data.answers
              .filter(({ isOwn }) => !isOwn)
              .map((answer) => (
                <li key={answer.number} data-answer={answer.number}>
                  <h3>{messages.questions[answer.number] ?? answer.title}</h3>
                  <p>
                    {answer.problem?.message ??
                      sentence(answer.number, recordsOf(answer), format, messages) ??
                      messages.nothingHere}
                  </p>
                  <p class="sources">
                    {hasData(pageOf(answer.number)) && (
                      <a href={link(pageOf(answer.number))}>{messages.pages[pageOf(answer.number)]}</a>
                    )}
                    {!isReport && (
                      <a href={link('sql', { question: String(answer.number) })}>
                        <Icon of={Code} size={13} /> {messages.queryBehind}
                      </a>
                    )}
                  </p>
                </li>
              ))}
            <Coverage data={page} />
          </ol>
        )}
      </Card>
      {own.map((answer) => (
        <OwnAnswer key={answer.name} answer={answer} />
      ))}
    </>
  )
}

function pageOf(question: number) {
  return ([undefined, 'customers', 'products', 'campaigns', 'overview', 'countries'] as const)[question] ?? 'overview'
}

/** The first row of an answer in words; undefined where there is none. */
function sentence(
  question: number,
  rows: readonly Row[],
  format: Format,
  messages: ReturnType<typeof useMessages>,
): ComponentChildren {
  const ranked = rows.filter((row) => row['rank'] !== null)
  const [best] = ranked
  const strong = (text: string) => <strong>{text}</strong>
  switch (question) {
    case 1: {
      if (best === undefined) return undefined
      const ten = ranked.reduce((sum, row) => sum + (numeric(row['share_pct']) ?? 0), 0)
      return messages.answers.customer({
        name: strong(best['full_name'] === 'Unknown' ? (best['customer_id'] ?? '') : `${best['full_name']}`),
        id: best['customer_id'] ?? '',
        spent: strong(format.money(best['total_spent'])),
        share: format.percent(best['share_pct'], 2),
        count: ranked.length,
        together: format.percent(ten, 2),
      })
    }
    case 2: {
      if (best === undefined) return undefined
      const unknown = rows.find((row) => row['rank'] === null)
      return messages.answers.product({
        name: strong(best['product'] ?? ''),
        revenue: strong(format.money(best['total_revenue'])),
        share: format.percent(best['share_pct']),
        unknown: unknown === undefined ? null : format.percent(unknown['share_pct']),
      })
    }
    case 3: {
      if (best === undefined) return undefined
      const without = /\d+$/.exec(rows.find((row) => row['rank'] === null)?.['campaign_name'] ?? '')?.[0]
      return messages.answers.campaign({
        name: strong(`${best['campaign_name']}`),
        id: best['campaign_id'] ?? '',
        roi: strong(format.percent(best['roi_pct'], 2)),
        without: without === undefined ? null : format.integer(without),
      })
    }
    case 4: {
      const months = rows.filter((row) => row['month'] !== 'Unknown')
      const last = months.at(-1)
      if (last === undefined) return undefined
      const top = months.reduce((a, b) =>
        (numeric(b['total_revenue']) ?? 0) > (numeric(a['total_revenue']) ?? 0) ? b : a,
      )
      return messages.answers.months({
        month: strong(format.month(last['month'] ?? null)),
        revenue: strong(format.money(last['total_revenue'])),
        change: last['change_pct'] == null ? null : format.change(last['change_pct']),
        best: format.month(top['month'] ?? null),
        bestRevenue: format.money(top['total_revenue']),
      })
    }
    case 5: {
      if (best === undefined) return undefined
      const unknown = rows
        .filter((row) => row['rank'] === null)
        .reduce((sum, row) => sum + (numeric(row['share_pct']) ?? 0), 0)
      return messages.answers.country({
        name: strong(best['country'] ?? ''),
        revenue: strong(format.money(best['total_revenue'])),
        share: format.percent(best['share_pct']),
        unknown: unknown === 0 ? null : format.percent(unknown),
      })
    }
    default:
      return undefined
  }
}

/** What no filter can see. */
function Coverage({ data }: { data: Page }) {
  const messages = useMessages()
  const format = useFormat()
  const { link } = useAddress()
  const row = onlyRow(data.figures['coverage'])
  if (row['transactions'] == null) return null
  const part = (name: string, write: (value: string) => string) => {
    const value = row[name]
    return value == null || Number(value) === 0 ? null : write(value)
  }
  return (
    <li>
      <h3>{messages.whatIsMissing}</h3>
      <p>
        {messages.coverage({
          undated: part('undated_revenue', format.money),
          noCustomer: part('no_customer_revenue', format.money),
          amountUnknown: part('amount_unknown', format.integer),
        })}
      </p>
      <p class="sources">
        <a href={link('trust')}>{messages.pages.trust}</a>
      </p>
    </li>
  )
}
