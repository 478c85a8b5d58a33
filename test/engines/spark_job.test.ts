import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson'
import fc from 'fast-check'
import { type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { labelsOf } from '../../src/engines/spark/labels.ts'
import { rowsOf, rowWriter } from '../../src/engines/spark/lines.ts'
import { notesOf } from '../../src/engines/spark/notes.ts'
import { receiving, sendFile } from '../../src/engines/spark/pieces.ts'
import { element, wrap } from '../../src/mongo/bson_writer.ts'
import { rangesOf, readRange } from '../../src/mongo/ranges.ts'
import { sequence } from '../../src/mongo/writer.ts'
import { runs } from '../garbage/seed.ts'
import { lingot, type Settings, workFolder } from '../process.ts'

let client: MongoClient
let db: Db

beforeAll(async () => {
  client = await MongoClient.connect(inject('mongodbUri'))
  db = client.db(`spark_${new ObjectId().toHexString()}`)
})

afterAll(async () => {
  await db.dropDatabase()
  await client.close()
})

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('the ranges of a collection', () => {
  const ids = [
    ...Array.from({ length: 300 }, () => new ObjectId()),
    ...Array.from({ length: 100 }, (_, i) => new Int32(i)),
    ...Array.from({ length: 50 }, (_, i) => `text ${i}`),
    ...Array.from({ length: 20 }, (_, i) => new Date(i * 1e10)),
    ...[new Double(0.5), new Double(Number.NaN), Long.fromString('9007199254740993'), Decimal128.fromString('1.5')],
    ...[null, true, { a: 1 }, new Binary(Buffer.from('b')), new Timestamp({ t: 1, i: 1 }), new MinKey(), new MaxKey()],
  ]
  const odd = Array.from({ length: 200 }, (_, i) => {
    const date = Buffer.alloc(8)
    date.writeBigInt64LE(9_000_000_000_000_000n + BigInt(i))
    const text = Buffer.from([3, 0, 0, 0, 0xf0 + (i % 8), 0x80 + (i >> 3), 0])
    return wrap(i % 2 === 0 ? element(0x09, '_id', date) : element(0x02, '_id', text))
  })
  const makes = {
    'a plain collection': (name: string) => db.createCollection(name),
    'a clustered one, as silver is': (name: string) =>
      db.createCollection(name, { clusteredIndex: { key: { _id: 1 }, unique: true } }),
    'a view': async (name: string) => {
      await db.createCollection(`${name}_source`)
      await db.createCollection(name, { viewOn: `${name}_source`, pipeline: [] })
    },
  }

  test.each(Object.entries(makes))(
    'of %s hold each document once, in the order of all types of _id',
    async (what, make) => {
      const name = what.replace(/\W/g, '_')
      await make(name)
      const source = db.collection<{ _id: unknown }>(what === 'a view' ? `${name}_source` : name)
      await source.insertMany(ids.map((_id) => ({ _id })) as never)
      // What JavaScript would not give back as it was.
      await db.command({ insert: source.collectionName, documents: sequence('documents', Buffer.concat(odd)) })
      const collection = db.collection(name)
      const expected = await collection.find({}, { sort: { _id: 1 }, raw: true }).toArray()
      for (const parts of [1, 2, 5, 40]) {
        const ranges = await rangesOf(client, collection, parts)
        const read: Buffer[] = []
        for (let part = 0; part < parts; part++) {
          for await (const batch of readRange(client, collection, ranges, part))
            read.push(...batch.map((b) => Buffer.from(b)))
        }
        expect(read.map((document) => document.toString('hex'))).toEqual(
          expected.map((document) => (document as unknown as Buffer).toString('hex')),
        )
        if (parts > 1 && what !== 'a view') expect(ranges.bounds.length).toBeGreaterThanOrEqual(parts / 3)
      }
    },
  )

  test('of a collection that is not there hold nothing', async () => {
    const ranges = await rangesOf(client, db.collection('nowhere'), 4)
    const batches = await all(readRange(client, db.collection('nowhere'), ranges, 0))
    expect(batches).toEqual([])
  })
})

describe('what tasks tell each other', () => {
  test('is told once however often it is noted, in the order of its parts', async () => {
    const notes = notesOf(db, new ObjectId())
    for (const part of [10, 2, 10, 0]) await notes.note('read', ['sales', part], { documents: part + 1 })
    await notes.note('read', ['sales2', 0], { documents: 1000 })
    expect(await notes.read('read', 'sales')).toEqual([{ documents: 1 }, { documents: 3 }, { documents: 11 }])
    expect(await notes.progress('read', 'sales')).toBe(15)
  })

  test.each([
    ['a double that is whole', new Double(5)],
    ['a whole number', new Int32(5)],
    ['a large one', Long.fromString('9007199254740993')],
    [
      'a document',
      new Map([
        ['1', 'b'],
        ['0', 'a'],
      ]),
    ],
  ])('keeps the type of an _id among the examples: %s', async (_, id) => {
    const notes = notesOf(db, new ObjectId())
    const tally = { count: 1, examples: [id] }
    const tallies = {
      watched: { traits: [], labels: [], buyers: [] },
      values: [],
      unnamed: [],
      suspicious: [{ suspicion: 's', tally }],
    }
    await notes.note('cleaned', ['sales', 0], { bronze: 1, noId: 0, erased: 0, leftOut: 0, tallies })
    const [read] = await notes.read('cleaned', 'sales')
    const [example] = read?.tallies.suspicious[0]?.tally.examples ?? []
    expect(example instanceof Map ? [...example] : example).toEqual(
      id instanceof Map ? [...id] : id instanceof Int32 ? id.value : id,
    )
  })
})

test('rows are divided by line feeds alone, wherever the pipe cuts them', async () => {
  const row = fc.string({ unit: fc.constantFrom('a', '\t', '\u2028', '\u0085', 'é', '😀') })
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1 }), fc.integer({ min: 1, max: 7 }), async (rows, size) => {
      const bytes = Buffer.from(rows.map((row) => `${row}\n`).join(''))
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      expect(await all(rowsOf(Readable.from(chunks)))).toEqual(rows)
    }),
    runs(100),
  )
})

