import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Decimal128, type Document, ObjectId } from 'bson'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contracts } from '../../src/contracts/contracts.ts'
import { synonyms } from '../../src/contracts/synonyms.ts'
import { draft } from '../../src/init/look.ts'
import type { Question } from '../../src/init/questions.ts'
import { tryOut } from '../../src/init/trial.ts'
import { type Config, loadConfig } from '../../src/settings/config.ts'
import { lingot } from '../command.ts'
import { runs } from '../garbage/seed.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

/*
 * Shops of every shape, and what init makes of them: what is sure is a setting, and nothing else is.
 */

let place: Place
let folder: string

beforeAll(async () => {
  place = await openPlace()
  folder = await mkdtemp(join(tmpdir(), 'lingot shapes '))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await place.leave()
})

type Bronze = Readonly<Record<string, readonly Document[]>>
type Settings = Record<string, { from: string; each?: string; fields: Record<string, unknown> }>

interface Written {
  text: string
  lines: string[]
  /** What the file says without its comments. */
  collections: Settings
  config: Readonly<Config>
  asked: Question[]
}

let files = 0

/** What is written for a bronze, such that it loads; `answer` chooses where something is asked. */
async function written(bronze: Bronze, answer?: (question: Question) => number): Promise<Written> {
  await place.client.db(place.names.bronze).dropDatabase()
  await place.load(bronze)
  const asked: Question[] = []
  const ask = (question: Question) => {
    asked.push(question)
    return Promise.resolve(answer?.(question) ?? 0)
  }
  const { text } = await draft(place.client, place.names.bronze, answer === undefined ? {} : { ask })
  await writeFile(join(folder, 'lingot.config.ts'), text)
  const config = await loadConfig(folder, {})
  const module = join(folder, `${files++}.mjs`)
  await writeFile(module, text.replace(/^import .*$/m, 'const defineConfig = (settings) => settings'))
  const { default: settings } = await import(module)
  const lines = text.split('\n').map((line) => line.trim())
  return { text, lines, collections: settings.collections, config, asked }
}

const many = (count: number, of: (i: number) => Document) => Array.from({ length: count }, (_, i) => of(i))
const day = (i: number) => new Date(Date.UTC(2025, 0, 1 + i))

// ------------------------------------------------------------------------------------------------------------ a web shop

const ids = many(6, () => ({ id: new ObjectId() })).map(({ id }) => id as ObjectId)

/** Orders with items, ObjectId references, nested names, dates as in the USA. */
function webShop(change: (order: Document) => Document = (order) => order): Bronze {
  const items = (i: number) => [
    { sku: `S-${i}`, name: 'Mug', category: 'Kitchen', sales: Decimal128.fromString('12.50'), qty: 2, profit: 1.5 },
    { sku: `T-${i}`, name: 'Lamp', category: 'Light', sales: Decimal128.fromString('30.25'), qty: 1, profit: 4.5 },
  ]
  return {
    clients: ids.map((_id, i) => ({
      _id,
      code: `AB-${i}`,
      name: { first: 'Ada', last: 'Byron' },
      segment: 'Home',
      address: { country: 'France', city: 'Paris', state: 'Paris', zip: 75001 },
    })),
    orders: many(12, (i) =>
      change({
        number: `US-${i}`,
        client: ids[i % 6],
        ordered_on: `0${1 + (i % 9)}/${13 + i}/2024`,
        currency: 'USD',
        items: items(i),
        total: Decimal128.fromString('42.75'),
      }),
    ),
  }
}

