import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Context } from 'hono'
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
  return async (c) => {
    const path = VIEWS.test(c.req.path) ? '/index.html' : c.req.path
    const type = types[extname(path)]
    const plain = FILE.test(path) && type !== undefined ? await fileAt(path) : undefined
    if (plain === undefined || type === undefined) {
      if (path !== '/index.html') return c.text('There is nothing here.\n', 404)
      return c.text(
        'The page of the dashboard is not built.\nBuild it with `npm run build`, then load this anew.\n',
        503,
      )
    }
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
    c.header('Content-Type', type)
    return c.body(file.content)
  }
}

/** Whether a coding is named, and not with a weight of 0. */
function accepts(header: string | undefined, coding: string): boolean {
  return (header ?? '').split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}
