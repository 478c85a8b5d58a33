import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Row, type Shop } from './shop.ts'

const page = readFileSync(new URL('../../docs/project.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text)
const [model = '', question = ''] = blocks('sql')
const [declaration = ''] = blocks('yaml')

let shop: Shop

beforeAll(async () => {
  shop = await openShop({
    'models/city_sales.sql': model,
    'models/city_sales.yml': declaration,
    'questions/best_city.sql': question,
  })
  await shop.output('generate', '--force', '--scale', '0.2')
  await shop.output('run')
})
afterAll(() => shop.place.leave())

test('every command of docs/project.md does what it says', async () => {
  const commands = blocks('sh').flatMap((block) =>
    [...block.matchAll(/^npx lingot (.*?)\s*(?:#.*)?$/gm)].map(([, args = '']) => args.split(' ')),
  )
  expect(commands.length).toBeGreaterThan(6)
  for (const args of commands) {
    const { code, stderr } = await shop.lingot(args)
    // The drafts are there already.
    expect({ args, code, stderr }).toMatchObject({ args, code: args[0] === 'new' ? 2 : 0 })
  }
  expect(await shop.json('ask', 'best_city')).toMatchObject([
    { question: 'Which city buys most?', note: 'By revenue, over all months.' },
  ])
  const { silver } = await shop.json<{ silver: Row[] }>('explain', 'city_sales', 'Paris', '2025-03')
  expect(silver.map(({ collection }) => collection).sort()).toEqual(['customers', 'transactions'])
})

test('an error is told as docs/project.md tells it', async () => {
  const [error = ''] = /^The model city_sales .*\n→ .*\n/m.exec(page) ?? []
  shop.write({ 'models/city_sales.sql': model.replace('customers.city,', 'customers.town,') })
  const { code, stderr } = await shop.lingot(['run'])
  shop.write({ 'models/city_sales.sql': model })
  expect({ code, stderr }).toEqual({ code: 3, stderr: error })
})

test('what docs/project.md leaves out is left out', async () => {
  const [config = ''] = blocks('ts')
  rmSync(join(shop.folder, 'lingot.config.json'))
  shop.write({ 'lingot.config.mjs': config })
  expect(await shop.json<{ unmade: string[] }>('run')).toMatchObject({ unmade: ['customer_cohorts'] })
  expect((await shop.json('ask')).map(({ number }) => number)).toEqual([1, 2, 4, 5, 6])
})
