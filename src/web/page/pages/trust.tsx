import { useEffect, useRef } from 'preact/hooks'
import { dataAddress } from '../../addresses.ts'
import type { Page, Trust as TrustData } from '../../api.ts'
import { useAddress } from '../address.ts'
import { type Resource, useResource } from '../data.ts'
import { useMessages, useWords } from '../language.ts'
import { PageHead, useTitle } from '../parts/page_frame.tsx'
import { Loading, Trouble } from '../parts/states.tsx'
import { useStatus } from '../status.ts'
import '../style/trust.css'
import { ChecksSection } from './trust/checks.tsx'
import { DocumentsSection } from './trust/documents.tsx'
import { DriftSection } from './trust/drift.tsx'
import { FieldsSection } from './trust/fields.tsx'
import { LineageSection } from './trust/lineage.tsx'
import { RevenueSection } from './trust/revenue.tsx'
import { RunsSection } from './trust/runs.tsx'
import { type SectionName, sections } from './trust/section.tsx'
import { Verdict } from './trust/verdict.tsx'
import { en, fr } from './trust_words.ts'

/** How far the numbers can be trusted. The record of the runs is MongoDB's, revenue PostgreSQL's: each stands alone. */
export function Trust() {
  const messages = useMessages()
  const { filters } = useAddress()
  const trust = useResource<TrustData>('/api/trust')
  const page = useResource<Page>(dataAddress('trust', filters))
  useTitle(messages.pages.trust)
  useReadAfterRuns(trust.retry)
  useAnchor(trust.data !== undefined)
  const { data } = trust
  const hasRevenue = data !== undefined || !isNothing(page)
  const there = sections.filter((name) => (name === 'revenue' ? hasRevenue : data !== undefined))
  return (
    <>
      <PageHead page="trust" />
      <div class="trust-page">
        <Contents of={there} />
        <div class="content" aria-busy={trust.isLoading || page.isLoading}>
          {trust.problem !== undefined ? (
            <Trouble problem={trust.problem} onRetry={trust.retry} />
          ) : data === undefined ? (
            <>
              <Loading height={170} />
              <Loading height={280} />
            </>
          ) : (
            <>
              <Verdict data={data} figure={page.data?.figures['reconciliation']} />
              <DocumentsSection silver={data.silver} />
              <FieldsSection silver={data.silver} />
              <DriftSection silver={data.silver} />
              <ChecksSection checks={data.checks} gold={data.gold} />
            </>
          )}
          {hasRevenue && <RevenueSection page={page} />}
          {data !== undefined && (
            <>
              <RunsSection runs={data.runs} />
              <LineageSection lineage={data.lineage} />
            </>
          )}
        </div>
      </div>
    </>
  )
}

/** Whether there is no gold, which one message says for the whole page. */
function isNothing({ problem, data }: Resource<Page>): boolean {
  return data === undefined && (problem === undefined || problem.kind === 'data')
}

/** A run that failed leaves other records and the same gold. */
function useReadAfterRuns(read: () => void): void {
  const last = useStatus().status?.last?.run
  const seen = useRef(last)
  useEffect(() => {
    if (last === seen.current) return
    const isFirst = seen.current === undefined
    seen.current = last
    if (!isFirst) read()
  }, [last, read])
}

/** What the address leads to is not there before the data is. */
function useAnchor(isThere: boolean): void {
  useEffect(() => {
    const name = location.hash.slice(1) as SectionName
    if (isThere && sections.includes(name)) document.getElementById(name)?.scrollIntoView()
  }, [isThere])
}

function Contents({ of }: { of: readonly SectionName[] }) {
  const words = useWords({ en, fr })
  return (
    <nav class="contents" aria-label={words.contents}>
      <ul>
        {of.map((name) => (
          <li key={name}>
            <a href={`#${name}`}>{words.sections[name]}</a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
