import { STATUS_CODES } from 'node:http'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type Failure, LingotError, reasonOf, recognise } from '../system/errors.ts'
import { asCalled } from '../system/invocation.ts'
import type { Problem } from './api.ts'

/** How a kind of failure is told over HTTP. */
const statuses: Partial<Record<Failure, ContentfulStatusCode>> = {
  usage: 422,
  data: 404,
  server: 503,
  permission: 403,
  busy: 409,
  interrupted: 503,
}

/** A failure that is told by another status than others of its kind. */
export class Refusal extends LingotError {
  override readonly name = 'Refusal'
  readonly status: ContentfulStatusCode

  constructor(status: ContentfulStatusCode, kind: Failure, message: string, next?: string) {
    super(kind, message, next)
    this.status = status
  }
}

/** What is told of whatever was thrown; never where it happened. */
export function problemOf(error: unknown): Problem {
  // Hono's own, as of a body that is no JSON.
  if (error instanceof HTTPException && error.status < 500) {
    return problem(error.status, { kind: 'usage', detail: reasonOf(error), next: 'See /api/openapi.json.' })
  }
  const failure = recognise(error)
  if (failure === undefined) {
    return problem(500, { kind: 'bug', detail: reasonOf(error), next: 'This is a defect in Lingot.' })
  }
  const { kind, message, next = null } = failure
  const status = failure instanceof Refusal ? failure.status : (statuses[kind] ?? 500)
  return problem(status, { kind, detail: message, next: next && asCalled(next), ...positionOf(failure) })
}

/** A problem after RFC 9457 that its status and its kind describe. */
export function problem(status: number, told: Omit<Problem, 'type' | 'title' | 'status'>): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? '', status, ...told }
}

export function sendProblem(c: Context, problem: Problem): Response {
  return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, {
    'Content-Type': 'application/problem+json',
  })
}

function positionOf(failure: LingotError): { position?: number } {
  return 'position' in failure && typeof failure.position === 'number' ? { position: failure.position } : {}
}