test('a web shop: items are sales, each of its order, customers are known by what the orders name', async () => {
  const { collections, text, config } = await written(webShop())
  expect(collections).toEqual({
    customers: {
      from: 'clients',
      fields: {
        customer_id: '_id',
        first_name: 'name.first',
        last_name: 'name.last',
        country: 'address.country',
        city: 'address.city',
        postal_code: 'address.zip',
      },
    },
    transactions: {
      from: 'orders',
      each: 'items',
      fields: {
        transaction_id: null,
        order_id: 'number',
        customer_id: 'client',
        product: 'items.name',
        amount: 'items.sales',
        quantity: 'items.qty',
        timestamp: { from: 'ordered_on', dates: 'month first' },
      },
    },
    campaigns: false,
  })
  expect(config.currency).toBe('USD')
  expect(text).toContain('// the sums of items are what total says in 12 of 12 documents:')
  expect(text).toContain('// 100 % of the values of client in orders are its values:')
  expect(text).toContain("category: { kind: 'label', from: 'items.category', personal: true, meaning: '' }")
  expect(text).toContain("state: { kind: 'label', from: 'address.state', personal: true, meaning: '' }")
})

test('sales that may be a number of pieces are a comment where no total says what they are', async () => {
  const { collections, lines } = await written(webShop(({ total: _, ...order }) => order))
  expect(collections['transactions']?.fields).not.toHaveProperty('amount')
  expect(lines).toContain('// it may be how many were sold:')
  expect(lines).toContain("// amount: 'items.sales', // in 24 elements: decimal")
})

test('what is of a whole order is not read for each of its lines', async () => {
  const { collections, lines } = await written(webShop((order) => ({ ...order, shipping_cost: 5, discount: 1 })))
  expect(collections['transactions']?.fields).toMatchObject({ shipping_cost: null })
  expect(collections['transactions']?.fields).not.toHaveProperty('discount_applied')
  expect(lines).toContain('// it is of the whole document, and would count once for each of its items:')
})

describe('the price of one, or of them all', () => {
  const order = (i: number, more: Document) => ({
    number: i,
    lines: [
      { title: 'Mug', price: 12.5, quantity: 1 + (i % 3) },
      { title: 'Lamp', price: 30.25, quantity: 2 },
    ],
    ...more,
  })
  const sum = (i: number) => 12.5 * (1 + (i % 3)) + 60.5
  const timed = { from: 'lines.price', times: 'lines.quantity' }

  test.each<[what: string, total: (i: number) => Document, amount: unknown]>([
    ['is that of one where multiplied they add up to the total', (i) => ({ total: sum(i) }), timed],
    [
      'or to the total with what was sent and taken off',
      (i) => ({ total: sum(i) + 4.9 - 2, shipping: 4.9, discount: 2 }),
      timed,
    ],
    ['is that of all where they add up as they are', () => ({ total: 42.75 }), 'lines.price'],
    ['is open where they add up to nothing', (i) => ({ total: 7 * i }), undefined],
    ['is open where there is no total', () => ({}), undefined],
  ])('%s', async (_, more, amount) => {
    const { collections } = await written({ orders: many(9, (i) => order(i, more(i))) })
    expect(collections['transactions']?.each).toBe('lines')
    expect(collections['transactions']?.fields['amount']).toEqual(amount)
  })

  test('is told by its name alone where that says it', async () => {
    const { collections } = await written({
      orders: many(3, (i) => ({ number: i, articles: [{ nom: 'Mug', prix_unitaire: 2, quantite: 3 }] })),
    })
    expect(collections['transactions']?.fields).toMatchObject({
      product: 'articles.nom',
      amount: { from: 'articles.prix_unitaire', times: 'articles.quantite' },
    })
  })
})

describe('lines of an order, each a document', () => {
  const line = (i: number) => ({ customer_id: i % 4, product: `P${i}`, amount: 5.5, created_at: day(i) })

  test('are told by their products', async () => {
    const { collections, lines } = await written({ order_lines: many(20, (i) => ({ basket_id: i >> 2, ...line(i) })) })
    expect(collections['transactions']?.fields).toMatchObject({ order_id: 'basket_id', transaction_id: null })
    expect(lines).toContain(
      '// 5 of its 5 values name several documents, 5 of them with different products: lines of orders:',
    )
  })

  test('have an id of their own beside it', async () => {
    const { collections } = await written({
      order_lines: many(20, (i) => ({ line_id: i, order_id: i >> 2, ...line(i) })),
    })
    expect(collections['transactions']?.fields).toMatchObject({ order_id: 'order_id', transaction_id: 'line_id' })
  })

  test('may be versions where the product is the same', async () => {
    const { collections, lines } = await written({
      sales: many(20, (i) => ({ order_id: i >> 2, ...line(i), product: 'Mug' })),
    })
    expect(collections['transactions']?.fields).not.toHaveProperty('transaction_id')
    expect(collections['transactions']?.fields).not.toHaveProperty('order_id')
    expect(lines).toContain("// transaction_id: 'order_id', // in 20 documents: int")
    expect(lines).toContain("// order_id: 'order_id', // in 20 documents: int")
  })
})

