import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Decimal128, Double, Long, ObjectId } from 'bson'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { configOf } from '../../src/settings/config.ts'
import { lingot, workFolder } from '../process.ts'
import { onlyTables, runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

/*
 * Values as exports of real shops hold them, and what silver makes of each. What is null here is unknown there, or has its
 * default: 0 of costs, 1 of quantities.
 */

type Table = readonly (readonly [input: unknown, expected: unknown, country?: string])[]

const amounts: Table = [
  ['1.234,56', 1234.56],
  ['(12.50)', -12.5],
  ['($1,234.50)', -1234.5],
  ['12,5 %', null],
  ['€ 1 234', 1234],
  ['1e3', 1000],
  ['$1,234.5-', -1234.5],
  ['1.234,50-', -1234.5],
  ['١٢٣', null],
  ['１２３．４５', null],
  ['1 234,5 €', 1234.5],
  ['NaN%', null],
  ['\u22121\u00a0000\u00a0000,00', -1000000],
  ['\u201312,50', null],
  ['$-', null],
  [' $ -   ', null],
  ['--', null],
  [' --', null],
  ['#N/A', null],
  ['#DIV/0!', null],
  ['N.A.', null],
  ['N/D', null],
  ['?', null],
  ['—', null],
  ['0,125', 0.13],
  ['1234,567', 1234.57],
  ['12345,678', 12345.68],
  ['1 234,567', 1234.57],
  ['0,999', 1],
  ['00,500', 0.5],
  ['1.234', 1.23],
  ['1.234.567', 1234567],
  ['1,234,567', 1234567],
  ['1,234,56', null],
  ['1,00,000.00', null],
  ['₹1,00,000', null],
  ['R$ 1.234,56', null],
  ['A$12.50', null],
  ['US$ 12.50', null],
  ['CA$ 12.50', null],
  ['12.50 kr', null],
  ['12,50 zł', null],
  ['¥1000', null],
  ['12.50 €/mois', null],
  ['EUR12,50', 12.5],
  ['12,50EUR', 12.5],
  ['Fr. 12.50', null],
  ["1'234.50 CHF", 1234.5],
  ['CHF 1’234.\u2013', null],
  ['12.\u2013', null],
  ['12,--', null],
  ['12.-', null],
  ['CHF 12.-', null],
  ['1’000.- CHF', null],
  ['12,\u2212', null],
  ['12. -', null],
  ['12 -', -12],
  ['-12.', -12],
  ['5€50', null],
  ['1,5K', null],
  ['1.2M', null],
  ['12.50.', null],
  ['.5', 0.5],
  [',5', 0.5],
  ['5,', 5],
  ['5.', 5],
  ['+5', 5],
  ['5 ', 5],
  ['\t5\n', 5],
  ['"5"', null],
  ["'5", 5],
  ['=5', null],
  ['5\u200b', 5],
  ['\u200e5', 5],
  ['\ufeff5', 5],
  ['1_000.50', 1000.5],
  ['0x1F', null],
  ['1e400', null],
  ['1E+5', 100000],
  ['1,5e3', null],
  ['9.99E2', 999],
  [Decimal128.fromString('12.345'), 12.35],
  [Decimal128.fromString('1E+3'), 1000],
  [Decimal128.fromString('NaN'), null],
  [new Double(0.1), 0.1],
  [Long.fromString('9007199254740993'), null],
  [Long.fromString('999999999999'), 999999999999],
  [new Double(1.005), 1.01],
  [new Double(2.675), 2.68],
  [new Double(-0), 0],
  [new Double(1e-7), 0],
  [true, null],
  [[new Double(12.5)], null],
  [{ value: new Double(12.5) }, null],
  [{ amount: '12.50', currency_code: 'EUR' }, null],
  ['1\u202f234,50\u00a0€', 1234.5],
  ['1\u2009234.5', 1234.5],
  ['1\u00a0234\u00a0567,89 EUR', 1234567.89],
  ['\u2212\u202f12,50\u00a0€', -12.5],
  ['12,50\u00a0€\u200f', 12.5],
  ['€1,234.50-', -1234.5],
  ['€\u202f1.234,50', 1234.5],
  ['12.50USD', 12.5],
  ['usd 12.50', 12.5],
  ['12,50 Euro', null],
  ['12.50 $US', null],
  ['$12.50 CAD', null],
  ['Rs. 500', null],
  ['1.234,5 €', 1234.5],
  ['1.2345,6', null],
]

const costs: Table = [
  ['Free', 0],
  ['Gratuit', 0],
  ['0,00 €', 0],
  ['-4.90', 0],
  ['4.90 EUR TTC', 0],
]

const quantities: Table = [
  ['2x', 1],
  ['2,0', 2],
  ['2.0', 2],
  [new Double(2.5), 1],
  [-1, 1],
  [0, 1],
  ['1,000', 1000],
  ['1.000', 1],
  ['3 pcs', 1],
]

const dates: Table = [
  ['2024-02-30', null],
  ['31/12/2024 23:59', '2024-12-31T23:59:00Z'],
  ['31/12/2024 23:59:59', '2024-12-31T23:59:59Z'],
  ['31/12/2024 à 23:59', null],
  ['12/31/2024', null],
  ['01/02/2024', '2024-02-01'],
  ['2024-W05', null],
  ['2024-W05-1', '2024-01-29'],
  ['Jan 5, 2024', null],
  ['5 janv. 2024', null],
  ['5 January 2024', null],
  ['Fri, 05 Jan 2024 10:00:00 GMT', null],
  ['Fri Jan 05 2024 10:00:00 GMT+0100 (CET)', null],
  ['1704412800', '2024-01-05'],
  ['1704412800000', '2024-01-05'],
  ['1704412800.5', '2024-01-05T00:00:00.500Z'],
  [new Double(1704412800.5), '2024-01-05T00:00:00.500Z'],
  [1704412800, '2024-01-05'],
  [Long.fromString('1704412800000'), '2024-01-05'],
  [Long.fromString('1704412800000000'), null],
  [Long.fromString('1704412800000000000'), null],
  ['0000-00-00', null],
  ['0000-00-00 00:00:00', null],
  ['2024-01-01T00:00:00+0200', '2023-12-31T22:00:00Z'],
  ['2025-10-07 09:50:26 +0200', '2025-10-07T07:50:26Z'],
  ['2025-10-07 09:50:26 UTC', '2025-10-07T09:50:26Z'],
  ['2025-10-07 09:50:26+00', '2025-10-07T09:50:26Z'],
  ['2025-10-07 09:50:26.123456+00', '2025-10-07T09:50:26.123Z'],
  ['2025-10-07 09:50:26.123456 UTC', '2025-10-07T09:50:26.123Z'],
  ['2025-10-07T09:50:26.123Z', '2025-10-07T09:50:26.123Z'],
  ['2025-10-07T09:50:26[Europe/Paris]', null],
  ['2025-10-07T09:50:26+02:00[Europe/Paris]', null],
  [45292, null],
  ['45292', null],
  ['45292.5', null],
  [new Date('2024-01-05T00:00:00.000Z'), '2024-01-05'],
  [{ '$date ': 'x' }, null],
  ['{"$date":"2024-01-05T00:00:00Z"}', null],
  [{ seconds: 1704412800, nanoseconds: 0 }, null],
  [20240105, '2024-01-05'],
  ['20240105', '2024-01-05'],
  ['2024005', '2024-01-05'],
  ['202401051230', '2024-01-05T12:30:00Z'],
  [Long.fromString('202401051230'), '2024-01-05T12:30:00Z'],
  ['20240105123045', '2024-01-05T12:30:45Z'],
  ['2024010512', null],
  ['199912312359', '1999-12-31T23:59:00Z'],
  ['2024-1-5', null],
  ['2024/01/05', '2024-01-05'],
  ['2024/01/05 10:00:00', null],
  ['05.01.2024', '2024-01-05'],
  ['05.01.2024 10:00', '2024-01-05T10:00:00Z'],
  ['05-01-2024', '2024-01-05'],
  ['05/01/24', null],
  ['2024-01-05 10:00 PM', null],
  ['05/01/2024 10:00 PM', null],
  ['2024-01', null],
  ['2024', null],
  ['janvier 2024', null],
  ['10:30', null],
  ['2024-01-05T24:00:00', '2024-01-06'],
  ['2016-12-31T23:59:60Z', null],
  ['2024-01-05T10:20', '2024-01-05T10:20:00Z'],
  ['2024-01-05 10:20', '2024-01-05T10:20:00Z'],
  ['2024-01-05T10:20:30,5', '2024-01-05T10:20:30.500Z'],
  ['2024-01-05T10:20:30.123456789Z', '2024-01-05T10:20:30.123Z'],
  ['2024-01-05 10:20:30 Z', '2024-01-05T10:20:30Z'],
  ['ISODate("2024-01-05T10:20:30Z")', '2024-01-05T10:20:30Z'],
  ['new Date("2024-01-05")', null],
  ["ISODate('2024-01-05')", '2024-01-05'],
  ['2024-01-05T10:20:30z', '2024-01-05T10:20:30Z'],
  ['2024-01-05T10:20:30\u221205:00', null],
  ['"2024-01-05"', null],
  ["'2024-01-05", '2024-01-05'],
  ['\u200e2024-01-05', '2024-01-05'],
  ['2024\u201101\u201105', null],
  ['1900-01-00', null],
  ['1899-12-30', null],
  ['1970-01-01', '1970-01-01'],
  ['1970-01-01T00:00:00Z', '1970-01-01'],
  ['9999-12-31', null],
  [new Date('9999-12-31T23:59:59.000Z'), null],
  [new Date('0001-01-01T00:00:00.000Z'), null],
  [0, null],
  [Long.fromString('7320397234883788801'), null],
  ['/Date(1704412800000)/', null],
  ['2024-01-05T00:00:00.000+0000', '2024-01-05'],
  ['2024-01-05T00:00:00-0800', '2024-01-05T08:00:00Z'],
  ['Invalid date', null],
  ['NaT', null],
  ['2024-01-31T23:30:00-05:00', '2024-02-01T04:30:00Z'],
  ['2024-03-31T02:30:00', '2024-03-31T02:30:00Z'],
  ['2024-04-01T00:30:00+02:00', '2024-03-31T22:30:00Z'],
  ['2024-366', '2024-12-31'],
  ['2023-366', null],
  ['20240230', null],
]

/** Their plain form, which silver keeps as its hash. */
const phones: Table = [
  ['0033 (0)6 12 34 56 78', '+33612345678', 'France'],
  ['+33 (0) 6 12 34 56 78', '+33612345678', 'France'],
  ['+33(0)612345678', '+33612345678', 'France'],
  ['+330612345678', '+33612345678', 'France'],
  ['06.12.34.56.78', '+33612345678', 'France'],
  ['06-12-34-56-78', '+33612345678', 'France'],
  ['06/12/34/56/78', '+33612345678', 'France'],
  ['0612345678 ext 12', '+33612345678', 'France'],
  ['0612345678x12', '+33612345678', 'France'],
  ['+33 1 42 68 53 00 poste 4', null, 'France'],
  [612345678, '+33612345678', 'France'],
  [Long.fromString('33612345678'), '+33612345678', 'France'],
  ['33612345678', '+33612345678', 'France'],
  ['3.36123E+10', null, 'France'],
  ['3,36123E+10', null, 'France'],
  [new Double(612345678), '+33612345678', 'France'],
  ['612345678.0', null, 'France'],
  ['33612345678.0', null, 'France'],
  ['33612345678@s.whatsapp.net', null, 'France'],
  ['33612345678@c.us', null, 'France'],
  ['whatsapp:+33612345678', null, 'France'],
  ['tel:+33612345678', '+33612345678', 'France'],
  ["'+33612345678", '+33612345678', 'France'],
  ['\u202a+33612345678\u202c', '+33612345678', 'France'],
  ['+33\u00a06\u00a012\u00a034\u00a056\u00a078', '+33612345678', 'France'],
  ['+33 6 12 34 56 78\u200b', '+33612345678', 'France'],
  ['＋３３６１２３４５６７８', '+33612345678', 'France'],
  ['+٣٣٦١٢٣٤٥٦٧٨', '+33612345678', 'France'],
  ['06\u201112\u201134\u201156\u201178', '+33612345678', 'France'],
  ['0612345678 / 0145678901', null, 'France'],
  ['06 12 34 56 78 (bureau)', null, 'France'],
  ['N° 06 12 34 56 78', null, 'France'],
  ['00 33 6 12 34 56 78', '+33612345678', 'France'],
  ['+33 (0)', null, 'France'],
  ['0000000000', '+33000000000', 'France'],
  ['0123456789', '+33123456789', 'France'],
  ['1234567890', null, 'France'],
  ['9999999999', null, 'France'],
  ['+1 800 FLOWERS', null, 'France'],
  ['+33 6 XX XX XX XX', null, 'France'],
  ['0475 12 34 56', '+32475123456', 'Belgique'],
  ['0475/12.34.56', '+32475123456', 'Belgium'],
  ['0475/12.34.56', '+32475123456', 'BE'],
  ['0475/12.34.56', '+32475123456', 'BEL'],
  ['079 123 45 67', '+41791234567', 'CH'],
  ['079 123 45 67', '+33791234567', 'Schweiz'],
  ['(514) 555-1234', '+15145551234', 'Canada'],
  ['514-555-1234 x 22', '+15145551234', 'CA'],
  ['621 123 456', '+352621123456', 'Luxembourg'],
  ['020 7946 0958', '+442079460958', 'UK'],
  ['020 7946 0958', '+442079460958', 'Royaume-Uni'],
  ['020 7946 0958', '+442079460958', 'United Kingdom'],
  ['020 7946 0958', null, 'England'],
  ['0692 12 34 56', '+262692123456', 'Réunion'],
  ['0692 12 34 56', '+33692123456', 'France'],
  ['07 07 12 34 56', '+2250707123456', "Côte d'Ivoire"],
  ['07 07 12 34 56', '+2250707123456', 'Côte d’Ivoire'],
  ['07 07 12 34 56', '+2250707123456', 'Ivory Coast'],
  ['415 555 2671', '+14155552671', 'USA'],
  ['415 555 2671', '+14155552671', 'États-Unis'],
  ['415 555 2671', '+14155552671', 'Etats Unis'],
]

const emails: Table = [
  ['Jean Dupont <jean@email.com>', null],
  ['<jean@email.com>', 'jean@email.com'],
  ['mailto:jean@email.com', 'jean@email.com'],
  ['"jean@email.com"', 'jean@email.com'],
  ["'jean@email.com'", 'jean@email.com'],
  ['jean@email.com.', 'jean@email.com'],
  ['jean@email.com,', 'jean@email.com'],
  ['jean@email.com;', 'jean@email.com'],
  ['jean@email.com; paul@email.com', null],
  ['jean@email.com,paul@email.com', null],
  ['jean@email.com/', 'jean@email.com/'],
  ['JEAN@Email.COM ', 'jean@email.com'],
  ['jean+promo@email.com', 'jean+promo@email.com'],
  ['jean@email.com\u200b', 'jean@email.com'],
  ['\u200ejean@email.com', 'jean@email.com'],
  ['jean@email\u00ad.com', 'jean@email.com'],
  ['\ufeffjean@email.com', 'jean@email.com'],
  ['jean@münchen.de', 'jean@münchen.de'],
  ['jean@xn--mnchen-3ya.de', 'jean@xn--mnchen-3ya.de'],
  ['jeán@email.com', 'jeán@email.com'],
  ['jean @email.com', null],
  ['jean@email', null],
  ['jean@@email.com', null],
  ['jean@email..com', null],
  ['.jean@email.com', '.jean@email.com'],
  ['jean(at)email.com', null],
  ['jean@email,com', null],
  ['jean@email.c', 'jean@email.c'],
  ['@email.com', null],
  ['jean@-email.com', 'jean@-email.com'],
  ['test@test.com', 'test@test.com'],
  ['noemail@noemail.com', 'noemail@noemail.com'],
  ['jean@email.com (perso)', null],
  ['jean@[192.168.0.1]', 'jean@[192.168.0.1]'],
  ['İstanbul@email.com', 'i̇stanbul@email.com'],
  ['jean%40email.com', null],
  [5, null],
  [['jean@email.com'], null],
  [{ address: 'jean@email.com', verified: true }, null],
]

const countries: Table = [
  ['France', 'France'],
  ['FRANCE', 'France'],
  ['france ', 'France'],
  ['Fránce', 'France'],
  ['France\u200b', 'France'],
  ['\u00a0France', 'France'],
  ['\ufeffFrance', 'France'],
  ['France\u00ad', 'France'],
  ['F r a n c e', 'France'],
  ['FR', 'France'],
  ['FRA', 'France'],
  ['fr', 'France'],
  ['France métropolitaine', 'France métropolitaine'],
  ['Frankreich', 'Frankreich'],
  ['République française', 'République française'],
  ['Belgique', 'Belgique'],
  ['Belgium', 'Belgique'],
  ['BE', 'Belgique'],
  ['België', 'België'],
  ['Suisse', 'Suisse'],
  ['Switzerland', 'Suisse'],
  ['CH', 'Suisse'],
  ['Schweiz', 'Schweiz'],
  ['Canada', 'Canada'],
  ['CA', 'Canada'],
  ['Luxembourg', 'Luxembourg'],
  ['LU', 'Luxembourg'],
  ['Luxemburg', 'Luxemburg'],
  ['unknown', 'Unknown'],
  ['Unknown', 'Unknown'],
  ['UNKNOWN', 'Unknown'],
  ['Inconnu', 'Unknown'],
  ['N.A.', 'Unknown'],
  ['#N/A', 'Unknown'],
  ['--', 'Unknown'],
  ['—', '—'],
  ['?', '?'],
  ['.', '.'],
  ['(not set)', 'Unknown'],
  ['(vide)', '(vide)'],
  ['(blank)', '(blank)'],
  ['other', 'other'],
  ['NA', 'Unknown'],
  ['NaN', 'Unknown'],
  ['<null>', '<null>'],
  ['\\N', 'Unknown'],
  ['nil', 'nil'],
  ['""', '""'],
  ["'", "'"],
  ['0', '0'],
  [0, '0'],
  ['null ', 'Unknown'],
  ['NULL', 'Unknown'],
  ['undefined', 'Unknown'],
  ['[object Object]', '[object Object]'],
  ['None', 'Unknown'],
  ['no data', 'no data'],
  ['nan nan', 'nan nan'],
  ['   ', 'Unknown'],
  ['\u200b', 'Unknown'],
  ["Côte d'Ivoire", 'Côte d’Ivoire'],
  ['Côte d’Ivoire', 'Côte d’Ivoire'],
  ["Cote d'Ivoire", 'Côte d’Ivoire'],
  ['Ελλάδα', 'Ελλάδα'],
  ['مصر', 'مصر'],
  ['日本', '日本'],
  ['日本 ', '日本'],
  ['🇫🇷', '🇫🇷'],
  ['ﬁji', 'ﬁji'],
  ['Ａｌｂａｎｉａ', 'Ａｌｂａｎｉａ'],
  ['Å', 'Å'],
  ['Å', 'Å'],
  ['FranceFrance', 'FranceFrance'],
  ['france, france', 'france, france'],
  [['France'], 'Unknown'],
  [{ name: 'France', code: 'FR' }, 'Unknown'],
  [true, 'Unknown'],
]

const ages: Table = [
  ['35', 35],
  ['35.0', 35],
  [new Double(35.5), null],
  ['35 ans', null],
  [0, 0],
  [120, 120],
  [121, null],
  [-1, null],
  [1985, null],
  ['1985-05-02', null],
  [new Double(35), 35],
  ['٣٥', null],
  ['', null],
  ['N/A', null],
  ['18-25', null],
]

const postalCodes: Table = [
  ["'75008", '75008'],
  ['01000', '01000'],
  [1000, '1000'],
  ['1000.0', '1000.0'],
  [75008, '75008'],
  ['L-1234', 'L-1234'],
  ['SW1A 1AA', 'SW1A 1AA'],
  ['75008 PARIS', '75008 PARIS'],
  ['2A004', '2A004'],
  ['H2X 1Y4', 'H2X 1Y4'],
]

const md5 = (text: unknown) => (text === null ? null : createHash('md5').update(String(text)).digest('hex'))

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.leave())

