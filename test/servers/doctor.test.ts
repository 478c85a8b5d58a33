import { readdirSync, readlinkSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import type { Finding } from '../../src/servers/doctor.ts'
import { linkLibraries } from '../../src/servers/programs.ts'
import type { Config } from '../../src/settings/config.ts'
import { lingot, workFolder } from '../process.ts'
import { portOf } from './clients.ts'
import { startBriefs } from './cluster.ts'
import { removeHome, settingsOf, temporaryConfig } from './home.ts'

let config: Config

beforeEach(async () => {
  config = await temporaryConfig()
})

afterEach(() => removeHome(config))

async function doctor(settings: Record<string, string>) {
  const told = { ...settingsOf(config), ...settings }
  const [text, json] = await Promise.all([lingot(['doctor'], told), lingot(['doctor', '--json'], told)])
  const findings: Finding[] = JSON.parse(json.stdout)
  return { text, json, findings: Object.fromEntries(findings.map(({ name, ...finding }) => [name, finding])) }
}

test('says where there is nothing yet what makes it, and starts nothing', async () => {
  const { text, json, findings } = await doctor({})
  const next = '`lingot up`, or any command that needs it, starts it.'
  expect(findings).toEqual({
    Node: { state: 'ok', detail: process.versions.node },
    MongoDB: { state: 'missing', detail: 'none yet', next },
    PostgreSQL: { state: 'missing', detail: 'none yet', next },
    mongod: { state: 'ok', detail: expect.stringMatching(/^\d+\.\d+\.\d+ at .*mongod$/) },
    postgres: { state: 'ok', detail: expect.stringMatching(/^\d+\.\d+ at .*postgres$/) },
    'Data folder': { state: 'ok', detail: config.home },
  })
  expect(json).toMatchObject({ status: 0, stderr: '' })
  expect(text).toMatchObject({ status: 0, stderr: '' })
  expect(text.stdout.split('\n').slice(0, 3)).toEqual([
    `✔ Node         ${process.versions.node}`,
    '– MongoDB      none yet',
    `               → ${next}`,
  ])
  expect(readdirSync(config.home)).toEqual(['bin'])
})

test('says which servers run at the usual addresses, and what else may be there', async () => {
  const briefs = await startBriefs()
  const [mongodb, postgres] = [portOf(briefs.mongodb), portOf(briefs.postgres)]
  const found = await doctor({ LINGOT_MONGODB_PORT: `${mongodb}`, LINGOT_POSTGRES_PORT: `${postgres}` })
  const detail = (port: number) => expect.stringMatching(new RegExp(`^[\\d.]+ at 127.0.0.1:${port}, found running$`))
  expect(found.findings).toMatchObject({
    MongoDB: { state: 'ok', detail: detail(mongodb) },
    PostgreSQL: { state: 'ok', detail: detail(postgres) },
  })
  const crossed = await doctor({ LINGOT_MONGODB_PORT: `${postgres}`, LINGOT_POSTGRES_PORT: `${mongodb}` })
  expect(crossed.findings).toMatchObject({
    MongoDB: {
      state: 'missing',
      detail: expect.stringContaining(`port ${postgres} does not take Lingot's credentials`),
    },
  })
  await briefs.stop()
})

test('says which of the servers that are set answer, without a password', async () => {
  const { text, json, findings } = await doctor({
    MONGODB_URI: inject('mongodbUri'),
    POSTGRES_URL: 'postgresql://someone:s3cret@127.0.0.1:1/gold_db',
  })
  expect(Object.keys(findings)).toEqual(['Node', 'MongoDB', 'PostgreSQL', 'Data folder'])
  expect(findings).toMatchObject({
    MongoDB: { state: 'ok', detail: expect.stringMatching(/ at mongodb:\/\/admin:\*\*\*@.*, set by MONGODB_URI$/) },
    PostgreSQL: { state: 'failed', next: expect.stringContaining('correct POSTGRES_URL') },
  })
  const failure = { status: 4, stderr: 'Not well: PostgreSQL.\n→ What to do stands beside each above.\n' }
  expect(json).toMatchObject(failure)
  expect(text).toMatchObject(failure)
  expect(text.stdout + json.stdout).not.toMatch(/s3cret|admin123/)
})

test.runIf(process.platform !== 'win32').each([
  [0o600, 'ok', '✔ .env', undefined],
  [0o640, 'warning', '! .env', 'chmod 600 .env'],
  [0o644, 'warning', '! .env', 'chmod 600 .env'],
])('says whether a .env of mode %o is open to others', async (mode, state, line, next) => {
  const folder = workFolder()
  await writeFile(join(folder, '.env'), 'POSTGRES_READER_URL=postgresql://reader:s3cret@127.0.0.1:1/gold_db\n')
  await chmod(join(folder, '.env'), mode)
  const [text, json] = await Promise.all([
    lingot(['doctor'], settingsOf(config), folder),
    lingot(['doctor', '--json'], settingsOf(config), folder),
  ])
  const found: Finding[] = JSON.parse(json.stdout)
  expect(found.find(({ name }) => name === '.env')).toMatchObject({ state, ...(next !== undefined && { next }) })
  expect(text.stdout).toContain(`\n${line} `)
  // The reader that does not answer is what fails.
  expect(text).toMatchObject({ status: 4, stderr: 'Not well: Reader.\n→ What to do stands beside each above.\n' })
  expect(text.stdout + json.stdout).not.toContain('s3cret')
})

test.each([
  ['missing', undefined, 'It is downloaded at the first start.'],
  ['failed', '#!/bin/sh\necho "libssl.so: not there" >&2; exit 1\n', 'Remove it, and another is downloaded'],
])('says what to do about a mongod that is %s', async (state, script, next) => {
  await rm(join(config.home, 'bin', 'mongod'))
  if (script !== undefined) await writeFile(join(config.home, 'bin', 'mongod'), script, { mode: 0o755 })
  const { findings } = await doctor({ PATH: '/nowhere' })
  expect(findings['mongod']).toMatchObject({ state, next: expect.stringContaining(next) })
  if (script === undefined) return
  expect(findings['mongod']?.detail).toContain('libssl.so: not there')
  expect(await lingot(['process'], settingsOf(config))).toMatchObject({
    status: 4,
    stderr: 'MongoDB could not be prepared.\nlibssl.so: not there\n→ Set MONGODB_URI to use another server.\n',
  })
})

test('the libraries of PostgreSQL are linked as their package lists them, again after every installation', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lingot test-'))
  await mkdir(join(folder, 'native', 'lib'), { recursive: true })
  const links = [
    { source: 'native/lib/libicu.so.60.2', target: 'native/lib/libicu.so.60' },
    { source: 'native/lib/libicu.so.60.2', target: 'native/lib/libicu.so' },
  ]
  await writeFile(join(folder, 'native', 'pg-symlinks.json'), JSON.stringify(links))
  linkLibraries(folder)
  linkLibraries(folder)
  for (const { target } of links) expect(readlinkSync(join(folder, target))).toBe('libicu.so.60.2')
  await rm(folder, { recursive: true })
})