test('a list that is not of things sold is none of lines', async () => {
  const payments = [{ amount: 5, method: 'card' }]
  const { collections } = await written({ orders: many(3, (i) => ({ number: i, amount: 5.5, payments })) })
  expect(collections['transactions']).toMatchObject({ fields: { transaction_id: 'number', amount: 'amount' } })
  expect(collections['transactions']).not.toHaveProperty('each')
})

describe('a reference', () => {
  const sales = (value: (i: number) => unknown) => many(12, (i) => ({ sale_id: i, buyer: value(i), amount: 5.5 }))

  test.each<[what: string, value: (i: number) => unknown, customer: string]>([
    ['is followed to the field that holds its values', (i) => `K-${i % 6}`, 'code'],
    ['is followed to _id', (i) => ids[i % 6], '_id'],
    ['is followed to _id from its text', (i) => ids[i % 6]?.toHexString(), '_id'],
  ])('%s', async (_, value, customer) => {
    const users = ids.map((_id, i) => ({ _id, ref: `R-${i}`, code: `K-${i}`, email: `a${i}@b.fr` }))
    const { collections } = await written({ users, sales: sales(value) })
    expect(collections['customers']?.fields).toMatchObject({ customer_id: customer, email: 'email' })
    expect(collections['transactions']?.fields).toMatchObject({ customer_id: 'buyer' })
  })

  test('by an ObjectId needs no name', async () => {
    const users = ids.map((_id, i) => ({ _id, email: `a${i}@b.fr` }))
    const { collections } = await written({
      users,
      sales: many(12, (i) => ({ sale_id: i, w: ids[i % 6], amount: 5.5 })),
    })
    expect(collections['transactions']?.fields).toMatchObject({ customer_id: 'w' })
  })

  test('to nobody leaves the names as they are', async () => {
    const users = ids.map((_id, i) => ({ _id, code: `K-${i}`, email: `a${i}@b.fr` }))
    const { collections } = await written({ users, sales: sales((i) => `X-${i}`) })
    expect(collections['customers']).toBe('buyers')
    expect(collections['transactions']?.fields).toMatchObject({ customer_id: 'buyer' })
  })

  test('that knows more of the buyers holds the customers, whichever comes first', async () => {
    const users = many(20, (i) => ({ user_id: 900 + i, email: `a${i}@b.fr`, first_name: 'Ada', city: 'Paris' }))
    const members = many(30, (i) => ({ user_id: i, email: `b${i}@b.fr` }))
    const { collections } = await written({ members, users, sales: sales((i) => i % 25) })
    expect(collections['customers']).toMatchObject({ from: 'members', fields: { customer_id: 'user_id' } })
  })

  test.each([
    [
      'a third of the buyers',
      many(5, (i) => ({ household_id: i, age: 30 + i })),
      'it knows 5 of the 15 buyers looked at:',
    ],
    ['no buyer', many(30, (i) => ({ household_id: 500 + i, age: 30 })), 'it knows 0 of the 15 buyers looked at:'],
  ])('of %s is a comment: who bought is a customer', async (_, demographics, doubt) => {
    const { collections, lines, config } = await written({
      demographics,
      sales: many(60, (i) => ({ sale_id: i, household_id: i % 15, amount: 5.5 })),
    })
    expect(collections['customers']).toBe('buyers')
    expect(lines).toContain(
      "customers: 'buyers', // 15 in sales, 60 documents, all looked at: who bought is a customer",
    )
    expect(lines.slice(lines.indexOf(`// ${doubt}`) + 1)).toContain(
      `//   from: 'demographics', // ${demographics.length} documents, all looked at`,
    )
    expect(config.contracts.map(({ collection }) => collection)).not.toContain('customers')
  })

  test('is no matter where customers are called so: without settings they are read as well', async () => {
    const customers = many(5, (i) => ({ customer_id: i, email: `a${i}@b.fr` }))
    const { collections } = await written({
      customers,
      sales: sales((i) => i).map(({ buyer, ...sale }) => ({ ...sale, customer_id: buyer })),
    })
    expect(collections['customers']).toMatchObject({ from: 'customers' })
  })

  test('chosen when asked, knows whom it knows', async () => {
    const bronze = {
      demographics: many(5, (i) => ({ household_id: i, age: 30 + i })),
      sales: many(60, (i) => ({ sale_id: i, household_id: i % 15, amount: 5.5 })),
    }
    const { collections, asked } = await written(bronze, () => 0)
    expect(asked).toContainEqual(expect.objectContaining({ title: 'Does demographics hold the customers?' }))
    expect(collections['customers']).toMatchObject({ from: 'demographics' })
  })

  test('tells which further collections belong to the shop', async () => {
    const { text } = await written({
      customers: many(9, (i) => ({ customer_id: i, email: `a${i}@b.fr` })),
      sales: many(18, (i) => ({ sale_id: i, customer_id: i % 9, amount: 5.5, product_id: 100 + (i % 3) })),
      goods: many(3, (i) => ({ product_id: 100 + i, label: 'x' })),
      redeemed: many(4, (i) => ({ customer_id: i, coupon: i })),
    })
    expect(text).toContain(
      '// Not read: goods (3 documents; product_id of sales names one of it), redeemed (4 documents; its customer_id names one of customers).',
    )
  })
})

