import { createHmac } from 'node:crypto'
import pRetry, { AbortError } from 'p-retry'
import type { Alerts } from '../../settings/alerts.ts'
import { bodyOf, type Channel } from './channel.ts'

const ATTEMPTS = 4
const PATIENCE_MS = 10_000

/** Posts alerts after the specification of Standard Webhooks (https://www.standardwebhooks.com). */
export function webhook({ url, secret }: NonNullable<Alerts['webhook']>, firstWaitMs = 1000): Channel {
  return {
    // What stands behind the host may be a secret.
    name: `webhook at ${new URL(url).host}`,
    async send(message, signal) {
      const body = bodyOf(message)
      const post = async () => {
        const timestamp = Math.floor(Date.now() / 1000)
        const signed = secret && createHmac('sha256', secret).update(`${message.id}.${timestamp}.${body}`)
        const response = await fetch(url, {
          method: 'POST',
          body,
          // Whoever could redirect it would get it.
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
          headers: {
            'content-type': 'application/json',
            'webhook-id': message.id,
            'webhook-timestamp': String(timestamp),
            ...(signed && { 'webhook-signature': `v1,${signed.digest('base64')}` }),
          },
        }).catch((error: unknown) => {
          throw new Error(reasonOf(error))
        })
        await response.body?.cancel()
        if (response.ok) return
        const problem = `it answered with status ${response.status}`
        const mayPass = response.status >= 500 || [408, 425, 429].includes(response.status)
        throw mayPass ? new Error(problem) : new AbortError(problem)
      }
      await pRetry(post, { retries: ATTEMPTS - 1, minTimeout: firstWaitMs, signal })
    },
  }
}

/** Why nothing was answered, without the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it does not answer'
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : ''
  return error.name === 'TimeoutError' ? `no answer within ${PATIENCE_MS / 1000} seconds` : `it does not answer${code}`
}
