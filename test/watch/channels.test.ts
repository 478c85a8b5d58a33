import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identityOf, isRunning } from '../../src/system/alive.ts'
import type { Alert } from '../../src/watch/alerts.ts'
import type { Channel } from '../../src/watch/channels/channel.ts'
import { channelsOf, teller } from '../../src/watch/channels/channels.ts'
import { command } from '../../src/watch/channels/command.ts'
import { mail } from '../../src/watch/channels/mail.ts'
import { webhook } from '../../src/watch/channels/webhook.ts'
import { until } from '../process.ts'

const alert: Alert = {
  event: 'gate fell',
  title: 'The old gold stays: customers: unique: customer_id.',
  run: '665f1f77bcf86cd799439011',
  kind: 'gate',
  checks: ['customers: unique: customer_id'],
  lines: ['customers: 1 → 2 documents', 'Montréal'],
}
const said = [
  'Lingot, bronze_db → silver_db → public: gate fell',
  'The old gold stays: customers: unique: customer_id.',
  'customers: 1 → 2 documents',
  'Montréal',
].join('\n')

let folder: string
let closing: (() => Promise<unknown>)[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lingot alerts-'))
  closing = []
})

afterEach(async () => {
  for (const close of closing) await close()
  rmSync(folder, { recursive: true })
})

/** Tells of alerts by channels; what was noted, and whether somebody was told. */
async function tell(channels: readonly Channel[], alerts: readonly Alert[] = [alert]) {
  const notes: string[] = []
  const shop = { bronze: 'bronze_db', silver: 'silver_db', goldSchema: 'public' }
  const isTold = await teller(channels, shop, (note) => notes.push(note))(alerts, new AbortController().signal)
  return { isTold, notes }
}

interface Posted {
  headers: IncomingMessage['headers']
  body: string
}

