import { createSecretKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'

const PREFIX = 'whsec_'

/** A secret as Standard Webhooks writes it, kept so that nothing prints it. */
export const signingKey = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'must be whsec_ with Base64 behind it')
  .transform((text) => Buffer.from(text.slice(PREFIX.length), 'base64'))
  .refine(
    ({ length }) => length >= 24 && length <= 64,
    'must hold 24 to 64 bytes, as `openssl rand -base64 32` gives them',
  )
  .transform((bytes) => createSecretKey(bytes))

export const webAddress = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://' })
  .refine((text) => !URL.canParse(text) || new URL(text).username === '', 'must hold no user or password')

const mailAddress = z
  .string()
  .regex(/^[^\s@<>,;]+@[^\s@<>,;]+$/, 'must be the address of a mailbox, such as ops@shop.example')

/** Whom `lingot watch` tells what changed. What is secret about it stands in the environment. */
export const alerts = z.strictObject({
  /** Where alerts are posted as JSON; LINGOT_WEBHOOK_URL wins, and LINGOT_WEBHOOK_SECRET signs them. */
  webhook: z.strictObject({ url: webAddress }).optional(),
  /** Who gets them by mail, through the server of LINGOT_SMTP_URL. */
  mail: z.strictObject({ from: mailAddress, to: z.array(mailAddress).min(1, 'must name somebody') }).optional(),
  /** What a shell runs for each, with its JSON on standard input. */
  command: z.string().regex(/\S/, 'must be a command').optional(),
})

/** Whom to tell, and how they are reached. */
export interface Alerts {
  webhook?: { url: string; secret?: KeyObject | undefined } | undefined
  /** Without a server none can be sent. */
  mail?: { from: string; to: string[]; server?: string | undefined } | undefined
  command?: string | undefined
}

/** The settings of the file and those of the environment, which wins. */
export function alertsOf(
  { webhook, mail, command }: z.output<typeof alerts>,
  own: {
    LINGOT_WEBHOOK_URL?: string | undefined
    LINGOT_WEBHOOK_SECRET?: KeyObject | undefined
    LINGOT_SMTP_URL?: string | undefined
  },
): Alerts {
  const url = own.LINGOT_WEBHOOK_URL ?? webhook?.url
  return {
    webhook: url === undefined ? undefined : { url, secret: own.LINGOT_WEBHOOK_SECRET },
    mail: mail && { ...mail, server: own.LINGOT_SMTP_URL },
    command,
  }
}