describe('a file on its way from task to task', () => {
  const file = Buffer.from(Array.from({ length: 700_000 }, (_, i) => (i * 7919) % 251))

  async function pieces(): Promise<string[]> {
    const through = new PassThrough({ highWaterMark: 2 ** 24 })
    await sendFile(rowWriter(through), ['sales', '3'], file)
    through.end()
    return all(rowsOf(through))
  }

  async function received(rows: readonly string[]): Promise<Map<string, string[]>> {
    const files = receiving()
    for (const row of rows) await files.add(row)
    return files.end()
  }

  test('is whole again, in whatever order its pieces come', async () => {
    const rows = await pieces()
    expect(rows.length).toBe(3)
    const [whole = ''] = (await received(rows.toReversed())).get('sales') ?? []
    expect(readFileSync(whole).equals(file)).toBe(true)
  })

  test.each([
    ['one that is lost', (rows: string[]) => rows.slice(1)],
    ['one that comes twice', (rows: string[]) => [...rows, ...rows.slice(1, 2)]],
  ])('is refused for %s', async (_, change) => {
    await expect(received(change(await pieces()))).rejects.toMatchObject({
      kind: 'server',
      message: 'What Spark handed on of sales is not whole; the old outputs stay.',
    })
  })
})

test('buckets are called so that Spark puts each into a task of its own', () => {
  // As pmod(hash(label), 7) of Spark says.
  expect(labelsOf(7).slice(1, 6)).toEqual([0, 1, 9, 3, 2])
  expect(new Set(labelsOf(40)).size).toBe(40)
})

