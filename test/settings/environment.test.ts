import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/settings/config.ts'
import { describeFailure } from '../../src/system/errors.ts'
import { lingot } from '../command.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lingot settings-'))
  return () => rmSync(folder, { recursive: true })
})

const nowhere = { MONGODB_URI: 'mongodb://127.0.0.1:1', POSTGRES_URL: 'postgresql://127.0.0.1:1/x' }

/** What a command says that has its settings refused, before it asks a server. */
async function refusal(env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await lingot(['process'], folder, { ...nowhere, ...env })
  expect({ code, stdout, stderr }).toMatchObject({ code: 3, stdout: '' })
  return stderr
}

/** The same of settings that are read in this process. */
async function refusalHere(env: Record<string, string> = {}): Promise<string> {
  const failure: unknown = await loadConfig(folder, { ...nowhere, ...env }).catch((error: unknown) => error)
  const { text, exitCode } = describeFailure(failure)
  expect({ exitCode, text }).toMatchObject({ exitCode: 3 })
  return `${text}\n`
}

describe('a variable is refused in words that say what it takes', () => {
  const [threads, memory] = ['must be a whole number from 1 to 1024', 'must be a whole number from 64 to 1000000']
  const own = (by: string) => `is a ${by} keeps for itself`
  const schema = 'must not be one that PostgreSQL keeps for itself, pg_… or information_schema'
  const erased = 'is the database in which Lingot remembers who was erased'
  test.each([
    ['LINGOT_MEMORY_MB', 'abc', memory],
    ['LINGOT_MEMORY_MB', '63', memory],
    ['LINGOT_MEMORY_MB', '1e3', memory],
    ['LINGOT_MEMORY_MB', 'NaN', memory],
    ['LINGOT_THREADS', 'two', threads],
    ['LINGOT_THREADS', '0', threads],
    ['LINGOT_THREADS', '1.5', threads],
    ['LINGOT_MONGODB_PORT', 'abc', 'must be a port, from 1 to 65535'],
    ...['de', 'FR', 'fr_FR.UTF-8'].map((value) => ['LINGOT_LANGUAGE', value, 'must be one of en, fr']),
    ...['LINGOT_SILVER_DB', 'LINGOT_BRONZE_DB'].flatMap((name) => [
      ...['admin', 'local', 'config', 'Admin'].map((value) => [name, value, own('database that MongoDB')]),
      ...['lingot', 'Lingot'].map((value) => [name, value, erased]),
    ]),
    ...['pg_catalog', 'pg_x', 'information_schema'].map((value) => ['LINGOT_GOLD_SCHEMA', value, schema]),
    ['LINGOT_PUBLISH_WAIT', 'soon', 'must be a whole number from 1 to 86400'],
    ['LINGOT_PUBLISH_WAIT', '0', 'must be a whole number from 1 to 86400'],
    ['LINGOT_WEBHOOK_URL', 'hooks.shop.example', 'must be an address that begins with https:// or http://'],
    ['LINGOT_WEBHOOK_URL', 'https://user:geheim@shop.example', 'must hold no user or password'],
    ['LINGOT_WEBHOOK_SECRET', 'geheim', 'must be whsec_ with Base64 behind it'],
    ['LINGOT_WEBHOOK_SECRET', 'whsec_Z2VoZWlt', 'must hold 24 to 64 bytes, as `openssl rand -base64 32` gives them'],
    ['LINGOT_SMTP_URL', 'mail.shop.example', 'must begin with smtp:// or smtps://'],
    ['LINGOT_SMTP_URL', 'smtp://mail shop', 'is no address that can be read'],
  ] as [string, string, string][])('%s=%s %s', async (name, value, why) => {
    expect(await refusalHere({ [name]: value })).toMatch(`${name}: ${why}.\n→ `)
  })

  test.each(['silver', 'bronze'])('and %s in a configuration file alike', async (key) => {
    writeFileSync(join(folder, 'lingot.config.json'), JSON.stringify({ [key]: 'local', goldSchema: 'pg_toast' }))
    const told = await refusal()
    expect(told).toContain(`${key}: is a database that MongoDB keeps for itself`)
    expect(told).toContain('goldSchema: must not be one that PostgreSQL keeps for itself')
  })
})

