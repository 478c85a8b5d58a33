import pRetry from 'p-retry'
import type { Alerts } from '../../settings/alerts.ts'
import { LingotError } from '../../system/errors.ts'
import type { Channel } from './channel.ts'

const ATTEMPTS = 3
const PATIENCE_MS = 10_000

/** Sends alerts by mail. */
export async function mail({ from, to, server }: NonNullable<Alerts['mail']>, firstWaitMs = 2000): Promise<Channel> {
  if (server === undefined) {
    const next = 'Set LINGOT_SMTP_URL, such as smtps://user:password@mail.shop.example.'
    throw new LingotError('config', 'alerts.mail says to whom mail goes, and nothing says which server sends it.', next)
  }
  const { createTransport } = await import('nodemailer')
  const waits = { connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS }
  const transport = createTransport({ url: server, ...waits, disableFileAccess: true, disableUrlAccess: true })
  return {
    name: `mail by ${new URL(server).host}`,
    async send({ id, event, shop, text, at }, signal) {
      const sent = () =>
        transport.sendMail({
          from,
          to,
          subject: `Lingot: ${event} (${shop})`,
          text,
          date: at,
          messageId: `<${id}@lingot>`,
          // No answer of who is away is wanted.
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
      await pRetry(sent, { retries: ATTEMPTS - 1, minTimeout: firstWaitMs, signal })
    },
  }
}
