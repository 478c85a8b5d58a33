import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { draft } from '../../src/init/look.ts'
import { loadConfig } from '../../src/settings/config.ts'
import { openPlace, type Place } from '../trust/place.ts'

/*
 * A phone number without a country code is of its customer's country. Where the rules know none, somebody has to say it.
 */

let place: Place
let folder: string

beforeAll(async () => {
  place = await openPlace()
  folder = await mkdtemp(join(tmpdir(), 'lingot phones '))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await place.leave()
})

type Customer = Readonly<{ phone: unknown; country?: unknown }>

const german = Array.from({ length: 6 }, (_, i) => ({ phone: `0171 123456${i}`, country: 'Deutschland' }))
const french = Array.from({ length: 6 }, (_, i) => ({ phone: `06 12 34 56 7${i}` }))
const seen = (phones: string) =>
  `// ${phones} without a country code, of customers without a country that is known, read as of FR.`
const byName = (region: string) => [
  `${seen('6 phone numbers')} The names of their countries speak for ${region}:`,
  `// phoneRegion: '${region}',`,
]

test.each<[string, Customer[], string[]]>([
  ['countries in German', german, byName('DE')],
  [
    'countries in Spanish, one in English',
    [
      ...Array.from({ length: 6 }, (_, i) => ({ phone: 612_345_670 + i, country: ' ESPAÑA' })),
      { phone: '612 345 678', country: 'Spain' },
    ],
    byName('ES'),
  ],
  [
    'no countries, and most numbers with a code are of one',
    [
      ...german.map(({ phone }) => ({ phone })),
      { phone: '+49 171 1234567' },
      { phone: '0049 171 1234568' },
      { phone: '+33612345678' },
    ],
    [`${seen('6 phone numbers')} The numbers with a country code speak for DE:`, "// phoneRegion: 'DE',"],
  ],
  [
    'no countries, and numbers that cannot be French',
    german.map(({ phone }) => ({ phone })),
    [
      `${seen('6 phone numbers')} Most cannot be: say of which country they are, in two letters:`,
      "// phoneRegion: 'FR',",
    ],
  ],
  ['countries that the rules know', german.map(({ phone }) => ({ phone, country: 'Germany' })), []],
  ['no countries, and French numbers', french, []],
  ['numbers with their code', german.map(({ country }) => ({ phone: '+49 171 1234567', country })), []],
  ['no number at all', [{ phone: 'n/a', country: 'Deutschland' }, ...Array(5).fill({ phone: null })], []],
])('%s', async (_, customers, expected) => {
  await place.load({ customers: customers.map((customer, _id) => ({ _id, customer_id: `C${_id}`, ...customer })) })
  const { text } = await draft(place.client, place.names.bronze)
  await writeFile(join(folder, 'lingot.config.ts'), text)
  // What is written is valid, and decides nothing that is not sure.
  expect((await loadConfig(folder, {})).phoneRegion).toBe('FR')
  const lines = text.split('\n').map((line) => line.trim())
  expect(lines.filter((line) => /phoneRegion|country code/.test(line))).toEqual(expected)
  if (expected.length > 0) expect(lines).toContainEqual(expect.stringMatching(/^phone: 'phone', /))
})
