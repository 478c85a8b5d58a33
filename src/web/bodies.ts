import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** An answer as it is sent, and the tag that tells it from others. */
export interface Body {
  json: string
  etag: string
}

/** Characters of the answers that are kept; those that nobody asked for lately go first. */
const MOST = 32 * 2 ** 20

/** Keeps answers, each made once for a version of what it tells of, however many ask for it at the same time. */
export function bodies(most = MOST) {
  const kept = new LRUCache<string, Body>({ maxSize: most, sizeCalculation: ({ json }) => json.length })
  const underWay = new Map<string, Promise<Body>>()
  return {
    /** `make` says which version it met. */
    get(version: string, name: string, make: () => Promise<{ version: string; value: unknown }>): Promise<Body> {
      const key = `${version}\n${name}`
      const known = kept.get(key)
      if (known !== undefined) return Promise.resolve(known)
      const others = underWay.get(key)
      if (others !== undefined) return others
      const making = make()
        .then(({ version, value }) => {
          const body = bodyOf(value)
          kept.set(`${version}\n${name}`, body)
          return body
        })
        .finally(() => underWay.delete(key))
      underWay.set(key, making)
      return making
    },
  }
}

/** Anything as it is sent. */
export function bodyOf(value: unknown): Body {
  const json = JSON.stringify(value)
  return { json, etag: etagOf(json) }
}

/** A strong tag: equal ones mean equal bytes. */
export function etagOf(content: string | Uint8Array): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
}