describe('a path', () => {
  test.each<[what: string, customer: Document, fields: Record<string, unknown>]>([
    ['through objects', { profile: { contact: { email: 'a@b.fr' } } }, { email: 'profile.contact.email' }],
    ['to the first of a list', { emails: ['a@b.fr'] }, { email: 'emails.0' }],
    ['through the first of a list', { addresses: [{ city: 'Paris' }] }, { city: 'addresses.0.city' }],
    ['with a dot in a key', { 'address.city': 'Paris' }, {}],
    ['with a dot in a key below', { name: { 'first.name': 'Ada' } }, { first_name: ['name', 'first.name'] }],
    ['that may be another one is no setting', { seller: { city: 'Paris' } }, {}],
  ])('%s', async (_, customer, fields) => {
    const { collections } = await written({ customers: many(4, (i) => ({ customer_id: i, ...customer })) })
    expect(collections['customers']?.fields).toEqual({ customer_id: 'customer_id', ...fields })
  })

  test('is told to nobody where it may be a person', async () => {
    const ratings = (i: number) => ({
      [['alice', 'Bob', 'Marie Dupont', 'dave'][i] ?? '']: { email: 'a@b.fr', points: i },
    })
    const customers = many(4, (i) => ({ customer_id: i, ratings: ratings(i), note: { text: 'x' } }))
    const { text } = await written({ customers })
    expect(text).not.toMatch(/alice|bob|marie|dave|points/i)
    expect(text).toContain("text: { kind: 'label', from: 'note.text'")
  })

  test('says where it may be another one', async () => {
    const { lines } = await written({
      customers: many(4, (i) => ({
        customer_id: i,
        seller: { city: 'Paris' },
        homes: [{ country: 'FR' }, { country: 'BE' }],
      })),
    })
    expect(lines).toContain('// it stands within seller:')
    expect(lines).toContain("// city: 'seller.city', // in 4 documents: string")
    expect(lines).toContain("// country: 'homes.0.country', // in 4 documents: string")
  })
})

// ------------------------------------------------------------------------------------------------------------- languages

