import { createHmac, hash, type KeyObject } from 'node:crypto'
import { LingotError } from '../system/errors.ts'

/** How silver hides an email or a phone number; the key comes from the environment alone. */
export interface Pii {
  method: PiiMethod
  key?: KeyObject | undefined
}
export type PiiMethod = (typeof piiMethods)[number]
export const piiMethods = ['md5', 'hmac-sha256'] as const

/** What stands for a value in silver: equal values have equal ones. */
export type Pseudonym = (plain: string) => string

export const md5: Pseudonym = (plain) => hash('md5', plain, 'hex')

/** Hexadecimal digits of what each method gives. */
export const digitsOf: Record<PiiMethod, number> = { md5: 32, 'hmac-sha256': 64 }

/** The method as a function; throws where it lacks its key. */
export function pseudonym({ method, key }: Pii = { method: 'md5' }): Pseudonym {
  if (method === 'md5') return md5
  if (key === undefined) {
    throw new LingotError(
      'config',
      'pii.method is hmac-sha256, and LINGOT_PII_KEY is not set.',
      'Set it, in the environment or in .env, to at least 32 random characters (`openssl rand -hex 32`), and keep it: the same key gives the same hashes.',
    )
  }
  return (plain) => createHmac('sha256', key).update(plain).digest('hex')
}