/** The tables that are looked at. */
const project = onlyTables('customer_metrics', 'campaign_performance', 'monthly_revenue')

interface Column {
  field: string
  values: Table
  /** What silver has for an expected value. */
  as?: (expected: unknown) => unknown
}

const customers: Column[] = [
  { field: 'phone', values: phones, as: md5 },
  { field: 'email', values: emails, as: md5 },
  { field: 'country', values: countries },
  { field: 'age', values: ages },
  { field: 'postal_code', values: postalCodes },
]
const transactions: Column[] = [
  { field: 'amount', values: amounts },
  { field: 'shipping_cost', values: costs },
  { field: 'quantity', values: quantities },
  { field: 'timestamp', values: dates, as: (text) => (text === null ? null : new Date(String(text))) },
]

/** A document for each value of each field. */
function casesOf(columns: readonly Column[], key: string) {
  const cases = columns.flatMap(({ field, values, as = (expected) => expected }) =>
    values.map(([input, expected, country]) => ({ field, input, expected: as(expected), country })),
  )
  return cases.map(({ country, ...rest }, _id) => {
    const document = { _id, [key]: `K${_id}`, [rest.field]: rest.input, ...(country !== undefined && { country }) }
    return { ...rest, document }
  })
}

test.each([
  ['customers', 'customer_id', customers],
  ['transactions', 'transaction_id', transactions],
] as const)('each value of %s is in silver what the rules make of it', async (collection, key, columns) => {
  const cases = casesOf(columns, key)
  await place.load({ [collection]: cases.map(({ document }) => document) })
  await runPipeline(place.client, place.postgresUrl, { ...place.names, project, acceptShrink: true })
  const silver = await place.client.db(place.names.silver).collection(collection).find().sort({ _id: 1 }).toArray()
  const told = (values: readonly unknown[]) => cases.map(({ field, input }, i) => [field, input, values[i]])
  expect(told(silver.map((document, i) => document[cases[i]?.field ?? '']))).toEqual(
    told(cases.map(({ expected }) => expected)),
  )
})

