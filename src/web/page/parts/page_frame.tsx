import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { dataAddress, filtersOf, KEPT, narrows, type Place } from '../../addresses.ts'
import type { Page } from '../../api.ts'
import { useAddress } from '../address.ts'
import { useChoices, useHasData } from '../choices.ts'
import { isReport, useResource } from '../data.ts'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { useChosen } from '../narrowing.ts'
import { titleOf } from '../title.ts'
import { useTrusted } from '../trusted.ts'
import { FilterBar, useNarrowedWords } from './filter_bar.tsx'
import { AsKnown } from './known_on.tsx'
import { PeriodLine, usePeriodWords } from './period_line.tsx'
import { ShownPageContext } from './shown_page.ts'
import { Empty, Loading, Trouble } from './states.tsx'

/** What any answer tells beside its numbers. */
type Told = Omit<Page, 'figures'>

/** A page of figures: its heading, its filters, and what is read for them. */
export function PageFrame<T extends Told = Page>({
  page,
  title,
  about,
  address,
  controls,
  children,
}: {
  /** The page whose filters narrow it. */
  page: Place
  /** What it is called where it is of one thing alone. */
  title?: string
  about?: ComponentChildren
  /** What is read for it, where that is not the figures of the page. */
  address?: string
  /** What is chosen beside its filters. */
  controls?: ComponentChildren
  children: (data: T) => ComponentChildren
}) {
  const messages = useMessages()
  const { filters, link } = useAddress()
  const { data, problem, isLoading, retry } = useResource<T>(address ?? dataAddress(page, filters))
  const choices = useChoices()
  const { of, isKnown } = useChosen()
  const isChosen = (filter: string) => of(filter).length > 0 || isKnown(filter)
  const chosen = choices?.filters.filter(({ name }) => isChosen(`${KEPT}${name}`)) ?? []
  const titles = (isNarrowing: boolean) =>
    chosen.flatMap((own) => (narrows(page, own) === isNarrowing ? titleOf(own.name) : []))
  const several = (['country', 'product'] as const).flatMap((name) => {
    const isSome = filtersOf[page].includes(name) && (of(name).length > 1 || isKnown(name))
    return isSome ? messages[name] : []
  })
  const hasData = useHasData()
  useTitle(title ?? messages.pages[page])
  return (
    <>
      <PageHead page={page} title={title} about={about}>
        <FilterBar page={page} data={data} />
      </PageHead>
      {controls}
      <div class="content" aria-busy={isLoading}>
        {!hasData(page) ? (
          <Empty>{messages.withoutData([messages.pages[page]])}</Empty>
        ) : problem !== undefined ? (
          <Trouble problem={problem} onRetry={retry} />
        ) : data === undefined ? (
          <Skeleton />
        ) : (
          <>
            {filtersOf[page].length > 0 && <PeriodLine page={page} data={data} />}
            {data.gold.severalCurrencies !== null && (
              <p class="warning">
                {messages.severalCurrencies(data.gold.severalCurrencies)}{' '}
                <a href={link('trust')}>{messages.pages.trust}</a>
              </p>
            )}
            {data.asOf && <AsKnown asOf={data.asOf} />}
            {data.unanswered.length > 0 && (
              <p class="quiet unanswered">
                {data.period.days !== null
                  ? messages.byDays
                  : titles(true).length + several.length > 0
                    ? messages.unanswered([...several, ...titles(true)], data.unanswered)
                    : messages.netUnanswered(data.unanswered)}
              </p>
            )}
            {titles(false).length > 0 && <p class="quiet unanswered">{messages.notNarrowed(titles(false))}</p>}
            <Shown page={page} data={data}>
              {children(data)}
            </Shown>
          </>
        )}
      </div>
    </>
  )
}

/** Tells the parts of a page what it shows; on paper it stands above and beneath them as well. */
function Shown({ page, data, children }: { page: Place; data: Told; children: ComponentChildren }) {
  const messages = useMessages()
  const format = useFormat()
  const chosen = useNarrowedWords(page)
  const period = usePeriodWords(page, data.period)
  const trusted = useTrusted()
  return (
    <ShownPageContext.Provider
      value={{ gold: data.gold, range: [period, ...chosen].join(' · '), trusted: data.asOf ? undefined : trusted }}
    >
      {chosen.length > 0 && <p class="on-paper">{chosen.join(' · ')}</p>}
      {children}
      <p class="on-paper">{messages.source(format.time(data.gold.started))}</p>
    </ShownPageContext.Provider>
  )
}

export function PageHead({
  page,
  title,
  about,
  children,
}: {
  page: Place
  title?: string | undefined
  about?: ComponentChildren
  children?: ComponentChildren
}) {
  const messages = useMessages()
  return (
    <div class="page-head">
      <div>
        <h1>{title ?? messages.pages[page]}</h1>
        <p class="quiet">{about ?? messages.about[page]}</p>
      </div>
      {children}
    </div>
  )
}

export function useTitle(title: string): void {
  useEffect(() => {
    if (!isReport) document.title = `${title} · Lingot`
  }, [title])
}

function Skeleton() {
  return (
    <>
      <Loading height={112} />
      <Loading height={320} />
      <div class="grid two">
        <Loading />
        <Loading />
      </div>
    </>
  )
}
