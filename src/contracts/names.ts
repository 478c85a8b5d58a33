import { holdsNumber, wordsOf } from './likeness.ts'
import { doubtful, ownWords, synonyms, things } from './synonyms.ts'

/*
 * Which names of fields may be shown. Those that no contract knows are data as much as values are: an object that is keyed
 * by people has their names, addresses or numbers as names of fields.
 */

/** Stands for names that are not shown. */
export const NOT_PLAIN = '(not a plain name)'
/** Stands for the names beyond those that are told. */
export const OTHERS = '(others)'

const LONGEST = 40

/** A name as it may be shown: one that holds an email, a number or a long text is none that people chose. */
export function discreet(name: string): string {
  return isPlain(name) && !/\s/.test(name) ? name : NOT_PLAIN
}

function isPlain(name: string): boolean {
  // Checked first: a name may be megabytes long.
  return name.length <= LONGEST && /^[\p{L}_$][\p{L}\d_$ .-]*$/u.test(name) && !holdsNumber(name)
}

/** A name whose place in the count of names is its own; whether it may be shown is told once all are counted. */
export function counted(name: string): string {
  if (isPlain(name)) return name
  // A heading that a file of a spreadsheet begins with, as an import that does not know its mark leaves it.
  const visible = name.replace(/\p{Cf}/gu, '')
  if (visible === name || !isPlain(visible)) return NOT_PLAIN
  return `${visible} ${name.startsWith('\ufeff') ? BEHIND_MARK : WITH_INVISIBLE}`
}

/** Stand behind names that hold what nobody sees. */
const BEHIND_MARK = '(behind a byte order mark)'
const WITH_INVISIBLE = '(with invisible characters)'

/** A name without what {@link counted} said of it. */
function bare(name: string): string {
  return name.replace(` ${BEHIND_MARK}`, '').replace(` ${WITH_INVISIBLE}`, '')
}

/** A name, and in how many documents it stands. */
export interface Named {
  field: string
  count: number
}

/** Rare names up to which they are names of fields; beyond, they are keys of an object, and so values. */
const MOST_RARE = 20

/** The names as they may be told, the most frequent first; those that may not be shown are told together. */
export function namesToTell(names: readonly Named[], documents: number, most: number): Named[] {
  const isRare = ({ count }: Named) => documents > 1 && count <= Math.max(1, documents / 100)
  const isKeyed = names.filter(isRare).length > MOST_RARE
  const named: Named[] = []
  let hidden = 0
  let others = 0
  for (const name of names) {
    if (name.field === OTHERS) others += name.count
    else if (name.field === NOT_PLAIN || (mayHoldAPerson(bare(name.field)) && !isEverywhere(name, documents))) {
      hidden += name.count
    } else if (isKeyed && isRare(name)) others += name.count
    else named.push(name)
  }
  if (hidden > 0) named.push({ field: NOT_PLAIN, count: hidden })
  named.sort((a, b) => b.count - a.count || a.field.localeCompare(b.field))
  others += named.splice(most).reduce((sum, { count }) => sum + count, 0)
  return others === 0 ? named : [...named, { field: OTHERS, count: others }]
}

/** Whether a name within an object may be told: objects that are keyed by people have their names in few of them. */
export function isShownBelow({ field, count }: Named, objects: number): boolean {
  return (
    isEverywhere({ field, count }, objects) || wordsOf(field).every((word) => WORDS.has(word) || /^\d+$/.test(word))
  )
}

/** A heading stands in most documents, a person in few. */
function isEverywhere({ count }: Named, documents: number): boolean {
  return count > 1 && count * 2 >= documents
}

/** Whether a name, or what stands behind a dot of it, may be a person's: of what stands below another field it is the path. */
function mayHoldAPerson(path: string): boolean {
  const keys = path.split('.')
  return keys.some(
    (key, from) =>
      mayBeAPerson(keys.slice(from).join('.')) ||
      mayBeAPerson(key) ||
      (from > 0 && CAPITAL.test(key) && !isOfFields(key)),
  )
}

/** Below a field a key with a capital may be one of the people that an object is keyed by. */
const CAPITAL = /^\p{Lu}\p{Ll}/u

/** Whether a name is written in words, as people and headings are, and its words are none that fields are called by. */
function mayBeAPerson(name: string): boolean {
  const trimmed = name.trim()
  const isSpelled = /\s/.test(trimmed) || /^\p{Lu}\p{L}*(?:[.-]\p{Lu}\p{L}*)+$/u.test(trimmed)
  return isSpelled && !isOfFields(trimmed)
}

function isOfFields(name: string): boolean {
  return wordsOf(name).every((word) => WORDS.has(word))
}

/** Words that fields are called by. */
const WORDS: ReadonlySet<string> = new Set(
  [
    ...Object.values(synonyms).flatMap((fields) =>
      Object.entries(fields).flatMap(([field, phrases]) => [field.replaceAll('_', ' '), ...phrases]),
    ),
    ...Object.values(doubtful).flatMap((fields) =>
      Object.values(fields).flatMap((kinds) => kinds.flatMap(({ phrases }) => phrases)),
    ),
    ...Object.values(things),
    ...Object.values(ownWords),
  ].flatMap((phrase) => phrase.split(/\s+/)),
)
