import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { describe, expect, inject, test, vi } from 'vitest'
import { addressOf } from '../../src/servers/servers.ts'
import { loadConfig } from '../../src/settings/config.ts'
import { describeFailure, LingotError, reasonOf } from '../../src/system/errors.ts'
import { keepSecret, mask, maskUri } from '../../src/system/secrets.ts'
import { runs } from '../garbage/seed.ts'
import { cli, lingot, start, workFolder } from '../process.ts'

describe('what is secret by its place is masked', () => {
  test.each([
    ['mongodb://admin:s3cret@localhost:27017', 'mongodb://admin:***@localhost:27017'],
    [
      'mongodb+srv://admin:s3cret@cluster.example.net/?retryWrites=true',
      'mongodb+srv://admin:***@cluster.example.net/?retryWrites=true',
    ],
    ['postgresql://:s3cret@localhost/db', 'postgresql://:***@localhost/db'],
    ['postgres://u:s3:c@r/e?t@localhost/db', 'postgres://u:***@localhost/db'],
    ['postgres://u:s3%40cret@localhost/db', 'postgres://u:***@localhost/db'],
    ['mongodb%3A%2F%2Fadmin%3As3cret%40localhost', 'mongodb%3A%2F%2Fadmin%3A***%40localhost'],
    ['at%20mongodb%3A%2F%2Fadmin%3As3cret%40h', 'at%20mongodb%3A%2F%2Fadmin%3A***%40h'],
    [
      'postgresql://h/db?user=u&password=s3cret&sslmode=verify-full',
      'postgresql://h/db?user=u&password=***&sslmode=verify-full',
    ],
    ['postgresql://h/db?sslpassword=s3cret', 'postgresql://h/db?sslpassword=***'],
    [
      'mongodb://h/?tlsCertificateKeyFilePassword=s3cret&tls=true',
      'mongodb://h/?tlsCertificateKeyFilePassword=***&tls=true',
    ],
    ['mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:s3cret', 'mongodb://h/?authMechanismProperties=***'],
    ['mongodb://h/?proxyPassword=s3cret', 'mongodb://h/?proxyPassword=***'],
    ['host=localhost user=u password=s3cret dbname=db', 'host=localhost user=u password=*** dbname=db'],
    ["host=localhost password='s3 \\' cret' dbname=db", 'host=localhost password=*** dbname=db'],
    ["password = 's3cret'", 'password = ***'],
    ['PGPASSWORD=s3cret psql', 'PGPASSWORD=*** psql'],
    ["{ user: 'u', password: 's3cret' }", "{ user: 'u', password: *** }"],
    ['{"user":"u","password":"s3cret","accessToken":"s3cret"}', '{"user":"u","password":***,"accessToken":***}'],
    ['a mongodb://u:s3cret@h and\npostgres://u:s3cret@h', 'a mongodb://u:***@h and\npostgres://u:***@h'],
  ])('%s', (text, masked) => expect(mask(text)).toBe(masked))

  test.each([
    'password authentication failed for user "analyst"',
    'collections.customers.keep.token: there is no such key; did you mean tier?',
    'See https://example.net/a:b for more',
    'postgresql://analyst@localhost:5432/gold_db?sslmode=verify-full',
    'Correct the user, password or database in POSTGRES_URL.',
  ])('and nothing else: %s', (text) => expect(mask(text)).toBe(text))
})

describe('a secret of the settings is masked wherever it turns up', () => {
  test.each([
    ['mongodb://admin:corr%40ct-horse@h', 'corr@ct-horse'],
    ['mongodb://admin:corr%40ct-horse@h', 'corr%40ct-horse'],
    ['postgresql://h/db?user=u&password=battery%20staple', 'battery staple'],
    ['postgresql://h/db?user=u&password=battery%20staple', 'battery%20staple'],
    ['mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:wonderful', 'wonderful'],
    ['mongodb://u:100%25-sure@h', '100%-sure'],
  ])('of %s, %s', (uri, secret) => {
    keepSecret(uri)
    const error = new Error(`refused (${secret})`, { cause: new Error(`by ${secret}`) })
    vi.stubEnv('LINGOT_DEBUG', '1')
    const texts = [reasonOf(error), describeFailure(error).text, new LingotError('server', secret, secret).message]
    vi.unstubAllEnvs()
    expect(texts[1]).toMatch(/^refused \(\*\*\*\)[\s\S]*Caused by: Error: by \*\*\*\n/)
    for (const text of texts) expect(text).not.toContain(secret)
  })

  test.each([
    ['that is the name of the user as well', 'postgresql://postgres:postgres@h/db', 'role "postgres" does not exist'],
    ['that is a short word', 'postgresql://u:gold@h/db', 'gold could not be published'],
  ])('but for one %s', (_, uri, message) => {
    keepSecret(uri)
    expect(mask(message)).toBe(message)
  })

  test('once the settings are read', async () => {
    await loadConfig(workFolder(), { POSTGRES_READER_URL: 'postgresql://reader:trombone@h/db' })
    expect(mask('it said trombone')).toBe('it said ***')
  })
})

