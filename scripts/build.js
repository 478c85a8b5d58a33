// Bundles src/ into dist/. The new dist/ replaces the old one in one rename, so a command never meets half a build.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')

/** True when a source file is newer than the build, or there is no build. */
export function isStale() {
  const marker = join(dist, 'cli.js')
  if (!existsSync(marker)) return true
  const built = statSync(marker).mtimeMs
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return [...sources, join(root, 'scripts', 'build.js'), join(root, 'package.json')].some(
    (file) => statSync(file).mtimeMs > built,
  )
}

/** Bundles: a command reads a few files instead of hundreds, and starts in half the time. */
export async function build() {
  const next = join(root, `dist.${process.pid}`)
  const old = join(root, `dist.${process.pid}.old`)
  try {
    await bundle({
      input: {
        cli: source('cli.ts'),
        index: source('index.ts'),
        'engines/local/thread': source('engines/local/thread.ts'),
      },
      output: { dir: next, minify: readable, codeSplitting: { groups } },
    })
    await writeDeclarations(next)
    await buildSparkProgram(next)
    await buildPages(next)
    await writeTypes(next)
    writeBundled(next)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    rmSync(next, { recursive: true, force: true })
    process.exit(1)
  }
  chmodSync(join(next, 'cli.js'), 0o755)
  if (existsSync(dist)) renameSync(dist, old)
  renameSync(next, dist)
  rmSync(old, { recursive: true, force: true })
}

/** @param {string} folder Gets what the models say of themselves, read once: YAML takes longer than JSON. */
async function writeDeclarations(folder) {
  const { parse } = await import('yaml')
  const models = join(root, 'src', 'gold', 'models')
  const files = readdirSync(models, { recursive: true, withFileTypes: true }).filter(({ name }) =>
    name.endsWith('.yml'),
  )
  const read = files.map(({ parentPath, name }) => {
    const text = readFileSync(join(parentPath, name), 'utf8')
    return [relative(root, join(parentPath, name)).replaceAll('\\', '/'), { text, value: parse(text) }]
  })
  writeFileSync(join(folder, 'declarations.json'), JSON.stringify(Object.fromEntries(read)))
}

/** @param {string} folder Gets the program that a job on Spark runs on its executors: one file, since it is shipped. */
function buildSparkProgram(folder) {
  const library = source('engines/spark/library.ts')
  const contents = `module.exports = require(${JSON.stringify(library)}).library`
  return bundle({
    input: source('engines/spark/worker.ts'),
    output: { file: join(folder, 'spark', 'lingot.mjs'), minify: true, keepNames: true, codeSplitting: false },
    shipped: ['@duckdb/node-bindings'],
    plugins: [
      {
        // It is not installed where executors run.
        name: 'DuckDB is shipped',
        resolveId: (id) => (id === '@duckdb/node-bindings' ? '\0shipped.cjs' : undefined),
        load: (id) => (id === '\0shipped.cjs' ? contents : undefined),
      },
    ],
  })
}

/** @param {string} folder Gets the page of the dashboard, and that of a report file. */
async function buildPages(folder) {
  const { build } = await import('vite')
  const page = join(root, 'src', 'web', 'page')
  const web = join(folder, 'web')
  for (const [configFile, outDir] of [
    ['vite.config.ts', web],
    ['vite.report.config.ts', join(folder, 'report')],
  ]) {
    await build({
      configFile: join(page, configFile),
      logLevel: 'warn',
      build: { outDir },
      plugins: [noteBundled],
    })
  }
  // As browsers take them: compressed once, as small as can be.
  for (const entry of readdirSync(web, { recursive: true, withFileTypes: true })) {
    if (!/\.(js|css|html|svg)$/.test(entry.name)) continue
    const file = join(entry.parentPath, entry.name)
    const content = readFileSync(file)
    writeFileSync(`${file}.br`, brotliCompressSync(content))
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }))
  }
}

/**
 * @param {string} folder Gets the types of the package's face and the JSON schema of its settings. What zod describes is
 *   written out, since nobody has zod beside the package.
 */
