import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Document, Int32, ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { contracts } from '../../src/contracts/contracts.ts'
import { wordsOf } from '../../src/contracts/likeness.ts'
import { synonyms } from '../../src/contracts/synonyms.ts'
import { layersOf } from '../../src/init/draft.ts'
import { draft } from '../../src/init/look.ts'
import { matchFields } from '../../src/init/matching.ts'
import { survey } from '../../src/init/survey.ts'
import { loadConfig, readSettings } from '../../src/settings/config.ts'
import { lingot } from '../command.ts'
import { reproducibleModels } from '../gold/reproducible.ts'
import { hostileBronze } from '../oracle/hostile.ts'
import { runPipeline } from '../run.ts'
import { settingsOf } from '../trust/place.ts'

type Numbered = Document & { _id: number }

const id = new ObjectId().toHexString()
const original = { bronze: `bronze_${id}`, silver: `silver_${id}`, goldSchema: `gold_${id}` }
const renamed = { bronze: `renamed_${id}`, silver: `cleaned_${id}`, goldSchema: `renamed_${id}` }

let client: MongoClient
let postgres: pg.Client
let folder: string
let environment: Record<string, string>

const bronze = () => client.db(renamed.bronze)

beforeAll(async () => {
  client = await MongoClient.connect(inject('mongodbUri'))
  postgres = new pg.Client({ connectionString: inject('postgresUrl') })
  await postgres.connect()
  environment = settingsOf(renamed)
})

