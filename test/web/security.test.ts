import { hostname } from 'node:os'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onlyOwnNames } from '../../src/web/guard.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { type Asked, ask, post } from './http.ts'
import { builtPage, type Served, serve, TOKEN } from './place.ts'

const page = builtPage()
let place: Place
let served: Served
let open: Served
let withReader: Served

beforeAll(async () => {
  place = await openPlace()
  served = await serve(place, { folder: page.folder })
  open = await serve(place, { host: '0.0.0.0', allowedHosts: ['Dashboard.example'], folder: page.folder })
  withReader = await serve(place, { host: '0.0.0.0', config: { postgresReaderUrl: place.postgresUrl } })
})

afterAll(async () => {
  for (const server of [served, open, withReader]) await server.close()
  await place.leave()
  page.remove()
})

const headers = (host: string, others: Record<string, string> = {}): Asked => ({ headers: { host, ...others } })
const posted = (type: Record<string, string>, body = '{"sql":"select 1"}'): Asked => {
  return { method: 'POST', headers: type, body }
}
const json = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` }

describe('a request', () => {
  test.each<[string, string, Asked, number]>([
    ['by address', '/api/status', headers('127.0.0.1:7007'), 200],
    ['by name', '/api/status', headers('LOCALHOST'), 200],
    ['by IPv6 address', '/api/status', headers('[::1]:7007'), 200],
    ['by the name of another site', '/api/status', headers('evil.example'), 403],
    ['by a name that begins like this machine', '/api/status', headers('127.0.0.1.evil.example:7007'), 403],
    ['by a name that ends like this machine', '/', headers('evil-localhost'), 403],
    ['by an address of another machine', '/assets/page-4f2a.js', headers('192.168.0.7:7007'), 403],
    ['of the page', '/api/status', headers('localhost', { 'sec-fetch-site': 'same-origin' }), 200],
    ['of the address bar', '/api/status', headers('localhost', { 'sec-fetch-site': 'none' }), 200],
    ['of another site', '/api/status', headers('localhost', { 'sec-fetch-site': 'cross-site' }), 403],
    ['of another port', '/api/status', headers('localhost', { 'sec-fetch-site': 'same-site' }), 403],
    ['of a link on another site', '/customers', headers('localhost', { 'sec-fetch-site': 'cross-site' }), 200],
    ['with JSON', '/api/sql', posted(json), 200],
    [
      'with JSON and a charset',
      '/api/sql',
      posted({ ...json, 'content-type': 'application/json; charset=utf-8' }),
      200,
    ],
    ['of who has no token', '/api/sql', posted({ 'content-type': 'application/json' }), 401],
    ['of who has another one', '/api/sql', posted({ ...json, authorization: 'Bearer other' }), 401],
    ['of a form', '/api/sql', posted({ 'content-type': 'text/plain' }), 415],
    ['of a form, with a type that begins like JSON', '/api/sql', posted({ 'content-type': 'application/jsonx' }), 415],
    ['without a type', '/api/runs', posted({ authorization: `Bearer ${TOKEN}` }), 415],
    ['with half a JSON', '/api/sql', posted(json, '{"sql":'), 400],
    ['without a statement', '/api/sql', posted(json, '{}'), 400],
    ['with a long body', '/api/sql', posted(json, JSON.stringify({ sql: 'x'.repeat(600_000) })), 413],
    ['with a long statement', '/api/sql', posted(json, JSON.stringify({ sql: 'x'.repeat(100_001) })), 400],
    [
      'that asks whether another site may',
      '/api/sql',
      { method: 'OPTIONS', headers: { origin: 'http://evil.example' } },
      404,
    ],
  ])('%s', async (_, path, asked, wanted) => {
    const told = await ask(served.port, path, asked)
    expect(told.status).toBe(wanted)
    expect(Object.keys(told.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    if (wanted >= 400) expect(told.json()).toMatchObject({ kind: expect.any(String), detail: expect.any(String) })
  })
})

test.each(['/', '/nothing', '/api/status', '/api/nothing', '/assets/page-4f2a.js', '/api/events'])(
  '%s is sent with the headers that keep others out',
  async (path) => {
    const controller = new AbortController()
    const { headers } = await fetch(`http://127.0.0.1:${served.port}${path}`, { signal: controller.signal })
    controller.abort()
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    })
  },
)