async function writeTypes(folder) {
  const [{ createJiti }, { compile }] = await Promise.all([import('jiti'), import('json-schema-to-typescript')])
  const jiti = createJiti(import.meta.url)
  /** @type {typeof import('../src/settings/json_schema.ts')} */
  const { settingsJsonSchema } = await jiti.import('../src/settings/json_schema.ts')
  const schema = await settingsJsonSchema()
  writeFileSync(join(folder, 'lingot.config.schema.json'), JSON.stringify(schema))
  const options = { bannerComment: '', ignoreMinAndMaxItems: true, additionalProperties: false }
  writeFileSync(join(folder, 'settings.d.ts'), await compile(schema, 'Settings', options))
  /** @type {typeof import('../src/library/results.ts')} */
  const { resultsJsonSchema } = await jiti.import('../src/library/results.ts')
  const bannerComment = "import type { LingotError } from './errors.js'"
  const results = await compile(resultsJsonSchema(), 'Results', { ...options, bannerComment })
  writeFileSync(join(folder, 'results.d.ts'), results)

  const made = mkdtempSync(join(tmpdir(), 'lingot-types-'))
  try {
    const tsc = fileURLToPath(import.meta.resolve('typescript/package.json')).replace('package.json', 'bin/tsc')
    const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', made], {
      stdio: ['ignore', 2, 2],
    })
    if (status !== 0) throw new Error('The types of the package cannot be made.')
    for (const file of ['index', 'library/shop', 'library/gold', 'system/errors']) {
      const types = readFileSync(join(made, `${file}.d.ts`), 'utf8').replaceAll(
        /(?<=from '|import\(')[./]+\/(?:\w+\/)?(\w+)\.ts(?=')/g,
        (_, name) => `./${name === 'config' ? 'settings' : name}.js`,
      )
      writeFileSync(join(folder, `${basename(file)}.d.ts`), types)
    }
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/** @type {Set<string>} Folders of the packages of which something is in a bundle. */
const bundled = new Set()

/** @type {import('rolldown').Plugin} */
const noteBundled = {
  name: 'note what is bundled',
  generateBundle(_options, outputs) {
    for (const output of Object.values(outputs)) {
      for (const file of output.type === 'chunk' ? output.moduleIds : output.originalFileNames) {
        const [, path] =
          /[\\/](node_modules[\\/](?:.*[\\/]node_modules[\\/])?(?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file) ?? []
        if (path !== undefined) bundled.add(path.replaceAll('\\', '/'))
      }
    }
  },
}

/** @param {string} folder Gets the names and the licences of what is bundled. */
function writeBundled(folder) {
  const paths = [...bundled].sort()
  writeFileSync(join(folder, 'bundled.json'), JSON.stringify(paths))
  const licences = paths.map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
    const texts = readdirSync(join(root, path)).filter((file) => /^(licen[cs]e|notice|copying)(\.|-|$)/i.test(file))
    const told = texts.map((file) => readFileSync(join(root, path, file), 'utf8').trim())
    return [`${name} ${version} (${license})`, ...told].join('\n\n')
  })
  writeFileSync(join(folder, 'LICENSES.txt'), `${licences.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`)
}

// Packages with binaries, or with files of their own that they read; and what the database drivers only look for.
const native = ['@duckdb/node-bindings', 'jiti', 'mongodb-memory-server-core']
const optional = [
  ...['@aws-sdk/credential-providers', '@mongodb-js/zstd', 'aws4', 'gcp-metadata', 'kerberos'],
  ...['mongodb-client-encryption', 'pg-native', 'snappy', 'socks'],
]

/** What the command line reads before it knows which command it is, and what nearly all commands read: a file each. */
const groups = [
  {
    name: 'command_line',
    test: /src\/(system\/(errors|invocation|package|secrets)|text\/printable)\.ts$|commander/,
    priority: 2,
  },
  { name: 'common', test: /^(?!.*duckdb)/, minShareCount: 20, priority: 1 },
  // What it needs itself may be needed by all.
  { name: 'duckdb', test: /duckdb/ },
]

/** What is left of a stack can be read. */
const readable = { compress: true, mangle: false, codegen: { removeWhitespace: true } }

// Node 20 has no navigator, for want of which PostgreSQL's driver loads all of fetch to learn that it is not in a browser.
const banner = "globalThis.navigator ??= { userAgent: 'Node.js/20' };"

/**
 * @param {{
 *   input: import('rolldown').InputOptions['input']
 *   output: import('rolldown').OutputOptions
 *   plugins?: import('rolldown').Plugin[]
 *   shipped?: readonly string[]
 * }} what `shipped` packages are found by a plugin, not by Node.
 */
async function bundle({ input, output, plugins = [], shipped = [] }) {
  // Loaded here, since a clone is asked whether it is stale before anything is installed.
  const { rolldown } = await import('rolldown')
  const made = await rolldown({
    input,
    platform: 'node',
    external: [...native, ...optional].filter((name) => !shipped.includes(name)),
    // What one command waits to load another may need at once.
    checks: { ineffectiveDynamicImport: false },
    // What Node has itself, and what would else be there twice, as a module and as CommonJS.
    resolve: { alias: { 'whatwg-url': 'node:url', bson: createRequire(import.meta.url).resolve('bson') } },
    plugins: [
      noteBundled,
      ...plugins,
      {
        name: 'zod speaks English alone',
        load: (id) => (/zod\/v4\/locales\/index\.js$/.test(id) ? "export { default as en } from './en.js'" : undefined),
      },
    ],
  })
  await made.write({ format: 'esm', banner, ...output })
  await made.close()
}

/** @param {string} file */
const source = (file) => join(root, 'src', file)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // npm prepares a clone also to run `npx lingot` in it, before anything is installed: the command then sets itself up.
  const isForNpx = process.argv.includes('--if-installed') && !existsSync(join(root, 'node_modules'))
  if (!isForNpx) await build()
}
