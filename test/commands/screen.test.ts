import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { lingot as command } from '../command.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

let place: Place
let folder: string
let settings: Record<string, string>

beforeAll(async () => {
  place = await openPlace()
  folder = mkdtempSync(join(tmpdir(), 'lingot screen-'))
  settings = {
    ...settingsOf(place.names),
    LINGOT_ERASURE_KEY: 'a key of thirty-two characters, more',
  }
})
afterAll(async () => {
  await place.leave()
  rmSync(folder, { recursive: true })
})

const lingot = (args: string[], env: Record<string, string> = {}) => command(args, folder, { ...settings, ...env })

test('commands that write name servers, databases and schema, and no password', { timeout: 300_000 }, async () => {
  const { bronze, silver, goldSchema } = place.names
  const mongodb = `at ${new URL(inject('mongodbUri')).host}`
  const gold = ` → gold_db.${goldSchema} at ${new URL(inject('postgresUrl')).host}`
  expect((await lingot(['generate', '--scale', '0.02'])).stdout.split('\n')).toContain(`${bronze} ${mongodb}`)
  const known = { customer_id: { $type: 'string' } }
  const customer = await place.client.db(bronze).collection('customers').findOne(known)
  const cases: [string[], string][] = [
    [['generate', '--scale', '0.02', '--force'], `${bronze} ${mongodb}`],
    [['run'], `${bronze} → ${silver} ${mongodb}${gold}`],
    [['process'], `${bronze} → ${silver} ${mongodb}`],
    [['aggregate'], `${silver} ${mongodb}${gold}`],
    [['erase', String(customer?.['customer_id']), '--yes'], `${bronze} → ${silver} ${mongodb}${gold}`],
  ]
  for (const [args, line] of cases) {
    const { code, stdout } = await lingot(args)
    expect({ args, code, lines: stdout.split('\n') }).toMatchObject({ code: 0, lines: expect.arrayContaining([line]) })
    const asJson = await lingot([...args, '--json'])
    expect(asJson.stderr.split('\n')).toContain(line)
    expect(() => JSON.parse(asJson.stdout)).not.toThrow()
  }
})

describe('on a narrow screen', () => {
  const commands = ['ask', 'report', 'report --all', 'quarantine', 'explain country France', 'explain month 2025-03']
  test.each(commands.flatMap((name) => [40, 60, 80].map((columns): [string, number] => [name, columns])))(
    'lingot %s fits %i columns',
    async (name, columns) => {
      const { code, stdout } = await lingot(name.split(' '), { COLUMNS: String(columns) })
      expect(code).toBe(0)
      const tooLong = stdout.split('\n').filter((line) => line.length > columns && line.startsWith('  '))
      if (columns === 80) expect(tooLong).toEqual([])
      if (name === 'ask') expect(stdout.replace(/\s+/g, ' ')).toContain('left out for want of room: ')
    },
  )

  test('a wide one leaves nothing out', async () => {
    expect((await lingot(['ask'], { COLUMNS: '300' })).stdout).not.toContain('left out for want')
  })
})

test('next steps are told as the user calls Lingot', async () => {
  const empty = { LINGOT_SILVER_DB: `${place.names.silver}_none` }
  const path = (process.env['PATH'] ?? '').split(delimiter)
  const without = path.filter((it) => !it.endsWith('installed')).join(delimiter)
  const installed = mkdtempSync(join(folder, 'bin-'))
  writeFileSync(join(installed, 'lingot'), '')
  chmodSync(join(installed, 'lingot'), 0o755)
  const cases = [
    [without, 'npx lingot'],
    [`${join(folder, 'node_modules', '.bin')}${delimiter}${without}`, 'npx lingot'],
    [`${installed}${delimiter}${without}`, 'lingot'],
  ] as const
  for (const [PATH, called] of cases) {
    expect((await lingot(['report'], { ...empty, PATH })).stderr).toContain(`→ Make one: \`${called} run\`.`)
    expect((await lingot(['ask', '--help'], { PATH })).stdout).toContain(`$ ${called} ask 1 --csv`)
  }
})
