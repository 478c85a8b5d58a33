import { createHash } from 'node:crypto'

/** An answer as it is sent, and the tag that tells it from others. */
export interface Body {
  json: string
  etag: string
}

/** Characters of the answers that are kept; those that nobody asked for lately go first. */
const MOST = 32 * 2 ** 20

/** Keeps answers, each made once for a version of what it tells of, however many ask for it at the same time. */
export function bodies(most = MOST) {
  const kept = new Map<string, Body>()
  let size = 0
  const underWay = new Map<string, Promise<Body>>()
  const drop = (key: string) => {
    size -= kept.get(key)?.json.length ?? 0
    kept.delete(key)
  }
  const keep = (key: string, body: Body) => {
    drop(key)
    kept.set(key, body)
    size += body.json.length
    for (const oldest of kept.keys()) {
      if (size <= most) break
      drop(oldest)
    }
  }
  return {
    /** `make` says which version it met. */
    get(version: string, name: string, make: () => Promise<{ version: string; value: unknown }>): Promise<Body> {
      const key = `${version}\n${name}`
      const known = kept.get(key)
      if (known !== undefined) {
        // A map is in the order of insertion: what was asked for last is to come last.
        kept.delete(key)
        kept.set(key, known)
        return Promise.resolve(known)
      }
      const others = underWay.get(key)
      if (others !== undefined) return others
      const making = make()
        .then(({ version, value }) => {
          const body = bodyOf(value)
          keep(`${version}\n${name}`, body)
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

/** Whether who asks has what the tag stands for; a proxy that compressed it made its tag a weak one. */
export function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  return ifNoneMatch?.split(',').some((tag) => [etag, '*'].includes(tag.trim().replace(/^W\//, ''))) ?? false
}
