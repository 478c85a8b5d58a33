import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { Refusal } from './problem.ts'

const own = ["'self'"]
const nobody = ["'none'"]

/** Sent with everything: the page loads nothing from elsewhere, and nobody else shows it or reads it. */
export const withHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: nobody,
    scriptSrc: own,
    styleSrc: [...own, "'unsafe-inline'"],
    imgSrc: [...own, 'data:', 'blob:'],
    fontSrc: own,
    connectSrc: own,
    baseUri: nobody,
    formAction: nobody,
    frameAncestors: nobody,
  },
  permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [], usb: [] },
  xFrameOptions: 'DENY',
  // That is for who puts TLS before it to say.
  strictTransportSecurity: false,
})

/**
 * No name of another site leads to the server, whatever a DNS server says: it answers to its own names alone, and
 * where other machines are to reach it to any address, which no DNS server can point elsewhere.
 */
export function onlyOwnNames(host: string, allowed: readonly string[]): MiddlewareHandler {
  const names = new Set(allowed.map((name) => name.toLowerCase()))
  const isLocal = isLoopback(host)
  if (!isLocal) for (const name of namesOf(host)) names.add(name.toLowerCase())
  return async (c, next) => {
    const name = (c.req.header('host') ?? '').replace(/:\d*$/, '').toLowerCase()
    const isOwn = isLoopback(name) || names.has(name) || (!isLocal && isAddress(name))
    if (!isOwn) throw isLocal ? notOfThisMachine() : notAllowed()
    await next()
  }
}

/** What a machine that listens for others is called. */
function namesOf(host: string): string[] {
  const own = hostname()
  return [host, ...(own === '' ? [] : [own, `${own}.local`])]
}

function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
}

function notOfThisMachine(): Refusal {
  return new Refusal(
    403,
    'permission',
    'This server answers to the names of this machine alone: 127.0.0.1, [::1] and localhost.',
    'Behind a proxy, have it send such a Host; docs/dashboard.md shows how.',
  )
}

function notAllowed(): Refusal {
  return new Refusal(
    403,
    'permission',
    'This server answers to its addresses and to the names of its machine alone.',
    'Name others that lead to it with `lingot serve --allow-host NAME`; docs/dashboard.md shows how.',
  )
}

/** The data is for the page of this server. A page of another site may send requests too, and of another port. */
export const onlyOwnPage: MiddlewareHandler = async (c, next) => {
  if (/^(cross-site|same-site)$/.test(c.req.header('sec-fetch-site') ?? '')) {
    throw new Refusal(403, 'permission', 'A page of another site asked for this.', 'Open the dashboard itself.')
  }
  // What a form sends is never JSON, and for JSON a browser asks first whether it may.
  const type = c.req.header('content-type') ?? ''
  if (c.req.method === 'POST' && !/^application\/json *(;|$)/i.test(type)) {
    throw new Refusal(415, 'usage', 'The body must be JSON.', 'Send it with Content-Type: application/json.')
  }
  await next()
}

/** Whether an address can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)
}
