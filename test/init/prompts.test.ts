import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import '../command.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

/*
 * Questions at a terminal, which the `script` of util-linux plays.
 */

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const hasTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false

const UP = '\u001b[A'
const ENTER = '\r'
const CTRL_C = '\u0003'

let place: Place
let folder: string

beforeAll(async () => {
  place = await openPlace()
  folder = await mkdtemp(join(tmpdir(), 'lingot-prompts-'))
  const sales = Array.from({ length: 12 }, (_, i) => ({
    sale_id: i,
    price: 12.5,
    quantity: 1 + (i % 2),
    product: 'Mug',
  }))
  await place.load({ sales })
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await place.leave()
})

/** Runs `lingot init` at a terminal and answers each question that it puts. */
async function answering(
  answers: readonly string[],
  ...options: string[]
): Promise<{ shown: string; code: number | null }> {
  const command = [process.execPath, cli, 'init', ...options].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', `stty cols 120 rows 40; exec ${command}`, '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', TMPDIR: tmpdir(), ...settingsOf(place.names) },
  })
  const left = [...answers]
  let shown = ''
  let unread = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    unread += text
    if (!unread.includes('none of these') || left.length === 0) return
    unread = ''
    child.stdin.write(left.shift())
  })
  const waiting = setTimeout(() => child.kill(), 60_000)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(waiting)
  return { shown, code }
}

const settings = () => readFile(join(folder, 'lingot.config.ts'), 'utf8')

describe.skipIf(!hasTerminal)('at a terminal', () => {
  test('what is chosen is a setting', async () => {
    const { shown, code } = await answering([UP + ENTER])
    expect(code).toBe(0)
    expect(shown).toContain('What is amount of transactions in sales?')
    expect(await settings()).toContain(
      "\n        amount: { from: 'price', times: 'quantity' }, // in 12 documents: double\n",
    )
    expect(shown).toMatch(/revenue of 12 sales in 12 orders, without a date: .*225\.00/)
  })

  test('Enter alone leaves a comment', async () => {
    const { code } = await answering([ENTER], '--force')
    expect(code).toBe(0)
    expect(await settings()).toMatch(/\n +\/\/ amount: 'price'/)
    expect(await settings()).not.toMatch(/\n +amount:/)
  })

  test('--yes asks nothing', async () => {
    const { shown, code } = await answering([], '--yes', '--force')
    expect(code).toBe(0)
    expect(shown).not.toContain('What is amount')
  })

  test('Ctrl-C ends it, and nothing is written', async () => {
    await rm(join(folder, 'lingot.config.ts'))
    const { code } = await answering([CTRL_C])
    expect(code).toBe(130)
    expect(await readdir(folder)).toEqual(['README.md'])
  })
})