/** One shop in each language, by the fields of the contracts. */
const languages: Record<string, Record<string, Record<string, string>>> = {
  French: {
    'clients → customers': {
      customer_id: 'code_client',
      first_name: 'prénom',
      last_name: 'nom',
      email: 'courriel',
      age: 'âge',
      country: 'pays',
      phone: 'téléphone',
      city: 'ville',
      postal_code: 'code_postal',
      gender: 'sexe',
      marketing_consent: 'consentement',
      created_at: 'date_inscription',
    },
    'commandes → transactions': {
      transaction_id: 'numéro_commande',
      customer_id: 'client',
      product: 'article',
      amount: 'montant',
      quantity: 'quantité',
      payment_method: 'moyen_de_paiement',
      discount_applied: 'remise',
      shipping_cost: 'frais_de_port',
      timestamp: 'date_commande',
      status: 'statut',
    },
    'campagnes → campaigns': {
      campaign_id: 'code',
      campaign_name: 'nom',
      campaign_type: 'canal',
      status: 'état',
      target_audience: 'cible',
      budget: 'budget_prévu',
      spend: 'dépenses',
      impressions: 'vues',
      clicks: 'clics',
      conversions: 'nb_conversions',
      start_date: 'date_début',
    },
  },
  English: {
    'users → customers': {
      customer_id: 'userId',
      first_name: 'firstName',
      last_name: 'lastName',
      email: 'emailAddress',
      age: 'age',
      country: 'countryCode',
      phone: 'mobile',
      city: 'town',
      postal_code: 'zip',
      gender: 'sex',
      marketing_consent: 'optIn',
      created_at: 'signedUpAt',
    },
    'orders → transactions': {
      transaction_id: 'orderNumber',
      customer_id: 'userId',
      product: 'itemName',
      amount: 'subtotal',
      quantity: 'qty',
      payment_method: 'paymentType',
      discount_applied: 'discount',
      shipping_cost: 'deliveryFee',
      timestamp: 'placedAt',
      status: 'state',
    },
    'ads → campaigns': {
      campaign_id: 'id',
      campaign_name: 'title',
      campaign_type: 'channel',
      status: 'state',
      target_audience: 'segment',
      budget: 'plannedBudget',
      spend: 'cost',
      impressions: 'views',
      clicks: 'clicks',
      conversions: 'conv',
      start_date: 'launchDate',
    },
  },
  German: {
    'Kunden → customers': {
      customer_id: 'Kundennummer',
      first_name: 'Vorname',
      last_name: 'Nachname',
      email: 'E-Mail-Adresse',
      age: 'Alter',
      country: 'Land',
      phone: 'Telefonnummer',
      city: 'Ort',
      postal_code: 'PLZ',
      gender: 'Geschlecht',
      marketing_consent: 'Werbeeinwilligung',
      created_at: 'angelegt_am',
    },
    'Bestellungen → transactions': {
      transaction_id: 'Bestell-Nr',
      customer_id: 'Kunden-Nr',
      product: 'Artikel',
      amount: 'Betrag',
      quantity: 'Stückzahl',
      payment_method: 'Zahlungsart',
      discount_applied: 'Rabatt',
      shipping_cost: 'Versandkosten',
      timestamp: 'Bestelldatum',
      status: 'Zustand',
    },
    'Kampagnen → campaigns': {
      campaign_id: 'Kampagnen-ID',
      campaign_name: 'Bezeichnung',
      campaign_type: 'Kanal',
      status: 'Status',
      target_audience: 'Zielgruppe',
      budget: 'Budget',
      spend: 'Ausgaben',
      impressions: 'Einblendungen',
      clicks: 'Klicks',
      conversions: 'Konversionen',
      start_date: 'Startdatum',
    },
  },
  Spanish: {
    'clientes → customers': {
      customer_id: 'id_cliente',
      first_name: 'nombre',
      last_name: 'apellidos',
      email: 'correo_electrónico',
      age: 'edad',
      country: 'país',
      phone: 'móvil',
      city: 'ciudad',
      postal_code: 'código_postal',
      gender: 'sexo',
      marketing_consent: 'acepta_publicidad',
      created_at: 'fecha_de_alta',
    },
    'pedidos → transactions': {
      transaction_id: 'número_pedido',
      customer_id: 'cliente',
      product: 'producto',
      amount: 'importe',
      quantity: 'cantidad',
      payment_method: 'forma_de_pago',
      discount_applied: 'descuento',
      shipping_cost: 'gastos_de_envío',
      timestamp: 'fecha_del_pedido',
      status: 'estado',
    },
    'campañas → campaigns': {
      campaign_id: 'código',
      campaign_name: 'nombre',
      campaign_type: 'canal',
      status: 'estado',
      target_audience: 'público_objetivo',
      budget: 'presupuesto',
      spend: 'gasto',
      impressions: 'impresiones',
      clicks: 'clics',
      conversions: 'conversiones',
      start_date: 'fecha_de_inicio',
    },
  },
  Italian: {
    'clienti → customers': {
      customer_id: 'codice_cliente',
      first_name: 'nome',
      last_name: 'cognome',
      email: 'posta_elettronica',
      age: 'età',
      country: 'paese',
      phone: 'cellulare',
      city: 'città',
      postal_code: 'CAP',
      gender: 'sesso',
      marketing_consent: 'consenso_marketing',
      created_at: 'data_di_registrazione',
    },
    'ordini → transactions': {
      transaction_id: 'numero_ordine',
      customer_id: 'cliente',
      product: 'prodotto',
      amount: 'importo',
      quantity: 'quantità',
      payment_method: 'metodo_di_pagamento',
      discount_applied: 'sconto',
      shipping_cost: 'spese_di_spedizione',
      timestamp: 'data_ordine',
      status: 'stato',
    },
    'campagne → campaigns': {
      campaign_id: 'codice',
      campaign_name: 'titolo',
      campaign_type: 'canale',
      status: 'stato',
      target_audience: 'pubblico',
      budget: 'budget',
      spend: 'spesa',
      impressions: 'visualizzazioni',
      clicks: 'clic',
      conversions: 'conversioni',
      start_date: 'data_inizio',
    },
  },
  Dutch: {
    'klanten → customers': {
      customer_id: 'klantnummer',
      first_name: 'voornaam',
      last_name: 'achternaam',
      email: 'e-mailadres',
      age: 'leeftijd',
      country: 'land',
      phone: 'telefoonnummer',
      city: 'woonplaats',
      postal_code: 'postcode',
      gender: 'geslacht',
      marketing_consent: 'toestemming',
      created_at: 'aangemaakt_op',
    },
    'bestellingen → transactions': {
      transaction_id: 'bestelnummer',
      customer_id: 'klant',
      product: 'artikelnaam',
      amount: 'bedrag',
      quantity: 'aantal',
      payment_method: 'betaalmethode',
      discount_applied: 'korting',
      shipping_cost: 'verzendkosten',
      timestamp: 'besteldatum',
      status: 'status',
    },
    'campagnes → campaigns': {
      campaign_id: 'campagnenummer',
      campaign_name: 'naam',
      campaign_type: 'kanaal',
      status: 'status',
      target_audience: 'doelgroep',
      budget: 'begroting',
      spend: 'uitgaven',
      impressions: 'weergaven',
      clicks: 'kliks',
      conversions: 'conversies',
      start_date: 'begindatum',
    },
  },
}

