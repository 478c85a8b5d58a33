import type { Page } from '../../api.ts'
import { type Cohort, type CohortCell, cohortGrid } from '../charts/cohort_grid.ts'
import { type HeatCell, heatGrid } from '../charts/heat_grid.ts'
import { type PairedPoint, pairedBars } from '../charts/paired_bars.ts'
import { type Step, stepsChart } from '../charts/steps_chart.ts'
import { cellOf } from '../explain.ts'
import { monthDate, numeric, onlyRow, type Row, recordsOf } from '../figure.ts'
import { type Format, useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { Card } from '../parts/card.tsx'
import { type ColumnStyle, numberColumn } from '../parts/data_table.tsx'
import { FigureCard } from '../parts/figure_card.tsx'
import { Kpi } from '../parts/kpi.tsx'
import { PageFrame } from '../parts/page_frame.tsx'
import { Empty } from '../parts/states.tsx'
import { BarCell, TableCard } from '../parts/table_card.tsx'
import { nameOrId, ThingLink } from '../parts/thing.tsx'
import '../style/customers.css'
import { AllCustomers } from './customers_table.tsx'
import { en, fr } from './customers_words.ts'

type Words = typeof en

/** Who buys, how often and for how much, and who comes back. */
export function Customers() {
  return (
    <PageFrame page="customers">
      {(data) => (
        <>
          <Figures data={data} />
          <div class="grid two customers-first">
            <Best data={data} />
            <div class="grid">
              <Distribution data={data} />
              <RecencyFrequency data={data} />
            </div>
          </div>
          <Segments data={data} />
          <Cohorts data={data} />
          {data.figures['best'] && <AllCustomers />}
        </>
      )}
    </PageFrame>
  )
}

function Figures({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const totals = onlyRow(data.figures['totals'])
  const { customers, revenue, average_per_customer, best_tenth_share_pct } = words.kpis
  return (
    <dl class="kpis" aria-label={messages.keyFigures}>
      <Kpi
        name="customers"
        {...customers}
        value={format.integer(totals['customers'])}
        explain="figure:customers.customers"
      />
      <Kpi name="revenue" {...revenue} value={format.money(totals['revenue'])} explain="figure:customers.revenue" />
      <Kpi
        name="average_per_customer"
        {...average_per_customer}
        value={format.money(totals['average_per_customer'])}
        explain="figure:customers.average_per_customer"
      />
      <Kpi
        name="best_tenth_share_pct"
        label={best_tenth_share_pct.label(format.integer(totals['best_tenth_customers']))}
        meaning={best_tenth_share_pct.meaning}
        value={format.percent(totals['best_tenth_share_pct'])}
        explain="figure:customers.best_tenth_share_pct"
      />
    </dl>
  )
}

function Best({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const figure = data.figures['best']
  if (figure === undefined) return null
  const most = Math.max(...recordsOf(figure).map((row) => numeric(row['share_pct']) ?? 0))
  const columns: ColumnStyle[] = [
    numberColumn('rank', words.rank, format.integer),
    {
      name: 'full_name',
      title: words.customer,
      write: (name, row) => (
        <span class="best-customer">
          <ThingLink of="customer" id={row['customer_id']}>
            {nameOrId(name, row['customer_id'])}
          </ThingLink>{' '}
          {name !== 'Unknown' && <small class="faint">{row['customer_id']}</small>}
        </span>
      ),
    },
    {
      name: 'country',
      title: messages.country,
      write: (country) => (
        <span class={country === 'Unknown' ? 'long-text faint' : 'long-text'}>{messages.known(country ?? '')}</span>
      ),
    },
    numberColumn('total_spent', words.spent, format.money, (row) => `customer:${row['customer_id']}`),
    numberColumn(
      'share_pct',
      messages.share,
      (share) =>
        share === null ? (
          format.percent(share)
        ) : (
          <BarCell part={Number(share) / (most || 1)}>{format.percent(share, 2)}</BarCell>
        ),
      cellOf('customers', 'best', 'share_pct'),
    ),
  ]
  return <TableCard title={words.best} note={words.bestNote} name="best-customers" figure={figure} columns={columns} />
}

function Distribution({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const figure = data.figures['distribution']
  if (figure === undefined) return null
  const rows = recordsOf(figure)
  // Between those who spent nothing and the first who spent something no step is worth its room.
  const first = rows.findIndex((row) => !isApart(row) && row['customers'] !== '0')
  const steps = rows.filter((row, i) => isApart(row) || i >= first).map((row) => stepOf(row, words, messages, format))
  return (
    <FigureCard
      title={words.distribution}
      note={words.distributionNote}
      name="customers-by-spending"
      figure={figure}
      columns={[
        numberColumn('at_least', words.from, (value, row) =>
          isNothing(row) ? words.nothingLong : format.money(value),
        ),
        numberColumn('below', words.below, (value, row) => (isNothing(row) ? '' : format.money(value))),
        numberColumn('customers', words.size, format.integer, cellOf('customers', 'distribution', 'customers')),
        numberColumn('revenue', messages.revenue, format.money, cellOf('customers', 'distribution', 'revenue')),
      ]}
      unit={words.size}
      label={messages.chartOf(words.distribution, figure.rows.length)}
      draw={(width) => stepsChart(steps, format, width)}
    />
  )
}

/** Whether a step is of those who spent nothing, or of whom nothing is known. */
function isNothing(row: Row): boolean {
  return row['at_least'] === '0.00' && row['below'] === '0.01'
}

/** Whether a step is none of those that grow 1-2-5. */
function isApart(row: Row): boolean {
  return row['at_least'] === null || isNothing(row)
}

function stepOf(row: Row, words: Words, messages: ReturnType<typeof useMessages>, format: Format): Step {
  const { at_least: from = null, below = null } = row
  const name =
    from === null
      ? words.belowZero
      : isNothing(row)
        ? words.nothing
        : below === null
          ? words.lastStep(format.short(from))
          : words.step(from === '0.01' ? '0' : format.short(from), format.short(below))
  return {
    name,
    value: numeric(row['customers']) ?? 0,
    label: format.integer(row['customers']),
    text: [
      isNothing(row) ? words.nothingLong : name.replace('\n', ' '),
      `${words.size}  ${format.integer(row['customers'])}`,
      `${messages.revenue}  ${format.money(row['revenue'])}`,
    ].join('\n'),
    explain: cellOf('customers', 'distribution', 'customers')(row),
    isApart: isApart(row),
  }
}

const scores = ['5', '4', '3', '2', '1']

function RecencyFrequency({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const figure = data.figures['rfm']
  if (figure === undefined) return null
  const cell = (column: string) => cellOf('customers', 'rfm', column)
  const recency = (score: string | null | undefined) => (score === '0' ? words.noDate : (score ?? ''))
  const rows = recordsOf(figure)
  const cells = rows.map(
    (row): HeatCell => ({
      x: row['frequency'] ?? '',
      y: recency(row['recency']),
      value: numeric(row['customers']) ?? 0,
      label: cellCount(format, row['customers']),
      text: [
        `${words.recency} ${recency(row['recency'])}, ${words.frequency.toLowerCase()} ${row['frequency']}`,
        `${words.size}  ${format.integer(row['customers'])}`,
        `${messages.revenue}  ${format.money(row['revenue'])}`,
        `${words.averagePerCustomer}  ${format.money(row['average_per_customer'])}`,
      ].join('\n'),
      explain: cell('customers')(row),
      isRest: row['recency'] === '0',
    }),
  )
  // A score that nobody has is no row and no column.
  const [columns, named] = [present(cells.map(({ x }) => x)), present(cells.map(({ y }) => y))]
  const isUndated = rows.some((row) => row['recency'] === '0')
  return (
    <FigureCard
      title={words.rfm}
      note={words.rfmNote}
      name="customers-by-recency-and-frequency"
      figure={figure}
      columns={[
        numberColumn('recency', words.recency, recency),
        numberColumn('frequency', words.frequency, format.integer),
        numberColumn('customers', words.size, format.integer, cell('customers')),
        numberColumn('revenue', messages.revenue, format.money, cell('revenue')),
        numberColumn('average_per_customer', words.averagePerCustomer, format.money, cell('average_per_customer')),
      ]}
      unit={words.size}
      label={messages.chartOf(words.rfm, figure.rows.length)}
      draw={(width) =>
        heatGrid(
          cells,
          {
            columns: columns.toReversed(),
            rows: isUndated ? [...named, words.noDate] : named,
            columnsLabel: words.frequencyAxis,
            rowsLabel: words.recencyAxis,
          },
          width,
        )
      }
    />
  )
}

/** The scores that there are, the best first. */
function present(names: readonly string[]): string[] {
  return scores.filter((score) => names.includes(score))
}

/** A count in a cell: in full while that has room. */
function cellCount(format: Format, count: string | null | undefined): string {
  return Number(count) < 100_000 ? format.integer(count) : format.short(count)
}

function Segments({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const figure = data.figures['segments']
  if (figure === undefined) return null
  const rows = recordsOf(figure)
  const cell = (column: string) => cellOf('customers', 'segments', column)
  const name = (segment: string | null | undefined) => words.kinds[segment ?? '']?.[0] ?? segment ?? ''
  const points = rows.map(
    (row): PairedPoint => ({
      name: name(row['segment']),
      values: [numeric(row['customers']) ?? 0, numeric(row['revenue']) ?? 0],
      labels: [
        `${format.integer(row['customers'])} · ${format.percent(row['customers_pct'])}`,
        format.money(row['revenue']),
      ],
      text: [
        name(row['segment']),
        `${words.size}  ${format.integer(row['customers'])} (${format.percent(row['customers_pct'])})`,
        `${messages.revenue}  ${format.money(row['revenue'])}`,
        `${words.averagePerCustomer}  ${format.money(row['average_per_customer'])}`,
      ].join('\n'),
      explains: [cell('customers')(row), cell('revenue')(row)],
      isRest: row['segment'] === 'Unknown',
    }),
  )
  return (
    <FigureCard
      title={words.segments}
      note={words.segmentsNote}
      name="customer-segments"
      figure={figure}
      columns={[
        { name: 'segment', title: words.segment, write: name },
        numberColumn('customers', words.size, format.integer, cell('customers')),
        numberColumn('customers_pct', words.ofCustomers, (value) => format.percent(value), cell('customers_pct')),
        numberColumn('revenue', messages.revenue, format.money, cell('revenue')),
        numberColumn('average_per_customer', words.averagePerCustomer, format.money, cell('average_per_customer')),
      ]}
      unit={`${words.size}, ${messages.inCurrency(messages.revenue, format.currency).toLowerCase()}`}
      label={messages.chartOf(words.segments, figure.rows.length)}
      draw={(width) => pairedBars(points, [words.size, messages.revenue], width)}
      wide
    >
      <dl class="segment-meanings">
        {rows.map(({ segment = '' }) => (
          <div key={segment}>
            <dt>{name(segment)}</dt>
            <dd>{words.kinds[segment ?? '']?.[1]}</dd>
          </div>
        ))}
      </dl>
    </FigureCard>
  )
}

function Cohorts({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const figure = data.figures['cohorts']
  if (figure === undefined) return null
  // Of a month that is not over nobody can say yet who came back.
  const rows = recordsOf(figure).filter((row) => row['known_until'] === null)
  const cohorts = rows
    .filter((row) => row['months_since'] === '0')
    .map(
      (row): Cohort => ({ name: format.month(row['cohort'] ?? null, 'short'), size: format.integer(row['customers']) }),
    )
  const cell = (column: string) => cellOf('customers', 'cohorts', column)
  const cells = cohortCells(rows, words, format)
  if (figure.rows.length > 0 && cells.length === 0) {
    return (
      <Card title={words.cohorts} note={words.cohortsNote} wide>
        <Empty>{words.tooYoung}</Empty>
      </Card>
    )
  }
  return (
    <FigureCard
      title={words.cohorts}
      note={words.cohortsNote}
      name="customer-cohorts"
      figure={figure}
      columns={[
        { name: 'cohort', title: words.cohort, write: (value) => format.month(value) },
        numberColumn('months_since', words.monthsSince, format.integer),
        numberColumn('cohort_customers', words.size, format.integer, cell('cohort_customers')),
        numberColumn('customers', words.cameBack, format.integer, cell('customers')),
        numberColumn('retention_pct', words.retention, (value) => format.percent(value), cell('retention_pct')),
        numberColumn('revenue', messages.revenue, format.money, cell('revenue')),
        ...(rows.length === figure.rows.length
          ? []
          : [{ name: 'known_until', title: messages.knownUntil, write: format.date }]),
      ]}
      unit={`${words.retention} (%)`}
      label={messages.chartOf(words.cohorts, figure.rows.length)}
      draw={(width) => cohortGrid(cohorts, cells, words, width)}
      wide
    />
  )
}

/** A cell for each month that a cohort has seen: where the figure has none, nobody came back. */
function cohortCells(rows: readonly Row[], words: Words, format: Format): CohortCell[] {
  const found = new Map(rows.map((row) => [`${row['cohort']} ${row['months_since']}`, row]))
  const position = (row: Row) => monthNumber(row['cohort'] ?? '') + Number(row['months_since'])
  const last = Math.max(...rows.map(position))
  return rows
    .filter((row) => row['months_since'] === '0')
    .flatMap((first) =>
      Array.from({ length: last - position(first) }, (_, i) => {
        const since = i + 1
        const row = found.get(`${first['cohort']} ${since}`)
        const percent = numeric(row?.['retention_pct']) ?? 0
        return {
          cohort: format.month(first['cohort'] ?? null, 'short'),
          since,
          percent,
          label: percent > 0 && percent < 0.5 ? '<1' : format.decimal(percent, 0),
          text: [
            `${format.month(first['cohort'] ?? null)}, ${words.sinceFirst(since)}`,
            `${words.cameBack}  ${format.integer(row?.['customers'] ?? '0')} / ${format.integer(first['customers'])}`,
            `${words.retention}  ${format.percent(percent)}`,
          ].join('\n'),
          explain: row && cellOf('customers', 'cohorts', 'retention_pct')(row),
        }
      }),
    )
}

function monthNumber(month: string): number {
  const date = monthDate(month)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}