describe('ids', () => {
  const oid = '6248ae64b650c7fd1e041188'

  test('of any type join, and those that name nobody are no sale’s customer', async () => {
    await place.load({
      customers: [
        { _id: 1, customer_id: new ObjectId(oid), first_name: 'A' },
        { _id: 2, customer_id: '23850000000000123', first_name: 'B' },
        { _id: 3, customer_id: '777', first_name: 'C' },
        { _id: 4, customer_id: 'CUST00001', country: 'France' },
        { _id: 5, customer_id: 'cust00001', country: 'Suisse' },
        ...['', ' ', null, [], {}, true].map((customer_id, i) => ({ _id: 10 + i, customer_id })),
      ],
      transactions: [
        ...[new ObjectId(oid), { $oid: oid }, oid],
        ...[Long.fromString('23850000000000123'), Decimal128.fromString('23850000000000123')],
        ...[777, new Double(777), Decimal128.fromString('777.0'), "'777", { $numberInt: '777' }],
        ...['CUST00001 ', 'Cust00001', new Double(23_850_000_000_000_124), 777.5],
      ].map((customer_id, _id) => ({ _id, transaction_id: `T${_id}`, customer_id, amount: 1 })),
    })
    await runPipeline(place.client, place.postgresUrl, { ...place.names, project, acceptShrink: true })
    expect(await place.gold('select customer_id, total_transactions from customer_metrics order by 1')).toEqual([
      { customer_id: '23850000000000123', total_transactions: '2' },
      { customer_id: oid, total_transactions: '3' },
      { customer_id: '777', total_transactions: '5' },
      { customer_id: 'CUST00001', total_transactions: '1' },
    ])
    expect(
      await place.gold(
        "select part, transactions from reconciliation where gold_table = 'customer_metrics' order by 1",
      ),
    ).toEqual([
      { part: 'customer known', transactions: '11' },
      { part: 'customer not in customers', transactions: '1' },
      { part: 'no customer', transactions: '2' },
    ])
    expect(await place.client.db(place.names.silver).collection('quarantine').countDocuments({ reason: 'no id' })).toBe(
      6,
    )
  })

  test('have words for nobody where the settings say so', async () => {
    await place.load({
      customers: [
        { _id: 1, customer_id: 0 },
        { _id: 2, customer_id: 'C1' },
      ],
      transactions: [0, '0', 'Guest', 'C1'].map((customer_id, _id) => ({ _id, customer_id, amount: 1 })),
    })
    const missing = { customer_id: { missing: [0, 'guest'] } }
    await run({ collections: { customers: { fields: missing }, transactions: { fields: missing } } })
    expect(await place.gold('select customer_id, total_transactions from customer_metrics')).toEqual([
      { customer_id: 'C1', total_transactions: '1' },
    ])
  })
})