/** Something that a field of its kind may hold. */
const sampleOf: Record<string, (i: number) => unknown> = {
  id: (i) => `K${i % 5}`,
  label: () => 'Mug',
  money: () => 12.5,
  count: () => 2,
  fractional: () => 2.5,
  date: (i) => day(i),
  consent: () => true,
  email: (i) => `a${i}@b.fr`,
  phone: (i) => `+3361234567${i % 10}`,
}

test.each(Object.entries(languages))('%s names are known, all of them', async (_, shop) => {
  const bronze = Object.entries(shop).map(([title, names]) => {
    const [name = '', collection = ''] = title.split(' → ')
    const contract = contracts.find((contract) => contract.collection === collection)
    const record = (i: number) =>
      Object.entries(names).map(([field, name]) => {
        const value = field === contract?.key ? `${collection}${i}` : sampleOf[contract?.fields[field]?.kind ?? '']?.(i)
        return [name, value]
      })
    return [name, many(10, (i) => Object.fromEntries(record(i)))]
  })
  const { collections } = await written(Object.fromEntries(bronze))
  for (const [title, names] of Object.entries(shop)) {
    const [name, collection = ''] = title.split(' → ')
    expect(collections[collection]).toEqual({ from: name, fields: names })
  }
})

// ------------------------------------------------------------------------------------------------------------- questions

