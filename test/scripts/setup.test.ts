import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Running, root, type Settings, start, until } from '../process.ts'

let folder: string
let clone: string

/** Stands for npm: says that it was called, and links what is installed here. */
const npm = `#!/bin/sh
echo "$*" >> "$CALLS"
if [ -n "$FAILS" ]; then echo "npm error: no network" >&2; exit 1; fi
rm -rf node_modules && mkdir node_modules && sleep "$TAKES"
for entry in "$MODULES"/*; do ln -s "$entry" node_modules/; done
echo '{}' > node_modules/.package-lock.json
`

/** A clone with a space in its path, whose command says what it was called with. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lingot test-'))
  clone = join(folder, 'a b')
  for (const name of ['bin', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(join(root, name), join(clone, name), { recursive: true })
  }
  const page = join(clone, 'src', 'web', 'page')
  mkdirSync(page, { recursive: true })
  for (const name of ['vite.config.ts', 'vite.report.config.ts'])
    cpSync(join(root, 'src/web/page', name), join(page, name))
  writeFileSync(join(page, 'index.html'), '<script type="module" src="./main.tsx"></script>\n')
  for (const name of ['main.tsx', 'report.tsx']) writeFileSync(join(page, name), 'export {}\n')
  const face = ['library/shop', 'library/gold', 'system/errors']
  for (const folder of ['library', 'settings', 'system']) mkdirSync(join(clone, 'src', folder))
  for (const file of face) writeFileSync(join(clone, 'src', `${file}.ts`), 'export {}\n')
  writeFileSync(join(clone, 'src', 'index.ts'), face.map((file) => `export * from './${file}.ts'\n`).join(''))
  const results = "export const resultsJsonSchema = () => ({ type: 'object' })\n"
  writeFileSync(join(clone, 'src', 'library', 'results.ts'), results)
  const settings = "export const settingsJsonSchema = async () => ({ type: 'object' })\n"
  writeFileSync(join(clone, 'src', 'settings', 'json_schema.ts'), settings)
  mkdirSync(join(clone, 'src', 'gold', 'models'), { recursive: true })
  for (const file of ['spark/worker.ts', 'local/thread.ts']) {
    mkdirSync(join(clone, 'src', 'engines', dirname(file)), { recursive: true })
    writeFileSync(join(clone, 'src', 'engines', file), 'export {}\n')
  }
  writeSource('first')
  mkdirSync(join(folder, 'path'))
  writeFileSync(join(folder, 'path', 'npm'), npm, { mode: 0o755 })
  writeFileSync(join(folder, 'calls'), '')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function writeSource(says: string): void {
  writeFileSync(join(clone, 'src', 'cli.ts'), `console.log('${says}', ...process.argv.slice(2))\n`)
}

/** Runs Node in the clone. */
function node(args: readonly string[], settings: Settings = {}): Running {
  const PATH = [join(folder, 'path'), process.env['PATH']].join(delimiter)
  const stub = { PATH, CALLS: join(folder, 'calls'), MODULES: join(root, 'node_modules'), TAKES: '0', ...settings }
  return start(process.execPath, args, stub, clone)
}

const setUp = (settings?: Settings) => node(['scripts/setup.js'], settings)

/** What npm was called with. */
function calls(): string[] {
  return readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean)
}

const lock = () => join(clone, '.setup.lock')
const done = { status: 0, stdout: '', stderr: 'Installing dependencies…\n' }
const nothing = { status: 0, stdout: '', stderr: '' }

test('installs what is missing and builds, once', async () => {
  expect(await setUp().ended).toEqual(done)
  expect(calls()).toEqual([expect.stringMatching(/^ci .*--ignore-scripts/)])
  expect(await node(['dist/cli.js']).ended).toMatchObject({ stdout: 'first\n' })
  expect(await setUp().ended).toEqual(nothing)
  expect(calls()).toHaveLength(1)
})

test('installs again what a pull has changed, and builds again what is newer than the build', async () => {
  await setUp().ended
  writeFileSync(join(clone, 'package-lock.json'), '{}')
  expect(await setUp().ended).toEqual(done)
  expect(calls()).toHaveLength(2)

  writeSource('second')
  expect(await setUp().ended).toEqual(nothing)
  expect(calls()).toHaveLength(2)
  expect(await node(['dist/cli.js']).ended).toMatchObject({ stdout: 'second\n' })
})

test('of two at once one works, and the other waits for it', async () => {
  const first = setUp({ TAKES: '1' })
  await until(() => existsSync(lock()))
  expect(await setUp().ended).toEqual({ ...nothing, stderr: expect.stringMatching(/^Waiting for another start/) })
  expect(await first.ended).toEqual(done)
  expect(calls()).toHaveLength(1)
  expect(existsSync(lock())).toBe(false)
})

test.each(['SIGINT', 'SIGKILL'] as const)('goes on after %s', async (signal) => {
  const { child, ended } = setUp({ TAKES: '0.3' })
  await until(() => calls().length === 1)
  child.kill(signal)
  expect((await ended).status).toBe(signal === 'SIGINT' ? 130 : null)
  expect(existsSync(lock())).toBe(signal === 'SIGKILL')
  // Nobody has touched the lock of a dead process for long.
  const before = new Date(Date.now() - 60_000)
  if (signal === 'SIGKILL') utimesSync(lock(), before, before)
  expect(await setUp().ended).toMatchObject({ status: 0 })
  expect(await node(['dist/cli.js']).ended).toMatchObject({ stdout: 'first\n' })
})

test('says that npm has failed, and tries again the next time', async () => {
  expect(await setUp({ FAILS: 'yes' }).ended).toEqual({
    status: 3,
    stdout: '',
    stderr:
      'Installing dependencies…\nnpm error: no network\n' +
      'npm could not install the dependencies: its message above says why.\n→ Correct it, then start again.\n',
  })
  expect(existsSync(lock())).toBe(false)
  expect(await setUp().ended).toEqual(done)
})

test('installs the compiler where it was left out', async () => {
  await setUp().ended
  rmSync(join(clone, 'node_modules', 'typescript'))
  rmSync(join(clone, 'dist'), { recursive: true })
  expect(await setUp().ended).toEqual(done)
})

test('the command sets a clone up by itself, and prints nothing of it', async () => {
  const { status, stdout } = await node(['bin/lingot.js', 'ask', '1']).ended
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'first ask 1\n' })
})

test.each(['scripts/setup.js', 'bin/lingot.js'])('%s refuses a Node that is too old', async (script) => {
  const versions = '{ ...process.versions, node: "20.18.3" }'
  const older = `data:text/javascript,Object.defineProperty(process, "versions", { value: ${versions} })`
  expect(await node(['--import', older, script]).ended).toEqual({
    status: 3,
    stdout: '',
    stderr: 'Lingot needs Node 20.19 or newer; this is 20.18.3.\n→ Install a newer one from https://nodejs.org.\n',
  })
  expect(calls()).toEqual([])
})
