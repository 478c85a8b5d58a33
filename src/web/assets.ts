import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from 'hono'
import { serveStatic } from 'hono/serve-static'
import { LRUCache } from 'lru-cache'
import { etagOf } from './bodies.ts'
import { problem, sendProblem } from './problem.ts'

/** Addresses of views: the page looks at the address and shows the one that it names. */
const VIEWS = /^\/(customers?|products?|campaigns?|countries|explore|trust|glossary|sql)?$/

/** A file and its name, of a flat folder and its `assets`; nothing that begins with a dot. */
const FILE = /^\/(assets\/)?\w[\w.-]*\.(css|html|ico|js|json|png|svg|txt|webmanifest|woff2)$/

/** How long a file is kept in memory, in milliseconds: it may be built anew. */
const KEPT = 1000

/** Gives the files of the built page, compressed where they are there so; `base` stands before their addresses. */
export function assets(folder: string, base: string): (c: Context) => Promise<Response> {
  const known = new LRUCache<string, { content: Buffer<ArrayBuffer>; etag: string }>({
    max: 100,
    ttl: KEPT,
    // Who asked gets what is read, though more files are asked for meanwhile than are kept.
    ignoreFetchAbort: true,
    async fetchMethod(path) {
      const isPage = path.startsWith(join(folder, 'index.html'))
      // What is written anew is not there compressed.
      if (base !== '' && isPage && !path.endsWith('html')) return undefined
      const read = await readFile(path).catch(() => undefined)
      const content = read && base !== '' && isPage ? below(base, read) : read
      return content && { content, etag: etagOf(content) }
    },
  })
  const options = {
    root: folder,
    join,
    precompressed: true,
    getContent: async (path: string, c: Context) => {
      const file = await known.fetch(path)
      if (file !== undefined) c.header('ETag', file.etag)
      return file?.content ?? null
    },
    onFound: (path: string, c: Context) => {
      const isAsset = path.startsWith(join(folder, 'assets/'))
      c.header('Cache-Control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache')
      c.header('Vary', 'Accept-Encoding')
    },
  }
  const files = serveStatic(options)
  const page = serveStatic({ ...options, path: 'index.html' })
  const noneElse = async () => undefined
  return async (c) => {
    const { path } = c.req
    const file = FILE.test(path) ? await files(c, noneElse) : undefined
    if (file) return file
    const isView = VIEWS.test(path)
    if (!isView && !/\btext\/html\b/.test(c.req.header('accept') ?? '')) return nothingHere(c)
    // The page says that there is nothing, and where there is something.
    if (!isView) c.status(404)
    const shown = await page(c, noneElse)
    if (shown) return shown
    if (!isView) return nothingHere(c)
    return c.text('The page of the dashboard is not built.\nBuild it with `npm run build`, then load this anew.\n', 503)
  }
}

/** The page with a path before its addresses, and word of it. */
function below(base: string, page: Buffer): Buffer<ArrayBuffer> {
  const text = page.toString().replace(/(href|src)="\//g, `$1="${base}/`)
  return Buffer.from(text.replace('<meta', `<meta name="lingot-base" content="${base}" />\n    <meta`))
}

/** Where there is nothing, for programs. */
export function nothingHere(c: Context): Response {
  const told = { kind: 'usage', detail: `There is nothing at ${c.req.path}.`, next: 'The dashboard is at /.' }
  return sendProblem(c, problem(404, told))
}
