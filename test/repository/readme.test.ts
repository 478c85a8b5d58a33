import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = [
  'README.md',
  'README.fr.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).flatMap((file) =>
    file.endsWith('.md') && !file.startsWith('.') ? `docs/${file}` : [],
  ),
]

/** The pages that there are in French as well. */
const translations = pages.filter((page) => page === 'README.fr.md' || page.startsWith('docs/fr/'))

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
    links: linksOf(file).flatMap((link) => (link.startsWith('README') ? [] : inEnglish(file, link))),
    headings: [...prose.matchAll(/^#+ /gm)].map(([level]) => level),
    columns: [...prose.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)].map(([name]) => name),
  }
}

/** Where a link leads in the English pages; of a page that there is in French as well, its places are called otherwise. */
function inEnglish(file: string, link: string): string {
  if (/^https?:/.test(link)) return link
  const [path = '', anchor = ''] = link.split('#')
  const target = path === '' ? file : join(dirname(file), path)
  const english = englishOf(target)
  const isTranslated = translations.some((one) => englishOf(one) === english)
  return isTranslated ? english : `${target}#${anchor}`
}

function englishOf(file: string): string {
  return file.replace('docs/fr/', 'docs/').replace('README.fr.md', 'README.md')
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

test.each(translations)('%s names the commands, variables, files, links and columns of the English one', (page) => {
  expect(facts(page)).toEqual(facts(englishOf(page)))
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

test('no text that users see speaks of a brief, which they do not have', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((file) => `src/${file}`)
  const files = [...pages, 'CHANGELOG.md', ...sources].filter((file) => statSync(join(root, file)).isFile())
  expect(files.filter((file) => /\bbrief\b/i.test(read(file)))).toEqual([])
})