/** A run with a configuration. */
async function run(value: object): Promise<void> {
  const { contracts } = await configOf({ file: 'lingot.config.json', value }, {})
  await runPipeline(place.client, place.postgresUrl, { ...place.names, project, acceptShrink: true, contracts })
}

test('Extended JSON that was inserted as it stood is what it spells', async () => {
  await place.load({
    customers: [{ _id: 1, customer_id: { $numberInt: '5' }, created_at: { $date: '2024-01-05T00:00:00Z' } }],
    transactions: [
      {
        _id: 1,
        transaction_id: { $oid: '65a000000000000000000001' },
        customer_id: { $numberLong: '5' },
        amount: { $numberDecimal: '12.50' },
        quantity: { $numberInt: '2' },
        timestamp: { $date: { $numberLong: '1704412800000' } },
      },
    ],
  })
  await runPipeline(place.client, place.postgresUrl, { ...place.names, project, acceptShrink: true })
  expect(await place.gold('select customer_id, total_spent, first_purchase_date from customer_metrics')).toEqual([
    { customer_id: '5', total_spent: '12.50', first_purchase_date: '2024-01-05' },
  ])
  const [sale] = await place.client.db(place.names.silver).collection('transactions').find().toArray()
  expect(sale).toMatchObject({ transaction_id: '65a000000000000000000001', quantity: 2 })
})

