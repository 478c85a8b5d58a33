import { hash } from 'node:crypto'

/** A set of texts of which it keeps eight bytes each: it can tell which it has, and give none of them away. */
export interface Fingerprints {
  /** Whether the text is new. */
  add: (text: string) => boolean
  has: (text: string) => boolean
}

const FIRST_SLOTS = 2 ** 12

export function fingerprints(): Fingerprints {
  // Open addressing: a text stands in the first free slot from its own on; two words are a slot, and zeros a free one.
  let words = new Uint32Array(FIRST_SLOTS * 2)
  let size = 0
  let high = 0
  let low = 0

  const read = (text: string) => {
    const bytes = hash('md5', text, 'binary')
    high = wordAt(bytes, 0) || 1
    low = wordAt(bytes, 4)
  }
  const find = (): number => {
    const last = words.length / 2 - 1
    for (let slot = low & last; ; slot = (slot + 1) & last) {
      const at = slot * 2
      if (words[at] === 0 || (words[at] === high && words[at + 1] === low)) return at
    }
  }
  const grow = () => {
    const old = words
    words = new Uint32Array(old.length * 2)
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === 0) continue
      high = old[at] as number
      low = old[at + 1] as number
      const place = find()
      words[place] = high
      words[place + 1] = low
    }
  }
  return {
    add(text) {
      if (size * 3 > words.length) grow()
      read(text)
      const at = find()
      if (words[at] !== 0) return false
      words[at] = high
      words[at + 1] = low
      size++
      return true
    },
    has(text) {
      read(text)
      return words[find()] !== 0
    },
  }
}

function wordAt(bytes: string, at: number): number {
  const byte = (i: number) => bytes.charCodeAt(at + i)
  return ((byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3)) >>> 0
}
