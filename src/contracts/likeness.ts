import { doubtful, holders, orders, ownWords, synonyms, things, unitPrices, units } from './synonyms.ts'

/**
 * From here on the name of the thing itself was left out, what it stands in was left out, the name is in doubt, and it
 * means something else.
 */
const BARE = 500
const WITHIN = 750
const DOUBTFUL = 1000
export const UNLIKE = 2000

/** Digits of a name, in all: more may be a phone number, a date, or an id. */
const MOST_DIGITS = 6

/** Whether the digits of a name may be a phone number, or anything else that people do not call a field. */
export function holdsNumber(name: string): boolean {
  return /\d{5}/.test(name) || (name.match(/\p{Nd}/gu) ?? []).length > MOST_DIGITS
}

/** Whether people chose a name: one with an address, a long number or a line break in it is data itself, and not told. */
export function isChosen(name: string): boolean {
  return /^(?=.*[^ ])[\p{L}\p{N} _$()/°€%'#&+:-]{1,40}$/u.test(name) && !holdsNumber(name)
}

/** How far a name is from that of a field: 0 is the same, then the same words, then other words for it, the likelier first. */
export function likenessOf(collection: string, field: string, name: string): number {
  if (name === field) return 0
  const words = wordsOf(name)
  const whole = words.join('')
  const own = new Set([...listed(ownWords[collection]), ...UNITS])
  const bare = words.filter((word) => !own.has(word)).join('')
  const phrases = [field.replaceAll('_', ' '), ...(synonyms[collection]?.[field] ?? [])]
  const place = placeOf(whole, phrases)
  if (place !== undefined) return 1 + place
  const barePlace = placeOf(bare, phrases)
  if (barePlace !== undefined) return BARE + barePlace
  const loose = doubtful[collection]?.[field] ?? []
  const found = loose.findIndex(({ phrases }) => (placeOf(whole, phrases) ?? placeOf(bare, phrases)) !== undefined)
  return found === -1 ? UNLIKE : DOUBTFUL + found
}

/**
 * How far a path is from the name of a field, and what it stands in if that may mean something else: the city of a
 * `seller`. Of an element of a list, `isElement`, the path begins in it; it may be a name of what the list lists.
 */
export function pathLikeness(
  collection: string,
  field: string,
  path: readonly string[],
  isElement = false,
): { likeness: number; within?: string } {
  const names = path.flatMap((key, i) => (/^\d+$/.test(key) ? [] : [isPlace(path[i + 1]) ? singular(key) : key]))
  const leaf = names.at(-1) ?? ''
  const wholes = [
    names.join('_'),
    names.slice(-2).join('_'),
    ...(isElement ? ELEMENTS.map((of) => `${of}_${leaf}`) : []),
  ]
  const likeness = Math.min(...wholes.map((name) => likenessOf(collection, field, name)))
  const below = names.length === 1 ? UNLIKE : likenessOf(collection, field, leaf)
  if (likeness < DOUBTFUL || below === UNLIKE) return { likeness }
  const known = new Set([...listed(holders[collection]), ...listed(ownWords[collection])].map(singular))
  const strange = names.slice(0, -1).find((name) => !wordsOf(name).every((word) => known.has(singular(word))))
  const nested = below >= DOUBTFUL ? below : WITHIN + below / 10
  return strange === undefined ? { likeness: Math.min(likeness, nested) } : { likeness: nested, within: strange }
}

/** What the elements of a list of records may be called, in front of the names of their fields. */
const ELEMENTS = ['item', 'product', 'line', 'article', 'artikel', 'producto', 'prodotto']

const isPlace = (key: string | undefined) => key !== undefined && /^\d+$/.test(key)

function singular(word: string): string {
  return word.replace(/s$/, '')
}

/** Whether a name says that it is an id. */
export function isIdName(name: string): boolean {
  return wordsOf(name).some((word) => IDS.has(word) || /(?:nummer|nr)$/.test(word))
}

const IDS = new Set(
  'id ids code ref reference numero number num no uid uuid key cle sku upc ean codigo codice'.split(' '),
)

/** Whether a name is that of an order, to which several sales may belong. */
export function isOrder(name: string): boolean {
  return wordsOf(name).some((word) => listed(orders).includes(singular(word)))
}

/** Whether a name says that it is the price of one piece, or may say so. */
export function priceOf(name: string): 'one' | 'any' | undefined {
  const words = wordsOf(name)
  const bare = words.filter((word) => !UNITS.has(word))
  if (placeOf(words.join(''), unitPrices) !== undefined || placeOf(bare.join(''), unitPrices) !== undefined)
    return 'one'
  return words.some((word) => ['price', 'prix', 'preis', 'precio', 'prezzo', 'prijs'].includes(word))
    ? 'any'
    : undefined
}

/** What amounts are to be multiplied by, as their name says. */
export function scaleIn(name: string): number | undefined {
  const words = wordsOf(name)
  if (words.some((word) => listed(units.cents).includes(word))) return 0.01
  return words.includes(units.micros) ? 0.000001 : undefined
}

/** Words that say in what an amount is. */
const UNITS = new Set([...listed(units.cents), units.micros, 'eur', 'usd', 'gbp', 'chf', 'cad'])

function listed(words = ''): string[] {
  return words.split(/\s+/)
}

/** Why a name that is so far from that of a field is not sure, if it is not. */
export function nameDoubt(collection: string, field: string, likeness: number): string | undefined {
  return doubtful[collection]?.[field]?.[likeness - DOUBTFUL]?.why
}

/** Which of the phrases a name in one word is; two words count in both orders. */
function placeOf(name: string, phrases: readonly string[]): number | undefined {
  const place = phrases.findIndex((phrase) => {
    const words = phrase.split(' ')
    return name === words.join('') || (words.length === 2 && name === words.toReversed().join(''))
  })
  return place === -1 ? undefined : place
}

/** How a collection is like that of a contract: 3 by its own name, 2 by another word for it, 1 by a part of its name. */
export function rankOf(collection: string, name: string): number {
  if (name === collection) return 3
  const words = wordsOf(name).map((word) => word.replace(/[sx]$/, ''))
  const known = words.filter((word) => listed(things[collection]).includes(word))
  return known.length === 0 ? 0 : known.length === words.length ? 2 : 1
}

const FILLERS = new Set(
  'de du des d la le les l of the der die das von vom del el los las dello della delle dei di il lo gli van het'.split(
    ' ',
  ),
)

/** The words of a name in camelCase, snake_case or any other, in small letters without accents. */
export function wordsOf(name: string): string[] {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== '' && !FILLERS.has(word))
}
