import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { Double, Int32, Long, ObjectId } from 'bson'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate } from '../src/bronze/sample/generator.ts'
import { pick, type Random, stream } from '../src/bronze/sample/random.ts'
import { contracts } from '../src/contracts/contracts.ts'
import { readModels } from '../src/gold/models.ts'
import { readKnown } from '../src/privacy/bronze.ts'
import { searchGold, searchOutput, searchSilver } from '../src/privacy/search.ts'
import type { RunRecord } from '../src/runs/record.ts'
import { validator } from '../src/silver/schema.ts'
import { describeFailure } from '../src/system/errors.ts'
import { leaks } from './garbage/agreement.ts'
import { type Bytes, documentOf, encode } from './garbage/bson.ts'
import { value } from './garbage/documents.ts'
import { type Layers, openLayers } from './garbage/layers.ts'
import { leaksIn } from './garbage/secrets.ts'
import { runs } from './garbage/seed.ts'
import { anything } from './garbage/values.ts'
import { readReport, runPipeline } from './run.ts'
import { settingsOf } from './trust/place.ts'

const tables = readModels().map(({ name }) => name)

let layers: Layers

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/setup.js'])
  layers = await openLayers()
})

afterAll(() => layers.close())

/** A good many values, encoded once; documents draw from them. */
function pool(values: fc.Arbitrary<unknown>, size: number): Bytes[] {
  return fc.sample(values, { ...runs(1), numRuns: size }).map(encode)
}

/** Thousands of documents in which no field is meant to be right. */
function garbage({ collection, fields, key }: (typeof contracts)[number], count: number, random: Random): Uint8Array[] {
  const junk = pool(anything, 1500)
  const personal = Object.entries(fields).filter(([, field]) => field.personal)
  const people = new Map(personal.map(([name, field]) => [name, pool(value(name, field), 200)]))
  return Array.from({ length: count }, (_, n) => {
    const named = Object.keys(fields)
      .filter(() => random() < 0.9)
      .map((name): [string, unknown] => [name, pick(random, people.get(name) ?? junk)])
    const unnamed: [string, unknown][] = random() < 0.2 ? [[`x${n % 3000}`, pick(random, junk)]] : []
    // As many labels as documents, each as long as a label may be.
    const flood: [string, unknown][] = [['status', `${'李'.repeat(494)}${n}`]]
    // The first is nearly as long as a document may be, in a text that is tidied before it is found too long.
    const huge: [string, unknown][] = n === 0 ? [[Object.keys(fields)[2] ?? '', '9 '.repeat(7_000_000)]] : []
    const known: [string, unknown][] = random() < 0.5 ? [[key, `${collection}${n % 4000}`]] : []
    return documentOf([['_id', idOf(n)], ...named, ...unnamed, ...flood, ...huge, ...known])
  })
}

function idOf(n: number): unknown {
  const kinds = [
    new Int32(n),
    `garbage ${n}`,
    ObjectId.createFromTime(n),
    new Double(n + 0.5),
    Long.fromNumber(-n),
    { n, of: [{ n }] },
  ]
  // A few are so large that a record which keeps examples of them outgrows a document.
  return n < 20 ? { n, large: 'x'.repeat(300_000) } : kinds[n % kinds.length]
}

async function fillWithGarbage(count: number): Promise<void> {
  for (const [i, contract] of contracts.entries()) {
    const documents = garbage(contract, count, stream(runs(1).seed ?? 0, i))
    expect(await layers.fill(contract.collection, documents)).toBe(count)
  }
}

async function readGold(): Promise<unknown[]> {
  const gold: unknown[] = []
  for (const table of tables) gold.push(await layers.gold(table))
  return gold
}

async function lastRun(): Promise<RunRecord> {
  const runs = layers.client.db(layers.names.silver).collection<RunRecord>('runs')
  return (await runs.find({}, { sort: { _id: -1 }, limit: 1, bsonRegExp: true }).toArray())[0] as RunRecord
}