describe('where init asks', () => {
  const shop = (more: Document = {}) => ({
    sales: many(12, (i) => ({
      sale_id: i,
      price: 12,
      quantity: 1 + (i % 2),
      when: `0${1 + (i % 9)}/05/2024`,
      ...more,
    })),
  })

  test('an answer is a setting, and the rest stays a comment', async () => {
    const choose = ({ choices }: Question) => choices.findIndex(({ name }) => name.includes('times'))
    const { collections, asked } = await written(shop(), choose)
    expect(asked.map(({ title }) => title)).toEqual(['What is amount of transactions in sales?', expect.any(String)])
    expect(asked[0]?.choices.map(({ name }) => name)).toEqual([
      "'price'",
      "{ from: 'price', times: 'quantity' }",
      'none of these',
    ])
    expect(collections['transactions']?.fields['amount']).toEqual({ from: 'price', times: 'quantity' })
  })

  test('nothing is asked of what is sure', async () => {
    const { asked } = await written(webShop(), () => 0)
    expect(asked).toEqual([])
  })

  test('none of these leaves it out', async () => {
    const { collections } = await written(shop(), ({ choices }) => choices.length - 1)
    expect(collections['transactions']?.fields).not.toHaveProperty('amount')
  })

  test('an id of orders is one of two things', async () => {
    const bronze = { sales: many(12, (i) => ({ order_id: i >> 2, amount: 5.5 + i })) }
    const of = async (name: string) => {
      const answer = ({ choices }: Question) => choices.findIndex((choice) => choice.name.startsWith(name))
      return (await written(bronze, answer)).collections['transactions']?.fields
    }
    expect(await of('order_id')).toEqual({ order_id: 'order_id', transaction_id: null, amount: 'amount' })
    expect(await of("'order_id'")).toEqual({ transaction_id: 'order_id', amount: 'amount' })
  })

  test('a collection that only its fields tell is read if somebody says so', async () => {
    const t1 = many(3, (i) => ({
      prenom: 'A',
      nom: 'B',
      courriel: `a${i}@b.fr`,
      ville: 'C',
      pays: 'D',
      cp: '1',
      sexe: 'F',
    }))
    expect((await written({ t1 }, () => 1)).collections).toEqual({ campaigns: false })
    expect((await written({ t1 }, () => 0)).collections['customers']).toMatchObject({ from: 't1' })
  })
})

// --------------------------------------------------------------------------------------------------------------- a trial

describe('a trial', () => {
  test('reads as a run would, and writes nothing', async () => {
    const { config } = await written(
      webShop((order) => (order['number'] === 'US-1' ? { ...order, client: 'nobody' } : order)),
    )
    const before = await databases()
    const { collections, strangers } = await tryOut(place.client, { ...config, bronze: place.names.bronze }, undefined)
    expect(await databases()).toEqual(before)
    expect(collections.map(({ contract, documents, records }) => [contract.collection, documents, records])).toEqual([
      ['transactions', 12, 24],
      ['customers', 6, 6],
    ])
    expect(collections[0]?.sales).toEqual({ revenue: '513.00', orders: 12, first: '2024-01-13', last: '2024-09-21' })
    expect(strangers).toEqual({ sales: 2, of: 24 })
  })

  async function databases(): Promise<unknown> {
    const { databases } = await place.client.db().admin().listDatabases({ nameOnly: true })
    const names = await place.client.db(place.names.bronze).listCollections({}, { nameOnly: true }).toArray()
    return [databases.filter(({ name }) => Object.values(place.names).includes(name)), names.length]
  }

  test('ends the command, with what it read and what looks wrong', async () => {
    await written({
      clients: many(4, (i) => ({ client_id: `C${i}`, mail: i === 0 ? 'a@b.fr' : 'ada' })),
      ventes: many(10, (i) => ({
        numero: i,
        client: i < 5 ? 'C1' : 'C9',
        montant: i < 6 ? '12.000' : 'x',
        date: day(i),
      })),
    })
    const own = await mkdtemp(join(folder, 'own '))
    const { code, stdout, stderr } = await lingot(['init', '--yes'], own, settingsOf(place.names))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`A trial, of which nothing was written
  ventes: 10 documents
  clients: 4 documents
  revenue of 10 sales in 10 orders, from 2025-01-01 to 2025-01-10: 72.00
`)
  })
})