const password = fc.string({ minLength: 6, maxLength: 20, unit: 'grapheme-ascii' }).filter((text) => /[^*]/.test(text))
const encoded = password.map(encodeURIComponent).filter((text) => !/^[*%]*$/.test(text))

test('no password of any letters is shown by a masked address, nor any part of it by an address', () => {
  fc.assert(
    fc.property(encoded, fc.constantFrom('mongodb', 'mongodb+srv', 'postgresql'), (secret, scheme) => {
      const uri = `${scheme}://u:${secret}@h.example/?password=${secret}&x=1`
      expect(maskUri(uri)).toBe(`${scheme}://u:***@h.example/?password=***&x=1`)
      expect(addressOf(uri)).toBe('h.example')
    }),
    runs(100),
  )
})

test.each([
  ['postgresql://h:5432/db?user=a@b&password=p@s3cret', 'h:5432'],
  ['mongodb://u:p@a:1,b:2/?replicaSet=r', 'a:1,b:2'],
  ['mongodb://[::1]:27017', '[::1]:27017'],
])('the address of %s is %s', (uri, address) => expect(addressOf(uri)).toBe(address))

test('no message of a driver that cannot use an address holds the password, nor does its cause', async () => {
  const secrets = ['s3cret-word', 'pa@s3cret-word', 's3cret-word/x', 's3cret-word?x', 's3cret-word#x', 's3cret-word %']
  const connecting = secrets.flatMap((secret) => [
    () => MongoClient.connect(`mongodb://u:${secret}@127.0.0.1:1`, { serverSelectionTimeoutMS: 100 }),
    () => MongoClient.connect(`mongodb://u:${encodeURIComponent(secret)}@127.0.0.1:1/?bogus=1`),
    () => MongoClient.connect(`mongodb+srv://u:${secret}@nowhere.invalid:1`),
    async () => new pg.Client(`postgresql://u:${secret}@127.0.0.1:1/db`).connect(),
    async () => new pg.Client(`postgresql://u:${secret}@127.0.0.1:x/db?sslmode=verify-full&sslkey=/none`).connect(),
  ])
  vi.stubEnv('LINGOT_DEBUG', '1')
  for (const connect of connecting) {
    const failed = await connect().then(() => undefined, describeFailure)
    expect(failed?.text).toMatch(/./)
    expect(failed?.text).not.toContain('s3cret')
  }
  vi.unstubAllEnvs()
})

describe('the command line shows no secret', () => {
  const settings = {
    MONGODB_URI: inject('mongodbUri').replace('admin123', 's3cret-word'),
    POSTGRES_URL: inject('postgresUrl').replace('analyst123', 's3cret-word'),
    POSTGRES_READER_URL: 'postgresql://127.0.0.1:1/db?user=u&password=s3cret-word',
    LINGOT_DEBUG: '1',
  }

  test.each(['doctor', 'doctor --json', 'process --json', 'aggregate', 'run', 'ask', 'up', 'grants'])(
    '%s',
    async (args) => {
      const { stdout, stderr } = await lingot(args.split(' '), settings)
      expect(stdout + stderr).not.toContain('s3cret')
      expect(stdout + stderr).not.toBe('')
    },
  )

  test('that was typed in the wrong place', async () => {
    const { status, stderr } = await lingot(['process', '--uri=mongodb://u:s3cret@h'], settings)
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('mongodb://u:***@h') })
  })

  test('that stands in a configuration file', async () => {
    const folder = workFolder()
    await writeFile(join(folder, 'lingot.config.mjs'), "export default { mongodbUri: 'mongodb://u:s3cret@h' ")
    const broken = await lingot(['process'], settings, folder)
    await writeFile(join(folder, 'lingot.config.mjs'), "export default { mongodbUri: 'mongodb://u:s3cret@h' }")
    const unknown = await lingot(['process'], settings, folder)
    for (const { status, stderr } of [broken, unknown]) {
      expect(status).toBe(3)
      expect(stderr).not.toContain('s3cret')
    }
  })

  test('of an error that nobody caught', async () => {
    const thrown = 'new Error("at mongodb://u:s3cret@h", { cause: new Error("mongodb://u:s3cret@h") })'
    const thrower = `process.on("newListener", (name) => {
      if (name === "uncaughtException") setImmediate(() => { throw ${thrown} })
    })`
    const uncaught = start(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(thrower)}`, cli, 'up'],
      settings,
    )
    const { status, stderr } = await uncaught.ended
    expect(status).toBe(1)
    expect(stderr).toMatch(/^at mongodb:\/\/u:\*\*\*@h\n→ This is a defect in Lingot/)
    expect(stderr).not.toContain('s3cret')
  })
})
