import { useEffect, useState } from 'preact/hooks'
import type { Carried, Filters, Problem } from '../api.ts'
import { base } from './base.ts'
import { useStatus } from './status.ts'

/** What the server was asked for: there, on its way, or refused. The last answer stays while the next is fetched. */
export interface Resource<T> {
  data: T | undefined
  problem: Problem | undefined
  isLoading: boolean
  retry: () => void
}

/** What a report file carries with it in the place of a server. */
const carried = await readCarried()

async function readCarried(): Promise<Carried | undefined> {
  const packed = document.getElementById('lingot-report')?.textContent
  if (packed == null) return undefined
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0))
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).json()
}

/** Whether this page is a report file, which asks no server. */
export const isReport = carried !== undefined

/** What a report is narrowed to. */
export const carriedFilters: Filters | undefined = carried?.filters

/** What a report's amounts are in. */
export const carriedCurrency = carried?.currency ?? undefined

/** How soon a refused request is made again by itself. */
const RETRY_MS = 3000

/** Fetches JSON, again whenever the address or the gold in place changes. */
export function useResource<T>(address: string, headers: Record<string, string> = {}): Resource<T> {
  const { generation } = useStatus()
  const [state, setState] = useState<{ address: string; data?: T; problem?: Problem; isLoading: boolean }>({
    address,
    isLoading: true,
  })
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    if (isReport) return
    const abort = new AbortController()
    let again: ReturnType<typeof setTimeout> | undefined
    setState((before) => ({ ...before, isLoading: true }))
    request<T>(address, { signal: abort.signal, headers }).then(
      (data) => setState({ address, data, isLoading: false }),
      (error: unknown) => {
        if (abort.signal.aborted) return
        const problem = problemOf(error)
        setState({ address, problem, isLoading: false })
        if (problem.kind === 'server') again = setTimeout(() => setAttempt((number) => number + 1), RETRY_MS)
      },
    )
    return () => {
      abort.abort()
      clearTimeout(again)
    }
  }, [address, generation, attempt])
  const { data, problem, isLoading } = carried
    ? { data: carried.answers[address] as T, problem: undefined, isLoading: false }
    : // What is there may still be of the address before.
      { ...state, isLoading: state.isLoading || state.address !== address }
  return { data, problem, isLoading, retry: () => setAttempt((number) => number + 1) }
}

/** What the server refused, as it says it. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** What is told where the server tells nothing. */
const AWAY: Problem = { type: 'about:blank', title: '', status: 0, detail: '', kind: 'server', next: null }

export async function request<T>(address: string, init: RequestInit = {}): Promise<T> {
  return (await (await answered(address, init)).json()) as T
}

/** A file that the server writes; throws where it ends before it is whole. */
export async function requestFile(address: string, init: RequestInit): Promise<Blob> {
  return (await answered(address, init)).blob()
}

async function answered(address: string, init: RequestInit): Promise<Response> {
  const response = await fetch(base + address, init)
  if (response.ok) return response
  throw new Refusal(await problemIn(response))
}

async function problemIn(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem
  } catch {
    return { ...AWAY, detail: `${response.status} ${response.statusText}` }
  }
}

/** Whatever was thrown, as a problem; a request that did not arrive means that the server is away. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return error.problem
  return AWAY
}
