import { Code } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { KEPT } from '../../addresses.ts'
import type { Answers, Page, PageName } from '../../api.ts'
import { useAddress } from '../address.ts'
import { type MonthPoint, monthBars, monthLine } from '../charts/months_chart.ts'
import { type RankedPoint, rankedBars } from '../charts/ranked_bars.ts'
import { useChoices, useHasData } from '../choices.ts'
import { isReport, useResource } from '../data.ts'
import { cellOf } from '../explain.ts'
import { monthDate, numeric, onlyRow, type Row, recordsOf } from '../figure.ts'
import { type Format, useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { useChosen } from '../narrowing.ts'
import { Card } from '../parts/card.tsx'
import { type ColumnStyle, numberColumn } from '../parts/data_table.tsx'
import { FigureCard } from '../parts/figure_card.tsx'
import { Icon } from '../parts/icon.tsx'
import { Kpi, percentChange } from '../parts/kpi.tsx'
import { Narrows } from '../parts/narrows.tsx'
import { OwnAnswer } from '../parts/own_answer.tsx'
import { PageFrame } from '../parts/page_frame.tsx'
import { useBaseline, useReversed, useUnfinished } from '../parts/period_line.tsx'
import { Loading, Trouble } from '../parts/states.tsx'
import { nameOrId } from '../parts/thing.tsx'
import { titleOf } from '../title.ts'
import { MarksList, useMarksShown } from './overview/marks.tsx'
import { barsAndLine, GrainNote, ORDERS_HEIGHT, REVENUE_HEIGHT, Spans } from './overview/over_time.tsx'

/** How the shop does: five figures, month by month, and the five questions answered. */
export function Overview() {
  const messages = useMessages()
  const choices = useChoices()
  return (
    <PageFrame page="overview">
      {(data) => (
        <>
          <Figures data={data} />
          <OverTime data={data} />
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

export function Figures({ data }: { data: Page }) {
  const messages = useMessages()
  const format = useFormat()
  const totals = onlyRow(data.figures['totals'])
  // A month that is not over would look like a fall.
  const months = (data.figures['months'] === undefined ? [] : recordsOf(data.figures['months'])).filter(
    ({ known_until }) => known_until === null,
  )
  const perOrder = messages.transactionsPerOrder(
    format.integer(totals['transactions']),
    format.decimal(numeric(totals['transactions_per_order']) ?? 0),
  )
  const areOrdersOfSeveral = totals['orders'] != null && totals['transactions'] !== totals['orders']
  const baseline = useBaseline(data.period)
  const reversed = useReversed('overview', data)
  const write = {
    money: format.compact,
    count: format.integer,
    rate: (value: string | null) => format.percent(value),
  }
  const exactly = (kind: keyof typeof write, value: string | null | undefined) =>
    kind === 'money' ? { exact: format.money(value) } : {}
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
            label={name === 'revenue' ? reversed.label : messages.kpis[name].label}
            meaning={messages.kpis[name].meaning}
            value={write[kind](totals[name] ?? null)}
            {...exactly(kind, totals[name])}
            {...(baseline !== undefined &&
              before !== null && {
                change,
                before: {
                  value: write[kind](totals[`previous_${name}`] ?? null),
                  ...exactly(kind, totals[`previous_${name}`]),
                  period: baseline,
                },
              })}
            isRate={kind === 'rate'}
            trend={months.map((month) => numeric(month[name]))}
            explain={`figure:overview.${name}`}
            {...(name === 'orders' && areOrdersOfSeveral && { note: perOrder })}
            {...(name === 'revenue' && reversed.note !== undefined && { note: reversed.note })}
          />
        )
      })}
    </dl>
  )
}

export function OverTime({ data }: { data: Page }) {
  return data.figures['over_time'] === undefined ? <Months data={data} /> : <Spans data={data} />
}

