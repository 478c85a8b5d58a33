import type { Alert } from '../alerts.ts'

/** An alert as it is sent. */
export interface Message extends Alert {
  /** The same, however often it is sent. */
  id: string
  at: Date
  /** Whose layers it is about: `bronze_db → silver_db → public`. */
  shop: string
  text: string
}

/** A way to tell somebody; it throws where that failed. */
export interface Channel {
  /** What it is called where it is told that it failed; nothing secret. */
  name: string
  send: (message: Message, signal: AbortSignal) => Promise<void>
}

/** The JSON of an alert: a body of Standard Webhooks, of which Slack and Teams show the `text`. */
export function bodyOf({ at, text, shop, event, title, run, kind, checks, lines }: Message): string {
  return JSON.stringify({
    type: `lingot.${event.replaceAll(' ', '_')}`,
    timestamp: at.toISOString(),
    text,
    data: { event, shop, title, run, kind, checks, lines },
  })
}
