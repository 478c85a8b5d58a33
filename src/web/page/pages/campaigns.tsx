import type { Page } from '../../api.ts'
import { type FunnelStep, funnel } from '../charts/funnel.ts'
import { SIGNS, signsOf } from '../charts/signs.ts'
import { isWide, type TypedPoint, typedScatter } from '../charts/typed_scatter.ts'
import { useStanding } from '../choices.ts'
import { isReport } from '../data.ts'
import { cellOf } from '../explain.ts'
import { numeric, onlyRow, type Row, recordsOf } from '../figure.ts'
import { useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { type ColumnStyle, numberColumn } from '../parts/data_table.tsx'
import { FigureCard } from '../parts/figure_card.tsx'
import { Kpi, percentChange } from '../parts/kpi.tsx'
import { PageFrame } from '../parts/page_frame.tsx'
import { useBaseline } from '../parts/period_line.tsx'
import '../style/campaigns.css'
import { CampaignsTable, Returns, TypesTable } from './campaigns_tables.tsx'
import { en, fr } from './campaigns_words.ts'

/** What campaigns cost and what they bring. */
export function Campaigns() {
  return (
    <PageFrame page="campaigns">
      {(data) => (
        <>
          <Figures data={data} />
          <Funnel data={data} />
          <Scatter data={data} />
          <TypesTable data={data} />
          <Returns data={data} />
          <CampaignsTable data={data} />
        </>
      )}
    </PageFrame>
  )
}

function Figures({ data }: { data: Page }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const totals = onlyRow(data.figures['totals'])
  const noStart = totals['no_start'] ?? '0'
  const isAllTime = data.period.months === null
  const isEmpty = totals['campaigns'] === '0'
  const baseline = useBaseline(data.period)
  const compared = (name: string, write: (value: string | null | undefined) => string, exact?: typeof write) => {
    const before = totals[`previous_${name}`] ?? null
    if (baseline === undefined || before === null) return {}
    return {
      change: percentChange(numeric(totals[name]), numeric(before)),
      before: { value: write(before), ...(exact && { exact: exact(before) }), period: baseline },
    }
  }
  return (
    <dl class="kpis" aria-label={messages.keyFigures}>
      <Kpi
        name="campaigns"
        label={words.campaigns}
        meaning={words.meanings.campaigns}
        value={format.integer(totals['campaigns'])}
        {...compared('campaigns', format.integer)}
        isNeutral
        explain="figure:campaigns.campaigns"
        {...(!(isEmpty && noStart === '0') && {
          note: words.noStart(Number(noStart), format.integer(noStart), isAllTime),
        })}
      />
      {(['budget', 'spend', 'conversions'] as const).map((name) => {
        const unknown = totals[`${name}_unknown`] ?? '0'
        const isMoney = name !== 'conversions'
        const write = isMoney ? format.compact : format.number
        return (
          <Kpi
            key={name}
            name={name}
            label={words[name]}
            meaning={words.meanings[name]}
            value={write(totals[name])}
            {...(isMoney && { exact: format.money(totals[name]) })}
            {...compared(name, write, isMoney ? format.money : undefined)}
            isNeutral={isMoney}
            explain={`figure:campaigns.${name}`}
            {...(!isEmpty && { note: words.unknownFor(Number(unknown), format.integer(unknown)) })}
          />
        )
      })}
    </dl>
  )
}

function Funnel({ data }: { data: Page }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const figure = data.figures['funnel']
  if (figure === undefined) return null
  const row = onlyRow(figure)
  const label = (name: string) => format.number(row[name])
  const isCompared = data.period.before !== null
  const step = (name: 'impressions' | 'clicks' | 'conversions', said: string): FunnelStep => ({
    name: words[name],
    value: numeric(row[name]) ?? 0,
    before: numeric(row[`previous_${name}`]),
    label: label(name),
    said,
    text: [
      `${words[name]}  ${label(name)}`,
      said,
      ...(isCompared ? [`${messages.compared}  ${messages.against(label(`previous_${name}`))}`] : []),
    ]
      .filter((line) => line !== '')
      .join('\n'),
    explain: cellOf('campaigns', 'funnel', name)(row),
  })
  const steps = [
    step('impressions', ''),
    step('clicks', words.ofImpressions(format.percent(row['impressions_to_clicks_pct'], 2))),
    step('conversions', words.ofClicks(format.percent(row['clicks_to_conversions_pct'], 2))),
  ]
  const whole = words.ofAll(format.percent(row['impressions_to_conversions_pct'], 4))
  const percent = (value: string | null) => format.percent(value, 2)
  return (
    <FigureCard
      title={words.funnel}
      note={words.funnelNote({ inside: label('campaigns_in'), outside: label('campaigns_out') })}
      name="campaigns-funnel"
      // Where no campaign knows all three there is nothing to draw.
      figure={row['campaigns_in'] === '0' ? { ...figure, rows: [] } : figure}
      columns={explained([
        numberColumn('campaigns_in', words.campaignsIn, format.integer),
        numberColumn('campaigns_out', words.campaignsOut, format.integer),
        numberColumn('impressions', words.impressions, format.integer),
        numberColumn('clicks', words.clicks, format.integer),
        numberColumn('conversions', words.conversions, format.number),
        numberColumn('impressions_to_clicks_pct', words.clickRate, percent),
        numberColumn('clicks_to_conversions_pct', words.convertRate, percent),
        numberColumn('impressions_to_conversions_pct', words.wholeRate, (value) => format.percent(value, 4)),
        ...(isCompared
          ? (['impressions', 'clicks', 'conversions'] as const).map((name) =>
              numberColumn(
                `previous_${name}`,
                `${messages.compared}: ${words[name]}`,
                name === 'conversions' ? format.number : format.integer,
              ),
            )
          : []),
      ])}
      unit={[words.impressions, words.clicks, words.conversions].join(', ')}
      label={words.funnelLabel({
        impressions: label('impressions'),
        clicks: label('clicks'),
        conversions: label('conversions'),
      })}
      draw={(width) => funnel(steps, whole, width)}
      wide
    />
  )
}

function Scatter({ data }: { data: Page }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const standing = useStanding('campaign_type')
  const figure = data.figures['spending']
  if (figure === undefined) return null
  const signOf = signsOf(standing)
  const all = data.figures['types'] === undefined ? [] : recordsOf(data.figures['types'])
  // A type may have campaigns in the period alone that this one is compared with.
  const known = all.filter((row) => row['campaigns'] !== '0')
  const named = known.flatMap((row) => row['campaign_type'] ?? []).filter((type) => type !== 'Unknown')
  const types = new Map(named.slice(0, SIGNS).map((type) => [type, signOf(type)]))
  const typeOf = (row: Row) => {
    const type = row['campaign_type'] ?? ''
    return type === 'Unknown' ? messages.known(type) : types.has(type) ? type : words.otherTypes
  }
  const explain = (row: Row) => `campaign:${row['campaign_id']}`
  const points = recordsOf(figure).map(
    (row): TypedPoint => ({
      explain: explain(row),
      type: typeOf(row),
      x: numeric(row['spend']) ?? 0,
      y: numeric(row['conversions']) ?? 0,
      text: [
        `${short(messages.known(row['campaign_name'] ?? ''))} (${row['campaign_id']})`,
        `${words.type}  ${messages.known(row['campaign_type'] ?? '')}`,
        `${words.spend}  ${format.money(row['spend'])}`,
        `${words.conversions}  ${format.number(row['conversions'])}`,
        `${words.cpa}  ${format.money(row['cpa'])}`,
      ].join('\n'),
    }),
  )
  const rest = [words.otherTypes, messages.known('Unknown')].filter((name) => points.some(({ type }) => type === name))
  const logarithmic = [
    ...(isWide(points.map(({ x }) => x)) ? [words.spend] : []),
    ...(isWide(points.map(({ y }) => y)) ? [words.conversions] : []),
  ]
  const totals = onlyRow(data.figures['totals'])
  return (
    <FigureCard
      title={words.scatter}
      note={
        <>
          {words.scatterNote({
            drawn: format.integer(points.length),
            unknown: format.integer(totals['spend_or_conversions_unknown']),
            logarithmic,
          })}
          {figure.csv !== null && ` ${messages.firstRows(format.integer(points.length), isReport)}`}
        </>
      }
      name="campaigns-spend-conversions"
      figure={figure}
      columns={[
        {
          name: 'campaign_name',
          title: words.campaign,
          write: (value) => <LongName of={messages.known(value ?? '')} />,
        },
        { name: 'campaign_id', title: 'ID', write: (value) => value },
        { name: 'campaign_type', title: words.type, write: (value) => messages.known(value ?? '') },
        numberColumn('spend', words.spend, format.money, explain),
        numberColumn('conversions', words.conversions, format.number, explain),
        numberColumn('cpa', words.cpa, format.money, explain),
      ]}
      unit={`${messages.inCurrency(words.spend, format.currency)}, ${words.conversions.toLowerCase()}`}
      label={messages.chartOf(words.scatter, points.length)}
      of={[standing]}
      draw={(width) => typedScatter(points, { types, rest }, { x: words.spend, y: words.conversions }, format, width)}
      wide
    />
  )
}

/** Columns of the funnel, of which each number opens to how it is counted. */
function explained(columns: readonly ColumnStyle[]): ColumnStyle[] {
  return columns.map((column) => ({ ...column, explain: cellOf('campaigns', 'funnel', column.name) }))
}

function LongName({ of }: { of: string }) {
  return (
    <span class="long-text" title={of}>
      {of}
    </span>
  )
}

const short = (name: string) => (name.length > 60 ? `${name.slice(0, 59)}…` : name)