describe('a key that JavaScript hides is refused wherever it stands', () => {
  const kept = '{ "kind": "label", "meaning": "It.", "personal": false }'
  test.each([
    [`{ "__proto__": {} }`, '__proto__'],
    [`{ "collections": { "__proto__": {} } }`, 'collections.__proto__'],
    [
      `{ "collections": { "customers": { "keep": { "__proto__": ${kept} } } } }`,
      'collections.customers.keep.__proto__',
    ],
    [
      `{ "collections": { "customers": { "keep": { "tier": { "__proto__": {}, ${kept.slice(1)} } } } }`,
      'collections.customers.keep.tier.__proto__',
    ],
    [
      `{ "collections": { "customers": { "fields": { "__proto__": "x" } } } }`,
      'collections.customers.fields.__proto__',
    ],
    [`{ "revenue": { "__proto__": { "leaveOut": ["Refunded"] } } }`, 'revenue.__proto__'],
    [`{ "thresholds": [{ "__proto__": {} }] }`, 'thresholds.0.__proto__'],
  ])('%s', async (json, key) => {
    const told = `${key}: is no name that can be read`
    writeFileSync(join(folder, 'lingot.config.json'), json)
    expect(await refusalHere()).toContain(told)
    rmSync(join(folder, 'lingot.config.json'))
    // In code it changes what the object is made of.
    if (!json.includes('"__proto__": "')) {
      writeFileSync(join(folder, 'lingot.config.mjs'), `export default ${json}`)
      expect(await refusalHere()).toContain(told)
    }
  })
})

describe('a file of settings is a regular one of moderate size', () => {
  const put = {
    'a link to a device': (file: string) => symlinkSync('/dev/zero', file),
    'a pipe': (file: string) => execFileSync('mkfifo', [file]),
    'a huge one': (file: string) => execFileSync('truncate', ['-s', '4G', file]),
    'a folder': (file: string) => execFileSync('mkdir', [file]),
  }
  const names = ['lingot.config.json', 'lingot.config.ts', 'lingot.config.mjs', '.env']
  const cases = names.flatMap((name) => Object.entries(put).map(([what, make]) => ({ name, what, make })))

  test.each(cases)('$name is not $what', { timeout: 20_000 }, async ({ name, what, make }) => {
    make(join(folder, name))
    const why = what === 'a huge one' ? 'is larger than 1 MB' : 'is no regular file'
    expect(await refusal()).toBe(
      `${join(folder, name)} ${why}, and is not read.\n→ Put a file with settings in its place.\n`,
    )
  })

  test('but may be a link to such a one', async () => {
    writeFileSync(join(folder, 'elsewhere'), '{ "silver": "admin" }')
    symlinkSync('elsewhere', join(folder, 'lingot.config.json'))
    expect(await refusal()).toContain('silver: is a database that MongoDB')
  })
})

describe('of a value that .env cuts at a # nothing is used or shown', () => {
  const cut = (name: string, line = 1) => `.env, line ${line}: of ${name} only what stands before its # would be read.`
  test.each([
    ['MONGODB_URI=mongodb://u:hal#fofit@127.0.0.1:1/', cut('MONGODB_URI')],
    ['export MONGODB_URI = mongodb://u:hal #fofit@127.0.0.1:1/', cut('MONGODB_URI')],
    ['# mine\nPOSTGRES_URL=postgresql://u:1234#fofit@127.0.0.1:1/x', cut('POSTGRES_URL', 2)],
    ['POSTGRES_READER_URL=postgresql://u:hal#fofit@127.0.0.1:1/x', cut('POSTGRES_READER_URL')],
    ['LINGOT_PII_KEY=halhalhalhalhalhalhalhalhalhalhalhal#fofit', cut('LINGOT_PII_KEY')],
    // Quoted it comes whole, and a # has to be encoded in an address.
    ['MONGODB_URI="mongodb://u:hal#fofit@127.0.0.1:1/"', 'MONGODB_URI: holds a #, which is written %23'],
    ["POSTGRES_URL='postgresql://u:hal#fofit@127.0.0.1:1/x'", 'POSTGRES_URL: holds a #, which is written %23'],
    // What was cut before.
    ['MONGODB_URI=mongodb://u:halfof', 'MONGODB_URI: has a port that is no number, or ends within the password'],
    ['POSTGRES_URL=postgresql://u:halfof', 'POSTGRES_URL: has a port that is no number, or ends within the password'],
  ])('%j', async (text, told) => {
    writeFileSync(join(folder, '.env'), text)
    for (const command of ['process', 'run', 'doctor']) {
      const { code, stdout, stderr } = await lingot([command], folder)
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
      expect(stderr).toContain(told)
      expect(stderr).not.toMatch(/hal|fofit|1234/)
    }
  })

  test('a comment stays a comment, and the environment wins over what is cut', async () => {
    writeFileSync(
      join(folder, '.env'),
      'LINGOT_SILVER_DB=local # not this one\nOTHER=a#b\nLINGOT_THREADS=two#\nMONGODB_URI=mongodb://u:hal#fofit@h/',
    )
    const told = await refusal({ LINGOT_THREADS: '1' })
    expect(told).toContain('LINGOT_SILVER_DB: is a database that MongoDB keeps for itself')
  })
})
