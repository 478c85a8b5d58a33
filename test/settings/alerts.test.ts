import { expect, test } from 'vitest'
import { configOf } from '../../src/settings/config.ts'
import { describeFailure } from '../../src/system/errors.ts'

const read = (alerts: unknown, env: Record<string, string> = {}) =>
  configOf({ file: 'lingot.config.json', value: { alerts } }, env)

test('whom to tell stands in the file, and what is secret about it in the environment, which wins', async () => {
  const secret = Buffer.alloc(32, 7)
  const { alerts } = await read(
    {
      webhook: { url: 'https://shop.example/file' },
      mail: { from: 'a@shop.example', to: ['b@shop.example'] },
      command: './tell.sh',
    },
    {
      LINGOT_WEBHOOK_URL: 'https://shop.example/environment',
      LINGOT_WEBHOOK_SECRET: `whsec_${secret.toString('base64')}`,
      LINGOT_SMTP_URL: 'smtps://lingot:geheim@mail.shop.example',
    },
  )
  expect(alerts).toMatchObject({
    webhook: { url: 'https://shop.example/environment' },
    mail: { from: 'a@shop.example', to: ['b@shop.example'], server: 'smtps://lingot:geheim@mail.shop.example' },
    command: './tell.sh',
  })
  expect(alerts.webhook?.secret?.export()).toEqual(secret)
  expect((await read({ webhook: { url: 'https://shop.example/file' } })).alerts.webhook?.url).toMatch(/file$/)
  expect((await read({}, { LINGOT_WEBHOOK_URL: 'https://shop.example/' })).alerts.webhook).toBeDefined()
  expect((await read({})).alerts).toEqual({})
})

test.each([
  [{ webhook: { url: 'shop.example' } }, 'alerts.webhook.url: must be an address that begins with https:// or http://'],
  [{ webhook: { url: 'https://shop.example', secret: 'whsec_x' } }, 'alerts.webhook.secret: there is no such key'],
  [{ mail: { to: ['a@shop.example'] } }, 'alerts.mail.from: is missing'],
  [{ mail: { from: 'a@shop.example', to: [] } }, 'alerts.mail.to: must name somebody'],
  [{ mail: { from: 'a@shop.example', to: ['ops'] } }, 'alerts.mail.to.0: must be the address of a mailbox'],
  [{ mail: { from: 'a@shop.example\nBcc: b@shop.example', to: ['a@shop.example'] } }, 'alerts.mail.from: must be'],
  [{ command: ' ' }, 'alerts.command: must be a command'],
  [{ slack: {} }, 'alerts.slack: there is no such key'],
])('alerts %j are refused', async (alerts, why) => {
  const failure: unknown = await read(alerts).catch((error: unknown) => error)
  const { text, exitCode } = describeFailure(failure)
  expect(text).toContain(why)
  expect(exitCode).toBe(3)
})
