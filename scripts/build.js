// Bundles src/ into dist/. The new dist/ replaces the old one in one rename, so a command never meets half a build.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
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
  // Loaded here, since a clone is asked whether it is stale before anything is installed.
  const esbuild = await import('esbuild')
  const next = join(root, `dist.${process.pid}`)
  const old = join(root, `dist.${process.pid}.old`)
  try {
    await esbuild.build({
      entryPoints: ['cli.ts', 'index.ts', 'engines/local/thread.ts'].map((file) => join(root, 'src', file)),
      outdir: next,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      sourcemap: true,
      minifySyntax: true,
      minifyWhitespace: true,
      logLevel: 'warning',
      external: [...native, ...optional],
      ...lighter(),
      // What CommonJS packages require stays in reach of the modules they are bundled into.
      banner: { js: requireBanner },
    })
    await writeDeclarations(next)
    await buildSparkProgram(esbuild, next)
    await buildPages(next)
  } catch (error) {
    // esbuild has said what is wrong.
    if (!(error instanceof Error && 'warnings' in error)) console.error(error instanceof Error ? error.message : error)
    rmSync(next, { recursive: true, force: true })
    process.exit(1)
  }
  declare(next)
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

/**
 * @param {typeof import('esbuild')} esbuild
 * @param {string} folder Gets the program that a job on Spark runs on its executors: one file, since it is shipped.
 */
function buildSparkProgram(esbuild, folder) {
  return esbuild.build({
    entryPoints: [join(root, 'src', 'engines', 'spark', 'worker.ts')],
    outfile: join(folder, 'spark', 'lingot.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minify: true,
    keepNames: true,
    logLevel: 'warning',
    external: [...native, ...optional],
    ...lighter({
      // It is not installed where executors run.
      name: 'DuckDB is shipped',
      setup(build) {
        const contents = "module.exports = require('./library.ts').library"
        const resolveDir = join(root, 'src', 'engines', 'spark')
        build.onResolve({ filter: /^@duckdb\/node-bindings$/ }, ({ path }) => ({ path, namespace: 'shipped' }))
        build.onLoad({ filter: /./, namespace: 'shipped' }, () => ({ contents, resolveDir }))
      },
    }),
    banner: { js: requireBanner },
  })
}

/** @param {string} folder Gets the page of the dashboard, and that of a report file. */
async function buildPages(folder) {
  const { build } = await import('vite')
  const page = join(root, 'src', 'web', 'page')
  const web = join(folder, 'web')
  await build({ configFile: join(page, 'vite.config.ts'), logLevel: 'warn', build: { outDir: web } })
  const report = { outDir: join(folder, 'report') }
  await build({ configFile: join(page, 'vite.report.config.ts'), logLevel: 'warn', build: report })
  // As browsers take them: compressed once, as small as can be.
  for (const entry of readdirSync(web, { recursive: true, withFileTypes: true })) {
    if (!/\.(js|css|html|svg)$/.test(entry.name)) continue
    const file = join(entry.parentPath, entry.name)
    const content = readFileSync(file)
    writeFileSync(`${file}.br`, brotliCompressSync(content))
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }))
  }
}

// Node 20 has no navigator, for want of which PostgreSQL's driver loads all of fetch to learn that it is not in a browser.
const requireBanner =
  "globalThis.navigator ??= { userAgent: 'Node.js/20' }; import { createRequire as lingotRequire } from 'node:module'; const require = lingotRequire(import.meta.url);"

/** @param {string} folder Gets the types that a configuration file has in an editor. */
function declare(folder) {
  const tsc = fileURLToPath(import.meta.resolve('typescript/package.json')).replace('package.json', 'bin/tsc')
  const options = ['-p', join(root, 'tsconfig.build.json'), '--outDir', folder]
  const { status } = spawnSync(process.execPath, [tsc, ...options], { stdio: ['ignore', 2, 2] })
  if (status === 0) return
  rmSync(folder, { recursive: true, force: true })
  process.exit(status ?? 1)
}

// Packages with binaries, or with files of their own that they read; and what the database drivers only look for.
const native = ['@duckdb/node-bindings', 'jiti', 'mongodb-memory-server-core']
const optional = [
  ...['@aws-sdk/credential-providers', '@mongodb-js/zstd', 'aws4', 'gcp-metadata', 'kerberos'],
  ...['mongodb-client-encryption', 'pg-native', 'snappy', 'socks'],
]

/**
 * Half of what a command would read at its start is never used. Asked for once all is installed.
 * @param {import('esbuild').Plugin[]} plugins
 */
const lighter = (...plugins) => ({
  // What Node has itself, and what would else be there twice, as a module and as CommonJS.
  alias: { 'whatwg-url': 'node:url', bson: createRequire(import.meta.url).resolve('bson') },
  plugins: [
    ...plugins,
    {
      name: 'zod speaks English alone',
      /** @param {import('esbuild').PluginBuild} build */
      setup(build) {
        const contents = "export { default as en } from './en.js'"
        build.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
          contents,
          resolveDir: dirname(path),
        }))
      },
    },
  ],
})

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // npm prepares a clone also to run `npx lingot` in it, before anything is installed: the command then sets itself up.
  const isForNpx = process.argv.includes('--if-installed') && !existsSync(join(root, 'node_modules'))
  if (!isForNpx) await build()
}
