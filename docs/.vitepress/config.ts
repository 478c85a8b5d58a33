import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DefaultTheme, defineConfig } from 'vitepress'
import { sections, sectionsInFrench } from './sections.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
/** What programs read beside the pages. */
const schemas = ['docs/run.schema.json', 'dist/lingot.config.schema.json']

/** Where a file of the repository stands on the site: docs/trust.md at trust.md, the README at its front. */
function pageOf(file: string): string {
  return file
    .replace(/^docs\//, '')
    .replace(/^README\.md$/, 'index.md')
    .replace(/^README\.(\w+)\.md$/, '$1/index.md')
}

/** A page under its own title, a schema under its name. */
function item(file: string): DefaultTheme.SidebarItem {
  if (schemas.includes(file)) return { text: basename(file), link: `/${basename(file)}`, target: '_blank' }
  const [, text = file] = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8')) ?? []
  return { text, link: `/${pageOf(file).replace(/(index)?\.md$/, '')}` }
}

const sidebarOf = (parts: Readonly<Record<string, readonly string[]>>, folded: readonly string[]) =>
  Object.entries(parts).map(([text, files]) => ({ text, collapsed: folded.includes(text), items: files.map(item) }))

/** As GitHub names the places in a page, so that a link leads to the same one here and there. */
function slugify(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\d _-]/gu, '')
    .replaceAll(' ', '-')
}

/** Where a link of a file leads on the site; null to what of the repository is no page. */
function target(from: string, link: string): string | null {
  if (/^[a-z]+:|^#/.test(link)) return link
  const [path = '', anchor] = link.split('#')
  const file = resolve(dirname(from), decodeURIComponent(path))
  if (!existsSync(file)) throw new Error(`${relative(root, from)} links to ${link}, which is not there.`)
  const name = relative(root, file).split(sep).join('/')
  if (schemas.includes(name)) return `/${basename(name)}`
  return name.endsWith('.md') ? `/${pageOf(name)}${anchor === undefined ? '' : `#${anchor}`}` : null
}

export default defineConfig({
  title: 'Lingot',
  description,
  srcDir: '..',
  srcExclude: ['!(docs)/**/*'],
  rewrites: pageOf,
  cacheDir: '../node_modules/.cache/vitepress',
  markdown: {
    anchor: { slugify },
    config(markdown) {
      markdown.core.ruler.push('repository', ({ tokens, env }) => {
        const dropped: boolean[] = []
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          if (token.type === 'link_open') {
            const leads = target(env.realPath ?? env.path, token.attrGet('href') ?? '')
            if (leads !== null) token.attrSet('href', leads)
            dropped.push(leads === null)
          }
          // What stands between braces is nothing of Vue's.
          if (token.type === 'code_inline') token.attrSet('v-pre', '')
          const isDropped = token.type === 'link_open' ? dropped.at(-1) : token.type === 'link_close' && dropped.pop()
          if (isDropped) token.type = 'text'
        }
      })
    },
  },
  themeConfig: { search: { provider: 'local', options: { locales: { fr: { translations: inFrench() } } } } },
  locales: {
    root: {
      label: 'English',
      lang: 'en',
      themeConfig: { sidebar: sidebarOf(sections, ['Spark', 'Project']), i18nRouting: false },
    },
    fr: {
      label: 'Français',
      lang: 'fr',
      themeConfig: {
        sidebar: sidebarOf(sectionsInFrench, []),
        i18nRouting: false,
        outline: { label: 'Sur cette page' },
        docFooter: { prev: 'Page précédente', next: 'Page suivante' },
        darkModeSwitchLabel: 'Apparence',
        sidebarMenuLabel: 'Menu',
        returnToTopLabel: 'Haut de la page',
        langMenuLabel: 'Langue',
      },
    },
  },
  buildEnd({ outDir }) {
    for (const schema of schemas) copyFileSync(join(root, schema), join(outDir, basename(schema)))
  },
})

function inFrench(): NonNullable<DefaultTheme.LocalSearchOptions['translations']> {
  return {
    button: { buttonText: 'Rechercher', buttonAriaLabel: 'Rechercher' },
    modal: {
      noResultsText: 'Aucun résultat pour',
      resetButtonTitle: 'Effacer',
      footer: { selectText: 'ouvrir', navigateText: 'parcourir', closeText: 'fermer' },
    },
  }
}