beforeEach(async () => {
  await bronze().dropDatabase()
  folder = await mkdtemp(join(tmpdir(), 'lingot init '))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

afterAll(async () => {
  for (const { bronze, silver, goldSchema } of [original, renamed]) {
    await client.db(bronze).dropDatabase()
    await client.db(silver).dropDatabase()
    await postgres.query(`drop schema if exists ${goldSchema} cascade`)
  }
  await postgres.end()
  await client.close()
})

const file = () => join(folder, 'lingot.config.ts')
const fill = (name: string, documents: Document[]) =>
  bronze()
    .collection<Numbered>(name)
    .insertMany(documents.map((document, i) => ({ _id: i, ...document })))

/** The lines of the file for bronze as it is, without their indent. */
async function linesOf(): Promise<string[]> {
  const { text } = await draft(client, renamed.bronze)
  await writeFile(file(), text)
  // Whatever bronze holds, what is written is valid.
  await loadConfig(folder, {})
  return text.split('\n').map((line) => line.trim())
}

// ------------------------------------------------------------------------------------------------------ the whole way

const french = {
  clients: {
    customer_id: 'identifiant_client',
    first_name: 'prénom',
    last_name: 'nom',
    email: 'courriel',
    phone: 'numéro_de_téléphone',
    age: 'âge',
    country: 'pays',
    city: 'ville',
    postal_code: 'code_postal',
    gender: 'sexe',
    marketing_consent: 'consentement_marketing',
    created_at: 'date_d_inscription',
  },
  ventes: {
    transaction_id: 'id_vente',
    customer_id: 'id_client',
    product: 'produit',
    amount: 'montant',
    quantity: 'quantité',
    payment_method: 'mode_de_paiement',
    discount_applied: 'remise',
    shipping_cost: 'frais_de_port',
    timestamp: 'date_vente',
    status: 'statut',
  },
  campagnes: {
    campaign_id: 'code_campagne',
    campaign_name: 'nom',
    campaign_type: 'canal',
    status: 'statut',
    target_audience: 'cible',
    budget: 'budget_prévu',
    spend: 'dépenses',
    impressions: 'affichages',
    clicks: 'clics',
    conversions: 'nb_conversions',
    start_date: 'date_de_début',
  },
}

const camelCase = {
  Customers: {
    customer_id: 'customerId',
    first_name: 'firstName',
    last_name: 'lastName',
    email: 'eMail',
    phone: 'phoneNumber',
    age: 'Age',
    country: 'Country',
    city: 'City',
    postal_code: 'zipCode',
    gender: 'Gender',
    marketing_consent: 'marketingConsent',
    created_at: 'createdAt',
  },
  shopOrders: {
    transaction_id: 'orderID',
    customer_id: 'customerID',
    product: 'productName',
    amount: 'price',
    quantity: 'qty',
    payment_method: 'paymentMethod',
    discount_applied: 'discountAmount',
    shipping_cost: 'shippingFee',
    timestamp: 'purchasedAt',
    status: 'orderStatus',
  },
  marketingCampaigns: {
    campaign_id: 'id',
    campaign_name: 'campaignName',
    campaign_type: 'channel',
    status: 'state',
    target_audience: 'targetAudience',
    budget: 'Budget',
    spend: 'amountSpent',
    impressions: 'views',
    clicks: 'Clicks',
    conversions: 'Conversions',
    start_date: 'startDate',
  },
}

/** The file with the collection of customers that is in doubt in the place of the buyers. */
function withCustomers(text: string): string {
  const block = /^ {4}\/\/ it knows [\d,]+ of the [\d,]+ buyers looked at:\n((?: {4}\/\/ .*\n)+)/m
  return text
    .replace(/^ *customers: 'buyers', \/\/ .*\n/m, '')
    .replace(block, (_, lines: string) => lines.replace(/^ {4}\/\/ /gm, '    '))
}

describe.each<[string, typeof french | typeof camelCase, guesses: RegExp[]]>([
  ['French', french, [/transaction_id: 'id_vente'/, /order_id: 'id_vente'/, /customers: \{/]],
  [
    'camelCase',
    camelCase,
    [
      /transaction_id: 'orderID'/,
      /order_id: 'orderID'/,
      /amount: 'price'/,
      /amount: \{ from: 'price', times: 'qty' \}/,
      /customers: \{/,
    ],
  ],
])('a shop that speaks %s', (_, collections, guesses) => {
  const names = Object.keys(collections) as (keyof typeof collections)[]

  async function rename(): Promise<void> {
    for (const [i, name] of ['customers', 'transactions', 'campaigns'].entries()) {
      const own = names[i] ?? name
      const words: Record<string, string> = collections[own as keyof typeof collections]
      const documents = await client.db(original.bronze).collection(name).find({}, { promoteValues: false }).toArray()
      const translated = documents.map((document) =>
        Object.fromEntries(Object.entries(document).map(([field, value]) => [words[field] ?? field, value])),
      )
      await bronze().collection(own).insertMany(translated)
    }
  }

  async function goldOf({ goldSchema }: typeof original): Promise<Record<string, unknown[]>> {
    const gold: Record<string, unknown[]> = {}
    for (const { name, key } of reproducibleModels) {
      gold[name] = (await postgres.query(`select * from ${goldSchema}.${name} order by ${key.join(', ')}`)).rows
    }
    return gold
  }

  test('has the gold of one that speaks English, after `lingot init`, a look at its guesses, and `lingot run`', async () => {
    await generate(client, { database: original.bronze, scale: 0.1, force: true })
    await runPipeline(client, inject('postgresUrl'), original)
    await rename()

    const init = await lingot(['init'], folder, environment)
    expect(init).toMatchObject({ code: 0, stderr: '' })
    // Every field was found; what repeats, may be a price of one, or knows some of the buyers was left to a guess.
    const written = await readFile(file(), 'utf8')
    expect(written).not.toMatch(/Nothing found/)
    const doubts = written.match(/^\s*\/\/ .*:\n\s*\/\/ .*$/gm)?.map((doubt) => doubt.split('\n')[1]?.trim() ?? '')
    expect(doubts).toHaveLength(guesses.length)
    for (const guess of guesses) expect(doubts).toContainEqual(expect.stringMatching(guess))
    const accepted = [/\/\/ (transaction_id: '\w+', )/, /\/\/ (amount: '\w+', )/]
    await writeFile(file(), withCustomers(accepted.reduce((text, guess) => text.replace(guess, '$1'), written)))
    const run = await lingot(['run'], folder, environment)
    expect(run).toMatchObject({ code: 0, stderr: '' })
    const gold = await goldOf(renamed)
    expect(gold).toEqual(await goldOf(original))
    expect(gold['customer_metrics']?.length).toBeGreaterThan(50)

    const values = await valuesIn(names)
    expect(values.size).toBeGreaterThan(400)
    for (const text of [written, init.stdout]) expect([...values].filter((value) => text.includes(value))).toEqual([])
  })

  /** The texts in bronze, but for those that are too short to tell. */
  async function valuesIn(collections: string[]): Promise<Set<string>> {
    const values = new Set<string>()
    for (const name of collections) {
      for await (const document of bronze().collection(name).find()) {
        for (const value of Object.values(document))
          if (typeof value === 'string' && value.length > 5) values.add(value)
      }
    }
    return values
  }
})

// --------------------------------------------------------------------------------------------------------------- names

describe('a field is known by its name', () => {
  test.each<[collection: string, field: string, names: string[]]>([
    [
      'customers',
      'customer_id',
      [
        'customer_id',
        'customerId',
        'CustomerID',
        'CUSTOMER-ID',
        'client_id',
        'idClient',
        'id',
        'code_client',
        'numéro client',
        'user_id',
      ],
    ],
    [
      'customers',
      'email',
      [
        'email',
        'Email',
        'e_mail',
        'E-Mail',
        'mail',
        'courriel',
        'adresse_mail',
        'emailAddress',
        'customer_email',
        'email_client',
      ],
    ],
    ['customers', 'first_name', ['firstName', 'FIRSTNAME', 'prenom', 'Prénom', 'given_name', 'prenom_client']],
    ['customers', 'last_name', ['lastname', 'nom', 'nomDeFamille', 'surname', 'nom_client']],
    [
      'customers',
      'phone',
      ['tel', 'téléphone', 'phone_number', 'num_tel', 'contact_number', 'mobile', 'numeroDeTelephone'],
    ],
    ['customers', 'country', ['pays', 'Pays', 'country_name']],
    ['customers', 'created_at', ['createdAt', 'date_creation', 'dateInscription', 'registered_at', 'inscrit_le']],
    ['customers', 'marketing_consent', ['opt_in', 'optin', 'consentement', 'newsletter']],
    [
      'transactions',
      'transaction_id',
      ['order_id', 'orderNumber', 'id_commande', 'numero_commande', 'reference', 'sale_id'],
    ],
    ['transactions', 'customer_id', ['client', 'clientId', 'id_client', 'customer', 'user_id', 'buyerId']],
    ['transactions', 'amount', ['montant', 'prix', 'price', 'subTotal', 'order_amount']],
    [
      'transactions',
      'timestamp',
      ['date', 'Date', 'created_at', 'purchased_at', 'order_date', 'date_achat', 'dateCommande', 'horodatage'],
    ],
    ['transactions', 'discount_applied', ['remise', 'discount', 'réduction', 'rabais']],
    ['transactions', 'shipping_cost', ['frais_livraison', 'fraisDePort', 'shippingCost', 'delivery_fee']],
    ['transactions', 'status', ['statut', 'état', 'order_status']],
    ['campaigns', 'campaign_name', ['nom', 'name', 'titre', 'nom_campagne', 'campaignName']],
    ['campaigns', 'campaign_type', ['type', 'canal', 'channel', 'type_campagne']],
    ['campaigns', 'spend', ['dépenses', 'spent', 'cost', 'coût']],
    ['campaigns', 'start_date', ['startDate', 'date_debut', 'début', 'started_at']],
  ])('%s.%s', (collection, field, names) => {
    for (const name of names) expect(fieldFor(collection, name), name).toBe(field)
  })

  test.each<[collection: string, names: string[]]>([
    [
      'customers',
      [
        'name',
        'full_name',
        'notes',
        'birth_date',
        'password',
        'referrer',
        'emails_sent',
        'phone_brand',
        'account_number',
        'company',
      ],
    ],
    ['transactions', ['email', 'client_name', 'total', 'montant_total', 'currency', 'coupon', 'city']],
    ['campaigns', ['end_date', 'date_fin', 'owner', 'roi']],
  ])('%s: nothing is sure of %j', (collection, names) => {
    for (const name of names) expect(fieldFor(collection, name), name).toBeUndefined()
  })

  /** The field of the contract that a field of this name, without values, is surely read for. */
  function fieldFor(collection: string, name: string): string | undefined {
    const contract = contracts.find((contract) => contract.collection === collection)
    if (contract === undefined) throw new Error(collection)
    const fields = [{ name, path: [name], documents: 1, types: { null: 1 }, sampled: 0, judged: {} }]
    const match = matchFields(contract, { name: collection, documents: 1, looked: 1, fields, lists: [] })
    return match.fields.find(({ doubt }) => doubt === undefined)?.field
  }

  test('there are other words for every field, and none for two', () => {
    for (const { collection, fields } of contracts) {
      expect(Object.keys(synonyms[collection] ?? {}).sort()).toEqual(Object.keys(fields).sort())
      const phrases = Object.values(synonyms[collection] ?? {}).flat()
      const forms = phrases.map((phrase) => phrase.split(' ').sort().join(' '))
      expect(forms.filter((form, i) => forms.indexOf(form) !== i)).toEqual([])
      expect(phrases.filter((phrase) => wordsOf(phrase).join(' ') !== phrase)).toEqual([])
    }
  })
})

// -------------------------------------------------------------------------------------------------------------- doubts

describe('what is not sure is a comment with its reason', () => {
  const ten = (value: (i: number) => unknown, field: string) =>
    Array.from({ length: 10 }, (_, i) => ({ customer_id: `C${i}`, [field]: value(i) }))

  test.each<[string, Document[], string, string]>([
    [
      'an email under a name of its own',
      ten((i) => `a${i}@b.fr`, 'contact'),
      'its name does not tell, but its values look like emails:',
      "email: 'contact', // in 10 documents: string",
    ],
    [
      'a phone number under a name of its own',
      ten((i) => `+3361234567${i}`, 'joindre'),
      'its name does not tell, but its values look like phone numbers:',
      "phone: 'joindre', // in 10 documents: string",
    ],
    [
      'a date under a name of its own',
      ten(() => new Date(), 'depuis'),
      'its name does not tell, but its values look like dates:',
      "created_at: 'depuis', // in 10 documents: date",
    ],
    [
      'a date that is none',
      ten(() => 'yesterday', 'date_creation'),
      'most of its values are no dates:',
      "created_at: 'date_creation', // in 10 documents: string",
    ],
    [
      'a phone that is none',
      ten(() => 'Nokia', 'mobile'),
      'most of its values are no phone numbers:',
      "phone: 'mobile', // in 10 documents: string",
    ],
    [
      'a label that holds emails',
      ten((i) => `a${i}@b.fr`, 'ville'),
      'its values look like emails, and silver would keep them in clear:',
      "city: 'ville', // in 10 documents: string",
    ],
    [
      'a nested field',
      ten(() => [{ a: 'a@b.fr' }], 'email'),
      'it holds objects or lists; a path reads a field in them, such as address.city:',
      "email: 'email', // in 10 documents: array",
    ],
    [
      'a whole name',
      ten(() => 'Jean Dupont', 'name'),
      'it may be the whole name: gold then has it right, as full_name, where first_name is null:',
      "last_name: 'name', // in 10 documents: string",
    ],
    [
      'two for one',
      ten((i) => `a${i}@b.fr`, 'courriel').map((document) => ({ ...document, mail: 'x@y.fr' })),
      'email is read from mail:',
      "email: 'courriel', // in 10 documents: string",
    ],
  ])('%s', async (_, documents, reason, line) => {
    await fill('customers', documents)
    const lines = await linesOf()
    const at = lines.indexOf(`// ${line}`)
    expect(lines.slice(at - 1, at + 1)).toEqual([`// ${reason}`, `// ${line}`])
    expect(lines).not.toContain(line)
  })

  test('an ObjectId is an id', async () => {
    await bronze()
      .collection('customers')
      .insertMany([{ email: 'a@b.fr' }, { email: 'c@d.fr' }])
    expect(await linesOf()).toContain("customer_id: '_id', // in 2 documents: objectId")
  })

  test('an _id that is one is sure', async () => {
    await fill('customers', [{ email: 'a@b.fr' }])
    expect(await linesOf()).toContain("customer_id: '_id', // in 1 document: int")
  })

  test('a collection that only its fields tell', async () => {
    await fill('t1', [
      { prenom: 'A', nom: 'B', courriel: 'a@b.fr', ville: 'C', pays: 'D', cp: '1', tel: '+33612345678', sexe: 'F' },
    ])
    const lines = await linesOf()
    expect(lines).toContain('// its name does not tell, but 9 of its fields are like those of customers:')
    expect(lines).toContainEqual(expect.stringMatching(/^\/\/ +email: 'courriel', \/\/ in 1 document: string$/))
    expect((await loadConfig(folder, {})).contracts?.map(({ source }) => source)).toEqual([undefined, undefined])
  })

  test('of several collections the likeliest is read, and the others are named', async () => {
    const sale = { commande_id: '1', montant: 1, statut: 'Completed' }
    await fill('commandes', [{ ...sale, produit: 'Laptop' }])
    await fill('paiements', [sale])
    await fill('paniers', [{ a: 1 }, { a: 2 }])
    const lines = await linesOf()
    expect(lines).toContain("from: 'commandes', // 1 document, all looked at")
    expect(lines).toContain(
      '// Not read: paiements (1 document; its commande_id names one of commandes; commande_id of commandes names one of it), paniers (2 documents).',
    )
  })
})

// ------------------------------------------------------------------------------------------------------ what is told

test('every reason stands above its field', async () => {
  await fill(
    'ventes',
    ['5 €', '$ 7'].map((montant) => ({ client_id: 'C1', montant })),
  )
  const lines = await linesOf()
  const at = lines.indexOf('// Its values name EUR, USD, and are added up as if they were one currency.')
  expect(lines[at + 1]).toBe("amount: 'montant', // in 2 documents: string")
})

test('each field is told with its types, and what no contract names can be kept', async () => {
  await fill('customers', [
    {
      customer_id: 'A',
      email: 'a@b.fr',
      loyaltyTier: 'gold',
      points: 3,
      order: 'x',
      tags: ['a'],
      vip: true,
      store_id: 12,
      number_of_visits: 3,
    },
    { customer_id: new Int32(7), email: null, balance: 1.5, points: 4 },
    { customer_id: 'C' },
  ])
  const lines = await linesOf()
  expect(lines).toEqual(
    expect.arrayContaining([
      "from: 'customers', // 3 documents, all looked at",
      "customer_id: 'customer_id', // in 3 documents: string 2, int 1",
      "email: 'email', // in 2 documents: string 1, null 1",
      '// Nothing found for first_name, last_name, age, country, phone, city, postal_code, gender, marketing_consent, created_at.',
      "//   points: { kind: 'count', from: 'points', personal: true, meaning: '' }, // in 2 documents: int",
      "//   loyalty_tier: { kind: 'label', from: 'loyaltyTier', personal: true, meaning: '' }, // in 1 document: string",
      "//   balance: { kind: 'money', from: 'balance', personal: true, meaning: '' }, // in 1 document: double",
      "//   vip: { kind: 'consent', from: 'vip', personal: true, meaning: '' }, // in 1 document: bool",
      "//   customer_order: { kind: 'label', from: 'order', personal: true, meaning: '' }, // in 1 document: string",
      "//   store_id: { kind: 'id', from: 'store_id', personal: true, meaning: '' }, // in 1 document: int",
      "//   number_visits: { kind: 'count', from: 'number_of_visits', personal: true, meaning: '' }, // in 1 document: int",
      "//   'tags' cannot be kept as it is, in 1 document: array",
    ]),
  )
})

describe('what somebody has to decide is a comment', () => {
  const shop = (values: Document[]) =>
    fill(
      'ventes',
      values.map((value) => ({ client_id: 'C1', ...value })),
    )
  test.each<[what: string, sales: Document[], lines: string[]]>([
    [
      'ids of orders that name several lines',
      [1, 1, 2].map((order_id) => ({ order_id, amount: 5.5 })),
      [
        '// 1 of its values names several documents, lines of one order or versions of one sale; 1 document equals another one and would be left out as inserted twice:',
        "// transaction_id: 'order_id', // in 3 documents: int",
        "// If those with one id are versions of one record: identity: 'last one wins',",
      ],
    ],
    [
      'an id of an order that repeats once in a hundred',
      Array.from({ length: 100 }, (_, i) => ({ order_id: Math.min(i, 98), amount: 5.5 + i, created_at: i })),
      [
        '// 1 of its values names several documents, lines of one order or versions of one sale; no two of them are equal:',
        "// transaction_id: 'order_id', // in 100 documents: int",
      ],
    ],
    [
      'lines that a time tells apart, if it is read, and nothing does else',
      [
        ...[1, 2].map((n) => ({ order_id: 1, created_at: new Date(n), updated_at: n })),
        ...[1, 2].map((n) => ({ order_id: 2, created_at: new Date(1), updated_at: n })),
      ],
      [
        '// 2 of its values name several documents, lines of one order or versions of one sale; 1 document equals another one and would be left out as inserted twice:',
        "timestamp: 'created_at', // in 4 documents: date",
      ],
    ],
    [
      'versions',
      [1, 1].map((transaction_id, i) => ({ transaction_id, amount: 5.5, updated_at: i })),
      [
        "transaction_id: 'transaction_id', // in 2 documents: int",
        '// 1 of its values names several documents, lines of one order or versions of one sale; 1 document equals another one and would be left out as inserted twice. If they are lines: transaction_id: null,',
        "// If those with one id are versions of one record: identity: 'last one wins', lastBy: 'updated_at',",
      ],
    ],
    [
      'ids of one document each',
      [1, 2].map((order_id) => ({ order_id })),
      ["transaction_id: 'order_id', // in 2 documents: int"],
    ],
    [
      'cents',
      [1999, 2500, 500].map((montant) => ({ montant })),
      [
        '// all of its values are whole numbers: they may be cents:',
        "// amount: 'montant', // in 3 documents: int",
        '// if these are cents:',
        "// amount: { from: 'montant', scale: 0.01 }, // in 3 documents: int",
      ],
    ],
    ['micros', [{ montant_micros: 5 }], ["amount: { from: 'montant_micros', scale: 0.000001 }, // in 1 document: int"]],
    [
      'months first',
      ['03/04/2024', '03/14/2024'].map((date) => ({ date })),
      ["timestamp: { from: 'date', dates: 'month first' }, // in 2 documents: string"],
    ],
    [
      'months first, but for one',
      ['03/14/2024', '04/30/2024', '31/01/2024'].map((date) => ({ date })),
      [
        '// some of its texts have a day where others have the month:',
        "// timestamp: 'date', // in 3 documents: string",
      ],
    ],
    [
      'days and months that nothing tells apart',
      ['01/02/2024', '02/03/2024', '03/04/2024', '04/05/2024', '05/06/2024'].map((timestamp) => ({ timestamp })),
      [
        '// none of its texts tells which is the day and which the month:',
        "// timestamp: 'timestamp', // in 5 documents: string",
        'timestamp: null, // until that is decided',
        '// if the month stands first:',
        "// timestamp: { from: 'timestamp', dates: 'month first' }, // in 5 documents: string",
      ],
    ],
    [
      'days first, but for one',
      ['31/01/2024', '30/04/2024', '03/14/2024'].map((date) => ({ date })),
      ["timestamp: 'date', // in 3 documents: string"],
    ],
    [
      'marks and currencies',
      ['12.000', '5 €', '$ 7'].map((montant) => ({ montant })),
      [
        "// Texts such as 1.234 may be 1234 or not; the decimal mark decides: amount: { from: 'montant', decimal: ',' },",
        '// Its values name EUR, USD, and are added up as if they were one currency.',
      ],
    ],
    [
      'a price and a quantity',
      [1, 2].map((quantity) => ({ price: 9.99, quantity })),
      [
        '// beside quantity it may be the price of one: amount is the price of them all, which times multiplies:',
        "// amount: 'price', // in 2 documents: double",
        '// if it is the price of one:',
        "// amount: { from: 'price', times: 'quantity' }, // in 2 documents: double",
      ],
    ],
    [
      'a price, a quantity, and what is surer than the price',
      [1, 2].map((qty) => ({ price: 9.99, qty, subtotal: 9.99 * qty })),
      [
        '// amount is read from subtotal:',
        "// amount: 'price', // in 2 documents: double",
        "amount: 'subtotal', // in 2 documents: double",
      ],
    ],
    [
      'the price of one by its name',
      [{ unitPrice: 9.99, quantity: 1 }],
      ["amount: { from: 'unitPrice', times: 'quantity' }, // in 1 document: double"],
    ],
    [
      'the price of one of nobody knows how many',
      [{ unitPrice: 9.99 }],
      [
        '// it may be the price of one: amount is the price of them all, which times multiplies:',
        "// amount: 'unitPrice', // in 1 document: double",
      ],
    ],
    ['a price of one', [{ price: 9.99, quantity: 1 }], ["amount: 'price', // in 1 document: double"]],
    [
      'tombstones and currencies in a field',
      [{ amount: 5, is_deleted: false, deletedAt: null, currency: 'EUR' }],
      [
        "// If documents with is_deleted are no records: leaveOut: ['is_deleted'], or [{ field: 'is_deleted', is: true }],",
        "// If documents with deletedAt are no records: leaveOut: ['deletedAt'], or [{ field: 'deletedAt', is: true }],",
        "currency: 'EUR', // all sales name it",
      ],
    ],
    [
      'currencies in a field',
      ['EUR', 'USD'].map((currency) => ({ amount: 5, currency })),
      ['// currency tells a currency: amounts are added up as if they were in one.'],
    ],
  ])('%s', async (_, sales, lines) => {
    await shop(sales)
    const all = await linesOf()
    for (const line of lines) expect(all).toContain(line)
    // What is a comment is no setting as well.
    for (const line of lines) expect(all).not.toContain(line.startsWith('// ') ? line.slice(3) : `// ${line}`)
  })
})

test('no value is told, wherever it stands', async () => {
  const secret = 'SECRET'
  await fill('customers', [
    {
      customer_id: `${secret}1`,
      email: `${secret}@b.fr`,
      [`${secret}@b.fr`]: 1,
      "it's\n*/ `${x}`": secret,
      note: { a: secret },
      nom: 987654321,
      '0612345678': 1,
    },
  ])
  await fill(`${secret}@c.fr`, [{ a: 1 }])
  const { text } = await draft(client, renamed.bronze)
  await linesOf()
  const { stdout, stderr } = await lingot(['init', '--force'], folder, environment)
  for (const told of [text, stdout, stderr]) expect(told).not.toMatch(/SECRET|987654321|0612345678/)
  expect(text).toContain('and 3 fields more')
})

test('names of any letters and marks are read', async () => {
  await fill('export.clients 20250131', [
    { 'N° client': 'A', Prénom: 'B', 'Adresse e-mail': 'a@b.fr', "Date d'inscription": '01/02/2024' },
  ])
  const lines = await linesOf()
  expect(lines).toContain("from: 'export.clients 20250131', // 1 document, all looked at")
  expect(lines).toContain("created_at: 'Date d\\'inscription', // in 1 document: string")
  const customers = (await loadConfig(folder, {})).contracts?.find(({ collection }) => collection === 'customers')
  const read = ['customer_id', 'first_name', 'email', 'created_at'].map((name) =>
    customers?.fields[name]?.source?.at(0),
  )
  expect(read).toEqual(['N° client', 'Prénom', 'Adresse e-mail', "Date d'inscription"])
})

test('a bronze in which everything that can be wrong is wrong is looked at like any other', async () => {
  const hostile = hostileBronze()
  for (const [name, documents] of Object.entries(hostile)) {
    await bronze().collection(name).insertMany(documents, { forceServerObjectId: true })
  }
  const lines = await linesOf()
  for (const [name, documents] of Object.entries(hostile)) {
    expect(lines).toContain(`from: '${name}', // ${documents.length} documents, all looked at`)
  }
})

test('a large collection is looked at in part, and that is said', async () => {
  await fill(
    'customers',
    Array.from({ length: 3000 }, (_, i) => ({ customer_id: `C${i}`, [i < 2500 ? 'email' : 'mail']: 'a@b.fr' })),
  )
  const looked = await survey(client, bronze().collection('customers'), {}, { most: 2500 })
  expect(looked).toMatchObject({ documents: 3000, looked: 2500 })
  expect(looked.fields.map(({ name, documents }) => [name, documents])).toEqual([
    ['_id', 2500],
    ['customer_id', 2500],
    ['email', 2500],
  ])
})

// ------------------------------------------------------------------------------------------------------- the command

describe('lingot init', () => {
  beforeEach(async () => {
    await fill('clients', [{ client_id: 'A', courriel: 'a@b.fr' }])
  })

  test('writes the file and tells what it found', async () => {
    const { code, stdout } = await lingot(['init'], folder, environment)
    expect(code).toBe(0)
    expect(stdout).toContain('customers ← clients (1 document, all looked at)')
    expect(stdout).toMatch(/^ {2}customer_id +client_id +100\.0 +sure: by its name$/m)
    expect(stdout).toMatch(/^ {2}nothing found for first_name, last_name, age/m)
    expect(stdout).toMatch(/^ {2}clients: 1 document$/m)
    expect((await readdir(folder)).sort()).toEqual(['README.md', 'lingot.config.ts'])
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toMatch(/^# A shop on Lingot\n/)
    const { bronze, contracts } = await loadConfig(folder, {})
    expect(bronze).toBe(renamed.bronze)
    expect(contracts?.find(({ collection }) => collection === 'customers')).toMatchObject({
      source: 'clients',
      fields: { customer_id: { source: ['client_id'] }, email: { source: ['courriel'] } },
    })
  })

  test('prints the same with --print, and writes nothing', async () => {
    const { code, stdout } = await lingot(['init', '--print'], folder, environment)
    expect(code).toBe(0)
    expect(await readdir(folder)).toEqual([])
    expect(stdout).toBe((await draft(client, renamed.bronze)).text)
  })

  test('leaves an existing file alone unless it is forced', async () => {
    const mine = 'export default {}\n'
    await writeFile(file(), mine)
    await writeFile(join(folder, 'README.md'), '# Mine\n')
    const { code, stdout, stderr } = await lingot(['init'], folder, environment)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('lingot.config.ts is here already, and stays as it is.')
    expect(await readFile(file(), 'utf8')).toBe(mine)

    expect((await lingot(['init', '--force'], folder, environment)).code).toBe(0)
    expect(await readFile(file(), 'utf8')).toContain("from: 'clients'")
    expect((await readdir(folder)).sort()).toEqual(['README.md', 'lingot.config.ts'])
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe('# Mine\n')
  })

  test('never writes beside a file of another name', async () => {
    await writeFile(join(folder, 'lingot.config.json'), '{}')
    const { code, stderr } = await lingot(['init', '--force'], folder, environment)
    expect(code).toBe(3)
    expect(stderr).toContain('lingot.config.json is here already')
    expect(await readdir(folder)).toEqual(['lingot.config.json'])
  })

  test('says where the data may be when there is none', async () => {
    const { code, stderr } = await lingot(['init'], folder, { ...environment, LINGOT_BRONZE_DB: `none_${id}` })
    expect(code).toBe(5)
    expect(stderr).toContain(`none_${id} holds nothing like customers, transactions or campaigns.`)
    expect(stderr).toContain(renamed.bronze)
    expect(await readdir(folder)).toEqual([])
  })

  test('the sample is not made where bronze has other names', async () => {
    await lingot(['init'], folder, environment)
    const { code, stderr } = await lingot(['generate'], folder, environment)
    expect(code).toBe(3)
    expect(stderr).toContain('other names than those of the sample')
    await bronze().collection('clients').deleteMany({})
    const start = await lingot(['start'], folder, environment)
    expect(start).toMatchObject({ code: 5, stderr: expect.stringContaining('clients') })
    expect((await bronze().listCollections().toArray()).map(({ name }) => name)).toEqual(['clients'])
  })
})

describe('the layers that it proposes', () => {
  test.each([
    ['bronze_db', 'silver_db', 'public'],
    ['shop_de', 'shop_de_silver', 'shop_de'],
    ['shop', 'shop_silver', 'shop'],
    ['Shop-DE', 'Shop-DE_silver', /^gold_shop_de_[0-9a-f]{8}$/],
    ['boutique_été', 'boutique_été_silver', /^gold_boutique_ete_[0-9a-f]{8}$/],
    ['2025', '2025_silver', /^gold_2025_[0-9a-f]{8}$/],
    ['pg_shop', 'pg_shop_silver', /^gold_pg_shop_[0-9a-f]{8}$/],
    ['public', 'public_silver', /^gold_public_[0-9a-f]{8}$/],
    ['a__b', 'a__b_silver', /^gold_a_b_[0-9a-f]{8}$/],
    ['店', '店_silver', /^gold___[0-9a-f]{8}$/],
    ['x'.repeat(63), /^x{11}_[0-9a-f]{8}_silver$/, 'x'.repeat(63)],
    ['é'.repeat(30), /^é{11}_[0-9a-f]{8}_silver$/, /^gold_e{30}_[0-9a-f]{8}$/],
    ['𝒮'.repeat(15), /^𝒮{11}_[0-9a-f]{8}_silver$/u, /^gold_s{15}_[0-9a-f]{8}$/],
  ])('for %s', async (bronze, silver, goldSchema) => {
    const proposed = layersOf(bronze)
    const like = (name: string | RegExp) => (typeof name === 'string' ? name : expect.stringMatching(name))
    expect(proposed).toEqual({ silver: like(silver), goldSchema: like(goldSchema) })
    // Both servers take them, as the settings do.
    expect(await readSettings({ bronze, ...proposed }, 'lingot.config.ts')).toMatchObject(proposed)
    const db = client.db(proposed.silver)
    await db.collection('things').insertOne({})
    await db.dropDatabase()
    if (goldSchema !== 'public') {
      const name = pg.escapeIdentifier(proposed.goldSchema)
      await postgres.query(`create schema ${name}; drop schema ${name}`)
    }
  })

  test('are those of no other bronze', () => {
    const alike = [
      'shop_de',
      'shop-de',
      'Shop_DE',
      'shop_dé',
      'shop__de',
      `shop_de${'e'.repeat(56)}`,
      `shop_de${'e'.repeat(55)}d`,
    ]
    const all = alike.map(layersOf)
    expect(new Set(all.map(({ silver }) => silver.toLowerCase())).size).toBe(alike.length - 1)
    expect(new Set(all.map(({ goldSchema }) => goldSchema)).size).toBe(alike.length)
  })

  test('are in the file', async () => {
    await fill('customers', [{ customer_id: 'CUST00001', first_name: 'Jean', email: 'jean@email.com', age: 35 }])
    const { silver, goldSchema } = layersOf(renamed.bronze)
    expect(await linesOf()).toEqual(expect.arrayContaining([`silver: '${silver}',`, `goldSchema: '${goldSchema}',`]))
    expect(await loadConfig(folder, {})).toMatchObject({ silver, goldSchema })
  })
})
