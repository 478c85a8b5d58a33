import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { generate } from '../../src/bronze/sample/generator.ts'
import { exportDescribedCommand, exportTablesCommand } from '../../src/commands/export.ts'
import { within } from '../commands/lingot.ts'
import { compiled } from '../compiler.ts'
import { type Ended, root, start } from '../process.ts'
import { runPipeline } from '../run.ts'
import { keptFromNpm, keptFromPyPI } from '../shops/packages.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { serve, TOKEN } from '../web/place.ts'

/*
 * Gold and what is exported of it, by the programs that people read it with. Their versions are pinned; each is installed
 * once, and what the docs show of it is what is run.
 */

const [pandas, dbt, datacontract, openapi] = await Promise.all([
  keptFromPyPI('pandas==3.1.1', 'sqlalchemy==2.1.9', 'psycopg2-binary==2.9.13', 'duckdb==1.5.5'),
  keptFromPyPI('dbt-core==1.11.16', 'dbt-postgres==1.11.0'),
  keptFromPyPI('datacontract-cli[postgres]==1.2.8'),
  keptFromNpm('openapi-typescript@7.13.0', 'openapi-fetch@0.17.0', 'typescript@5.9.3'),
])

let place: Place
let folder: string
let reader: URL

beforeAll(async () => {
  place = await openPlace()
  folder = mkdtempSync(join(tmpdir(), 'lingot clients-'))
  reader = new URL(place.postgresUrl)
  await generate(place.client, { database: place.names.bronze, seed: 42, scale: 0.1 })
  await runPipeline(place.client, place.postgresUrl, place.names)
})
afterAll(async () => {
  await place.leave()
  rmSync(folder, { recursive: true, force: true })
})

/** A block of a page that holds a text. */
function shownIn(page: string, language: string, text: string): string {
  const blocks = [...readFileSync(join(root, 'docs', page), 'utf8').matchAll(/^```(\w+)\n(.*?)^```/gms)]
  const [block] = blocks.flatMap(([, of, code = '']) => (of === language && code.includes(text) ? [code] : []))
  return block ?? expect.fail(`docs/${page} shows no ${text}`)
}

