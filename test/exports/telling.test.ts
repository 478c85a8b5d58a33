import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import Ajv2020, { type AnySchemaObject } from 'ajv/dist/2020.js'
import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { eraseCommand } from '../../src/commands/erase.ts'
import { exportLineageCommand } from '../../src/commands/export.ts'
import { layerCommand } from '../../src/commands/run.ts'
import { open } from '../../src/index.ts'
import { runJsonSchema } from '../../src/library/results.ts'
import { lockSilver } from '../../src/runs/lock.ts'
import { lastRuns } from '../../src/runs/store.ts'
import { within } from '../commands/lingot.ts'
import { made } from '../made.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

const home = mkdtempSync(join(tmpdir(), 'lingot lineage-'))
let place: Place
let receiver: Server
let url: string
let answer = 201
// biome-ignore lint/suspicious/noExplicitAny: it is held against its schema
const received: { path: string | undefined; key: string | undefined; event: any }[] = []

const bronze = {
  customers: [{ customer_id: 'C1', first_name: 'Zoé', email: 'zoe@example.org', country: 'France' }],
  transactions: [
    { transaction_id: 'T1', customer_id: 'C1', product: 'Lamp', amount: 5, timestamp: '2025-01-03' },
    { transaction_id: 'T2', customer_id: 'C1', product: 'Lamp', amount: 7, timestamp: '2025-02-03' },
  ],
  campaigns: [{ campaign_id: 'CAMP1', budget: 100, spend: 80 }],
}

