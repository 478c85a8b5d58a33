import { TriangleAlert } from 'lucide'
import type { Page } from '../../api.ts'
import { useAddress } from '../address.ts'
import { cellOf } from '../explain.ts'
import { numeric, onlyRow, type Row, recordsOf } from '../figure.ts'
import { useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { Card } from '../parts/card.tsx'
import { type ColumnStyle, DataTable, numberColumn } from '../parts/data_table.tsx'
import { Explained } from '../parts/explained.tsx'
import { FileTools } from '../parts/file_tools.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty } from '../parts/states.tsx'
import { BarCell, TableCard } from '../parts/table_card.tsx'
import { nameOrId, ThingLink } from '../parts/thing.tsx'
import { en, fr } from './campaigns_words.ts'

/** A campaign by its name, which leads to it, and its id. */
function campaignColumn(title: string): ColumnStyle {
  return {
    name: 'campaign_name',
    title,
    write: (value, row) => (
      <>
        <ThingLink of="campaign" id={row['campaign_id']}>
          <Long text={nameOrId(value, row['campaign_id'])} />
        </ThingLink>
        {value !== 'Unknown' && <span class="faint">{row['campaign_id']}</span>}
      </>
    ),
  }
}

/** Each type of campaign beside the others. */
export function TypesTable({ data }: { data: Page }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const rates = useRates()
  const figure = data.figures['types']
  if (figure === undefined) return null
  const rows = recordsOf(figure)
  const isCompared = data.period.before !== null
  const measures = [
    ['campaigns', words.campaigns, format.integer],
    ['spend', words.spend, format.money],
    ['conversions', words.conversions, format.number],
  ] as const
  const bars = measures.map(([name, title, write]): ColumnStyle => {
    const before = `previous_${name}`
    const values = rows.flatMap((row) => [numeric(row[name]) ?? 0, numeric(row[before]) ?? 0])
    const most = Math.max(0, ...values)
    const part = (value: string | null | undefined) => (most === 0 ? 0 : (numeric(value) ?? 0) / most)
    return numberColumn(name, title, (value, row) => (
      <BarCell
        part={part(value)}
        before={isCompared ? { part: part(row[before]), text: messages.against(write(row[before])) } : undefined}
        isRest={row['campaign_type'] === 'Unknown'}
      >
        {write(value)}
      </BarCell>
    ))
  })
  const compared = measures.map(([name, title, write]): ColumnStyle => {
    return numberColumn(`previous_${name}`, `${messages.compared}: ${title}`, write)
  })
  return (
    <Card
      title={words.types}
      note={
        <>
          {words.typesNote} {isCompared && words.comparedNote} <RoiNote data={data} />
        </>
      }
      tools={<FileTools title={words.types} name="campaigns-by-type" figure={figure} />}
      wide
    >
      <div data-figure="campaigns-by-type">
        {rows.length === 0 ? (
          <Empty />
        ) : (
          <DataTable
            label={words.types}
            name="campaigns-by-type"
            figure={figure}
            columns={explained(
              [
                {
                  name: 'campaign_type',
                  title: words.type,
                  write: (value) => <Long text={messages.known(value ?? '')} />,
                },
                ...bars,
                rates.ctr,
                rates.conversionRate,
                rates.cpa,
                rates.roi,
                ...(isCompared ? compared : []),
              ],
              (column) => cellOf('campaigns', 'types', column),
            )}
          />
        )}
      </div>
    </Card>
  )
}

/** What campaigns brought in, where a field of theirs is declared to say so. */
export function Returns({ data }: { data: Page }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const figure = data.figures['returns']
  if (figure === undefined) return null
  const all = onlyRow(data.figures['returned'])
  const percent = (value: string | null | undefined) => format.percent(value, 2)
  return (
    <TableCard
      title={words.returns}
      note={words.returnsNote({
        strong: (text) => <strong>{text}</strong>,
        all: (
          <Explained target={cellOf('campaigns', 'returned', 'return_pct')(all)} column="return_pct">
            {percent(all['return_pct'])}
          </Explained>
        ),
        value: format.money(all['value']),
        spend: format.money(all['spend']),
        inside: format.integer(all['campaigns_in']),
        outside: format.integer(all['campaigns_out']),
      })}
      name="campaign-returns"
      figure={figure}
      columns={explained(
        [
          campaignColumn(words.campaign),
          { name: 'campaign_type', title: words.type, write: (value) => <Long text={messages.known(value ?? '')} /> },
          numberColumn('value', words.value, format.money),
          numberColumn('spend', words.spend, format.money),
          { name: 'return_pct', title: words.return, meaning: words.meanings.return, write: percent, isNumber: true },
        ],
        (column) => (row) =>
          column === 'spend' ? `campaign:${row['campaign_id']}` : `campaign_value:${row['campaign_id']}`,
      )}
      wide
    />
  )
}

/** Every campaign, to sort and to narrow by type and status. */
export function CampaignsTable({ data }: { data: Page }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const rates = useRates()
  const { query, change } = useAddress()
  const figure = data.figures['campaigns']
  if (figure === undefined) return null
  const totals = onlyRow(data.figures['totals'])
  const explain = (row: Row) => `campaign:${row['campaign_id']}`
  const [type, status] = [query['type'] ?? '', query['status'] ?? '']
  const column = (name: string) => figure.columns.findIndex((each) => each.name === name)
  const [typeAt, statusAt] = [column('campaign_type'), column('status')]
  const shown = {
    ...figure,
    rows: figure.rows.filter(
      (row) => (type === '' || row[typeAt] === type) && (status === '' || row[statusAt] === status),
    ),
  }
  const over = totals['ctr_over_100'] ?? '0'
  const all = totals['campaigns'] ?? '0'
  const isCut = Number(all) > figure.rows.length
  return (
    <Card
      title={words.table}
      note={
        <>
          {words.tableNote} {isCut && words.first(format.integer(figure.rows.length), format.integer(all))}{' '}
          <RoiNote data={data} />
        </>
      }
      tools={<FileTools title={words.table} name="campaigns" figure={shown} />}
      wide
    >
      <div class="campaigns-table" data-figure="campaigns">
        <search class="filters" aria-label={words.table}>
          <Narrow
            label={words.type}
            all={words.allTypes}
            counts={countsOf(data, 'types', 'campaign_type')}
            value={type}
            onChoose={(next) => change({ type: next }, { replace: true })}
          />
          <Narrow
            label={words.status}
            all={words.allStatuses}
            counts={countsOf(data, 'statuses', 'status')}
            value={status}
            onChoose={(next) => change({ status: next }, { replace: true })}
          />
          <p class="quiet number" role="status">
            {messages.rowsShown(format.integer(shown.rows.length), format.integer(figure.rows.length))}
          </p>
        </search>
        {over !== '0' && (
          <p class="over-100">
            <Icon of={TriangleAlert} size={14} />
            <span>{words.over100(Number(over), format.integer(over))}</span>
          </p>
        )}
        {shown.rows.length === 0 ? (
          <Empty />
        ) : (
          <DataTable
            key={`${type}\n${status}`}
            label={words.table}
            name="campaigns"
            figure={shown}
            columns={explained(
              [
                campaignColumn(words.campaign),
                {
                  name: 'campaign_type',
                  title: words.type,
                  write: (value) => <Long text={messages.known(value ?? '')} />,
                },
                { name: 'status', title: words.status, write: (value) => <Long text={messages.known(value ?? '')} /> },
                {
                  name: 'start_month',
                  title: words.start,
                  write: (value) => (
                    <span class="month">{value === 'Unknown' ? format.month(null) : format.month(value, 'short')}</span>
                  ),
                },
                numberColumn('budget', words.budget, format.money),
                numberColumn('spend', words.spend, format.money),
                numberColumn('impressions', words.impressions, format.integer),
                numberColumn('clicks', words.clicks, format.integer),
                numberColumn('conversions', words.conversions, format.number),
                rates.ctr,
                { ...rates.conversionRate, title: words.short.conversionRate },
                { ...rates.cpc, title: words.short.cpc },
                { ...rates.cpa, title: words.short.cpa },
                rates.roi,
              ],
              () => explain,
            )}
          />
        )}
      </div>
    </Card>
  )
}

/** Columns of which each number opens to what it comes from. */
function explained(
  columns: readonly ColumnStyle[],
  explain: (column: string) => NonNullable<ColumnStyle['explain']>,
): ColumnStyle[] {
  return columns.map((column) => (column.isNumber ? { ...column, explain: explain(column.name) } : column))
}

/** The columns of what is worked out from two measures. */
function useRates(): Record<'ctr' | 'conversionRate' | 'cpc' | 'cpa' | 'roi', ColumnStyle> {
  const words = useWords({ en, fr })
  const format = useFormat()
  const percent = (value: string | null) => format.percent(value, 2)
  const rate = (name: string, of: 'ctr' | 'conversionRate' | 'cpc' | 'cpa' | 'roi'): ColumnStyle => ({
    name,
    title: words[of],
    meaning: words.meanings[of],
    write: of === 'cpc' || of === 'cpa' ? format.money : percent,
    isNumber: true,
  })
  return {
    ctr: {
      ...rate('ctr_pct', 'ctr'),
      write: (value) =>
        (numeric(value) ?? 0) > 100 ? (
          <>
            <span class="warning">
              <Icon of={TriangleAlert} size={13} />
              {percent(value)}
            </span>
            <span class="why">{words.moreClicks}</span>
          </>
        ) : (
          percent(value)
        ),
    },
    conversionRate: rate('conversion_rate_pct', 'conversionRate'),
    cpc: rate('cpc', 'cpc'),
    cpa: rate('cpa', 'cpa'),
    roi: rate('roi_pct', 'roi'),
  }
}

/** What ROI is here, and is not. */
function RoiNote({ data }: { data: Page }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const totals = onlyRow(data.figures['totals'])
  const without = totals['roi_unknown'] ?? '0'
  return (
    <>
      {words.roiNote({
        strong: (text) => <strong>{text}</strong>,
        // Where there is no campaign, none is without.
        count: totals['campaigns'] === '0' ? null : Number(without),
        without: format.integer(without),
      })}
    </>
  )
}

function Narrow({
  label,
  all,
  counts,
  value,
  onChoose,
}: {
  label: string
  all: string
  counts: readonly { name: string; count: string | null }[]
  value: string
  onChoose: (value: string) => void
}) {
  const messages = useMessages()
  const format = useFormat()
  const known =
    value === '' || counts.some(({ name }) => name === value) ? counts : [...counts, { name: value, count: '0' }]
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget: { value } }) => onChoose(value)}>
        <option value="">{all}</option>
        {known.map(({ name, count }) => (
          <option key={name} value={name}>
            {messages.known(name)} ({format.integer(count)})
          </option>
        ))}
      </select>
    </label>
  )
}

function countsOf(data: Page, figure: string, column: string): { name: string; count: string | null }[] {
  const found = data.figures[figure]
  const rows: Row[] = found === undefined ? [] : recordsOf(found)
  return rows
    .filter((row) => row['campaigns'] !== '0')
    .map((row) => ({ name: row[column] ?? '', count: row['campaigns'] ?? null }))
}

function Long({ text }: { text: string }) {
  return (
    <span class="long-text" title={text.length > 60 ? text : undefined}>
      {text}
    </span>
  )
}