function Months({ data }: { data: Page }) {
  const messages = useMessages()
  const format = useFormat()
  const unfinished = useUnfinished(data.period)
  const marks = useMarksShown(data)
  const figure = data.figures['months']
  if (figure === undefined) return null
  const explain = (row: Row) => `month:${row['month']}`
  // The row of gold that a month has tells no orders.
  const sales = (row: Row) => `sales:${row['month']}`
  const salesBefore = (row: Row) => `sales:${row['previous_month']}`
  const rows = recordsOf(figure)
  const knownOf = (row: Row) => (row['month'] === unfinished?.month ? unfinished?.known : undefined)
  const points = (name: 'revenue' | 'orders'): MonthPoint[] =>
    rows.map((row) => ({
      month: monthDate(row['month'] ?? ''),
      until: monthAfter(row['month'] ?? ''),
      value: numeric(row[name]),
      before: numeric(row[`previous_${name}`]),
      known: knownOf(row),
      text: [
        knownOf(row) ?? format.month(row['month'] ?? null),
        `${messages.revenue}  ${format.money(row['revenue'])}`,
        `${messages.orders}  ${format.integer(row['orders'])}`,
        ...(row['previous_month'] == null
          ? []
          : [
              format.month(row['previous_month']),
              `${messages.revenue}  ${format.money(row['previous_revenue'])}`,
              `${messages.orders}  ${format.integer(row['previous_orders'])}`,
            ]),
      ].join('\n'),
      explain: (name === 'orders' ? sales : explain)(row),
      of: name,
    }))
  const columns: ColumnStyle[] = [
    {
      name: 'month',
      title: messages.month,
      write: (value, row) => [format.month(value), knownOf(row)].filter((part) => part !== undefined).join(': '),
    },
    numberColumn('revenue', messages.revenue, format.money, explain),
    numberColumn('orders', messages.orders, format.integer, sales),
    numberColumn('average_order_value', messages.kpis.average_order_value.label, format.money, sales),
    numberColumn(
      'active_customers',
      messages.kpis.active_customers.label,
      format.integer,
      cellOf('overview', 'months', 'active_customers'),
    ),
    numberColumn(
      'repeat_rate_pct',
      messages.kpis.repeat_rate_pct.label,
      (value) => format.percent(value),
      cellOf('overview', 'months', 'repeat_rate_pct'),
    ),
    ...(data.period.before === null
      ? []
      : [
          { name: 'previous_month', title: messages.compared, write: (value: string | null) => format.month(value) },
          numberColumn('previous_revenue', `${messages.compared}: ${messages.revenue}`, format.money, salesBefore),
          numberColumn('previous_orders', `${messages.compared}: ${messages.orders}`, format.integer, salesBefore),
        ]),
  ]
  const [revenue, orders] = [points('revenue'), points('orders')]
  const beneath = (month: Date) => {
    const name = month.toISOString().slice(0, 7)
    return name === unfinished?.month ? unfinished.known : format.month(name, 'short')
  }
  return (
    <FigureCard
      title={messages.revenueOver.month}
      note={<GrainNote period={data.period}>{messages.revenueByMonthNote}</GrainNote>}
      name="revenue-by-month"
      figure={figure}
      columns={columns}
      unit={`${messages.inCurrency(messages.revenue, format.currency)}, ${messages.orders.toLowerCase()}`}
      label={messages.chartOf(messages.revenueOver.month, figure.rows.length)}
      draw={(width) =>
        barsAndLine(
          monthBars(revenue, format, width, REVENUE_HEIGHT, beneath, marks.of('revenue')),
          data.unanswered.includes('orders')
            ? undefined
            : {
                title: messages.orders,
                line: monthLine(orders, format, width, ORDERS_HEIGHT, beneath, marks.of('orders')),
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

function monthAfter(month: string): Date {
  const date = monthDate(month)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1))
}

export function Shares({ data, of: key, title, page }: { data: Page; of: string; title: string; page?: PageName }) {
  const messages = useMessages()
  const { add } = useChosen()
  // A drawing stays while the address changes.
  const narrow = useRef(add)
  narrow.current = add
  const format = useFormat()
  const { link } = useAddress()
  const hasData = useHasData()
  const figure = data.figures[`by_${key}`]
  if (figure === undefined) return null
  const filter = key === 'product' || key === 'country' ? key : `${KEPT}${key}`
  const rows = recordsOf(figure)
  const name = (row: Row) => messages.known(row[key] ?? '')
  // What stands for several, or for nobody known, is no row of gold.
  const canExplain = (row: Row) =>
    page !== undefined && ((row[key] === 'Unknown' && key === 'product') || !isRest(row[key]))
  const cell = (column: string) => cellOf('overview', `by_${key}`, column)
  const explain = (row: Row) => (canExplain(row) ? `${key}:${row[key]}` : cell('revenue')(row))
  const points = rows.map(
    (row): RankedPoint => ({
      name: name(row),
      value: numeric(row['revenue']) ?? 0,
      before: numeric(row['previous_revenue']),
      label: format.percent(row['share_pct']),
      text: [
        name(row),
        `${messages.revenue}  ${format.money(row['revenue'])}`,
        `${messages.share}  ${format.percent(row['share_pct'])}`,
        ...(row['previous_revenue'] == null
          ? []
          : [`${messages.compared}  ${messages.against(format.money(row['previous_revenue']))}`]),
      ].join('\n'),
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
          write: (value) => <Narrows filter={filter} value={value ?? ''} />,
        },
        numberColumn('revenue', messages.revenue, format.money, explain),
        numberColumn('share_pct', messages.share, (value) => format.percent(value), cell('share_pct')),
        ...(data.period.before === null
          ? []
          : [numberColumn('previous_revenue', messages.compared, format.money, cell('previous_revenue'))]),
      ]}
      unit={messages.inCurrency(messages.revenue, format.currency)}
      label={messages.chartOf(title, figure.rows.length)}
      draw={(width) => rankedBars(points, width, (i) => narrow.current(filter, rows[i]?.[key] ?? ''))}
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
                    {(answer.problem && messages.told(answer.problem.detail)) ??
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
      const spent = ranked.reduce((sum, row) => sum + (numeric(row['total_spent']) ?? 0), 0)
      // The question rounds to two places.
      const part = (share: number | null, spent: number | null) =>
        share === 0 && spent !== null && spent > 0 ? `< ${format.percent(0.01, 2)}` : format.percent(share, 2)
      return messages.answers.customer({
        name: strong(nameOrId(best['full_name'], best['customer_id'])),
        id: best['full_name'] === 'Unknown' ? null : (best['customer_id'] ?? null),
        spent: strong(format.money(best['total_spent'])),
        share: part(numeric(best['share_pct']), numeric(best['total_spent'])),
        count: ranked.length,
        together: part(ten, spent),
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
        name: strong(nameOrId(best['campaign_name'], best['campaign_id'])),
        id: best['campaign_name'] === 'Unknown' ? null : (best['campaign_id'] ?? null),
        roi: strong(format.percent(best['roi_pct'], 2)),
        without: without === undefined ? null : format.integer(without),
      })
    }
    case 4: {
      const dated = rows.filter((row) => row['month'] !== 'Unknown')
      // What is known of a month that is not over is compared with nothing.
      const begun = dated.find((row) => row['known_until'] != null)
      const whole = dated.filter((row) => row['known_until'] == null)
      const months = whole.length > 0 ? whole : dated
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
        begun:
          begun === undefined || whole.length === 0
            ? null
            : { span: spanOf(begun, format), revenue: format.money(begun['total_revenue']) },
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

/** The days of a month that are known. */
function spanOf({ month, known_until: until }: Row, format: Format): string {
  const first = `${month}-01`
  return format.span(first, until == null || until < first ? first : until)
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
