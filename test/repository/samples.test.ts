import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ObjectId } from 'bson'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { lingot, type Outcome } from '../command.ts'
import { root } from '../process.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

/*
 * What the pages show of Lingot's output, from a real run of the sample shop. `npm run docs` writes it anew; what tells of
 * the hour, the duration or the id of a run stays as it is on the page.
 */

const pages = new Map(
  ['README.md', 'README.fr.md', 'docs/trust.md', 'docs/privacy.md', 'docs/why.md', 'docs/commands.md'].map((file) => [
    file,
    readFileSync(join(root, file), 'utf8'),
  ]),
)
const snapshot = (file: string) => expect(pages.get(file)).toMatchFileSnapshot(`../../${file}`)

let place: Place
let folder: string
/** Every line that was printed of a first run. */
let first: string

async function command(line: string): Promise<Outcome> {
  const settings = { ...settingsOf(place.names), LINGOT_ERASURE_KEY: 'k'.repeat(32), COLUMNS: '100' }
  const outcome = await lingot(line.replace(/^(npx )?lingot /, '').split(' '), folder, settings)
  const { bronze, silver, goldSchema } = place.names
  const usual = (text: string) =>
    text
      .replaceAll(bronze, 'bronze_db')
      .replaceAll(silver, 'silver_db')
      .replaceAll(goldSchema, 'public')
      .replaceAll(root, '')
  return { ...outcome, stdout: usual(outcome.stdout), stderr: usual(outcome.stderr) }
}

async function printed(line: string): Promise<string> {
  const { code, stdout, stderr } = await command(line)
  expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' })
  return stdout
}

/** The block of a page that begins so. */
function blockOf(file: string, beginning: string): string {
  const blocks = [...(pages.get(file) ?? '').matchAll(/^```\w*\n(.*?)^```/gms)].map(([, text = '']) => text)
  const [block, ...others] = blocks.filter((text) => text.startsWith(beginning))
  expect({ file, beginning, others }).toEqual({ file, beginning, others: [] })
  if (block === undefined) throw new Error(`${file} has no block that begins with ${beginning}`)
  return block
}

/** Puts what was printed in the place of the block that begins so. */
function show(file: string, beginning: string, text: string): void {
  const block = blockOf(file, beginning)
  const page = pages.get(file)?.replace(block, () => kept(block, text))
  if (page !== undefined) pages.set(file, page)
}

/** Runs the commands behind `$` of the block that begins with the first of them, and shows what they print. */
async function type(file: string, beginning: string): Promise<void> {
  let shown = ''
  let code: number | null = 0
  for (const [, line = ''] of blockOf(file, `$ ${beginning}\n`).matchAll(/^\$ (.*)$/gm)) {
    const outcome: Outcome = line === 'echo $?' ? { code, stdout: `${code}\n`, stderr: '' } : await command(line)
    code = outcome.code
    shown += `$ ${line}\n${outcome.stdout}${outcome.stderr}`
  }
  show(file, `$ ${beginning}\n`, shown)
}

/** What was printed, but what it is of the hour as the block had it; of a block with `…` in a line the lines that it has. */
function kept(block: string, text: string): string {
  const old = block.split('\n')
  const lines = text.replace(/\n+$/, '\n').split('\n')
  if (!old.some(isGap)) return lines.map((line, i) => (isSame(old[i], line) ? old[i] : line)).join('\n')
  let next = 0
  return old
    .map((line) => {
      if (isGap(line) || line === '') return line
      const found = lines.findIndex((one, i) => i >= next && withoutDigits(one) === withoutDigits(line))
      expect(found, `nothing like this line is printed: ${line}\n${text}`).not.toBe(-1)
      next = found + 1
      const now = lines[found] ?? ''
      return isSame(line, now) ? line : now
    })
    .join('\n')
}

const isGap = (line: string) => /^\s*(…|\.\.\.)$/.test(line)
const withoutDigits = (line: string) => line.replaceAll(/[\d,.]+/g, '0').replaceAll(/\s+/g, ' ')

/** Whether two lines differ in nothing but when, how long and by which run. */
function isSame(old: string | undefined, line: string): boolean {
  return old !== undefined && timeless(old) === timeless(line)
}

function timeless(line: string): string {
  return line
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, 'then')
    .replaceAll(/\b(run (of then UTC \()?)[0-9a-f]{24}\b/g, '$1id')
    .replace(/( (?:no id|superseded) +[0-9a-f]{24}) {2}[0-9a-f]{24}$/, '$1')
    .replace(/^( *then .*?) +\d+\.\d /, '$1 seconds ')
    .replace(/(since then UTC), [\d.]+ MB/, '$1, size')
    .replace(/ +[\d,]+ lines +/, ' lines ')
}

