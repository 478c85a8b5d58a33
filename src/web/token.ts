import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What somebody has to know who starts a run. */
export function newToken(): string {
  return randomBytes(24).toString('base64url')
}

/** Whether a header carries the token; takes as long for a wrong one, however much of it is right. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`))
}
