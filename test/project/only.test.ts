import { afterEach, beforeEach, expect, test } from 'vitest'
import { lastRuns } from '../../src/runs/store.ts'
import { CITY_SALES, openShop, QUESTION, type Row, type Shop } from './shop.ts'

let shop: Shop

beforeEach(async () => {
  shop = await openShop()
  await shop.output('run')
})
afterEach(() => shop.place.leave())

test('one table is made beside the gold in place, with what it needs, and nothing else changes', async () => {
  shop.write({ ...CITY_SALES, ...QUESTION })
  const [before] = await shop.place.gold('select run, started from gold_run')
  const sums = 'select * from reconciliation order by gold_table, part'
  const reconciled = await shop.place.gold(sums)
  const silver = shop.place.client.db(shop.place.names.silver)

  const record = await shop.json<Row & { checks: Row[] }>('aggregate', '--only', 'city_sales')
  expect(record).toMatchObject({
    command: 'aggregate',
    only: 'city_sales',
    outcome: 'succeeded',
    gold: { city_sales: 2 },
  })
  // Its own checks alone, of which one looks at a table of the package.
  expect(new Set(record.checks.map(({ subject }) => subject))).toEqual(new Set(['city_sales']))
  expect(record['unmade']).toBeUndefined()

  expect(await shop.place.gold('select city from city_sales order by 1')).toEqual([{ city: 'Lyon' }, { city: 'Paris' }])
  expect(await shop.place.gold('select run, started from gold_run')).toEqual([before])
  expect(await shop.place.gold(sums)).toEqual(reconciled)
  expect(await shop.json('ask', 'best_city')).toMatchObject([{ rows: [{ city: 'Paris' }, { city: 'Lyon' }] }])
  // The report is still that of the run that made all of gold.
  const report = await shop.json<{ gold: Row; checks: { results: Row[] } }>('report')
  expect(report.gold).toMatchObject({ run: { id: before?.['run'] } })
  expect(report.checks.results.length).toBeGreaterThan(20)
  expect((await lastRuns(silver, 1))[0]).toMatchObject({ only: 'city_sales' })

  // It is made anew where it changed, and no longer there when all of gold is made without it.
  shop.write({ 'models/city_sales.sql': CITY_SALES['models/city_sales.sql'].replace('count(*)', '10 * count(*)') })
  expect(await shop.output('aggregate', '--only', 'city_sales')).toContain('city_sales 2')
  expect(await shop.place.gold('select sales from city_sales order by 1')).toEqual([{ sales: '10' }, { sales: '20' }])
  shop.write({ 'lingot.config.json': '{ "models": { "city_sales": false } }' })
  expect(await shop.json<Row>('aggregate')).toMatchObject({ unmade: ['city_sales'] })
})

test('one table is not made where it would not agree with the others', async () => {
  shop.write(CITY_SALES)
  await shop.output('process')
  const { code, stderr } = await shop.lingot(['aggregate', '--only', 'city_sales'])
  expect({ code, stderr }).toEqual({
    code: 7,
    stderr:
      'Silver was made anew since gold was: city_sales would not agree with the tables beside it.\n→ Make all of gold: `lingot aggregate`.\n',
  })
  await shop.output('aggregate')
  await shop.output('aggregate', '--only', 'city_sales')
})

test('one table is not made where those beside it were made in another way', async () => {
  const only = async (name: string) => {
    const { code, stderr } = await shop.lingot(['aggregate', '--only', name])
    return code === 0 ? 'made' : stderr
  }
  const refused = (name: string, why: string) =>
    `${name} would not agree with the tables beside it: ${why}.\n→ Make all of gold: \`lingot aggregate\`.\n`
  shop.write({
    ...CITY_SALES,
    'models/best.sql': 'select max(revenue) as best, 1::bigint as n from city_sales',
    'models/best.yml':
      'description: The best.\nkey: [n]\nreads: { models: [city_sales] }\ncolumns: { best: It., n: One. }\n',
  })
  await shop.output('aggregate')
  expect(await only('best')).toBe('made')
  const settings = refused(
    'best',
    'revenue.leaveOut, timeZone or collections.customers is another one than when gold was made',
  )
  for (const config of ['{ "revenue": { "leaveOut": ["Refunded"] } }', '{ "timeZone": "Europe/Paris" }']) {
    shop.write({ 'lingot.config.json': config })
    expect(await only('best')).toBe(settings)
  }
  shop.write({ 'lingot.config.json': '{}' })
  // What nobody reads may change, and change again.
  for (const best of ['max(revenue)', 'min(revenue)']) {
    shop.write({ 'models/best.sql': `select ${best} as best, 1::bigint as n from city_sales` })
    expect(await only('best')).toBe('made')
  }
  shop.write({ 'models/city_sales.sql': CITY_SALES['models/city_sales.sql'].replace('count(*)', '10 * count(*)') })
  expect(await only('best')).toBe(refused('best', 'city_sales, which it reads, changed since gold was made'))
  expect(await only('city_sales')).toBe(refused('city_sales', 'best reads it, and was made of another city_sales'))
  await shop.output('aggregate')
  expect(await only('city_sales')).toBe('made')
})

test('one table is not made where there is no gold', async () => {
  shop.write(CITY_SALES)
  const other = { LINGOT_GOLD_SCHEMA: `${shop.place.names.goldSchema}_0` }
  const { code, stderr } = await shop.lingot(['aggregate', '--only', 'city_sales'], other)
  expect({ code, stderr }).toEqual({
    code: 7,
    stderr:
      'There is no gold of this silver yet that city_sales could stand beside.\n→ Make all of gold: `lingot aggregate`.\n',
  })
})

test('a failed check keeps the old table', async () => {
  shop.write(CITY_SALES)
  await shop.output('aggregate', '--only', 'city_sales')
  const strict = CITY_SALES['models/city_sales.yml'].replace('severity: warn', 'severity: error')
  shop.write({
    'models/city_sales.sql': CITY_SALES['models/city_sales.sql'].replace('count(*)', '10 * count(*)'),
    'models/city_sales.yml': strict,
  })
  expect(await shop.lingot(['aggregate', '--only', 'city_sales'])).toMatchObject({
    code: 9,
    stderr: expect.stringContaining('no city sells three times'),
  })
  expect(await shop.place.gold('select sales from city_sales order by 1')).toEqual([{ sales: '1' }, { sales: '2' }])
})

test.each([
  [['--only', 'nothing'], 2, 'There is no model nothing to be made by itself.'],
  [['--only', 'gold_run'], 2, 'There is no model gold_run to be made by itself.'],
  [['--only', 'monthly_sales', '--prune'], 2, '--only is about one table, --prune about all of them.'],
  [['--only', 'monthly_sales', '--take-over'], 2, '--only is about one table, --take-over about all of them.'],
  [['--only', 'monthly_sales', '--engine', 'spark'], 2, 'Spark makes all of gold, not one table.'],
])('lingot aggregate %j is refused', async (args, code, message) => {
  expect(await shop.lingot(['aggregate', ...args])).toMatchObject({ code, stderr: expect.stringContaining(message) })
})

test('an error has the file, the line and the column', async () => {
  shop.write({
    ...CITY_SALES,
    'models/city_sales.sql': CITY_SALES['models/city_sales.sql'].replace('customers.city,\n', 'customers.town,\n'),
  })
  const { code, stderr } = await shop.lingot(['aggregate', '--only', 'city_sales'])
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr: expect.stringMatching(
      /^The model city_sales failed: models\/city_sales\.sql, line 3, column 5: Binder Error: /,
    ),
  })
})