describe('campaigns', () => {
  test('with points in their counts and shares of conversions', async () => {
    await place.load({
      campaigns: [
        { campaign_id: 'K', budget: '10 k€', spend: '1.5k', impressions: '1.2M', clicks: '1 234', conversions: '12%' },
        {
          campaign_id: 'K2',
          budget: '1,234',
          spend: '1.234',
          impressions: '1.234',
          clicks: '1,234',
          conversions: '1 234',
        },
        { campaign_id: 'K3', budget: '0,500', spend: '0,125', impressions: '100.000', clicks: '10', conversions: 0.5 },
        { campaign_id: 'K3', conversions: '0.5', clicks: 0 },
        { campaign_id: 'K4', conversions: 2.25, clicks: 10, spend: 9 },
        { campaign_id: 'K4', conversions: '0,000001' },
        { campaign_id: 'K5', conversions: '1.2345678' },
        // As far as a double tells millionths apart.
        { campaign_id: 'K6', conversions: '9007199254.740993' },
        { campaign_id: 'K6', conversions: 999_999_999_999.12 },
        { campaign_id: 'K6', conversions: '1e-6' },
        { campaign_id: new Double(23_850_000_000_000_124), budget: 5, spend: 1 },
        { campaign_id: '2.3850E+16', conversions: [{ action_type: 'purchase', value: '12' }] },
      ].map((campaign, _id) => ({ _id, ...campaign })),
    })
    await runPipeline(place.client, place.postgresUrl, { ...place.names, project, acceptShrink: true })
    const columns = 'total_impressions, total_clicks, total_conversions, avg_conversion_rate, avg_cpa, roi'
    const rows = await place.gold(`select campaign_id, ${columns} from campaign_performance order by 1`)
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['2.3850E+16', null, null, null, null, null, null],
      ['K', null, '1234', null, null, null, null],
      ['K2', '1234', '1234', '1234', '100.000000', '0.000997', '99.900324'],
      ['K3', '100000', '10', '1', '10.000000', '0.260000', '74.000000'],
      ['K4', null, '10', '2.250001', '22.500000', '4.000000', null],
      ['K5', null, null, null, null, null, null],
      ['K6', null, null, '1009007199253.860994', null, null, null],
    ])
    const silver = place.client.db(place.names.silver).collection('campaigns')
    expect(await silver.countDocuments({ conversions: { $type: 'double' } })).toBe(8)
    expect((await silver.findOne({ _id: 4 as never }))?.['conversions']).toBe(2.25)
  })
})

