import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import '../command.ts'
import { compiled } from '../compiler.ts'
import { root, start } from '../process.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'
import { ask } from '../web/http.ts'

/*
 * A project folder in which Lingot is a package: what it has of its own survives a fresh install, and is where Lingot's
 * own is.
 */

const files: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'shop', private: true, type: 'module' }),
  'lingot.config.ts': `import { defineConfig } from 'lingot'

export default defineConfig({
  collections: {
    campaigns: false,
    transactions: { keep: { store: { kind: 'label', personal: false, filter: true, meaning: 'Where it was sold.' } } },
    visits_of_stores: {
      from: 'visits',
      key: null,
      fields: {
        visitor: { kind: 'id', personal: false, refers: 'customers', meaning: 'Who came.' },
        store: { kind: 'label', personal: false, meaning: 'Where to.' },
        minutes: { kind: 'count', personal: false, meaning: 'How long.' },
      },
    },
  },
})
`,
  'models/store_minutes.sql': `-- One row per store.
select store, cast(sum(minutes) as bigint) as minutes, count(distinct visitor) as visitors
from visits_of_stores
group by store
`,
  'models/store_minutes.yml': `description: How long people stay in stores. One row per store.
key: [store]
reads: { visits_of_stores: [store, minutes, visitor] }
from: { store: visits_of_stores.store }
columns:
  store: The store.
  minutes: Minutes of all visits.
  visitors: Different people.
tests:
  - { test: unique, columns: [store] }
`,
  'questions/7_longest_stay.sql': `-- Where do people stay longest?
select store, minutes from store_minutes order by minutes desc, store
`,
}
const bronze = {
  customers: [{ customer_id: 'C1' }, { customer_id: 'C2' }],
  transactions: [
    { transaction_id: 'T1', customer_id: 'C1', product: 'Lamp', amount: 10, store: 'Paris', timestamp: '2025-01-03' },
    { transaction_id: 'T2', customer_id: 'C2', product: 'Desk', amount: 20, store: 'Lyon', timestamp: '2025-01-04' },
  ],
  visits: [
    { _id: 1, visitor: 'C1', store: 'Paris', minutes: 5 },
    { _id: 2, visitor: 'C2', store: 'Paris', minutes: '7' },
    { _id: 3, visitor: 'C9', store: 'Lyon', minutes: 3 },
  ],
}

let place: Place
let folder: string

