import { inflateSync } from 'node:zlib'

/** The words on the sheets of a PDF as Chromium writes them: streams that are packed, and glyphs that are told by tables. */
export function wordsIn(pdf: Buffer): string {
  const objects = objectsIn(pdf.toString('latin1'))
  const tables = new Map([...objects].map(([id, object]) => [id, tableOf(objects, object)]))
  return [...objects.values()]
    .filter(({ head }) => /\/Type \/Page\b/.test(head))
    .map((page) => {
      const fonts = new Map(
        [...inside(objects, page.head, 'Font').matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name = '', id = '']) => [
          name,
          tables.get(id),
        ]),
      )
      const [, content = ''] = /\/Contents (\d+) 0 R/.exec(page.head) ?? []
      return shownBy(objects.get(content)?.stream ?? '', fonts)
    })
    .join('\n')
}

interface PdfObject {
  head: string
  stream: string
}

function objectsIn(text: string): Map<string, PdfObject> {
  const found = text.matchAll(/(?:^|\n)(\d+) 0 obj\r?\n([\s\S]*?)\r?\nendobj/g)
  return new Map(
    [...found].map(([, id = '', body = '']) => {
      const at = body.indexOf('stream\n')
      if (at < 0) return [id, { head: body, stream: '' }]
      const head = body.slice(0, at)
      const packed = Buffer.from(body.slice(at + 7, body.lastIndexOf('\nendstream')), 'latin1')
      const isText = head.includes('/FlateDecode') && !head.includes('/Subtype') && !head.includes('/Length1')
      return [id, { head, stream: isText ? inflateSync(packed).toString('latin1') : '' }]
    }),
  )
}

/** A part of the resources of a page, which may stand elsewhere. */
function inside(objects: Map<string, PdfObject>, head: string, name: string): string {
  const [, far] = /\/Resources (\d+) 0 R/.exec(head) ?? []
  const resources = far === undefined ? head : (objects.get(far)?.head ?? '')
  const [, id] = new RegExp(`/${name} (\\d+) 0 R`).exec(resources) ?? []
  return id === undefined
    ? (new RegExp(`/${name} <<([\\s\\S]*?)>>`).exec(resources)?.[1] ?? '')
    : (objects.get(id)?.head ?? '')
}

/** What each glyph of a font means. */
function tableOf(objects: Map<string, PdfObject>, { head }: PdfObject): Map<string, string> {
  const [, id = ''] = /\/ToUnicode (\d+) 0 R/.exec(head) ?? []
  const text = objects.get(id)?.stream ?? ''
  const table = new Map<string, string>()
  const letters = (hex: string) => Buffer.from(hex, 'hex').swap16().toString('utf16le')
  for (const [, part = ''] of text.matchAll(/beginbfchar\n([\s\S]*?)endbfchar/g))
    for (const [, glyph = '', meaning = ''] of part.matchAll(/<(\w+)> <(\w+)>/g)) table.set(glyph, letters(meaning))
  for (const [, part = ''] of text.matchAll(/beginbfrange\n([\s\S]*?)endbfrange/g))
    for (const [, from = '', to = '', meaning = ''] of part.matchAll(/<(\w+)> <(\w+)> <(\w+)>/g)) {
      const first = Number.parseInt(from, 16)
      for (let glyph = first; glyph <= Number.parseInt(to, 16); glyph++)
        table.set(
          glyph.toString(16).toUpperCase().padStart(from.length, '0'),
          String.fromCodePoint(Number.parseInt(meaning, 16) + glyph - first),
        )
    }
  return table
}

function shownBy(content: string, fonts: Map<string, Map<string, string> | undefined>): string {
  let font: Map<string, string> | undefined
  const texts: string[] = []
  for (const [, name, shown, end] of content.matchAll(/\/(F\d+) [\d.]+ Tf|(<[^>]*> Tj|\[[^\]]*\] TJ)|\n(ET)\n/g)) {
    if (name !== undefined) font = fonts.get(name)
    else if (end !== undefined) texts.push('\n')
    else
      for (const [, hex = ''] of (shown ?? '').matchAll(/<(\w+)>/g)) {
        const [size = 4] = [...(font?.keys() ?? [])].map(({ length }) => length)
        for (let at = 0; at < hex.length; at += size) texts.push(font?.get(hex.slice(at, at + size)) ?? '')
      }
  }
  return texts.join('')
}
