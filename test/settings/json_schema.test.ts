import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { readSettings } from '../../src/settings/config.ts'
import { settingsJsonSchema } from '../../src/settings/json_schema.ts'

const fits = new Ajv2020({ strict: false, validateFormats: false }).compile(await settingsJsonSchema())

test.each([
  [{ bronze: 'shop', $schema: './lingot.config.schema.json' }],
  [{ collections: { customers: 'buyers', campaigns: false } }],
  [{ collections: { transactions: { fields: { amount: { from: 'price', times: 'quantity' }, customer_id: null } } } }],
  [
    {
      collections: {
        store_visits: { key: null, fields: { visited: { kind: 'date', personal: false, meaning: 'When.' } } },
      },
    },
  ],
])('settings in JSON that an editor accepts are accepted: %j', async (settings) => {
  expect(fits(settings)).toBe(true)
  await readSettings(settings, 'lingot.config.json')
})

test.each([
  [{ bronz: 'shop' }],
  [{ collections: { customers: 'nobody' } }],
  [{ collections: { transactions: { fields: { amonut: 'sum' } } } }],
])('what is refused an editor marks: %j', async (settings) => {
  expect(fits(settings)).toBe(false)
  await expect(readSettings(settings, 'lingot.config.json')).rejects.toThrow()
})