describe('where other machines reach it', () => {
  const statement = { sql: 'select 1 as one' }

  test.each([
    ['192.168.0.7:7007', 200],
    ['[fe80::1]:7007', 200],
    ['localhost:7007', 200],
    [`${hostname()}:7007`, 200],
    [`${hostname()}.local`.toUpperCase(), 200],
    ['dashboard.example', 200],
    ['evil.example:7007', 403],
    ['evil.dashboard.example', 403],
    ['192.168.0.7.evil.example', 403],
  ])('a Host %j is answered with %i', async (host, wanted) => {
    for (const path of ['/', '/api/status']) {
      const told = await ask(open.port, path, headers(host))
      expect(told.status).toBe(wanted)
      if (wanted === 403) expect(told.json()).toMatchObject({ next: expect.stringContaining('--allow-host') })
    }
  })

  test('the name that it listens on leads to it', async () => {
    const named = onlyOwnNames('shop.example', [])
    const app = new Hono().use(named).get('/', (c) => c.text('here'))
    app.onError((error, c) => c.text(error.message, 403))
    const statusOf = async (host: string) => (await app.request('/', { headers: { host } })).status
    expect(await statusOf('shop.example:7007')).toBe(200)
    expect(await statusOf('other.example:7007')).toBe(403)
    expect(await statusOf('')).toBe(403)
  })

  test('a name of another site puts no statement to a reader', async () => {
    const told = await post(withReader.port, '/api/sql', statement, { ...json, host: 'evil.example' })
    expect(told.status).toBe(403)
  })

  test.each([
    ['without a reader', () => open, false],
    ['with one', () => withReader, true],
  ])('%s no runs, and statements of one’s own only through a reader and with the token', async (_, server, canAsk) => {
    const { port } = server()
    expect((await ask(port, '/api/status')).json()).toMatchObject({ canRun: false, canAsk })
    const run = await post(port, '/api/runs', {}, { authorization: `Bearer ${TOKEN}` })
    expect({ status: run.status, kind: run.json().kind }).toEqual({ status: 403, kind: 'permission' })
    for (const authorization of ['', 'Bearer other']) {
      expect((await post(port, '/api/sql', statement, { authorization })).status).toBe(canAsk ? 401 : 403)
    }
    const told = await post(port, '/api/sql', statement, { authorization: `Bearer ${TOKEN}` })
    expect(told.status).toBe(canAsk ? 200 : 403)
    if (!canAsk) expect(told.json()).toMatchObject({ next: expect.stringContaining('POSTGRES_READER_URL') })
  })
})

describe('the page', () => {
  test.each(['/', '/customers', '/products', '/campaigns', '/countries', '/explore', '/trust', '/glossary', '/sql'])(
    'is at %s',
    async (path) => {
      const { status, headers, text } = await ask(served.port, path)
      expect({ status, text, type: headers['content-type'], cache: headers['cache-control'] }).toEqual({
        status: 200,
        text: '<!doctype html><title>Lingot</title>',
        type: 'text/html; charset=utf-8',
        cache: 'no-cache',
      })
    },
  )

  test.each([
    '/nothing',
    '/customers/',
    '/assets/',
    '/assets/other.js',
    '/.secret.txt',
    '/index.html.br',
    '/../package.json',
    '/assets/../../package.json',
    '/%2e%2e/package.json',
    '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
    '//etc/passwd',
  ])('is not at %s, nor is anything else', async (path) => {
    const { status, headers, json } = await ask(served.port, path)
    expect({ status, type: headers['content-type'] }).toEqual({ status: 404, type: 'application/problem+json' })
    expect(json()).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      kind: 'usage',
      detail: expect.stringContaining('There is nothing at /'),
      next: 'The dashboard is at /.',
    })
    // Who reads is shown a page that says so.
    const read = await ask(served.port, path, { headers: { accept: 'text/html,*/*;q=0.8' } })
    expect({ status: read.status, text: read.text }).toEqual({
      status: 404,
      text: '<!doctype html><title>Lingot</title>',
    })
  })

  test('is not posted to', async () => {
    const { status, json } = await ask(served.port, '/customers', { method: 'POST' })
    expect({ status, kind: json().kind }).toEqual({ status: 404, kind: 'usage' })
  })

  test.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['identity', undefined],
    ['', undefined],
  ])('is sent to who accepts %s as %s', async (accepted, coding) => {
    const asked = { headers: { 'accept-encoding': accepted } }
    const { headers } = await ask(served.port, '/assets/page-4f2a.js', asked)
    expect(headers).toMatchObject({
      vary: 'Accept-Encoding',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
      etag: expect.stringMatching(/^"[\w-]+"$/),
    })
    expect(headers['content-encoding']).toBe(coding)
    const again = { headers: { ...asked.headers, 'if-none-match': headers.etag ?? '' } }
    expect(await ask(served.port, '/assets/page-4f2a.js', again)).toMatchObject({ status: 304, text: '' })
  })

  test('says what to do where it is not built', async () => {
    const { status, text } = await ask(withReader.port, '/')
    expect({ status, text }).toEqual({ status: 503, text: expect.stringContaining('`npm run build`') })
  })
})