async function expectAllAccountedFor(count: number): Promise<void> {
  const record = await lastRun()
  for (const contract of contracts) {
    const told = record.silver?.[contract.collection]
    const { noId = 0, superseded = 0 } = told?.quarantined ?? {}
    expect(told?.bronze).toBe(count)
    expect((told?.silver ?? 0) + (told?.duplicates ?? 0) + noId + superseded).toBe(count)
    const silver = layers.client.db(layers.names.silver).collection(contract.collection)
    expect(await silver.countDocuments()).toBe(told?.silver)
    expect(await silver.countDocuments({ $nor: [validator(contract)] })).toBe(0)
  }
  expect(await leaks(layers, record)).toEqual([])
}

test('garbage does not get past a gate: the old gold stays', async () => {
  await generate(layers.client, { database: layers.names.bronze, seed: 1, scale: 0.02, force: true })
  await runPipeline(layers.client, layers.postgresUrl, layers.names)
  const good = await readGold()

  await fillWithGarbage(500)
  const thresholds = [{ field: 'transactions.amount', invalidAtMost: 20, severity: 'error' as const }]
  const failure: unknown = await runPipeline(layers.client, layers.postgresUrl, { ...layers.names, thresholds }).catch(
    (error: unknown) => error,
  )
  const { text, exitCode } = describeFailure(failure)
  expect({ text, exitCode }).toMatchObject({ exitCode: 9 })
  expect(leaksIn([text])).toEqual([])
  expect(await readGold()).toEqual(good)
  expect(await lastRun()).toMatchObject({ outcome: 'failed', failure: { kind: 'gate' } })
  await expectAllAccountedFor(500)
})

test('11,000 documents of garbage a collection are in silver, twice there, or in quarantine, and the command ends well', async () => {
  await fillWithGarbage(11_000)
  const env = {
    ...process.env,
    ...settingsOf(layers.names),
  }
  const command = promisify(execFile)(process.execPath, ['dist/cli.js', 'run', '--json'], { env, maxBuffer: 64e6 })
  const { stdout, stderr } = await command
  // Nothing but where it writes, how long it goes on, where that is long, and what a busy machine has it try again.
  const usual = /^(bronze_\S+ → silver_.*|\w+: [\d,]+ of [\d,]+ \(.*|.* timeout expired\. Trying again\.)\n/gm
  expect(stderr.replace(usual, '')).toBe('')
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'succeeded' })
  expect(leaksIn([stdout])).toEqual([])
  await expectAllAccountedFor(11_000)
})

/** Of its 11,000 documents a collection, labels and ids hold any text, emails and phone numbers among them. */
test('what garbage leaves of emails and phone numbers stands in columns of labels and ids, and nowhere else', async () => {
  const { bronze, silver, goldSchema } = layers.names
  const known = await readKnown(layers.client, { bronze, contracts, phoneRegion: 'FR' })
  const db = layers.client.db(silver)
  const places = [
    ...(await searchSilver(layers.client, db, known, contracts)),
    ...(await searchGold(layers.postgresUrl, goldSchema, tables, known, contracts)),
    searchOutput({ command: 'report --json', printed: await readReport(db) }, known, contracts),
  ]
  const clear = contracts.flatMap(({ fields, derived }) => [
    ...Object.entries(fields).flatMap(([name, { kind }]) => (kind === 'label' || kind === 'id' ? [name] : [])),
    ...Object.keys(derived),
  ])
  const found = places.flatMap(({ layer, name, findings }) => findings.map(({ field }) => `${layer} ${name} ${field}`))
  expect(found.length).toBeGreaterThan(5)
  expect(found.filter((line) => !clear.includes(line.split(' ').at(-1) ?? ''))).toEqual([])
  expect(places.filter(({ name }) => /quarantine|runs|report/.test(name)).flatMap(({ findings }) => findings)).toEqual(
    [],
  )
  expect(leaksIn([JSON.stringify(places)])).toEqual([])
}, 400_000)
