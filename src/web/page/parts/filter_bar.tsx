import { RotateCcw } from 'lucide'
import { filtersOf, KEPT, knownOn, narrows, type Place, USUAL_PERIOD } from '../../addresses.ts'
import type { Choices, Page, Period } from '../../api.ts'
import { useAddress } from '../address.ts'
import { useChoices } from '../choices.ts'
import { isReport } from '../data.ts'
import { useMessages } from '../language.ts'
import { useChosen } from '../narrowing.ts'
import { titleOf } from '../title.ts'
import { DayRange } from './day_range.tsx'
import { Icon } from './icon.tsx'
import { KnownOn } from './known_on.tsx'
import { Chips, Choose, type Several } from './several.tsx'
import { Views } from './views.tsx'

/** What is told of what a page shows. */
type Shown = Pick<Page, 'period' | 'gold'>

/** What the page is narrowed to. All of it stands in the address. */
export function FilterBar({ page, data }: { page: Place; data: Shown | undefined }) {
  const messages = useMessages()
  const { filters, change } = useAddress()
  const choices = useChoices()
  const shown = filtersOf[page]
  if (shown.length === 0) return null
  if (isReport) return <Narrowed page={page} />
  const keptNames = Object.keys(filters.kept ?? {}).map((name) => `${KEPT}${name}`)
  const several: Several[] = [
    ...(shown.includes('country')
      ? [
          {
            filter: 'country',
            label: messages.country,
            all: messages.allCountries,
            values: choices?.countries ?? [],
          },
        ]
      : []),
    ...(shown.includes('product')
      ? [{ filter: 'product', label: messages.product, all: messages.allProducts, values: choices?.products ?? [] }]
      : []),
    ...(choices?.filters ?? [])
      .filter((own) => narrows(page, own))
      .map(({ name, meaning, values }) => ({
        filter: `${KEPT}${name}`,
        label: titleOf(name),
        meaning,
        all: messages.allValues,
        values,
      })),
  ]
  const isNarrowed = shown.some((name) => {
    if (name === 'known') return knownOn(page, filters).length > 0
    return filters[name] !== undefined && !(name === 'period' && filters.period === USUAL_PERIOD)
  })
  return (
    <search class="filters" aria-label={messages.filters}>
      {shown.includes('period') && <PeriodFilter choices={choices} data={data} />}
      {shown.includes('compare') && <CompareFilter choices={choices} period={data?.period} />}
      {several.map((one) => (
        <Choose key={one.filter} {...one} />
      ))}
      {shown.includes('revenue') && (
        <label title={messages.revenueMeaning}>
          <span>{messages.revenue}</span>
          <select
            value={filters.revenue ?? 'gross'}
            onChange={({ currentTarget: { value } }) => change({ revenue: value === 'net' ? value : undefined })}
          >
            {(['gross', 'net'] as const).map((each) => (
              <option key={each} value={each}>
                {messages.revenues[each]}
              </option>
            ))}
          </select>
        </label>
      )}
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
      <Views />
      <Chips of={several} />
    </search>
  )
}

const PRESETS = ['3m', '6m', '12m', '24m', 'all'] as const

function PeriodFilter({ choices, data }: { choices: Choices | undefined; data: Shown | undefined }) {
  const messages = useMessages()
  const { filters, change } = useAddress()
  const known = choices?.months ?? null
  const years = known === null ? [] : yearsBetween(known)
  const named = [...PRESETS, ...years]
  const isOwn = !named.includes(filters.period)
  const all = daysOf({ months: known, days: null })
  const [from, to] = daysIn(filters.period) ?? daysOf(data?.period ?? null) ?? all ?? ['', '']
  const between = (from: string, to: string) => change({ period: `${from}..${to}` }, { replace: isOwn })
  const until = data?.gold.completeUntil ?? null
  const isOpen = (year: string) => until !== null && year === known?.to.slice(0, 4) && until < `${year}-12-31`
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
              {isOpen(year) ? messages.yearToDate(year) : year}
            </option>
          ))}
          <option value="own">{messages.ownPeriod}</option>
        </select>
      </label>
      {isOwn && <DayRange from={from} to={to} labels={[messages.from, messages.to]} within={all} onChoose={between} />}
    </>
  )
}

