import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { describeAnswer } from '../../src/commands/ask.ts'
import { describeReport } from '../../src/commands/report.ts'
import { describeRun } from '../../src/commands/run_result.ts'
import { ask, readQuestions } from '../../src/gold/questions.ts'
import { toldRun } from '../../src/library/told_run.ts'
import { readReport, runPipeline } from '../run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = [
  'README.md',
  'README.fr.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).flatMap((file) =>
    file.endsWith('.md') ? `docs/${file}` : [],
  ),
]

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** The parts of a page that no translation may change. */
function facts(file: string) {
  const text = read(file)
  const blocks = [...text.matchAll(/^```.*?^```/gms)].map(([block]) => block)
  const prose = text.replace(/^```.*?^```/gms, '')
  return {
    blocks,
    code: [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code).sort(),
    links: linksOf(file).filter((link) => !link.startsWith('README')),
    headings: [...prose.matchAll(/^#+ /gm)].map(([level]) => level),
    columns: [...prose.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)].map(([name]) => name),
  }
}

function linksOf(file: string): string[] {
  return [
    ...read(file)
      .replace(/^```.*?^```/gms, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, link = '']) => link)
}

/** The places in a page that links may point to, as GitHub names them. */
function anchorsOf(file: string): string[] {
  return [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\d _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('the French README names the commands, variables, files, links and columns of the English one', () => {
  expect(facts('README.fr.md')).toEqual(facts('README.md'))
})

describe.each(pages)('%s', (page) => {
  test('links to what exists', () => {
    const broken = linksOf(page).filter((link) => {
      if (/^https?:/.test(link)) return false
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && (statSync(join(root, target)).isDirectory() || !anchorsOf(target).includes(anchor))
    })
    expect(broken).toEqual([])
  })
})

test('the README shows what a run of the sample prints, and docs/trust.md its report', async () => {
  const id = new ObjectId().toHexString()
  const names = { bronze: `bronze_${id}`, silver: `silver_${id}`, goldSchema: `gold_${id}` }
  const client = await MongoClient.connect(inject('mongodbUri'))
  try {
    await generate(client, { database: names.bronze, seed: 42, scale: 1 })
    const run = describeRun(toldRun(await runPipeline(client, inject('postgresUrl'), names)))
    const second = readQuestions().filter(({ number }) => number === 2)
    const answers = await ask(inject('postgresUrl'), names.goldSchema, second)
    const printed = [run, ...answers.map((answer) => describeAnswer(answer))].join('\n').split('\n')
    const [, sample = ''] = /^```text\n(.*?)^```/ms.exec(read('README.md')) ?? []
    expect(sample.trim().split('\n').length).toBeGreaterThan(15)
    expect(sample.split('\n').filter((line) => line !== '' && !printed.includes(line))).toEqual([])

    // As often as the page shows it.
    for (let again = 0; again < 2; again++) await runPipeline(client, inject('postgresUrl'), names)
    const described = describeReport(await readReport(client.db(names.silver))).replaceAll('npx lingot', 'lingot')
    const [, shown = ''] = /^\$ lingot report\n(.*?)^```/ms.exec(read('docs/trust.md')) ?? []
    const timeless = shown.split('\n').filter((line) => line !== '' && !/\d\d:\d\d/.test(line))
    expect(timeless.length).toBeGreaterThan(30)
    expect(timeless.filter((line) => !described.split('\n').includes(line))).toEqual([])
  } finally {
    await client.db(names.bronze).dropDatabase()
    await client.db(names.silver).dropDatabase()
    await client.close()
    const postgres = new pg.Client({ connectionString: inject('postgresUrl') })
    await postgres.connect()
    await postgres.query(`drop schema if exists ${names.goldSchema} cascade`)
    await postgres.end()
  }
})

test('no text that users see speaks of a brief, which they do not have', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((file) => `src/${file}`)
  const files = [...pages, 'CHANGELOG.md', ...sources].filter((file) => statSync(join(root, file)).isFile())
  expect(files.filter((file) => /\bbrief\b/i.test(read(file)))).toEqual([])
})
