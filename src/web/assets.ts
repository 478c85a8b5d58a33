import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Context } from 'hono'
import type { Problem } from './api.ts'
import { etagOf, isKnown } from './bodies.ts'

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Addresses of views: the page looks at the address and shows the one that it names. */
const VIEWS = /^\/(customers|products|campaigns|countries|trust|sql)?$/

const PAGE = '/index.html'

/** A file and its name, of a flat folder and its `assets`; nothing that begins with a dot. */
const FILE = /^\/(assets\/)?\w[\w.-]*$/

const codings = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
]

interface File {
  content: Uint8Array<ArrayBuffer>
  etag: string
  changed: number
}

/** Gives the files of the built page; read anew where they have changed. */
export function assets(folder: string): (c: Context) => Promise<Response> {
  const known = new Map<string, File>()
  const fileAt = async (path: string): Promise<File | undefined> => {
    const file = join(folder, path)
    const found = await stat(file).catch(() => undefined)
    if (!found?.isFile()) return undefined
    const before = known.get(path)
    if (before?.changed === found.mtimeMs) return before
    const content = new Uint8Array(await readFile(file))
    const read = { content, etag: etagOf(content), changed: found.mtimeMs }
    known.set(path, read)
    return read
  }
  const send = async (c: Context, path: string, plain: File) => {
    c.header('Cache-Control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
    c.header('Vary', 'Accept-Encoding')
    let file = plain
    for (const { name, suffix } of codings) {
      if (!accepts(c.req.header('accept-encoding'), name)) continue
      const coded = await fileAt(path + suffix)
      if (coded === undefined) continue
      c.header('Content-Encoding', name)
      file = coded
      break
    }
    c.header('ETag', file.etag)
    if (isKnown(file.etag, c.req.header('if-none-match'))) return c.body(null, 304)
    c.header('Content-Type', types[extname(path)] ?? '')
    return c.body(file.content)
  }
  return async (c) => {
    const { path } = c.req
    const file = FILE.test(path) && extname(path) in types ? await fileAt(path) : undefined
    if (file !== undefined) return send(c, path, file)
    const isView = VIEWS.test(path)
    if (!isView && !/\btext\/html\b/.test(c.req.header('accept') ?? '')) return nothingHere(c)
    const page = await fileAt(PAGE)
    if (page === undefined && isView) {
      return c.text(
        'The page of the dashboard is not built.\nBuild it with `npm run build`, then load this anew.\n',
        503,
      )
    }
    if (page === undefined) return nothingHere(c)
    // The page says that there is nothing, and where there is something.
    if (!isView) c.status(404)
    return send(c, PAGE, page)
  }
}

/** Where there is nothing, for programs. */
export function nothingHere(c: Context): Response {
  const problem: Problem = {
    kind: 'usage',
    message: `There is nothing at ${c.req.path}.`,
    next: 'The dashboard is at /.',
  }
  return c.json(problem, 404)
}

/** Whether a coding is named, and not with a weight of 0. */
function accepts(header: string | undefined, coding: string): boolean {
  return (header ?? '').split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}
