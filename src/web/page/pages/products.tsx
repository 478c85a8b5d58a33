import type { Page } from '../../api.ts'
import { signsOf } from '../charts/signs.ts'
import { type Multiple, smallMultiples } from '../charts/small_multiples.ts'
import { type Series, stackedMonths } from '../charts/stacked_months.ts'
import { REST_COLOR, UNKNOWN_COLOR } from '../charts/style.ts'
import { useStanding } from '../choices.ts'
import { isReport } from '../data.ts'
import { cellOf } from '../explain.ts'
import { monthDate, numeric, onlyRow, type Row, recordsOf } from '../figure.ts'
import { useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { type ColumnStyle, numberColumn } from '../parts/data_table.tsx'
import { FigureCard } from '../parts/figure_card.tsx'
import { Kpi, percentChange } from '../parts/kpi.tsx'
import { Narrows } from '../parts/narrows.tsx'
import { PageFrame } from '../parts/page_frame.tsx'
import { useBaseline, useReversed, useUnfinished } from '../parts/period_line.tsx'
import { BarCell, TableCard } from '../parts/table_card.tsx'
import { ThingLink } from '../parts/thing.tsx'
import '../style/products.css'
import { en, fr } from './products_words.ts'

/** What sells, at which price, month by month. */
export function Products() {
  return (
    <PageFrame page="products">
      {(data) => (
        <>
          <Figures data={data} />
          <ProductTable data={data} />
          <Months data={data} />
          <Moves data={data} />
        </>
      )}
    </PageFrame>
  )
}

const figures = [
  { name: 'revenue', isMoney: true },
  { name: 'sales', isMoney: false },
  { name: 'products', isMoney: false },
  { name: 'avg_price', isMoney: true },
] as const

function Figures({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const totals = onlyRow(data.figures['totals'])
  const baseline = useBaseline(data.period)
  const reversed = useReversed('products', data)
  return (
    <dl class="kpis" aria-label={messages.keyFigures}>
      {figures.map(({ name, isMoney }) => (
        <Kpi
          key={name}
          name={name}
          {...words.kpis[name]}
          {...(name === 'revenue' && {
            label: reversed.label,
            ...(reversed.note !== undefined && { note: reversed.note }),
          })}
          value={(isMoney ? format.compact : format.integer)(totals[name])}
          {...(isMoney && { exact: format.money(totals[name]) })}
          {...(baseline !== undefined && {
            change: percentChange(numeric(totals[name]), numeric(totals[`previous_${name}`])),
            before: {
              value: (isMoney ? format.compact : format.integer)(totals[`previous_${name}`]),
              ...(isMoney && { exact: format.money(totals[`previous_${name}`]) }),
              period: baseline,
            },
          })}
          explain={`figure:products.${name}`}
        />
      ))}
    </dl>
  )
}

/** Whether a name stands for what is unknown, or for several. */
function isRest(product: string | null | undefined): boolean {
  return product === 'Unknown' || product === 'Other products'
}

function ProductTable({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const baseline = useBaseline(data.period)
  const figure = data.figures['products']
  if (figure === undefined) return null
  const most = Math.max(...recordsOf(figure).map((row) => numeric(row['share_pct']) ?? 0))
  const explain = (row: Row) => `product:${row['product']}`
  const cell = (column: string) => cellOf('products', 'products', column)
  const columns: ColumnStyle[] = [
    {
      name: 'product',
      title: messages.product,
      write: (product) => (
        <span class="named">
          <Narrows filter="product" value={product ?? ''} />
          <ThingLink of="product" id={product} />
        </span>
      ),
    },
    numberColumn('revenue', messages.revenue, format.money, explain),
    numberColumn(
      'share_pct',
      messages.share,
      (share, row) =>
        share === null ? (
          format.percent(share)
        ) : (
          <BarCell part={Number(share) / (most || 1)} isRest={isRest(row['product'])}>
            {format.percent(share)}
          </BarCell>
        ),
      cell('share_pct'),
    ),
    numberColumn('sales', words.sales, format.integer, explain),
    numberColumn('avg_price', words.price, format.money, explain),
    numberColumn('customers', words.customers, format.integer, cell('customers')),
    // What is compared with nothing has no change.
    ...(baseline === undefined
      ? []
      : [
          {
            name: 'previous_revenue',
            title: messages.compared,
            meaning: `${messages.revenue}, ${baseline}`,
            write: format.money,
            isNumber: true,
            explain: cell('previous_revenue'),
          },
          {
            name: 'change_pct',
            title: words.change,
            meaning: words.changeMeaning(baseline),
            write: (value: string | null) => (
              <span class={`change ${direction(value)}`}>{value === null ? '–' : format.change(value)}</span>
            ),
            isNumber: true,
            explain: cell('change_pct'),
          },
        ]),
  ]
  return (
    <TableCard
      title={words.products}
      note={[baseline && words.changeMeaning(baseline), !isReport && words.narrows].filter(Boolean).join(' ')}
      name="products"
      figure={figure}
      columns={columns}
      rowClass={(row) => (isRest(row['product']) ? 'faint' : undefined)}
      wide
    />
  )
}

function direction(change: string | null): 'up' | 'down' | 'level' | 'none' {
  if (change === null) return 'none'
  return Number(change) > 0 ? 'up' : Number(change) < 0 ? 'down' : 'level'
}

/** The products of the months, the best first as in the table, then the others together and the unknown. */
function seriesOf(data: Page, rows: readonly Row[], standing: readonly string[]): { product: string; color: string }[] {
  const signOf = signsOf(standing)
  const found = new Set(rows.map((row) => row['product'] ?? ''))
  const ranked = data.figures['products'] === undefined ? [] : recordsOf(data.figures['products'])
  const best = ranked.map((row) => row['product'] ?? '').filter((name) => found.has(name) && !isRest(name))
  // One that the table has no room for has a place all the same.
  const others = [...found].filter((name) => !isRest(name) && !best.includes(name))
  return [
    ...[...best, ...others].map((product) => ({ product, color: signOf(product).color })),
    ...['Other products', 'Unknown']
      .filter((name) => found.has(name))
      .map((product) => ({ product, color: product === 'Unknown' ? UNKNOWN_COLOR : REST_COLOR })),
  ]
}

function Months({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const columns = useMonthColumns(data.period.before !== null)
  const unfinished = useUnfinished(data.period)
  const standing = useStanding('product')
  const figure = data.figures['months']
  if (figure === undefined) return null
  const rows = recordsOf(figure)
  const products = seriesOf(data, rows, standing)
  const series = products.map(({ product, color }): Series => ({ name: messages.known(product), color }))
  const points = rows.map((row) => ({
    month: monthDate(row['month'] ?? ''),
    series: messages.known(row['product'] ?? ''),
    value: numeric(row['revenue']) ?? 0,
  }))
  const byMonth = Map.groupBy(rows, (row) => row['month'] ?? '')
  const texts = [...byMonth].map(([month, own]) => ({
    month: monthDate(month),
    before: beforeOf(own),
    explain: `month:${month}`,
    known: month === unfinished?.month ? unfinished.known : undefined,
    text: [
      month === unfinished?.month ? unfinished.known : format.month(month),
      // As the layers lie.
      ...products.toReversed().flatMap(({ product }) => {
        const row = own.find((each) => each['product'] === product)
        return row === undefined ? [] : `${shortened(messages.known(product))}  ${format.money(row['revenue'])}`
      }),
      ...(beforeOf(own) === null ? [] : [`${messages.compared}  ${messages.against(format.money(beforeOf(own)))}`]),
    ].join('\n'),
  }))
  return (
    <FigureCard
      title={words.months}
      note={words.monthsNote}
      name="revenue-by-month-and-product"
      figure={figure}
      columns={columns}
      unit={messages.inCurrency(messages.revenue, format.currency)}
      label={messages.chartOf(words.months, figure.rows.length)}
      of={[standing]}
      draw={(width) => stackedMonths(points, series, texts, format, width)}
      wide
    />
  )
}

/** What all rows of a month are compared with; null where they are with nothing. */
function beforeOf(rows: readonly Row[]): number | null {
  const known = rows.flatMap((row) => numeric(row['previous_revenue']) ?? [])
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

function shortened(name: string): string {
  return name.length > 32 ? `${name.slice(0, 31)}…` : name
}

function useMonthColumns(isCompared: boolean): ColumnStyle[] {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const cell = (column: string) => cellOf('products', 'months', column)
  const explain = (column: string) => (row: Row) => monthOf(row['month'], row['product']) ?? cell(column)(row)
  return [
    { name: 'month', title: messages.month, write: (value) => format.month(value) },
    {
      name: 'product',
      title: messages.product,
      write: (value) => (
        <span class={isRest(value) ? 'long-text faint' : 'long-text'}>{messages.known(value ?? '')}</span>
      ),
    },
    numberColumn('revenue', messages.revenue, format.money, explain('revenue')),
    numberColumn('transactions', words.sales, format.integer, explain('transactions')),
    numberColumn('avg_price', words.price, format.money, explain('avg_price')),
    ...(isCompared
      ? [numberColumn('previous_revenue', messages.compared, format.money, cell('previous_revenue'))]
      : []),
  ]
}

/** What explains a product in a month. */
function monthOf(month: string | null | undefined, product: string | null | undefined): string | undefined {
  return product === 'Other products' ? undefined : `month:${month},product:${product}`
}

/** Revenue and price of each product by itself, month by month. */
function Moves({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const columns = useMonthColumns(data.period.before !== null)
  const standing = useStanding('product')
  const figure = data.figures['months']
  if (figure === undefined) return null
  // A month that is not over would look like a fall.
  const rows = recordsOf(figure).filter((row) => row['month'] !== data.period.incomplete?.from.slice(0, 7))
  const months = [...new Set(rows.map((row) => row['month'] ?? ''))].sort()
  const [first, last] = [months[0] ?? '', months.at(-1) ?? '']
  // A line through one month is none.
  if (months.length < 2) return null
  const multiples = seriesOf(data, rows, standing).map(({ product, color }): Multiple => {
    const own = new Map(rows.filter((row) => row['product'] === product).map((row) => [row['month'], row]))
    const measure = (column: 'revenue' | 'avg_price', title: string) => ({
      title,
      label: (column === 'revenue' ? format.short : format.money)(own.get(last)?.[column]),
      // A month without a sale leaves a gap.
      points: months.map((month) => ({
        month: monthDate(month),
        value: own.get(month)?.['transactions'] === '0' ? null : numeric(own.get(month)?.[column]),
        ...(column === 'revenue' && { before: numeric(own.get(month)?.['previous_revenue']) }),
        text: [
          format.month(month),
          `${title}  ${format.money(own.get(month)?.[column])}`,
          ...(column === 'revenue' && own.get(month)?.['previous_revenue'] != null
            ? [`${messages.compared}  ${messages.against(format.money(own.get(month)?.['previous_revenue']))}`]
            : []),
        ].join('\n'),
        explain: monthOf(month, product),
      })),
    })
    return {
      name: messages.known(product),
      color,
      measures: [measure('revenue', words.revenueShort), measure('avg_price', words.price)],
    }
  })
  return (
    <FigureCard
      title={words.moves}
      note={words.movesNote}
      name="products-month-by-month"
      figure={figure}
      columns={columns}
      unit={messages.inCurrency(`${words.revenueShort}, ${words.price.toLowerCase()}`, format.currency)}
      label={messages.chartOf(words.moves, figure.rows.length)}
      of={[standing]}
      draw={(width) => smallMultiples(multiples, [monthDate(first), monthDate(last)], width)}
      wide
    />
  )
}
