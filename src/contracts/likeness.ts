import { doubtful, ownWords, synonyms, things } from './synonyms.ts'

/** From here on the name of the thing itself was left out, the name is in doubt, and it means something else. */
const BARE = 500
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
  return /^[\p{L}\p{N} _$()/°€%'#&+:-]{1,40}$/u.test(name) && !holdsNumber(name)
}

/** How far a name is from that of a field: 0 is the same, then the same words, then other words for it, the likelier first. */
export function likenessOf(collection: string, field: string, name: string): number {
  if (name === field) return 0
  const words = wordsOf(name)
  const whole = words.join('')
  const bare = words.filter((word) => !ownWords[collection]?.split(' ').includes(word)).join('')
  const phrases = [field.replaceAll('_', ' '), ...(synonyms[collection]?.[field] ?? [])]
  const place = placeOf(whole, phrases)
  if (place !== undefined) return 1 + place
  const barePlace = placeOf(bare, phrases)
  if (barePlace !== undefined) return BARE + barePlace
  const loose = doubtful[collection]?.[field] ?? []
  const found = loose.findIndex(({ phrases }) => (placeOf(whole, phrases) ?? placeOf(bare, phrases)) !== undefined)
  return found === -1 ? UNLIKE : DOUBTFUL + found
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
  const known = words.filter((word) => things[collection]?.split(' ').includes(word))
  return known.length === 0 ? 0 : known.length === words.length ? 2 : 1
}

const FILLERS = new Set(['de', 'du', 'des', 'd', 'la', 'le', 'les', 'l', 'of', 'the'])

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
