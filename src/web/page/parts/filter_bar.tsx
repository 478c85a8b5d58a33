import { RotateCcw } from 'lucide'
import { filtersOf, KEPT, narrows, USUAL_PERIOD } from '../../addresses.ts'
import type { Choices, PageName, Period } from '../../api.ts'
import { useAddress } from '../address.ts'
import { useChoices } from '../choices.ts'
import { isReport } from '../data.ts'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { titleOf } from '../title.ts'
import { Icon } from './icon.tsx'
import { KnownOn } from './known_on.tsx'

/** What the page is narrowed to. All of it stands in the address. */
export function FilterBar({ page, period }: { page: PageName; period: Period | undefined }) {
  const messages = useMessages()
  const { filters, change } = useAddress()
  const choices = useChoices()
  const shown = filtersOf[page]
  if (shown.length === 0) return null
  if (isReport) return <Narrowed page={page} period={period} />
  const keptNames = Object.keys(filters.kept ?? {}).map((name) => `${KEPT}${name}`)
  const isNarrowed = shown.some(
    (name) => filters[name] !== undefined && !(name === 'period' && filters.period === USUAL_PERIOD),
  )
  return (
    <search class="filters" aria-label={messages.filters}>
      {shown.includes('period') && <PeriodFilter choices={choices} period={period} />}
      {shown.includes('country') && (
        <Options
          label={messages.country}
          all={messages.allCountries}
          values={choices?.countries ?? []}
          value={filters.country}
          onChoose={(country) => change({ country })}
        />
      )}
      {shown.includes('product') && (
        <Options
          label={messages.product}
          all={messages.allProducts}
          values={choices?.products ?? []}
          value={filters.product}
          onChoose={(product) => change({ product })}
        />
      )}
      {choices?.filters
        .filter((own) => narrows(page, own))
        .map(({ name, meaning, values }) => (
          <Options
            key={name}
            label={titleOf(name)}
            meaning={meaning}
            all={messages.allValues}
            values={values}
            value={filters.kept?.[name]}
            onChoose={(value) => change({ [`${KEPT}${name}`]: value })}
          />
        ))}
      <KnownOn />
      {isNarrowed && (
        <button
          type="button"
          class="tool"
          onClick={() => change(Object.fromEntries([...shown, ...keptNames].map((name) => [name, undefined])))}
        >
          <Icon of={RotateCcw} />
          <span>{messages.reset}</span>
        </button>
      )}
    </search>
  )
}

const PRESETS = ['3m', '6m', '12m', '24m', 'all'] as const

function PeriodFilter({ choices, period }: { choices: Choices | undefined; period: Period | undefined }) {
  const messages = useMessages()
  const format = useFormat()
  const { filters, change } = useAddress()
  const months = monthsBetween(choices?.months ?? null)
  const years = [...new Set(months.map((month) => month.slice(0, 4)))].reverse()
  const named = [...PRESETS, ...years]
  const isOwn = !named.includes(filters.period)
  const [from, to] = [period?.months?.from ?? months[0] ?? '', period?.months?.to ?? months.at(-1) ?? '']
  const between = (from: string, to: string) => change({ period: from <= to ? `${from}..${to}` : `${to}..${from}` })
  return (
    <>
      <label>
        <span>{messages.period}</span>
        <select
          value={isOwn ? 'own' : filters.period}
          onChange={({ currentTarget: { value } }) => (value === 'own' ? between(from, to) : change({ period: value }))}
        >
          {PRESETS.map((preset) => (
            <option key={preset} value={preset}>
              {messages.periods[preset]}
            </option>
          ))}
          {years.map((year) => (
            <option key={year} value={year}>
              {year}
            </option>
          ))}
          <option value="own">{messages.ownPeriod}</option>
        </select>
      </label>
      {isOwn && (
        <>
          <Options
            label={messages.from}
            values={months}
            value={from}
            write={(month) => format.month(month)}
            onChoose={(month) => between(month ?? from, to)}
          />
          <Options
            label={messages.to}
            values={months}
            value={to}
            write={(month) => format.month(month)}
            onChoose={(month) => between(from, month ?? to)}
          />
        </>
      )}
    </>
  )
}

function Options({
  label,
  meaning,
  all,
  values,
  value,
  write = (known) => known,
  onChoose,
}: {
  label: string
  meaning?: string
  /** What stands for no choice, where that is one. */
  all?: string
  values: readonly string[]
  value: string | undefined
  write?: (value: string) => string
  onChoose: (value: string | undefined) => void
}) {
  const messages = useMessages()
  const known = value === undefined || values.includes(value) ? values : [value, ...values]
  return (
    <label title={meaning}>
      <span>{label}</span>
      <select
        value={value ?? ''}
        onChange={({ currentTarget: { value } }) => onChoose(value === '' ? undefined : value)}
      >
        {all !== undefined && <option value="">{all}</option>}
        {known.map((each) => (
          <option key={each} value={each}>
            {each === 'Unknown' ? messages.unknown : write(each)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** In a report nothing can be chosen: it says what was. */
function Narrowed({ page, period }: { page: PageName; period: Period | undefined }) {
  const messages = useMessages()
  const { filters } = useAddress()
  const told = filtersOf[page].flatMap((name) => (name === 'period' || name === 'kept' ? [] : (filters[name] ?? [])))
  return (
    <p class="quiet filters">
      <PeriodWords period={period} />
      {told.map((value) => ` · ${value}`)}
      {told.length === 0 && period === undefined && messages.periods.all}
    </p>
  )
}

/** `January 2025 – June 2025` */
export function PeriodWords({ period }: { period: Period | undefined }) {
  const messages = useMessages()
  const format = useFormat()
  if (period === undefined) return null
  if (period.months === null) return <>{messages.periods.all}</>
  const { from, to } = period.months
  return <>{from === to ? format.month(from) : `${format.month(from)} – ${format.month(to)}`}</>
}

function monthsBetween(months: Choices['months']): string[] {
  if (months === null) return []
  const found: string[] = []
  for (let month = months.from; month <= months.to && found.length < 1200; month = nextMonth(month)) found.push(month)
  return found
}

function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return number === 12
    ? `${String(year + 1).padStart(4, '0')}-01`
    : `${month.slice(0, 5)}${String(number + 1).padStart(2, '0')}`
}