describe('a job in a folder', () => {
  let settings: Settings

  beforeAll(async () => {
    await generate(client, { database: `${db.databaseName}_bronze`, scale: 1, force: true })
    settings = {
      MONGODB_URI: inject('mongodbUri'),
      POSTGRES_URL: inject('postgresUrl'),
      LINGOT_BRONZE_DB: `${db.databaseName}_bronze`,
      LINGOT_SILVER_DB: db.databaseName,
      LINGOT_PII_KEY: 'a-key-of-at-least-thirty-two-characters',
    }
  })
  afterAll(() => client.db(`${db.databaseName}_bronze`).dropDatabase())

  test('is SQL, a program and a command line, without a secret, and replaces the one before whole', async () => {
    const place = workFolder()
    const folder = join(place, 'a job')
    const args = [
      '--engine',
      'spark',
      '--master',
      'yarn',
      '--conf',
      "spark.x=it's",
      '--jars',
      'a.jar',
      '--jars',
      'b.jar',
    ]
    for (let time = 0; time < 2; time++) {
      const { status, stdout } = await lingot(
        ['run', ...args, '--dry-run', folder, '--', '--queue', 'etl'],
        settings,
        place,
      )
      expect(status).toBe(0)
      expect(stdout).toContain(folder)
    }
    expect(readdirSync(place)).toEqual(['a job'])
    expect(readdirSync(folder).sort()).toEqual(['duckdb.node', 'job.sql', 'libduckdb.so', 'lingot.mjs', 'submit.sh'])
    const read = (name: string) => readFileSync(join(folder, name), 'utf8')
    for (const name of readdirSync(folder)) {
      for (const secret of ['admin123', 'analyst123', 'a-key-of-at-least']) expect(read(name)).not.toContain(secret)
    }
    expect(statSync(join(folder, 'lingot.mjs')).mode & 0o111).toBe(0o111)
    const script = read('submit.sh')
    expect(script).toContain(
      `--conf 'spark.x=it'\\''s' --jars a.jar,b.jar --queue etl --files lingot.mjs,duckdb.node,libduckdb.so -f job.sql`,
    )
    execFileSync('sh', ['-n', join(folder, 'submit.sh')])
    const sql = read('job.sql')
    for (const step of ['begin', 'clean', 'settle', 'remove', 'complete', 'read', 'model', 'finish']) {
      expect(sql).toContain(`USING '\${lingot.program} ${step}'`)
    }
    expect(sql).toContain('lingot_run STRING DEFAULT CASE WHEN')
  })

  test('of process makes no gold, and the program says what it is', async () => {
    const folder = join(workFolder(), 'job')
    await lingot(['process', '--engine', 'spark', '--dry-run', folder], settings)
    expect(readFileSync(join(folder, 'job.sql'), 'utf8')).not.toContain('lingot.program} model')
    const program = join(folder, 'lingot.mjs')
    const run = (input: string) =>
      execFileSync(process.execPath, [program, 'clean'], {
        input,
        env: { PATH: process.env['PATH'] },
        encoding: 'utf8',
      })
    // Spark may start a task that has nothing to do.
    expect(run('')).toBe('')
    expect(() => run('6b05c789ad02b6af9d8b4a70\ttransactions\t0\n')).toThrow(/MONGODB_URI is not set/)
  })

  test('finds DuckDB where it was shipped, also through links, or is told of, and says where it has none', async () => {
    const [folder, alone, linked] = [join(workFolder(), 'job'), workFolder(), workFolder()]
    await lingot(['run', '--engine', 'spark', '--dry-run', folder], settings)
    const program = join(alone, 'lingot.mjs')
    const text = readFileSync(join(folder, 'lingot.mjs'), 'utf8').replace(/"duckdb":"[^"]*"/, '"duckdb":"/nowhere"')
    writeFileSync(program, text, { mode: 0o755 })
    const elsewhere = workFolder()
    copyFileSync(join(folder, 'duckdb.node'), join(elsewhere, 'duckdb.node'))
    symlinkSync(join(elsewhere, 'duckdb.node'), join(linked, 'duckdb.node'))
    symlinkSync(join(folder, 'libduckdb.so'), join(linked, 'libduckdb.so'))
    const run = (cwd: string, more: Settings = {}) => {
      const env = { PATH: process.env['PATH'], MONGODB_URI: inject('mongodbUri'), ...more }
      const input = '6b05c789ad02b6af9d8b4a70\ttransactions\t0\n'
      return spawnSync(process.execPath, [program, 'read'], { input, cwd, env, encoding: 'utf8' }).stderr
    }
    const found = /^Another run took over/
    expect(run(alone)).toMatch(/^DuckDB's library is not where Spark's executors run\./)
    expect(run(folder)).toMatch(found)
    expect(run(linked)).toMatch(found)
    expect(run(alone, { LINGOT_DUCKDB: folder })).toMatch(found)
    expect(run(elsewhere)).toMatch(/^DuckDB's library in .* cannot be loaded where Spark's executors run\./)
  })

  test.each([
    ['run --master yarn', '--master'],
    ['aggregate --conf a=b', '--conf'],
    ['process --dry-run', '--dry-run'],
    ['run -- --queue etl', 'arguments of spark-sql'],
  ])('`lingot %s` says that the local engine takes no %s', async (args, told) => {
    const folder = workFolder()
    const { status, stderr } = await lingot(args.split(' '), settings, folder)
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `The local engine takes no ${told}.\n→ Add \`--engine spark\`.\n`,
    })
    expect(existsSync(join(folder, 'lingot-spark'))).toBe(false)
  })
})