describe('a shop in Paris', () => {
  const sales = [
    ['T1', '2024-04-01T00:30:00+02:00'],
    ['T2', '2024-03-31 23:30:00'],
    ['T3', new Date('2024-03-31T22:30:00Z')],
    ['T4', '2023-12-31T23:59:59-05:00'],
    ['T5', '2024-01-01'],
  ].map(([transaction_id, timestamp], _id) => ({ _id, transaction_id, timestamp, customer_id: 'C1', amount: 100 }))
  const customer = { _id: 1, customer_id: 'C1', created_at: new Date('2024-03-31T22:30:00Z') }
  const months = () => place.gold('select month, total_transactions as sales from monthly_revenue order by 1')
  const load = () => place.load({ customers: [customer], transactions: sales })

  test('has its months in UTC unless it says so', async () => {
    await load()
    await run({})
    expect(await months()).toEqual([
      { month: '2024-01-01', sales: '2' },
      { month: '2024-03-01', sales: '3' },
    ])
  })

  test('has its months by its own clocks where it says so, and its days too', async () => {
    await load()
    await run({ timeZone: 'Europe/Paris' })
    expect(await months()).toEqual([
      { month: '2024-01-01', sales: '2' },
      { month: '2024-03-01', sales: '1' },
      { month: '2024-04-01', sales: '2' },
    ])
    expect(
      await place.gold('select first_purchase_date as first, last_purchase_date as last from customer_metrics'),
    ).toEqual([{ first: '2024-01-01', last: '2024-04-01' }])
    const silver = await place.client
      .db(place.names.silver)
      .collection('transactions')
      .find()
      .sort({ _id: 1 })
      .toArray()
    expect(silver.map(({ timestamp }) => timestamp.toISOString())).toEqual([
      '2024-03-31T22:30:00.000Z',
      '2024-03-31T21:30:00.000Z',
      '2024-03-31T22:30:00.000Z',
      '2024-01-01T04:59:59.000Z',
      '2024-01-01T00:00:00.000Z',
    ])
  })

  test.each([
    ['Europe/Paris', '2024-03'],
    ['America/New_York', '2024-02'],
  ])('in %s has a day where it is: a text of it alone, and a field that holds days', async (timeZone, instant) => {
    const midnight = new Date('2024-03-01T00:00:00Z')
    const months = async (timestamp: object, values: unknown[]) => {
      await place.load({ transactions: values.map((timestamp, _id) => ({ _id, timestamp, amount: 1 })) })
      await run({ timeZone, collections: { transactions: { fields: { timestamp } } } })
      return (await place.gold('select month from monthly_revenue order by 1')).map(({ month }) => month?.slice(0, 7))
    }
    expect(await months({}, ['2024-03-01', '01/03/2024', '20240301', 20240301])).toEqual(['2024-03'])
    expect(await months({}, [midnight])).toEqual([instant])
    expect(await months({ holds: 'day' }, [midnight, '2024-03-01', '2024-03-01 00:00'])).toEqual(['2024-03'])
  })
})