const COMPARISONS = ['before', 'year', 'range', 'none'] as const

/** What the period is compared with; all time is with nothing. */
function CompareFilter({ choices, period }: { choices: Choices | undefined; period: Period | undefined }) {
  const messages = useMessages()
  const { filters, change } = useAddress()
  if (filters.period === 'all') return null
  const { compare } = filters
  const isRange = compare !== undefined && !COMPARISONS.some((known) => known === compare)
  const chosen = isRange ? 'range' : (compare ?? period?.compare ?? 'before')
  const [from, to] = daysIn(compare) ?? daysOf(comparedWith(period)) ?? daysOf(period ?? null) ?? ['', '']
  const between = (from: string, to: string) => change({ compare: `${from}..${to}` }, { replace: isRange })
  return (
    <>
      <label>
        <span>{messages.compareWith}</span>
        <select
          value={chosen}
          onChange={({ currentTarget: { value } }) =>
            value === 'range' ? between(from, to) : change({ compare: value })
          }
        >
          {COMPARISONS.map((each) => (
            <option key={each} value={each}>
              {messages.comparisons[each]}
            </option>
          ))}
        </select>
      </label>
      {isRange && (
        <DayRange
          from={from}
          to={to}
          labels={[messages.compareFrom, messages.compareTo]}
          within={daysOf({ months: choices?.months ?? null, days: null })}
          onChoose={between}
        />
      )}
    </>
  )
}

type Span = Pick<Period, 'months' | 'days'>

function comparedWith(period: Period | undefined): Span | null {
  const before = period?.before ?? null
  if (before === null) return null
  return before.from.length === '2025-03'.length ? { months: before, days: null } : { months: null, days: before }
}

/** The days that an address names: it is ahead of what is read for it. */
function daysIn(name: string | undefined): readonly [string, string] | undefined {
  const [from = '', to = from] = name?.split('..') ?? []
  return from.length === '2025-03-31'.length ? [from, to] : undefined
}

/** The first and the last day of a period. */
function daysOf(span: Span | null): readonly [string, string] | undefined {
  if (span?.days != null) return [span.days.from, span.days.to]
  if (span?.months == null) return undefined
  const { from, to } = span.months
  const [year = 0, month = 0] = to.split('-').map(Number)
  return [`${from}-01`, new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)]
}

/** The latest first. */
function yearsBetween({ from, to }: NonNullable<Choices['months']>): string[] {
  const [first, last] = [Number(from.slice(0, 4)), Number(to.slice(0, 4))]
  return Array.from({ length: Math.min(last - first + 1, 100) }, (_, i) => String(last - i))
}

/** What a page is narrowed to beside its period, in words. */
export function useNarrowedWords(page: Place): string[] {
  const messages = useMessages()
  const { of, isKnown } = useChosen()
  const own = (useChoices()?.filters ?? []).filter((each) => narrows(page, each))
  const filters = [
    ...(['country', 'product'] as const)
      .filter((name) => filtersOf[page].includes(name))
      .map((name) => ({ filter: name, label: messages[name] })),
    ...own.map(({ name }) => ({ filter: `${KEPT}${name}`, label: titleOf(name) })),
  ]
  return filters.flatMap(({ filter, label }) => {
    const told = [
      ...of(filter).map((value) => messages.known(value)),
      ...(isKnown(filter) ? [messages.withoutUnknown] : []),
    ]
    return told.length === 0 ? [] : `${label}: ${told.join(', ')}`
  })
}

/** In a report nothing can be chosen: it says what was, beside the period. */
function Narrowed({ page }: { page: Place }) {
  const told = useNarrowedWords(page)
  return told.length === 0 ? null : <p class="quiet filters">{told.join(' · ')}</p>
}
