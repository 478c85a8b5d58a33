import { createHmac } from 'node:crypto'
import pRetry, { AbortError } from 'p-retry'
import type { Alerts } from '../../settings/alerts.ts'
import { postJson } from '../../system/post.ts'
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
        const { isTaken, status } = await postJson(url, body, {
          patienceMs: PATIENCE_MS,
          signal,
          headers: {
            'webhook-id': message.id,
            'webhook-timestamp': String(timestamp),
            ...(signed && { 'webhook-signature': `v1,${signed.digest('base64')}` }),
          },
        })
        if (isTaken) return
        const problem = `it answered with status ${status}`
        const mayPass = status >= 500 || [408, 425, 429].includes(status)
        throw mayPass ? new Error(problem) : new AbortError(problem)
      }
      await pRetry(post, { retries: ATTEMPTS - 1, minTimeout: firstWaitMs, signal })
    },
  }
}