/** A server that answers with these statuses, the last one from then on. */
async function receiver(...statuses: number[]): Promise<{ url: string; posted: Posted[] }> {
  const posted: Posted[] = []
  const server: Server = createServer(async (request, response) => {
    posted.push({ headers: request.headers, body: await text(request) })
    const status = statuses[Math.min(posted.length, statuses.length) - 1] ?? 200
    response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end('ok')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  closing.push(() => new Promise((closed) => server.close(closed)))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/s3cret-path`, posted }
}

test('a webhook is posted as JSON that Slack and Teams show, signed after Standard Webhooks', async () => {
  const { url, posted } = await receiver(200)
  const bytes = randomBytes(32)
  expect(await tell([webhook({ url, secret: createSecretKey(bytes) })])).toEqual({ isTold: true, notes: [] })
  const [{ headers, body }] = posted as [Posted]
  expect(JSON.parse(body)).toEqual({
    type: 'lingot.gate_fell',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    text: said,
    data: { shop: 'bronze_db → silver_db → public', ...alert },
  })
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-id': expect.stringMatching(/^msg_[^.]+$/),
  })
  expect(Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp']))).toBeLessThan(10)
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const signature = createHmac('sha256', bytes).update(signed).digest('base64')
  expect(headers['webhook-signature']).toBe(`v1,${signature}`)
})

test('without a secret it is not signed', async () => {
  const { url, posted } = await receiver(200)
  await tell([webhook({ url })])
  expect(posted[0]?.headers).not.toHaveProperty('webhook-signature')
})

test.each([
  ['again where the server failed, with the same id', [503, 429, 200], 3, true],
  ['four times at most', [500], 4, false],
  ['once where it is refused', [404], 1, false],
  ['nowhere else', [302], 1, false],
])('it is posted %s', async (_, statuses, times, isTold) => {
  const { url, posted } = await receiver(...statuses)
  const told = await tell([webhook({ url }, 1)])
  expect(told.isTold).toBe(isTold)
  expect(posted).toHaveLength(times)
  expect(new Set(posted.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  const host = new URL(url).host
  const note = `The webhook at ${host} was not told of "gate fell": it answered with status ${statuses.at(-1)}.`
  expect(told.notes).toEqual(isTold ? [] : [note])
})

test('a webhook that nobody answers is noted without its address', async () => {
  const { url } = await receiver(200)
  await closing.pop()?.()
  const { notes } = await tell([webhook({ url }, 1)])
  const told = `The webhook at ${new URL(url).host} was not told of "gate fell"`
  expect(notes).toEqual([`${told}: it does not answer (ECONNREFUSED).`])
})

interface Mailed {
  from: string
  to: string[]
  user: string | undefined
  text: string
}

/** A mail server that wants a user, and refuses the first so many mails for a while. */
async function mailServer(refused = 0): Promise<{ server: string; mails: Mailed[] }> {
  const mails: Mailed[] = []
  let left = refused
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _, done) =>
      done(password === 'geheim!' ? null : new Error('no such user'), { user: username }),
    onData: async (stream, { envelope, user }, done) => {
      const content = await text(stream)
      if (left-- > 0) return done(Object.assign(new Error('come back later'), { responseCode: 451 }))
      const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
      mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), user, text: content })
      done()
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  closing.push(() => new Promise<void>((closed) => server.close(closed)))
  const { port } = server.server.address() as AddressInfo
  return { server: `smtp://lingot:geheim!@127.0.0.1:${port}`, mails }
}

const addresses = { from: 'lingot@shop.example', to: ['ops@shop.example', 'data@shop.example'] }

test('mail goes to everybody, again where the server failed', async () => {
  const { server, mails } = await mailServer(1)
  expect(await tell([await mail({ ...addresses, server }, 1)])).toEqual({ isTold: true, notes: [] })
  expect(mails).toMatchObject([{ from: addresses.from, to: addresses.to, user: 'lingot' }])
  const [head = '', body = ''] = mails[0]?.text.split('\r\n\r\n') ?? []
  expect(head).toMatch(/^Auto-Submitted: auto-generated$/m)
  expect(head).toMatch(/^Subject: /m)
  expect(body).toContain('The old gold stays')
  expect(body).toMatch(/Montr=C3=A9al/)
})

test('a mail server that takes none is noted without its password', async () => {
  const { server } = await mailServer()
  const wrong = server.replace('geheim!', 'falsch!!')
  const { isTold, notes } = await tell([await mail({ ...addresses, server: wrong }, 1)])
  expect(isTold).toBe(false)
  expect(notes).toEqual([
    expect.stringMatching(/^The mail by 127\.0\.0\.1:\d+ was not told of "gate fell": .*no such user/),
  ])
  expect(notes.join()).not.toContain('falsch')
})

test('mail without a server is refused at the start', async () => {
  await expect(channelsOf({ alerts: { mail: addresses } })).rejects.toMatchObject({
    kind: 'config',
    next: expect.stringContaining('LINGOT_SMTP_URL'),
  })
})

test('a command gets the JSON', async () => {
  const file = join(folder, 'alert.json')
  expect(await tell([command(`cat > '${file}'`)])).toEqual({ isTold: true, notes: [] })
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ type: 'lingot.gate_fell', text: said })
})

test.each([
  ['exit 3', 'it ended with code 3'],
  ['nowhere-to-be-found', 'it ended with code 127'],
])('a command that fails is noted: %s', async (text, why) => {
  expect(await tell([command(text)])).toEqual({
    isTold: false,
    notes: [`The command of alerts was not told of "gate fell": ${why}.`],
  })
})

test('a command that takes too long is ended, with what it started', async () => {
  const file = join(folder, 'pid')
  const text = `sleep 60 & echo $! > '${file}'; wait`
  const { notes } = await tell([command(text, 300)])
  expect(notes).toEqual(['The command of alerts was not told of "gate fell": it took more than 0.3 seconds.'])
  const pid = Number(readFileSync(file, 'utf8'))
  await until(() => !isRunning(identityOf(pid)))
})

test('a channel that fails keeps nothing from the others, and alerts come in their order', async () => {
  const { url, posted } = await receiver(200)
  const recovered: Alert = { ...alert, event: 'recovered' }
  const { isTold, notes } = await tell([command('exit 1'), webhook({ url })], [alert, recovered])
  expect(isTold).toBe(true)
  expect(notes).toHaveLength(2)
  expect(posted.map(({ body }) => JSON.parse(body).data.event)).toEqual(['gate fell', 'recovered'])
})