test('sales of which no amount is known are not published as zero', async () => {
  await written({ transactions: many(3, (i) => ({ transaction_id: i, customer_id: 1, sum: 5, timestamp: day(i) })) })
  const own = await mkdtemp(join(folder, 'own '))
  const init = await lingot(['init', '--yes'], own, settingsOf(place.names))
  expect(init.stdout).toContain('! transactions.amount is unknown in 100.0 %: without any amount gold is not published')
  const { code, stderr } = await lingot(['run'], own, settingsOf(place.names))
  expect({ code, stderr }).toMatchObject({ code: 9 })
  expect(stderr).toContain('transactions.amount: no amount is known: 3 of 3 documents')
})

test('a list of records that is called as a field is not read as that field, though another is in doubt', async () => {
  const { text } = await written({
    clients: [{}],
    orders: [{ customer_id: [{ menge: 1, nummer: 1, customer_id: 'x@b.fr' }] }, {}],
  })
  expect(text).toContain("each: 'customer_id'")
  expect(text).toContain('customer_id: null, // the list itself')
})

test('a key of an element that is a number is no place in the list, and not read', async () => {
  const { text } = await written({ orders: [{ customer_id: [{ 0: { id: 1, pezzi: 'x@b.fr' } }] }] })
  expect(text).not.toMatch(/^ *\w+: .*'customer_id\.0/m)
})

// ------------------------------------------------------------------------------------------------------------- whatever

test('what init writes always loads, and tells no value', async () => {
  const secret = 'Zqx9'
  const words = [
    ...Object.values(synonyms).flatMap((fields) => [...Object.keys(fields), ...Object.values(fields).flat()]),
  ]
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...words) },
    fc.constantFrom('a.b', '_id', 'constructor', '__proto__', ' ', '', '$x', '0', "it's", '0612345678', 'a@b.fr'),
  )
  const leaf = fc.oneof(
    fc.constantFrom<unknown>(1, 250, 12.5, null, true, new Date(0), new ObjectId(), Decimal128.fromString('9.99')),
    fc.constantFrom(`${secret}@b.fr`, secret, '01/02/2024', '13/01/2024', '01/13/2024', '12.000', '$ 5'),
  )
  const { document } = fc.letrec<{ document: Document; value: unknown }>((tie) => ({
    document: fc.dictionary(name, tie('value'), { maxKeys: 7 }),
    value: fc.oneof({ maxDepth: 3 }, leaf, leaf, tie('document'), fc.array(tie('value'), { maxLength: 3 })),
  }))
  const collection = fc.array(document, { minLength: 1, maxLength: 12 })
  const shop = fc.record({ clients: collection, orders: collection, ads: collection }, { requiredKeys: ['orders'] })
  const answer = fc.constantFrom(undefined, 0, 1)
  await fc.assert(
    fc.asyncProperty(shop, answer, async (bronze, chosen) => {
      const usable = Object.fromEntries(
        Object.entries(bronze).map(([name, documents]) => [
          name,
          documents.map((document, _id) => ({ ...document, _id })),
        ]),
      )
      const { text } = await written(usable, chosen === undefined ? undefined : () => chosen).catch((error) => {
        if (error.message.includes('holds nothing like')) return { text: '' }
        throw error
      })
      expect(text).not.toMatch(/Zqx9|0612345678|a@b/)
    }),
    runs(60),
  )
})