/** Runs Python, or a command that packages of it bring. */
function python(
  packages: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Ended> {
  const own = { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1', PATH: process.env['PATH'] ?? '', HOME: folder }
  return start('python3', args, { ...own, ...env }, cwd).ended
}

async function exported(as: 'odcs' | 'dbt', into: string): Promise<void> {
  expect(await within(place.names, () => exportDescribedCommand(as, into))).toMatchObject({ status: 0, stderr: '' })
}

describe.skipIf(pandas === undefined)('pandas', () => {
  const revenue = async () =>
    (await place.gold('select total_revenue from monthly_revenue order by month')).map(
      ({ total_revenue }) => total_revenue,
    )
  const TOLD = 'print(*revenue["total_revenue"].map("{:.2f}".format))\n'

  test('reads gold from PostgreSQL', async () => {
    const { username, password, host, pathname } = reader
    const address = `${username}:${password}@${host}${pathname}?options=-csearch_path%3D${place.names.goldSchema}`
    const code = shownIn('connect.md', 'python', 'read_sql').replace(/charts:.*?(?=")/, address)
    const { status, stdout, stderr } = await python(pandas ?? '', ['-c', code + TOLD], folder)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.trim().split(' ')).toEqual(await revenue())
  })

  test('reads an export by DuckDB', async () => {
    const into = join(folder, 'shop')
    expect(await within(place.names, () => exportTablesCommand('duckdb', into, {}))).toMatchObject({ status: 0 })
    const code = shownIn('exports.md', 'python', 'duckdb').replace(/print\((.*)\)/, 'revenue = $1')
    const { status, stdout, stderr } = await python(pandas ?? '', ['-c', code + TOLD], folder)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.trim().split(' ')).toEqual(await revenue())
  })
})

describe.skipIf(dbt === undefined)('dbt', () => {
  test('tests the tables of gold as sources, and builds on them', async () => {
    const project = join(folder, 'project')
    const own = `analytics_${place.names.goldSchema}`
    mkdirSync(join(project, 'models'), { recursive: true })
    await exported('dbt', join(project, 'models', 'lingot'))
    const { shop } = parse(shownIn('connect.md', 'yaml', '# profiles.yml'))
    const where = { host: reader.hostname, port: Number(reader.port), dbname: reader.pathname.slice(1) }
    Object.assign(shop.outputs.prod, { ...where, user: reader.username, schema: own })
    const [sql] = /select \* from \{\{ source.*?\}\}/.exec(readFileSync(join(root, 'docs/exports.md'), 'utf8')) ?? []
    const files = {
      'dbt_project.yml': stringify({ name: 'shop', version: '1.0', profile: 'shop' }),
      'profiles.yml': stringify({ shop }),
      'models/sales.sql': String(sql),
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text)
    const env = { DBT_PASSWORD: reader.password, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', DBT_PROFILES_DIR: project }
    try {
      const { status, stdout } = await python(dbt ?? '', [join(dbt ?? '', 'bin', 'dbt'), 'build'], project, env)
      expect(status, stdout).toBe(0)
      expect(stdout).not.toMatch(/deprecat/i)
      const made = (name: string) => JSON.parse(readFileSync(join(project, 'target', name), 'utf8'))
      const results: { unique_id: string; status: string }[] = made('run_results.json').results
      const tests = results.filter(({ unique_id }) => unique_id.startsWith('test.'))
      const declared = readFileSync(join(project, 'models', 'lingot', 'lingot_sources.yml'), 'utf8')
      const columns: { data_tests?: unknown[] }[] = parse(declared).sources[0].tables.flatMap(
        (table: { columns: object[] }) => table.columns,
      )
      expect(tests).toHaveLength(columns.flatMap(({ data_tests = [] }) => data_tests).length)
      expect(tests.length).toBeGreaterThan(50)
      expect(tests.filter(({ status }) => status !== 'pass' && status !== 'warn')).toEqual([])
      expect(Object.keys(made('manifest.json').exposures)).toHaveLength(6)
      const [counts] = await place.gold(
        `select (select count(*) from "${own}".sales) as built, (select count(*) from monthly_sales) as gold`,
      )
      expect(counts?.['built']).toBe(counts?.['gold'])
    } finally {
      await place.gold(`drop schema if exists "${own}" cascade`)
    }
  })
})

describe.skipIf(datacontract === undefined)('datacontract', () => {
  test('finds gold as its contract says', async () => {
    await exported('odcs', join(folder, 'contracts'))
    const [, command = ''] = /^datacontract (.*)$/m.exec(shownIn('exports.md', 'sh', 'datacontract')) ?? []
    const args = [join(datacontract ?? '', 'bin', 'datacontract'), ...command.split(' '), '--output', 'found.json']
    const { username, password } = reader
    const env = { DATACONTRACT_POSTGRES_USERNAME: username, DATACONTRACT_POSTGRES_PASSWORD: password, COLUMNS: '300' }
    const { status, stdout } = await python(datacontract ?? '', args, folder, env)
    expect(status, stdout).toBe(0)
    const found: { result: string; checks: { name: string; field: string; result: string; reason: string }[] } =
      JSON.parse(readFileSync(join(folder, 'found.json'), 'utf8'))
    expect(found.checks.filter(({ result }) => result !== 'passed')).toEqual([])
    expect(found.checks.length).toBeGreaterThan(100)
  })
})

describe.skipIf(openapi === undefined)('openapi-typescript', () => {
  test('writes a client that compiles strictly, and asks the dashboard', async () => {
    const { port, close } = await serve(place)
    try {
      symlinkSync(join(openapi ?? '', 'node_modules'), join(folder, 'node_modules'))
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
      const generator = join(openapi ?? '', 'node_modules', 'openapi-typescript', 'bin', 'cli.js')
      const args = [generator, `http://127.0.0.1:${port}/api/openapi.json`, '-o', 'lingot.d.ts']
      const written = await start(process.execPath, args, {}, folder).ended
      expect(written, written.stderr).toMatchObject({ status: 0 })
      writeFileSync(
        join(folder, 'client.ts'),
        `import createClient from 'openapi-fetch'
import type { components, paths } from './lingot.js'

const lingot = createClient<paths>({ baseUrl: 'http://127.0.0.1:${port}' })
const { data: status } = await lingot.GET('/api/status')
const gold: components['schemas']['Status']['gold'] | undefined = status?.gold
const { data: page, error: missing } = await lingot.GET('/api/pages/{page}', {
  params: { path: { page: 'overview' }, query: { period: 'all', country: ['France', 'Belgique'], revenue: 'net' } },
})
const { data: answers } = await lingot.GET('/api/answers')
const headers = { Authorization: 'Bearer ${TOKEN}' }
const { data: asked } = await lingot.POST('/api/sql', { body: { sql: 'select count(*) from monthly_revenue' }, headers })
const { error } = await lingot.POST('/api/sql', { body: { sql: 'select 1' } })
// @ts-expect-error: there is no such page
const { error: wrong } = await lingot.GET('/api/pages/{page}', { params: { path: { page: 'nowhere' } } })
console.log(
  JSON.stringify({
    run: gold?.run,
    figures: Object.keys(page?.figures ?? {}),
    missing: missing?.detail,
    titles: answers?.answers.map(({ title }) => title),
    months: asked?.rows,
    error: error?.title,
    kind: error?.kind,
    wrong: wrong?.status,
  }),
)
`,
      )
      expect(compiled(folder, '', 'client.ts')).toBe('')
      const { status, stdout, stderr } = await start(process.execPath, ['client.js'], {}, folder).ended
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      const [row] = await place.gold('select run, (select count(*) from monthly_revenue) as months from gold_run')
      expect(JSON.parse(stdout)).toMatchObject({
        run: row?.['run'],
        figures: expect.arrayContaining(['totals', 'months']),
        titles: expect.arrayContaining(['Which product brings in the most revenue?']),
        months: [[row?.['months']]],
        kind: 'permission',
        wrong: 400,
      })
    } finally {
      await close()
    }
  })
})
