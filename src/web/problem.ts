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
export function problemOf(error: unknown): { status: ContentfulStatusCode; problem: Problem } {
  // Hono's own, as of a body that is no JSON.
  if (error instanceof HTTPException && error.status < 500) {
    return {
      status: error.status as ContentfulStatusCode,
      problem: { kind: 'usage', message: reasonOf(error), next: 'See /api/openapi.json.' },
    }
  }
  const failure = recognise(error)
  if (failure === undefined) {
    const next = 'This is a defect in Lingot.'
    return { status: 500, problem: { kind: 'bug', message: reasonOf(error), next } }
  }
  const { kind, message, next = null } = failure
  const status = failure instanceof Refusal ? failure.status : (statuses[kind] ?? 500)
  return { status, problem: { kind, message, next: next && asCalled(next), ...positionOf(failure) } }
}

function positionOf(failure: LingotError): { position?: number } {
  return 'position' in failure && typeof failure.position === 'number' ? { position: failure.position } : {}
}
