import { isDollarAlone, readValue, valueSize } from './bson_reader.ts'
import { type IdPlace, TYPE } from './bson_type.ts'

/*
 * Fields of raw documents, found by their bytes: millions of documents pass through here, without an object for each.
 */

/** The way to a value: the key at the top of a document, then keys below it and places in lists. A text is a key at the top. */
export type FieldPath = string | readonly string[]

/** What a path meets where it needs a document, or a list with such a place. */
export class DeadEnd {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

/**
 * Finds the values at paths, all different, in raw documents, wherever they stand; of a key that is there twice the last
 * counts. Gives the same list each time, filled anew: undefined where a path leads nowhere.
 */
export function fieldReader(paths: readonly FieldPath[]): {
  /** Told of what no path leads to: its own path with dots, and where its element stands. */
  read: (document: Buffer, onOther?: Other) => readonly unknown[]
  /** The `_id` of the document that was read last. */
  place: IdPlace
} {
  const values: unknown[] = paths.map(() => undefined)
  const place: IdPlace = { start: 0, end: 0 }
  const wanted = paths.map((path, index) => ({ path: [path].flat(), index }))
  const walk = documentReader(wanted, (key) => within(wanted, key, values, ''), values, '', place)
  const read = (document: Buffer, onOther?: Other): readonly unknown[] => {
    values.fill(undefined)
    place.start = 0
    place.end = 0
    // One call out of JavaScript for all texts of a document instead of one for each.
    walk(document, document.length <= LONGEST_DECODED ? document.toString('latin1') : undefined, 0, onOther)
    return values
  }
  return { read, place }
}

type Other = (name: string, document: Buffer, start: number, end: number) => void
/** A value that is wanted: the rest of its path, and where it stands in the list of values. */
type Wanted = { path: readonly string[]; index: number }
/** Reads the document that begins at `start`. */
type Walk = (document: Buffer, latin: string | undefined, start: number, onOther: Other | undefined) => void
/** Reads what is wanted within a value. */
type Enter = (
  type: number,
  document: Buffer,
  latin: string | undefined,
  start: number,
  end: number,
  onOther: Other | undefined,
) => void

/** Fields of a document whose order is remembered. */
const LONGEST_ORDER = 64
/** Bytes of a document that is decoded as a whole. */
const LONGEST_DECODED = 2048

/** Reads documents of which `prefix` is the path, with the dot behind it; `enter` gives what reads below a key. */
function documentReader(
  wanted: readonly Wanted[],
  enter: (key: string) => Enter | undefined,
  values: unknown[],
  prefix: string,
  place?: IdPlace,
): Walk {
  const keys = new Set(wanted.map(({ path: [key = ''] }) => key))
  const names = place === undefined ? [...keys] : [...keys.add('_id')]
  const slots = Int32Array.from(names, (name) => slotIn(wanted, name))
  const below = names.map(enter)
  const isDeep = below.some((enter) => enter !== undefined)
  const { find, isAt } = nameTable(names)
  const id = place === undefined ? -2 : names.indexOf('_id')
  // Documents of one collection mostly have their fields in one order: the field that was met there last.
  const order = new Int32Array(LONGEST_ORDER).fill(-1)

  return (document, latin, from, onOther) => {
    let at = from + 4
    let number = 0
    for (let type = document[at] as number; type !== 0; type = document[at] as number) {
      const start = at
      const nameStart = at + 1
      let field = number < LONGEST_ORDER ? (order[number] as number) : -1
      let nameEnd = isAt(field, document, nameStart)
      if (nameEnd < 0) {
        nameEnd = nameStart
        while (document[nameEnd] !== 0) nameEnd++
        field = find(document, nameStart, nameEnd)
        if (number < LONGEST_ORDER) order[number] = field
      }
      number++
      const valueStart = nameEnd + 1
      at = valueStart + valueSize(type, document, valueStart)
      if (field < 0) {
        onOther?.(prefix + document.toString('utf8', nameStart, nameEnd), document, start, at)
        continue
      }
      if (field === id && place !== undefined) {
        place.start = start
        place.end = at
      }
      const slot = slots[field] as number
      if (slot >= 0) values[slot] = readValue(type, document, latin, valueStart, at)
      if (isDeep) below[field]?.(type, document, latin, valueStart, at, onOther)
    }
  }
}

/** Where the value of a key itself stands in the list of values; -1 where it is not wanted. */
function slotIn(wanted: readonly Wanted[], key: string): number {
  return wanted.find(({ path }) => path.length === 1 && path[0] === key)?.index ?? -1
}

/** Reads what is wanted below a key, if anything is. */
function within(wanted: readonly Wanted[], key: string, values: unknown[], prefix: string): Enter | undefined {
  const inner = wanted.flatMap(({ path, index }) =>
    path.length > 1 && path[0] === key ? [{ path: path.slice(1), index }] : [],
  )
  if (inner.length === 0) return undefined
  const path = `${prefix}${key}.`
  // Documents and lists have what is below them in common: each with its own there would be twice as many at every level.
  const known = new Map<string, Enter | undefined>()
  const enter = (next: string) => {
    if (!known.has(next)) known.set(next, within(inner, next, values, path))
    return known.get(next)
  }
  const walk = documentReader(inner, enter, values, path)
  const list = listReader(inner, enter, values, path)
  const isSpelled = inner.every(({ path: [next = ''] }) => !next.startsWith('$')) ? isDollarAlone : () => false
  const all = (value: unknown) => {
    for (const { index } of inner) values[index] = value
  }
  return (type, document, latin, start, end, onOther) => {
    // What was met under this key before does not count.
    all(undefined)
    if (type === TYPE.document && !isSpelled(document, start)) walk(document, latin, start, onOther)
    else if (type === TYPE.array) list(document, latin, start, onOther)
    else all(new DeadEnd(readValue(type, document, latin, start, end)))
  }
}

/** Reads lists, whose elements stand one behind the other, whatever they are called. */
function listReader(
  wanted: readonly Wanted[],
  enter: (key: string) => Enter | undefined,
  values: unknown[],
  prefix: string,
): Walk {
  const isPlace = (key = '') => /^(?:0|[1-9]\d{0,8})$/.test(key)
  const places = new Map(
    wanted.flatMap(({ path: [key = ''] }) =>
      isPlace(key) ? [[Number(key), { slot: slotIn(wanted, key), enter: enter(key) }] as const] : [],
    ),
  )
  const strangers = wanted.filter(({ path }) => !isPlace(path[0]))
  return (document, latin, from, onOther) => {
    let number = 0
    for (let at = from + 4; document[at] !== 0; number++) {
      const start = at
      const type = document[at] as number
      const valueStart = document.indexOf(0, at + 1) + 1
      at = valueStart + valueSize(type, document, valueStart)
      const found = places.get(number)
      if (found === undefined) onOther?.(`${prefix}${number}`, document, start, at)
      else if (found.slot >= 0) values[found.slot] = readValue(type, document, latin, valueStart, at)
      found?.enter?.(type, document, latin, valueStart, at, onOther)
    }
    if (number > 0) for (const { index } of strangers) values[index] = LIST
  }
}

/** A list where a path names none of its places. */
const LIST = new DeadEnd([])

/**
 * The bytes of what a document holds beside the values at paths and its `_id`, as far as it is chosen by its path, such
 * that the order does not count.
 */
export function besides(
  paths: readonly FieldPath[],
  isChosen: (name: string) => boolean,
): (document: Buffer) => Buffer {
  const { read } = fieldReader(paths)
  return (document) => {
    const chosen: Buffer[] = []
    read(document, (name, _, start, end) => {
      if (isChosen(name)) chosen.push(Buffer.concat([Buffer.from(`${name}\0`), document.subarray(start, end)]))
    })
    return Buffer.concat(chosen.sort(Buffer.compare))
  }
}

/** Finds names by their bytes. Those of one length and last byte share a slot. */
function nameTable(names: readonly string[]): {
  /** The index of the name that stands there; -1 where it is none of them. */
  find: (document: Buffer, start: number, end: number) => number
  /** Where the name of this index ends that stands there; -1 where it is another. */
  isAt: (index: number, document: Buffer, start: number) => number
} {
  const bytes = names.map((name) => Buffer.from(name))
  // A list by slot, linked by index: no objects where a million documents pass.
  const first = new Int32Array(SLOTS).fill(-1)
  const next = new Int32Array(names.length).fill(-1)
  bytes.forEach((name, index) => {
    const slot = slotOf(name.length, name.at(-1) ?? 0)
    next[index] = first[slot] as number
    first[slot] = index
  })
  const isAt = (index: number, document: Buffer, start: number) => {
    if (index < 0) return -1
    const name = bytes[index] as Buffer
    const { length } = name
    for (let i = 0; i < length; i++) if (name[i] !== document[start + i]) return -1
    return document[start + length] === 0 ? start + length : -1
  }
  const find = (document: Buffer, start: number, end: number) => {
    const length = end - start
    let index = first[slotOf(length, document[end - 1] as number)] as number
    for (; index >= 0; index = next[index] as number) {
      const name = bytes[index] as Buffer
      let same = name.length === length ? 0 : -1
      while (same >= 0 && same < length && name[same] === document[start + same]) same++
      if (same === length) return index
    }
    return -1
  }
  return { find, isAt }
}

const SLOTS = 256

function slotOf(length: number, last: number): number {
  return ((length << 4) ^ last) & (SLOTS - 1)
}
