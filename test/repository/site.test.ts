import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { sections, sectionsInFrench } from '../../docs/.vitepress/sections.ts'
import { failures } from '../../src/system/errors.ts'
import { root } from '../process.ts'

const read = (file: string) => readFileSync(join(root, file), 'utf8')
const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).flatMap((file) =>
  file.endsWith('.md') && !file.startsWith('.') ? `docs/${file}` : [],
)

const folder = mkdtempSync(join(tmpdir(), 'site-'))
const out = join(folder, 'out')

/** Builds the site of a repository. */
function build(repository: string, ...options: string[]) {
  const vitepress = join(root, 'node_modules', 'vitepress', 'bin', 'vitepress.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitepress, 'build', 'docs', ...options], {
    cwd: repository,
    encoding: 'utf8',
    // A test of its own says what it takes.
    env: { ...process.env, NODE_OPTIONS: '', VITEST: '', NODE_ENV: 'production' },
  })
  return { status, output: stdout + stderr }
}

beforeAll(() => {
  const { status, output } = build(root, '--outDir', out)
  expect(status, output).toBe(0)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every page is in its sidebar, once, and on the site', () => {
  const listed = [sections, sectionsInFrench].flatMap((parts) => Object.values(parts).flat())
  expect(listed.filter((file) => file.startsWith('docs/') && file.endsWith('.md')).sort()).toEqual(pages.sort())
  const missing = listed.filter((file) => {
    const page = file
      .replace(/^(docs|dist)\//, '')
      .replace('README.md', 'index.md')
      .replace(/README\.(\w+)/, '$1/index')
    return !existsSync(join(out, page.replace(/\.md$/, '.html')))
  })
  expect(missing).toEqual([])
})

test('it asks nobody else for anything, and can be searched in both languages', () => {
  const found = readdirSync(join(out, 'assets', 'chunks')).filter((file) => file.startsWith('@localSearchIndex'))
  expect(found.map((file) => file.replace(/\..*/, '')).sort()).toEqual(['@localSearchIndexfr', '@localSearchIndexroot'])
  const built = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(html|css)$/.test(file))
  expect(built.length).toBeGreaterThan(30)
  const foreign = built.flatMap((file) => {
    const loads = readFileSync(join(out, file), 'utf8').matchAll(
      /(?:<script[^>]*src|<link[^>]*href|<img[^>]*src|url\()=?["']?(?:https?:)?\/\/[^"')]+/g,
    )
    return [...loads].map(([load]) => `${file}: ${load}`)
  })
  expect(foreign).toEqual([])
})

const browser = inject('browser')

test.skipIf(browser === null && process.env['CI'] !== 'true').for([
  ['', 'mongodump', 'Backup, restore, update > To back up', /\/operate\.html#to-back-up$/],
  ['fr/', 'ébauche', 'Votre boutique, en vingt minutes > Une table à vous', /\/fr\/your-shop\.html#une-table-à-vous$/],
] as const)('/%s: a search leads to the part of a page, and asks nobody', async ([path, words, title, address]) => {
  const client = await chromium.connect(browser ?? '')
  try {
    const page = await (await client.newContext({ reducedMotion: 'reduce' })).newPage()
    const troubles: string[] = []
    page.on('pageerror', ({ message }) => troubles.push(message))
    // Nothing listens there: what is not in the folder is asked of nobody.
    await page.route('**', (route) => {
      const { host, pathname } = new URL(route.request().url())
      const file = join(out, decodeURIComponent(pathname), pathname.endsWith('/') ? 'index.html' : '')
      if (host === 'site' && existsSync(file)) return route.fulfill({ path: file })
      troubles.push(route.request().url())
      return route.abort()
    })
    await page.goto(`http://site/${path}`)
    const input = page.locator('#localsearch-input')
    // The key does nothing until the page has its scripts.
    await expect
      .poll(
        async () => {
          await page.keyboard.press('Control+k')
          return input.count()
        },
        { timeout: 30_000 },
      )
      .toBe(1)
    await input.fill(words)
    const found = page.locator('#localsearch-list a').first()
    await found.waitFor()
    expect(await found.getAttribute('aria-label')).toBe(title)
    await found.click()
    await page.waitForURL((url) => address.test(decodeURIComponent(url.href)))
    await page.locator('main').getByText(words).first().waitFor()
    expect(troubles).toEqual([])
  } finally {
    await client.close()
  }
})

test('what of the repository is no page is named, and led to by no link', () => {
  const html = readFileSync(join(out, 'reliability.html'), 'utf8')
  expect(html).toContain('chaos.test.ts')
  expect(html).not.toMatch(/href="[^"]*chaos\.test\.ts/)
  expect(html).toMatch(/href="[^"]*\/commands\.html#whose-layers"/)
})

describe('a link that leads nowhere fails the build', () => {
  test.each([
    ['to a page', '[there](nowhere.md)'],
    ['to a file', '[there](../src/nowhere.ts)'],
  ])('%s', (_, link) => {
    const repository = mkdtempSync(join(folder, 'repository-'))
    mkdirSync(join(repository, 'docs'))
    cpSync(join(root, 'docs', '.vitepress', 'config.ts'), join(repository, 'docs', '.vitepress', 'config.ts'))
    writeFileSync(
      join(repository, 'docs', '.vitepress', 'sections.ts'),
      "export const sections = { Tutorial: ['README.md'] }\nexport const sectionsInFrench = {}\n",
    )
    for (const name of ['package.json', 'node_modules']) symlinkSync(join(root, name), join(repository, name))
    writeFileSync(join(repository, 'README.md'), `# Lingot\n\n${link}\n`)
    const { status, output } = build(repository)
    expect(status).not.toBe(0)
    expect(output).toContain('nowhere')
  })
})

test('docs/troubleshooting.md has a part for each exit code', () => {
  const codes = [...read('docs/troubleshooting.md').matchAll(/^## (\d+)\b/gm)].map(([, code]) => Number(code))
  expect(codes).toEqual(Object.values(failures).map(({ exit }) => exit))
})

test('docs/supported.md names the Node that the package asks for', () => {
  const { engines } = JSON.parse(read('package.json'))
  expect(read('docs/supported.md')).toContain(`| Node | ${engines.node.replace('>=', '')} and newer |`)
})

test('what pages show of YAML and JSON can be read', () => {
  const wrong = pages.flatMap((page) =>
    [...read(page).matchAll(/^ *```(yaml|json)\n(.*?)^ *```/gms)].flatMap(([, language, text = '']) => {
      try {
        if (language === 'json') parse(text)
        const errors = parseAllDocuments(text).flatMap(({ errors }) => errors)
        return errors.map(({ message }) => `${page}: ${message}`)
      } catch (error) {
        return [`${page}: ${error}`]
      }
    }),
  )
  expect(wrong).toEqual([])
})