/** npm without scripts: what tests need of servers is there. */
function npm(cwd: string, ...args: string[]): string {
  const quiet = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' }
  const env = { ...process.env, ...quiet, npm_config_ignore_scripts: 'true' }
  return execFileSync('npm', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

beforeAll(async () => {
  place = await openPlace()
  await place.load(bronze)
  folder = join(mkdtempSync(join(tmpdir(), 'packed-')), 'my shop')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  npm(root, 'pack', '--pack-destination', folder)
  const [packed = ''] = readdirSync(folder).filter((file) => file.endsWith('.tgz'))
  npm(folder, 'install', '--package-lock-only', `./${packed}`)
  npm(folder, 'ci')
}, 400_000)

afterAll(async () => {
  await place.leave()
  rmSync(dirname(folder), { recursive: true, force: true })
})

const begin = (args: readonly string[], node = process.execPath) =>
  start(node, [join(folder, 'node_modules', '.bin', 'lingot'), ...args], settingsOf(place.names), folder)

async function lingot(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await begin(args).ended
  expect({ args, status, stderr }).toMatchObject({ status: 0 })
  return stdout
}

test('it installs what it cannot bundle, and nothing else', () => {
  const installed = JSON.parse(readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8')).packages
  expect(Object.keys(installed).length).toBeLessThanOrEqual(60)
  const own = join(folder, 'node_modules', 'lingot')
  const there = readdirSync(own, { recursive: true, encoding: 'utf8' })
  expect(
    there.filter((file) => /\.map$|^dist\/(?!errors|gold|index|results|settings|shop).*\.d\.ts$/.test(file)),
  ).toEqual([])
  expect(there).toEqual(expect.arrayContaining(['LICENSE', 'SECURITY.md', 'dist/LICENSES.txt', 'docs/commands.md']))
})

test('its types are strict, and need no others', () => {
  writeFileSync(
    join(folder, 'wrong.config.ts'),
    `import { defineConfig } from 'lingot'

// @ts-expect-error: no such key
defineConfig({ bronz: 'shop' })
// @ts-expect-error: no such field
defineConfig({ collections: { transactions: { fields: { amonut: 'sum' } } } })
export default defineConfig({ collections: { customers: 'buyers', campaigns: false } })
`,
  )
  expect(compiled(folder, '', '--noEmit', 'lingot.config.ts', 'wrong.config.ts')).toBe('')
  expect(compiled(folder, '', '--noEmit', '--lib', 'es2022', 'lingot.config.ts')).toBe('')
})

test('a program opens the shop by the package, strictly', async () => {
  const program = `import { type Gold, LingotError, open, type Run } from 'lingot'

interface OwnGold extends Gold {
  store_minutes: { store: string; minutes: string; visitors: string }
}

await using shop = await open()
const run: Run = await shop.run()
const [longest] = await shop.ask('longest_stay')
const stores = await shop.gold.query<OwnGold['store_minutes']>('select * from store_minutes where minutes > $1', [3])
const failure = await shop.ask('nothing').catch((error: unknown) => error)
console.log(JSON.stringify({ run, longest, stores, failed: failure instanceof LingotError && failure.kind }))
`
  writeFileSync(join(folder, 'library.ts'), program)
  expect(compiled(folder, '', 'library.ts')).toBe('')
  const { status, stdout, stderr } = await start(process.execPath, ['library.js'], settingsOf(place.names), folder)
    .ended
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    run: { command: 'run', outcome: 'succeeded', silver: { visits_of_stores: { silver: 3 } } },
    longest: {
      rows: [
        ['Paris', '12'],
        ['Lyon', '3'],
      ],
    },
    stores: [{ store: 'Paris', minutes: '12', visitors: '2' }],
    failed: 'usage',
  })
})

test('what a shop has of its own is in answers, page, docs, lineage and explain', async () => {
  expect(await lingot('run')).toContain('store_minutes')
  const answers = JSON.parse(await lingot('ask', '7', '--json'))
  expect(answers).toMatchObject([
    {
      question: 'Where do people stay longest?',
      rows: [
        { store: 'Paris', minutes: 12 },
        { store: 'Lyon', minutes: 3 },
      ],
    },
  ])
  const { silver } = JSON.parse(await lingot('explain', 'store_minutes', 'Paris', '--json'))
  expect(silver).toMatchObject([{ collection: 'visits_of_stores', records: [{ _id: 1 }, { _id: 2 }] }])
  const checks: { subject: string; passed: boolean }[] = JSON.parse(await lingot('check', '--json'))
  expect(checks.filter(({ subject, passed }) => subject === 'visits_of_stores.visitor' && !passed)).toHaveLength(1)

  await lingot('docs')
  const dictionary = readFileSync(join(folder, 'data-dictionary.md'), 'utf8')
  expect(dictionary).toContain('Minutes of all visits.')
  for (const name of ['visits_of_stores', 'store_minutes']) expect(dictionary).toContain(`### ${name}\n`)

  const serving = begin(['serve', '--port', '0'])
  try {
    await serving.printed('http')
    const port = Number(/:(\d+)\//.exec(serving.output.stdout)?.[1])
    const read = async (path: string) => (await ask(port, path)).json()
    expect((await read('/api/choices')).filters).toMatchObject([{ name: 'store', values: ['Lyon', 'Paris'] }])
    expect((await read('/api/answers')).answers.at(-1)).toMatchObject({
      number: 7,
      isOwn: true,
      rows: [
        ['Paris', '12'],
        ['Lyon', '3'],
      ],
    })
    const queries: { name: string }[] = await read('/api/queries')
    expect(queries.map(({ name }) => name)).toContain('store_minutes')
  } finally {
    serving.child.kill('SIGINT')
    await serving.ended
  }
})

test.for([22, 24])('on Node %i it does the same, and uses nothing that is on its way out', async (version) => {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const own = join(dirname(folder), `node ${version}`)
  mkdirSync(own)
  npm(own, 'install', '--prefix', own, `${name}@${version}`)
  const node = join(own, 'node_modules', name, 'bin', 'node')
  for (const words of ['run', 'ask', 'report', 'check']) {
    const { status, stdout, stderr } = await begin([words, '--json'], node).ended
    expect({ words, status, stderr }).toEqual({ words, status: 0, stderr: expect.not.stringContaining('Deprecation') })
    expect(JSON.parse(stdout)).toBeTruthy()
  }
  const serving = begin(['serve', '--port', '0'], node)
  try {
    await serving.printed('http')
    const port = Number(/:(\d+)\//.exec(serving.output.stdout)?.[1])
    expect((await ask(port, '/readyz')).status).toBe(200)
  } finally {
    serving.child.kill('SIGINT')
    await serving.ended
  }
})