test('settings say how a shop writes its numbers and dates, and what it does not have', async () => {
  await place.load({
    transactions: [
      { _id: 1, amount: 200_000, discount_applied: '1.234', shipping_cost: 9, timestamp: '02/01/2024', status: -1 },
      { _id: 2, amount: '50', discount_applied: '0,5', timestamp: '12/31/2024', status: 'x' },
    ],
  })
  await run({
    collections: {
      transactions: {
        fields: {
          amount: { scale: 0.01 },
          discount_applied: { decimal: ',' },
          shipping_cost: null,
          timestamp: { dates: 'month first' },
          status: { missing: [-1, 'X'] },
        },
      },
    },
  })
  const silver = await place.client.db(place.names.silver).collection('transactions').find().sort({ _id: 1 }).toArray()
  const of = ({ amount, discount_applied, shipping_cost, timestamp, status }: Record<string, unknown>) => {
    return [amount, discount_applied, shipping_cost, (timestamp as Date).toISOString().slice(0, 10), status]
  }
  expect(silver.map(of)).toEqual([
    [2000, 1234, 0, '2024-02-01', 'Unknown'],
    [0.5, 0.5, 0, '2024-12-31', 'Unknown'],
  ])
})

test('amounts have the currency that is set, wherever people read them', async () => {
  const folder = workFolder()
  const settings = {
    MONGODB_URI: inject('mongodbUri'),
    POSTGRES_URL: inject('postgresUrl'),
    LINGOT_BRONZE_DB: place.names.bronze,
    LINGOT_SILVER_DB: place.names.silver,
    LINGOT_GOLD_SCHEMA: place.names.goldSchema,
  }
  await place.load({ transactions: [{ _id: 1, transaction_id: 'T1', product: 'Mouse', amount: 1234.5 }] })
  const shown = async (config: object) => {
    await writeFile(join(folder, 'lingot.config.json'), JSON.stringify(config))
    expect(await lingot(['run', '--accept-shrink'], settings, folder)).toMatchObject({ status: 0 })
    const { stdout: answer } = await lingot(['ask', '2'], settings, folder)
    const { stdout: report } = await lingot(['report'], settings, folder)
    await lingot(['report', '--html', 'report.html'], settings, folder)
    const html = await readFile(join(folder, 'report.html'), 'utf8')
    const [, packed = ''] = /id="lingot-report">([^<]+)</.exec(html) ?? []
    const { currency } = JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString())
    return [/Amounts are in \w+/.exec(answer)?.[0], /Revenue (.+) from/.exec(report)?.[1], currency]
  }
  expect(await shown({})).toEqual([undefined, '1,234.50', null])
  expect(await shown({ currency: 'CHF' })).toEqual(['Amounts are in CHF', '1,234.50 CHF', 'CHF'])
})
