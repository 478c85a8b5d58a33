import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Binary, BSONSymbol, type Document, Double, Long } from 'bson'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { describeSearched, privacyCommand, type Searched } from '../../src/commands/privacy.ts'
import { contracts } from '../../src/contracts/contracts.ts'
import { readKnown } from '../../src/privacy/bronze.ts'
import { searchSilver } from '../../src/privacy/search.ts'
import { lingot, type Outcome, within } from '../commands/lingot.ts'
import { keepLayers } from '../kept.ts'
import { hostileBronze } from '../oracle/hostile.ts'
import { runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

let place: Place
let postgres: pg.Client
let home: string
const silver = () => place.client.db(place.names.silver)

beforeAll(async () => {
  place = await openPlace()
  postgres = new pg.Client({ connectionString: inject('postgresUrl') })
  await postgres.connect()
  home = await mkdtemp(join(tmpdir(), 'lingot home '))
})
afterAll(async () => {
  await postgres.end()
  await place.leave()
  await rm(home, { recursive: true })
})

function known() {
  return readKnown(place.client, { bronze: place.names.bronze, contracts, phoneRegion: 'FR' })
}

function privacy(options: { json?: boolean } = {}): Promise<Outcome> {
  vi.stubEnv('LINGOT_HOME', home)
  return within(place.names, () => privacyCommand(options))
}

/** Each finding in a line. */
function told({ places }: Searched): string[] {
  return places.flatMap(({ layer, name, findings }) =>
    findings.map(({ field, emails, phones }) => `${layer} ${name} ${field}: ${emails} and ${phones}`),
  )
}

describe('what counts in bronze', () => {
  test.each<[Document, emails: number, phones: number]>([
    // In the fields, whatever their rule takes.
    [{ email: 'jean@email.com' }, 1, 0],
    [{ email: ' JEAN@Email.com\t' }, 1, 0],
    [{ email: '"jean,luc"<x>@mail.fr' }, 1, 0],
    [{ email: ['jean@email.com', { deep: 'jeanne@email.com' }] }, 2, 0],
    [{ phone: '+33612345678' }, 0, 1],
    [{ phone: '06 12-34.56/78' }, 0, 1],
    [{ phone: '0470 12 34 56', country: 'Belgique' }, 0, 1],
    [{ phone: new Double(612345678) }, 0, 1],
    [{ phone: Long.fromNumber(33612345678) }, 0, 1],
    [{ phone: new BSONSymbol('0612345678') }, 0, 1],
    [{ phone: { home: '0112345678', work: ['0212345678'] } }, 0, 2],
    // What it refuses may still hold some.
    [{ email: 'Jean <jean@email.com>, jeanne@email.com' }, 2, 0],
    [{ phone: '06 12 34 56 78 or 07 12 34 56 78' }, 0, 2],
    // In other fields, what is written as people write it.
    [{ notes: 'Write to jean@email.com.' }, 1, 0],
    [{ first_name: 'jean@email.com' }, 1, 0],
    [{ 'jean@email.com': true }, 1, 0],
    [{ contact: { mobile: '+33 6 12 34 56 78' } }, 0, 1],
    [{ notes: 'Call 06 12 34 56 78, or 0033712345678' }, 0, 2],
    [{ scan: new Binary(Buffer.from('jean@email.com')) }, 1, 0],
    [{ link: 'mailto:jean@email.com?subject=x' }, 1, 0],
    [{ link: 'https://x.fr/?mail=jean%40email.com&x=1' }, 1, 0],
    [{ notes: '06_12_34_56_78' }, 0, 1],
    [{ notes: '０６ １２ ３４ ５６ ７８' }, 0, 1],
    // No email, no phone number.
    [{ email: 'n/a', phone: '-' }, 0, 0],
    [{ email: 'jean@email', phone: '12' }, 0, 0],
    [{ email: '@', phone: 'jean' }, 0, 0],
    [{ email: true, phone: false }, 0, 0],
    [{ city: 'Paris @ home', age: 612345678 }, 0, 0],
    [{ order: '0612345678', reference: 612345678 }, 0, 0],
    [{ created_at: '01-02-2024 10', seen: '01-02-2024 10:30' }, 0, 0],
    [{ customer_id: '06 12 34 56 78' }, 0, 0],
  ])('%j: %i emails, %i phone numbers', async (document, emails, phones) => {
    await place.load({ customers: [{ _id: 1, ...document }] })
    const { emails: foundEmails, phones: foundPhones } = await known()
    expect({ emails: foundEmails, phones: foundPhones }).toEqual({ emails, phones })
  })
})

describe('what is found in silver', () => {
  beforeAll(async () => {
    await place.load({
      customers: [
        { _id: 1, email: 'Jean.Dupont@email.com', phone: '+33612345678', country: 'France' },
        { _id: 2, email: '"odd,one"<x>@mail.fr', phone: '0470 12 34 56', country: 'Belgique' },
        { _id: 3, phone: '514-234-5678', country: 'Canada' },
        { _id: 4, phone: '٠٦١٢٣٤٥٦٧٩', country: 'France' },
        // Ids that are a person's own number, and one that is somebody else's by chance.
        { _id: '0698765432', customer_id: 698765432, phone: '06 98 76 54 32' },
        { _id: 6, customer_id: '612345678' },
        // Too short to be told from any number.
        { _id: 7, phone: '6211234', country: 'Luxembourg' },
        { _id: 8, phone: '1', email: 'a@b' },
      ],
    })
  })

  test.each<[Document, found: 'email' | 'phone' | 'nothing']>([
    [{ x: 'jean.dupont@email.com' }, 'email'],
    [{ x: 'JEAN.DUPONT@EMAIL.COM' }, 'email'],
    [{ x: 'from <jean.dupont@email.com>, at noon' }, 'email'],
    [{ x: '{"email":"jean.dupont@email.com"}' }, 'email'],
    [{ x: 'mailto:jean.dupont@email.com.' }, 'email'],
    [{ x: '"odd,one"<x>@mail.fr' }, 'email'],
    [{ x: { deep: [{ list: 'jean.dupont@email.com' }] } }, 'email'],
    [{ 'jean.dupont@email.com': 1 }, 'email'],
    [{ x: new Binary(Buffer.from('jean.dupont@email.com')) }, 'email'],
    [{ customer_id: 'jean.dupont@email.com' }, 'email'],
    [{ x: 'mailto:jean.dupont@email.com?subject=Hello' }, 'email'],
    [{ x: 'https://x.fr/?a=1&mail=jean.dupont@email.com&b=2' }, 'email'],
    [{ x: 'https://x.fr/?a=1&b=2&c=3&d=4&e=5&f=6&mail=jean.dupont%40email.com#top' }, 'email'],
    [{ x: 'jean.dupont@email.com!' }, 'email'],
    [{ x: '*jean.dupont@email.com*' }, 'email'],
    [{ x: 'ｊｅａｎ.ｄｕｐｏｎｔ＠ｅｍａｉｌ．ｃｏｍ' }, 'email'],
    [{ x: 'not.jean.dupont@email.com' }, 'nothing'],
    [{ x: 'jean.dupont@email.com.fr' }, 'nothing'],
    [{ x: 'jean.dupont @ email.com' }, 'nothing'],
    [{ x: 'a@b' }, 'nothing'],

    [{ x: '+33612345678' }, 'phone'],
    [{ x: '0033612345678' }, 'phone'],
    [{ x: '33612345678' }, 'phone'],
    [{ x: '0612345678' }, 'phone'],
    [{ x: '06 12 34 56 78' }, 'phone'],
    [{ x: '+33 (0)6-12.34.56.78' }, 'phone'],
    [{ x: 'Jean 2 06 12 34 56 78 9' }, 'phone'],
    [{ x: 'tel:0612345678;' }, 'phone'],
    [{ x: '612345678' }, 'phone'],
    [{ x: 612345678 }, 'phone'],
    [{ x: Long.fromNumber(33612345678) }, 'phone'],
    [{ x: '0470123456' }, 'phone'],
    [{ x: '+32470123456' }, 'phone'],
    [{ x: '(514) 234-5678' }, 'phone'],
    [{ x: '5142345678' }, 'phone'],
    [{ x: '+15142345678' }, 'phone'],
    [{ x: '٠٦١٢٣٤٥٦٧٩' }, 'phone'],
    [{ x: '0612345679' }, 'phone'],
    [{ x: '06_12_34_56_78' }, 'phone'],
    [{ x: 'tel_0612345678' }, 'phone'],
    [{ x: '06,12,34,56,78' }, 'phone'],
    [{ x: '06, 12, 34, 56, 78' }, 'phone'],
    [{ x: '06·12·34·56·78' }, 'phone'],
    [{ x: '06•12•34•56•78' }, 'phone'],
    [{ x: '06:12:34:56:78' }, 'phone'],
    [{ x: '０６１２３４５６７８' }, 'phone'],
    [{ x: '＋３３ ６ １２ ３４ ５６ ７８' }, 'phone'],
    [{ x: '٠٦١٢٣٤٥٦٧٨' }, 'phone'],
    [{ x: '۰۶ ۱۲ ۳۴ ۵۶ ۷۸' }, 'phone'],
    [{ x: '०६१२३४५६७८' }, 'phone'],
    // In ids, a person's own number alone, or what is written as one.
    [{ customer_id: '698765432' }, 'phone'],
    [{ document_id: '0698765432' }, 'phone'],
    [{ customer_id: '+33612345678' }, 'phone'],
    [{ customer_id: '612345678' }, 'nothing'],
    [{ customer_id: '0612345678' }, 'nothing'],
    [{ examples: ['612345678'] }, 'nothing'],
    // Digits that are something else.
    [{ x: 'TXN0612345678' }, 'nothing'],
    [{ x: '1,2,3,06,5' }, 'nothing'],
    [{ x: '06:12:34' }, 'nothing'],
    [{ x: '0612345678a3f9' }, 'nothing'],
    [{ x: '10612345678' }, 'nothing'],
    [{ x: 'revenue 612345678.00 of all' }, 'nothing'],
    [{ x: 0.612345678 }, 'nothing'],
    [{ x: new Date(612345678) }, 'nothing'],
    [{ x: '+3526211234' }, 'phone'],
    [{ x: '6211234' }, 'nothing'],
    [{ x: 'ref 3526211234' }, 'phone'],
    [{ x: '1' }, 'nothing'],
  ])('%j: %s', async (document, found) => {
    expect(await findingOf(document)).toBe(found)
  })

  test.each([
    ['addresses', `${'a@b '.repeat(50_000)}jean.dupont@email.com`, 'email'],
    ['digits', `${'99 '.repeat(100_000)}0612345678`, 'phone'],
  ])('behind a great many %s', async (_, text, found) => {
    expect(await findingOf({ text })).toBe(found)
  })

  async function findingOf(document: Document): Promise<'email' | 'phone' | 'nothing'> {
    await silver().collection('notes').deleteMany({})
    await silver()
      .collection('notes')
      .insertOne({ _id: 1 as never, ...document })
    const places = await searchSilver(place.client, silver(), await known(), contracts)
    expect(JSON.stringify(places)).not.toMatch(/jean|12345678|98765432/i)
    const [finding] = places.find(({ name }) => name === 'notes')?.findings ?? []
    if (finding === undefined) return 'nothing'
    return finding.emails > 0 ? 'email' : 'phone'
  }
})

describe('a run leaves nothing behind', () => {
  test.each([
    ['the sample', () => generate(place.client, { database: place.names.bronze, seed: 3, scale: 0.2, force: true })],
    ['a hostile bronze', () => place.load({ ...hostileBronze() })],
  ])('of %s', async (_, fill) => {
    await silver().dropDatabase()
    await fill()
    await runPipeline(place.client, place.postgresUrl, place.names)
    const { status, stdout, stderr } = await privacy({ json: true })
    const searched: Searched = JSON.parse(stdout)
    expect({ told: told(searched), status, stderr }).toEqual({ told: [], status: 0, stderr: '' })
    expect(searched.bronze.emails).toBeGreaterThan(5)
    expect(searched.bronze.phones).toBeGreaterThan(5)
    expect(searched.places.filter(({ size }) => size > 0).map(({ layer, name }) => `${layer} ${name}`)).toEqual(
      expect.arrayContaining([
        ...['customers', 'transactions', 'campaigns', 'quarantine', 'runs'].map((name) => `silver ${name}`),
        ...['customer_metrics', 'product_performance', 'country_statistics', 'reconciliation'].map(
          (name) => `gold ${name}`,
        ),
        ...['report', 'report --json', 'ask', 'ask --json', 'check', 'check --json'].map((name) => `output ${name}`),
      ]),
    )
  })
})

describe('a leak', () => {
  const EMAIL = 'zebulon.quatrevingt@example.org'
  const PHONE = '0698765432'

  let restore: () => Promise<void>

  async function fillBronze(): Promise<void> {
    await generate(place.client, { database: place.names.bronze, seed: 3, scale: 0.02, force: true })
    const person = { customer_id: 'C1', email: EMAIL, phone: PHONE, country: 'France' }
    await place.client.db(place.names.bronze).collection('customers').insertOne(person)
  }

  beforeAll(async () => {
    await silver().dropDatabase()
    await fillBronze()
    await runPipeline(place.client, place.postgresUrl, place.names)
    restore = await keepLayers(place.client, place.gold, place.names)
  })

  beforeEach(async () => {
    await fillBronze()
    await restore()
    await rm(home, { recursive: true })
    await mkdir(join(home, 'mongodb'), { recursive: true })
  })

  const inSilver = (name: string, change: Document) => async () => {
    await silver().command({ collMod: name, validator: {} })
    await silver().collection(name).updateOne({}, { $set: change })
  }
  const inGold = (sql: string) => () => postgres.query(`set search_path to ${place.names.goldSchema}; ${sql}`)

  test.each<[string, () => Promise<unknown>, readonly string[]]>([
    ['in a field of silver', inSilver('customers', { city: EMAIL }), ['silver customers city: 1 and 0']],
    [
      'in an id of silver',
      inSilver('transactions', { customer_id: EMAIL }),
      ['silver transactions customer_id: 1 and 0'],
    ],
    ['in the quarantine', inSilver('quarantine', { document_id: { tel: PHONE } }), []],
    [
      'in the quarantine, as it is written',
      inSilver('quarantine', { document_id: { tel: '+33 6 98 76 54 32' } }),
      ['silver quarantine document_id.tel: 0 and 1'],
    ],
    [
      'in a run record, and so in the report',
      inSilver('runs', { failure: { kind: 'bug', message: `It met ${EMAIL} and ${PHONE}.` } }),
      ['silver runs failure.message: 1 and 1', 'output report --json runs.failure.message: 1 and 1'],
    ],
    [
      'in a collection of somebody else',
      () => silver().collection('backup').insertOne({ phone: 698765432 }),
      ['silver backup phone: 0 and 1'],
    ],
    [
      'in a table of gold, and so in an answer',
      inGold(
        `update customer_metrics set full_name = '${EMAIL}', total_spent = 1e9 where customer_id in (select min(customer_id) from customer_metrics)`,
      ),
      ['gold customer_metrics full_name: 1 and 0', 'output ask : 1 and 0', 'output ask --json rows.full_name: 1 and 0'],
    ],
    [
      'in a label that goes all the way',
      async () => {
        await place.client
          .db(place.names.bronze)
          .collection('transactions')
          .updateMany({}, { $set: { product: EMAIL } })
        await runPipeline(place.client, place.postgresUrl, place.names)
      },
      ['silver transactions product: 299 and 0', 'gold product_performance product: 1 and 0'],
    ],
    [
      'in a log',
      () => writeFile(join(home, 'mongodb.log'), `line\nkey "${EMAIL}" tel ${PHONE}\n`),
      ['files mongodb.log : 1 and 1'],
    ],
    [
      'in a log of a job of Spark',
      async () => {
        await mkdir(join(home, 'spark', 'work', 'app-1'), { recursive: true })
        await writeFile(join(home, 'spark', 'work', 'app-1', 'stderr'), EMAIL)
      },
      ['files spark/work/app-1/stderr : 1 and 0'],
    ],
    [
      'in a line of a log that never ends',
      () => writeFile(join(home, 'x.log'), `${'x'.repeat(65_520)} ${EMAIL} ${'y'.repeat(200_000)}`),
      ['files x.log : 1 and 0'],
    ],
  ])('%s is found', async (_, plant, expected) => {
    await plant()
    const { status, stdout, stderr } = await privacy({ json: true })
    const found = told(JSON.parse(stdout))
    expect(found).toEqual(expect.arrayContaining([...expected]))
    expect(status).toBe(expected.length > 0 ? 11 : 0)
    expect(stdout + stderr).not.toMatch(/zebulon|98 ?76 ?54/i)
    expect(describeSearched(JSON.parse(stdout))).not.toMatch(/zebulon|98 ?76 ?54/i)
  })

  test('ends the command with its own code', async () => {
    await silver().collection('backup').insertOne({ email: EMAIL })
    const { status, stdout, stderr } = await lingot(place.names, ['privacy'])
    expect({ status, stderr }).toEqual({
      status: 11,
      stderr: expect.stringMatching(/^Emails or phone numbers of bronze stand in 1 place beyond it\.\n→ /),
    })
    expect(stdout).toMatch(/\n {2}silver +backup +1 document +1 +0\n +email +1 +0\n/)
  })

  test('in the data of the servers is bronze itself', async () => {
    await writeFile(join(home, 'mongodb', 'collection.wt'), EMAIL)
    // A Spark that was installed, or is being installed, is a program as those in bin are.
    for (const name of ['pyspark-4.3.0', 'pyspark-4.3.0.init-1-a']) {
      await mkdir(join(home, 'spark', name), { recursive: true })
      await writeFile(join(home, 'spark', name, 'example.txt'), EMAIL)
    }
    expect(await privacy()).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(
        /^Bronze has \d+ emails and \d+ phone numbers\.\n[\s\S]*✔ None of them stands anywhere else\.\n$/,
      ),
    })
  })
})

test('where there is no silver and no gold yet, bronze alone is read', async () => {
  await silver().dropDatabase()
  await postgres.query(`drop schema if exists ${place.names.goldSchema} cascade`)
  await rm(home, { recursive: true })
  await mkdir(home)
  expect(await privacy({ json: true })).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringContaining('"places": []'),
  })
})
