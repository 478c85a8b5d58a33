import { listOf } from '../../addresses.ts'
import type { Page, Trust } from '../../api.ts'
import { useAddress } from '../address.ts'
import { type RankedPoint, rankedBars } from '../charts/ranked_bars.ts'
import { rateBars } from '../charts/rate_bars.ts'
import { signsOf } from '../charts/signs.ts'
import { type Series, stackedMonths } from '../charts/stacked_months.ts'
import { REST_COLOR, UNKNOWN_COLOR } from '../charts/style.ts'
import { useHasData, useStanding } from '../choices.ts'
import { useResource } from '../data.ts'
import { cellOf } from '../explain.ts'
import { monthDate, numeric, onlyRow, type Row, recordsOf } from '../figure.ts'
import { useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { type ColumnStyle, numberColumn } from '../parts/data_table.tsx'
import { FigureCard } from '../parts/figure_card.tsx'
import { PageFrame } from '../parts/page_frame.tsx'
import { isNet, useReversed, useUnfinished } from '../parts/period_line.tsx'
import { BarCell, TableCard } from '../parts/table_card.tsx'
import '../style/countries.css'
import { en, fr } from './countries_words.ts'

/** How many countries are drawn; the tables have all. */
const DRAWN = 25

/** What stands for no known country, the uppermost first. */
const nobody = ['Unknown', 'customer not in customers', 'no customer'] as const

/** Where revenue comes from, and who may be written to. */
export function Countries() {
  return (
    <PageFrame page="countries">
      {(data) => (
        <>
          <Ranking data={data} />
          <Months data={data} />
          <div class="grid two">
            <PerCustomer data={data} of="value_per_customer" />
            <PerCustomer data={data} of="marketing_consent_pct" />
          </div>
          <All data={data} />
        </>
      )}
    </PageFrame>
  )
}

/** A country by name, or what is known instead of it. */
function usePlace(): (name: string | null | undefined) => string {
  const { places } = useWords({ en, fr })
  return (name) => places[name ?? ''] ?? name ?? ''
}

const isOfNobody = (name: string | null | undefined) => nobody.some((known) => known === name)

function Ranking({ data }: { data: Page }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const place = usePlace()
  const { change } = useAddress()
  const columns = useColumns()
  const taken = useReversed('countries', data)
  const figure = data.figures['countries']
  if (figure === undefined) return null
  const totals = onlyRow(data.figures['totals'])
  const rows = recordsOf(figure)
  const known = rows.filter((row) => !isOfNobody(row['country']))
  const drawn = [...known.slice(0, DRAWN), ...rows.filter((row) => isOfNobody(row['country']))]
  const points = drawn.map(
    (row): RankedPoint => ({
      name: place(row['country']),
      value: numeric(row['revenue']) ?? 0,
      before: numeric(row['previous_revenue']),
      label: `${format.compact(row['revenue'])} · ${format.percent(row['share_pct'])}`,
      text: [
        place(row['country']),
        `${words.revenue}  ${format.money(row['revenue'])}`,
        `${words.share}  ${format.percent(row['share_pct'], 2)}`,
        `${words.orders}  ${format.integer(row['orders'])}`,
        ...(row['previous_revenue'] == null
          ? []
          : [`${messages.compared}  ${messages.against(format.money(row['previous_revenue']))}`]),
      ].join('\n'),
      isRest: isOfNobody(row['country']),
    }),
  )
  const draw = (width: number) => {
    // Where there is little room the share says enough: the table has the rest.
    const isNarrow = width < 520
    const labelled = points.map((point) =>
      isNarrow ? { ...point, label: point.label.split(' · ').at(-1) ?? '' } : point,
    )
    const chart = rankedBars(labelled, width)
    // A bar narrows as the choice beneath does, which a keyboard reaches.
    chart.addEventListener('click', () => {
      const row = drawn.find((each) => place(each['country']) === (chart.value as RankedPoint | null)?.name)
      if (row?.['buyer'] === 'customer known') change({ country: row['country'] ?? undefined }, { replace: true })
    })
    return chart
  }
  return (
    <FigureCard
      title={words.byCountry}
      note={
        words.byCountryNote +
        (known.length > DRAWN ? words.cut(format.integer(DRAWN), format.integer(known.length)) : '')
      }
      name="revenue-by-country"
      figure={totals['orders'] === '0' ? { ...figure, rows: [] } : figure}
      columns={[
        columns.country,
        columns.revenue,
        columns.share,
        columns.orders,
        ...(data.period.before === null ? [] : [columns.before]),
      ]}
      unit={messages.inCurrency(messages.revenue, format.currency)}
      label={messages.chartOf(words.byCountry, rows.length)}
      draw={draw}
      wide
    >
      <div class="adds-up">
        {totals['orders'] !== '0' && (
          <p>
            {words.sum({
              all: format.money(totals['revenue']),
              country: format.money(totals['country_revenue']),
              none: format.money(totals['no_country_revenue']),
              share: format.percent(totals['no_country_pct'], 2),
            })}
            {taken.note !== undefined && ` ${taken.label}: ${taken.note}.`}
          </p>
        )}
        <dl>
          {nobody.map((name) => (
            <div key={name}>
              <dt>{place(name)}</dt>
              <dd>{words.meanings[name]}</dd>
            </div>
          ))}
        </dl>
        <Closer rows={rows} />
      </div>
    </FigureCard>
  )
}

/** Chooses a country, and opens the pages that can be narrowed to it. */
function Closer({ rows }: { rows: readonly Row[] }) {
  const words = useWords({ en, fr })
  const place = usePlace()
  const { filters, change, link } = useAddress()
  const hasData = useHasData()
  const countries = rows.filter((row) => row['buyer'] === 'customer known').map((row) => row['country'] ?? '')
  const [chosen] = listOf(filters.country)
  return (
    <div class="closer">
      <label>
        <span>{words.closer}</span>
        <select
          value={chosen ?? ''}
          onChange={({ currentTarget: { value } }) => change({ country: value }, { replace: true })}
        >
          <option value="">{words.choose}</option>
          {(chosen === undefined || countries.includes(chosen) ? countries : [chosen, ...countries]).map((name) => (
            <option key={name} value={name}>
              {place(name)}
            </option>
          ))}
        </select>
      </label>
      {chosen !== undefined && (
        <>
          <a class="button" href={link('overview')} aria-label={words.opensFor(words.overviewOf, place(chosen))}>
            {words.overviewOf}
          </a>
          {hasData('customers') && (
            <a class="button" href={link('customers')} aria-label={words.opensFor(words.customersOf, place(chosen))}>
              {words.customersOf}
            </a>
          )}
        </>
      )}
    </div>
  )
}

/** Grey, and deeper the less is known. */
const greys: Readonly<Record<string, string>> = {
  'Other countries': 'var(--silver)',
  Unknown: REST_COLOR,
  'customer not in customers': UNKNOWN_COLOR,
  'no customer': 'color-mix(in srgb, var(--series-rest) 38%, var(--ink))',
}

function Months({ data }: { data: Page }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const place = usePlace()
  const unfinished = useUnfinished(data.period)
  const standing = useStanding('country')
  const layer = (name: string | null | undefined) => words.layers[name ?? ''] ?? place(name)
  const figure = data.figures['months']
  if (figure === undefined) return null
  const rows = recordsOf(figure)
  const there = new Set(rows.map((row) => row['country'] ?? ''))
  const ranking = data.figures['countries'] === undefined ? [] : recordsOf(data.figures['countries'])
  const named = ranking.flatMap((row) => row['country'] ?? []).filter((name) => there.has(name) && !isOfNobody(name))
  const order = [...named, ...['Other countries', ...nobody].filter((name) => there.has(name))]
  const signOf = signsOf(standing)
  const series = order.map((name): Series => ({ name: layer(name), color: greys[name] ?? signOf(name).color }))
  const points = rows.map((row) => ({
    month: monthDate(row['month'] ?? ''),
    series: layer(row['country']),
    value: numeric(row['revenue']) ?? 0,
  }))
  const months = [...new Set(rows.map((row) => row['month'] ?? ''))]
  const texts = months.map((month) => {
    const own = new Map(rows.filter((row) => row['month'] === month).map((row) => [row['country'], row['revenue']]))
    // As they lie: the uppermost first.
    const lines = order
      .toReversed()
      .flatMap((name) => (own.has(name) ? `${place(name)}  ${format.money(own.get(name))}` : []))
    const known = month === unfinished?.month ? unfinished.known : undefined
    const then = rows.flatMap((row) => (row['month'] === month ? (numeric(row['previous_revenue']) ?? []) : []))
    const before = then.length === 0 ? null : then.reduce((sum, value) => sum + value, 0)
    const compared = before === null ? [] : [`${messages.compared}  ${messages.against(format.money(before))}`]
    return {
      month: monthDate(month),
      known,
      before,
      text: [known ?? format.month(month), ...lines, ...compared].join('\n'),
      explain: `month:${month}`,
    }
  })
  return (
    <FigureCard
      title={words.months}
      note={words.monthsNote}
      name="revenue-by-month-and-country"
      figure={figure}
      columns={[
        { name: 'month', title: words.month, write: (value) => format.month(value) },
        { name: 'country', title: words.country, write: (value) => place(value) },
        numberColumn('revenue', words.revenue, format.money, (row) =>
          isOfNobody(row['country']) || row['country'] === 'Other countries'
            ? cellOf('countries', 'months', 'revenue')(row)
            : `month:${row['month']},country:${row['country']}`,
        ),
        ...(data.period.before === null
          ? []
          : [
              numberColumn(
                'previous_revenue',
                messages.compared,
                format.money,
                cellOf('countries', 'months', 'previous_revenue'),
              ),
            ]),
      ]}
      unit={messages.inCurrency(messages.revenue, format.currency)}
      label={messages.chartOf(words.months, rows.length)}
      of={[standing]}
      draw={(width) => stackedMonths(points, series, texts, format, width)}
      wide
    />
  )
}

function PerCustomer({ data, of }: { data: Page; of: 'value_per_customer' | 'marketing_consent_pct' }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const place = usePlace()
  const columns = useColumns()
  const { filters } = useAddress()
  const all = data.figures['countries']
  if (all === undefined) return null
  const buyer = all.columns.findIndex(({ name }) => name === 'buyer')
  const figure = { ...all, rows: all.rows.filter((row) => row[buyer] === 'customer known') }
  const isRate = of === 'marketing_consent_pct'
  const title = isRate ? words.consent : words.perCustomer
  const write = (value: string | null | undefined) => (isRate ? format.percent(value, 2) : format.money(value))
  const rows = recordsOf(figure)
  const points = [
    ...rows.filter((row) => row['country'] !== 'Unknown').slice(0, DRAWN),
    ...rows.filter((row) => row['country'] === 'Unknown'),
  ].map(
    (row): RankedPoint => ({
      explain: isRate || !isNet('countries', filters) ? explainWhole(row) : undefined,
      name: place(row['country']),
      value: numeric(row[of]) ?? 0,
      label: write(row[of]),
      text: [
        place(row['country']),
        `${title}  ${write(row[of])}`,
        ...(isRate
          ? [`${words.yes}  ${format.integer(row['consent_yes'])}`, `${words.no}  ${format.integer(row['consent_no'])}`]
          : [`${words.customers}  ${format.integer(row['customers'])}`]),
      ].join('\n'),
      isRest: row['country'] === 'Unknown',
    }),
  )
  return (
    <FigureCard
      title={title}
      note={isRate ? words.consentNote : words.perCustomerNote}
      name={isRate ? 'marketing-consent' : 'value-per-customer'}
      figure={figure}
      columns={[
        columns.country,
        columns.customers,
        ...(isRate ? [columns.yes, columns.no, columns.consent] : [columns.value]),
      ]}
      unit={isRate ? `${title} (%)` : messages.inCurrency(title, format.currency)}
      label={messages.chartOf(title, rows.length)}
      draw={(width) =>
        isRate ? rateBars(points, (value) => format.percent(value, 0), width) : rankedBars(points, width)
      }
    >
      {isRate && rows.length > 0 && <Consent rows={rows} />}
    </FigureCard>
  )
}

/** How many said yes and no, and how many of the no said nothing. */
function Consent({ rows }: { rows: readonly Row[] }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const { filters } = useAddress()
  const { data } = useResource<Trust>('/api/trust')
  const sum = (name: string) => rows.reduce((total, row) => total + (numeric(row[name]) ?? 0), 0)
  const [yes, no] = [sum('consent_yes'), sum('consent_no')]
  const share = (part: number, all: number) => format.percent(all === 0 ? null : (part * 100) / all)
  // What bronze says is of the run that made silver, not of another day.
  const field =
    filters.asOf === undefined
      ? data?.silver?.fields.find((each) => each.collection === 'customers' && each.field === 'marketing_consent')
      : undefined
  return (
    <p class="quiet consent">
      {words.consentSum({
        yes: format.integer(yes),
        yesShare: share(yes, yes + no),
        no: format.integer(no),
        noShare: share(no, yes + no),
      })}
      {field !== undefined && ` ${words.silent(share(field.missing, field.documents))}`}
    </p>
  )
}

function All({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const place = usePlace()
  const { link } = useAddress()
  const hasData = useHasData()
  const columns = useColumns()
  const figure = data.figures['countries']
  if (figure === undefined) return null
  const most = Math.max(0, ...recordsOf(figure).map((row) => numeric(row['revenue']) ?? 0))
  return (
    <TableCard
      title={words.table}
      note={words.tableNote}
      name="countries"
      figure={figure}
      columns={[
        {
          ...columns.country,
          write: (value, { buyer }) => (
            <>
              <span class="long-text">{place(value)}</span>
              {buyer === 'customer known' && value !== null && (
                <span class="opens">
                  <a
                    href={link('overview', { country: value })}
                    aria-label={words.opensFor(words.overviewOf, place(value))}
                  >
                    {words.overviewOf}
                  </a>
                  {hasData('customers') && (
                    <a
                      href={link('customers', { country: value })}
                      aria-label={words.opensFor(words.customersOf, place(value))}
                    >
                      {words.customersOf}
                    </a>
                  )}
                </span>
              )}
            </>
          ),
        },
        {
          ...columns.revenue,
          write: (value, row) => (
            <BarCell part={most === 0 ? 0 : (numeric(value) ?? 0) / most} isRest={isOfNobody(row['country'])}>
              {format.money(value)}
            </BarCell>
          ),
        },
        columns.share,
        columns.orders,
        columns.active,
        columns.customers,
        columns.value,
        columns.consent,
      ]}
      wide
    />
  )
}

/** What is of all time is a whole row of gold, whatever the page is narrowed to. */
function explainWhole({ buyer, country }: Row): string | undefined {
  return buyer === 'customer known' ? `country_statistics:${country}` : undefined
}

function useColumns(): Record<
  'country' | 'revenue' | 'share' | 'orders' | 'before' | 'active' | 'customers' | 'value' | 'yes' | 'no' | 'consent',
  ColumnStyle
> {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const place = usePlace()
  const { filters } = useAddress()
  const percent = (value: string | null) => format.percent(value, 2)
  const cell = (column: string) => cellOf('countries', 'countries', column)
  return {
    country: { name: 'country', title: words.country, write: (value) => <span class="long-text">{place(value)}</span> },
    revenue: numberColumn('revenue', words.revenue, format.money, (row) =>
      row['buyer'] === 'customer known' ? `country:${row['country']}` : cell('revenue')(row),
    ),
    share: numberColumn('share_pct', words.share, percent, cell('share_pct')),
    before: numberColumn('previous_revenue', messages.compared, format.money, cell('previous_revenue')),
    orders: numberColumn('orders', words.orders, format.integer, cell('orders')),
    active: {
      name: 'active_customers',
      title: words.active,
      meaning: words.activeMeaning,
      write: format.integer,
      isNumber: true,
      explain: cell('active_customers'),
    },
    customers: {
      name: 'customers',
      title: words.customers,
      meaning: words.customersMeaning,
      write: format.integer,
      isNumber: true,
      explain: explainWhole,
    },
    value: {
      name: 'value_per_customer',
      title: words.perCustomer,
      meaning: words.perCustomerNote,
      write: format.money,
      isNumber: true,
      // What it is of net revenue is no row of gold.
      explain: (row) => (isNet('countries', filters) ? cell('value_per_customer')(row) : explainWhole(row)),
    },
    yes: numberColumn('consent_yes', words.yes, format.integer, cell('consent_yes')),
    no: numberColumn('consent_no', words.no, format.integer, cell('consent_no')),
    consent: {
      name: 'marketing_consent_pct',
      title: words.consent,
      meaning: words.consentNote,
      write: percent,
      isNumber: true,
      explain: explainWhole,
    },
  }
}