beforeAll(async () => {
  place = await openPlace()
  await place.load(bronze)
  receiver = createServer(async (request, response) => {
    const { url: path, headers } = request
    received.push({ path, key: headers.authorization, event: await json(request) })
    response.writeHead(answer).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})
beforeEach(() => received.splice(0))
afterAll(async () => {
  receiver.close()
  rmSync(home, { recursive: true })
  await place.leave()
})

const settings = () => ({ ...settingsOf(place.names), OPENLINEAGE_URL: url, OPENLINEAGE_API_KEY: 'a-key-of-the-tests' })

const folder = join(import.meta.dirname, 'schemas', 'openlineage')
const schemas = readdirSync(folder).map((file): AnySchemaObject => JSON.parse(readFileSync(join(folder, file), 'utf8')))
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const ajv = new Ajv2020.default({
  strict: false,
  schemas,
  formats: { uuid, uri: /^[a-z]+:\S+$/, 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ },
})

/** What is wrong with an event, and with each of its facets, after the schemas that they name. */
// biome-ignore lint/suspicious/noExplicitAny: whatever was sent
function faults(event: any): unknown[] {
  const errors = (schema: string, value: unknown): unknown[] => {
    const isValid = ajv.getSchema(schema)
    if (isValid === undefined) return [`no schema ${schema}`]
    return isValid(value) ? [] : (isValid.errors ?? [])
  }
  const datasets = [...event.inputs, ...event.outputs]
  const facets = [event.run, ...datasets].flatMap(({ facets = {}, inputFacets = {}, outputFacets = {} }) =>
    [facets, inputFacets, outputFacets].flatMap((each) => Object.values<{ _schemaURL: string }>(each)),
  )
  return [...errors(event.schemaURL, event), ...facets.flatMap((facet) => errors(facet._schemaURL, facet))]
}

test('a run tells what it read and made, with columns, rows and checks, as the schemas of OpenLineage have it', async () => {
  expect(await made('run', settings())).toMatchObject({ status: 0 })
  const { bronze: database, silver, goldSchema } = place.names
  expect(received.map(({ event }) => `${event.eventType} ${event.job.name}`)).toEqual(
    ['process', 'aggregate', 'check'].flatMap((job) => [`START ${database}.${job}`, `COMPLETE ${database}.${job}`]),
  )
  expect(received.flatMap(({ event }) => faults(event))).toEqual([])
  expect(faults({ ...received[0]?.event, run: { runId: 'none' } })).not.toEqual([])
  expect(new Set(received.map(({ path, key }) => `${path} ${key}`))).toEqual(
    new Set(['/api/v1/lineage Bearer a-key-of-the-tests']),
  )
  const [, process, , aggregate, , check] = received.map(({ event }) => event)
  expect(new Set(received.map(({ event }) => event.run.runId)).size).toBe(3)
  const named = (datasets: { name: string }[], end: string) => datasets.find(({ name }) => name.endsWith(end))
  const transactions = `${silver}.transactions`
  expect(named(process.outputs, transactions)).toMatchObject({
    namespace: expect.stringMatching(/^mongodb:\/\/127\.0\.0\.1:\d+$/),
    outputFacets: { outputStatistics: { rowCount: 2 } },
    facets: {
      columnLineage: { fields: { amount: { inputFields: [{ name: `${database}.transactions`, field: 'amount' }] } } },
    },
  })
  expect(named(aggregate.outputs, `.${goldSchema}.customer_metrics`)).toMatchObject({
    namespace: expect.stringMatching(/^postgres:\/\/127\.0\.0\.1:\d+$/),
    outputFacets: { outputStatistics: { rowCount: 1 } },
    facets: {
      schema: {
        fields: expect.arrayContaining([expect.objectContaining({ name: 'total_spent', type: 'numeric(38,2)' })]),
      },
      columnLineage: { fields: { total_spent: { inputFields: [{ name: transactions, field: 'total_amount' }] } } },
    },
  })
  expect(named(check.inputs, '.customer_metrics')).toMatchObject({
    inputFacets: {
      dataQualityAssertions: {
        assertions: expect.arrayContaining([
          {
            assertion: 'not_null',
            column: 'total_spent',
            name: 'not null: total_spent',
            severity: 'error',
            success: true,
          },
        ]),
      },
    },
  })
  expect(JSON.stringify(received)).not.toMatch(/Zoé|zoe@|Lamp/)
  // The same of what is in place is written to a file.
  const file = join(home, 'runs.ndjson')
  expect(await within(place.names, () => exportLineageCommand(file))).toMatchObject({ status: 0, stderr: '' })
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual(received.map(({ event }) => event))
})

test('a run that failed says so, and one without PostgreSQL is told of as well', async () => {
  await made('process', settings())
  expect(received.map(({ event }) => event.eventType)).toEqual(['START', 'COMPLETE'])
  received.splice(0)
  await place.client.db(place.names.bronze).collection('transactions').deleteMany({})
  const { status, stderr } = await made('run', settings())
  expect(status).not.toBe(0)
  const last = received.at(-1)?.event
  expect(last).toMatchObject({ eventType: 'FAIL', outputs: [] })
  expect(stderr).toContain(last.run.facets.errorMessage.message.split('\n')[0])
  expect(received.flatMap(({ event }) => faults(event))).toEqual([])
  await place.load(bronze)
})

test('the steps of a run are spans below its own, as OTLP has them', async () => {
  const { OPENLINEAGE_URL: _, ...others } = settings()
  const telemetry = { OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/`, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=a%20key' }
  expect(await made('process', { ...others, ...telemetry })).toMatchObject({ status: 0 })
  const [{ path, key, event } = { path: '', key: '', event: undefined }, ...more] = received
  expect({ path, key, more }).toEqual({ path: '/v1/traces', key: 'a key', more: [] })
  const [{ resource, scopeSpans }] = event.resourceSpans
  expect(resource.attributes[0]).toEqual({ key: 'service.name', value: { stringValue: 'lingot' } })
  const [root, ...steps] = scopeSpans[0].spans
  const runs = place.client.db(place.names.silver).collection('runs')
  const [record] = await runs.find().sort({ _id: -1 }).limit(1).toArray()
  expect(root).toMatchObject({ name: 'lingot process', kind: 1, status: { code: 1 } })
  expect(root.parentSpanId).toBeUndefined()
  expect(root.startTimeUnixNano).toBe(`${record?.['started'].getTime()}000000`)
  expect(root.attributes).toContainEqual({ key: 'lingot.run', value: { stringValue: record?._id.toHexString() } })
  expect(root.attributes).toContainEqual({ key: 'lingot.documents', value: { intValue: '4' } })
  expect(steps.map(({ name }: { name: string }) => name)).toEqual(
    record?.['steps'].map(({ step }: { step: string }) => step),
  )
  expect(steps.length).toBeGreaterThan(3)
  const spans = [root, ...steps]
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
  for (const { traceId, spanId, startTimeUnixNano, endTimeUnixNano } of spans) {
    expect({ traceId, spanId }).toEqual({
      traceId: root.traceId,
      spanId: expect.stringMatching(/^(?!0+$)[0-9a-f]{16}$/),
    })
    expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true)
  }
  expect(root.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/)
  for (const { parentSpanId } of steps) expect(parentSpanId).toBe(root.spanId)
})

test('a server that refuses or is away is no failure of the run', async () => {
  answer = 500
  expect(await made('process', settings())).toMatchObject({ status: 0 })
  answer = 201
  expect(received).toHaveLength(1)
  const away = { OPENLINEAGE_URL: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost' }
  expect(await made('process', { ...settings(), ...away })).toMatchObject({ status: 0 })
})

test.each([
  ['no header', 1],
  ['a=b,c d=e', 2],
  ['tenant=shop, key=%E4secret', 2],
  ['key=sec%0aret', 1],
])('headers that are none, %j, are told as such, and not what is in them', async (headers, number) => {
  const { OPENLINEAGE_URL: _, ...others } = settings()
  const env = { ...others, OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_HEADERS: headers }
  const notes: string[] = []
  const shop = await open({ folder: home, env, onNote: (note) => notes.push(note) })
  await shop.process()
  await shop.close()
  expect(received).toEqual([])
  expect(notes).toEqual([
    `OTEL_EXPORTER_OTLP_ENDPOINT was not told of the run: number ${number} in OTEL_EXPORTER_OTLP_HEADERS is no header: write name=value, percent-encoded.`,
  ])
})

test('a run that waits in vain tells of no other that ends meanwhile', async () => {
  const silver = place.client.db(place.names.silver)
  const lock = await lockSilver(silver, { run: new ObjectId(), command: 'run' })
  const stop = new AbortController()
  const shop = await open({
    folder: home,
    env: settings(),
    signal: stop.signal,
    async onNote(note) {
      if (!note.startsWith('Waiting for')) return
      // The other one, which tells of itself, has ended.
      const [last] = await lastRuns(silver, 1)
      await silver
        .collection('runs')
        .insertOne({ ...last, _id: new ObjectId(), started: new Date(), finished: new Date() })
      stop.abort()
    },
  })
  await expect(shop.run()).rejects.toMatchObject({ kind: 'interrupted' })
  await shop.close()
  await lock.release()
  expect(received).toEqual([])
})

test('what a run prints as JSON is plain, and what its schema says', async () => {
  const { names } = place
  const options = { json: true, wait: true, engine: 'local' } as const
  const isAfterSchema = new Ajv2020.default({ strict: false, formats: { 'date-time': true } }).compile(runJsonSchema())
  const printed = async (command: () => Promise<void>) => {
    const { status, stdout } = await within(names, command)
    expect(status).toBe(0)
    const json = JSON.parse(stdout)
    isAfterSchema(json)
    expect(isAfterSchema.errors).toBeNull()
    return json
  }
  const whole = await printed(() => layerCommand('run', options, []))
  const [gold] = await place.gold('select run from gold_run')
  expect(whole).toMatchObject({ run: gold?.['run'], command: 'run', started: expect.stringMatching(/Z$/) })
  expect(isAfterSchema({ ...whole, _id: 1 })).toBe(false)
  expect(await printed(() => layerCommand('aggregate', options, []))).toMatchObject({ madeOf: whole.run })
  vi.stubEnv('LINGOT_ERASURE_KEY', 'a key of the tests, of 32 characters')
  const erased = await printed(() => eraseCommand('C1', { json: true, yes: true, wait: true }))
  expect(erased).toMatchObject({ command: 'erase', erasure: { customers: 1 } })
})