beforeAll(async () => {
  place = await openPlace()
  folder = mkdtempSync(join(tmpdir(), 'samples-'))
  writeFileSync(join(folder, 'lingot.config.json'), '{}')
  // What the server of one's own would leave there.
  mkdirSync(join(folder, '.lingot'))
  writeFileSync(join(folder, '.lingot', 'mongodb.log'), '{"s":"I"}\n'.repeat(259))
  await generate(place.client, { database: place.names.bronze, seed: 42, scale: 1 })
  first = await printed('lingot run')
  // As often as the page of trust shows it.
  for (let again = 0; again < 2; again++) await printed('lingot run')
})

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await place.leave()
})

test('the READMEs show what a first run prints, and an answer', async () => {
  const [silver] = /^Silver\n( {2}\w.*\n)+/m.exec(first) ?? []
  for (const file of ['README.md', 'README.fr.md'])
    show(file, 'Silver\n', `${silver}\n${await printed('lingot ask 2')}`)
})

test('docs/trust.md shows report, quarantine and explanations', async () => {
  await type('docs/trust.md', 'lingot report')
  await type('docs/trust.md', 'lingot report --field customers.email')
  await type('docs/trust.md', 'lingot quarantine --limit 3')
  await type('docs/trust.md', 'lingot explain product Camera --limit 3')
  await type('docs/trust.md', 'lingot explain country france')
})

test('docs/commands.md shows the mark of a table', async () => {
  const [row] = await place.gold("select obj_description('monthly_revenue'::regclass) as comment")
  const shown = String(row?.['comment']).replace(/^(Lingot shop) .*$/m, '$1 0b1c… of shop-1:27017/bronze_db')
  show('docs/commands.md', 'How sales evolve.', `${shown}\n`)
  await snapshot('docs/commands.md')
})

test('docs/trust.md shows a gate that fell', async () => {
  mkdirSync(join(folder, 'models'))
  for (const ending of ['sql', 'yml']) {
    const file = `models/campaign_performance.${ending}`
    cpSync(join(root, 'src/gold', file), join(folder, file))
  }
  const declared = readFileSync(join(folder, 'models/campaign_performance.yml'), 'utf8')
  writeFileSync(
    join(folder, 'models/campaign_performance.yml'),
    declared.replace(/(name: no more clicks than impressions\n.*\n +severity: )warn/, '$1error'),
  )
  await type('docs/trust.md', 'lingot run')
  rmSync(join(folder, 'models'), { recursive: true })
  await snapshot('docs/trust.md')
})

test('docs/privacy.md shows a search, and somebody erased', async () => {
  await type('docs/privacy.md', 'lingot privacy')
  await type('docs/privacy.md', 'lingot erase CUST63269 --yes')
  await snapshot('docs/privacy.md')
})

/** Corrects a first sale of a time, deletes a second, and lets copies of others come, under these ids. */
async function change(from: string, to: string, late: Readonly<Record<string, number>>): Promise<void> {
  const sales = place.client.db(place.names.bronze).collection('transactions')
  const timestamp = { $type: 'date', $gte: new Date(from), $lt: new Date(to) }
  const found = await sales
    .find({ amount: { $type: 'double' }, timestamp })
    .sort({ _id: 1 })
    .limit(4)
    .toArray()
  const at = (i: number) => found[i] ?? expect.fail('there are no such sales')
  await sales.updateOne({ _id: at(0)._id }, { $set: { amount: 1000.5 } })
  await sales.deleteOne({ _id: at(1)._id })
  for (const [id, like] of Object.entries(late)) {
    await sales.insertOne({ ...at(like), _id: new ObjectId(id), transaction_id: `LATE${like}` })
  }
}

test('docs/why.md and the READMEs show why a month changed', async () => {
  await change('2024-01-01', '2026-01-01', { '6b0c9b6e08e8947b05b39ab4': 1 })
  await change('2026-05-01', '2026-06-01', { '6b0c9b6e08e8947b05b39ab5': 2, '6b0c9b6e08e8947b05b39ab6': 3 })
  await printed('lingot run')
  show('docs/why.md', 'month 2024-07-01', await printed('lingot why month 2024-07'))
  await snapshot('docs/why.md')
  for (const file of ['README.md', 'README.fr.md']) {
    await type(file, 'npx lingot why month 2026-05')
    await snapshot(file)
  }
})
