import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lingot, node } from '../command.ts'
import { compiled } from '../compiler.ts'
import { root, workFolder } from '../process.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

/*
 * Each example of docs/library.md is a program: it is compiled against the types of the package and run on a sample shop.
 */

const page = readFileSync(join(root, 'docs', 'library.md'), 'utf8')
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, text = ''], i) => ({ name: `example_${i}`, text }))
const folder = workFolder()
/** What does not fit gold's types. */
const wrong = `import { Kysely, type Dialect } from 'kysely'
import { type Gold, open } from 'lingot'

const gold = new Kysely<Gold>({ dialect: {} as Dialect })
gold.selectFrom('monthly_revenue').select('month').where('total_revenue', '>', '10')
// @ts-expect-error: no such table
gold.selectFrom('monthly_revenues')
// @ts-expect-error: no such column
gold.selectFrom('monthly_revenue').select('mont')
// @ts-expect-error: amounts are texts
gold.selectFrom('monthly_revenue').select('month').where('total_revenue', '>', 10)
const shop = await open()
// @ts-expect-error: no such option
await shop.run({ only: 'monthly_revenue' })
// @ts-expect-error: no time is a text
const started: string = (await shop.run()).started
`

let place: Place

beforeAll(async () => {
  place = await openPlace()
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules', 'lingot'))
  for (const name of ['kysely', '@types/node']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const { name, text } of examples) writeFileSync(join(folder, `${name}.ts`), text)
  writeFileSync(join(folder, 'wrong.ts'), wrong)
  const { code, stderr } = await lingot(['generate', '--force', '--scale', '0.1'], folder, settingsOf(place.names))
  expect({ code, stderr }).toMatchObject({ code: 0 })
})
afterAll(() => place.leave())

test('the examples are strict', () => {
  expect(examples.length).toBeGreaterThan(5)
  const files = [...examples.map(({ name }) => `${name}.ts`), 'wrong.ts']
  expect(compiled(folder, 'node', ...files)).toBe('')
})

test('each does what it says', { timeout: 300_000 }, async () => {
  const printed: string[] = []
  for (const [i, { name }] of examples.entries()) {
    const { code, stdout, stderr } = await node([`${name}.js`], folder, settingsOf(place.names))
    expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: '' })
    expect(stdout).not.toBe('')
    printed.push(stdout)
    // Why a number changed is known from the second run on.
    if (i === 0) await node([`${name}.js`], folder, settingsOf(place.names))
  }
  const [made, told, planned, followed, months, customers] = printed
  expect(made).toMatch(/^The run [0-9a-f]{24} made 1,?\d{3} sales and \d+ months\.\n$/)
  expect(told).toContain('2. Which product brings in the most revenue?')
  expect(planned).toMatch(/would move by \d+\.\d\d %\.\n[\s\S]*monthly_revenue/)
  expect(followed).toMatch(/^transactions: [1-9]\d* of [1-9]\d*$/m)
  expect(months).toMatch(/^2025-\d\d-01 \d+\.\d\d$/m)
  expect(customers?.trim().split('\n')).toHaveLength(3)
})
