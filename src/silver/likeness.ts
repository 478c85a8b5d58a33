import { doubtful, ownWords, synonyms, things } from './synonyms.ts'

/** From here on a name may mean the field, or something near it; from {@link UNLIKE} on it means another. */
export const DOUBTFUL = 1000
export const UNLIKE = 2000

/** Whether people chose a name: one with an address, a long number or a line break in it is data itself, and not told. */
export function isChosen(name: string): boolean {
  return /^[\p{L}\p{N} _$()/°€%'#&+:-]{1,40}$/u.test(name) && !/\d{5}/.test(name)
}

/** How far a name is from that of a field: 0 is the same, then the same words, then other words for it. */
export function likenessOf(collection: string, field: string, name: string): number {
  if (name === field) return 0
  const words = wordsOf(name)
  const own = ownWords[collection]?.split(' ') ?? []
  const spellings = [words.join(''), words.filter((word) => !own.includes(word)).join('')]
  if (spellings[0] === wordsOf(field).join('')) return 1
  const phrases = synonyms[collection]?.[field] ?? ''
  const place = formsOf([field.replaceAll('_', ' '), ...phrases.split(', ')]).findIndex((forms) =>
    forms.some((form) => spellings.includes(form)),
  )
  if (place !== -1) return 2 + place
  const [loose = ''] = doubtful[collection]?.[field] ?? []
  return formsOf(loose.split(', ')).some((forms) => forms.some((form) => spellings.includes(form))) ? DOUBTFUL : UNLIKE
}

/** How a collection is like that of a contract. 3: by its own name; 2: by another word for it; 1: by a part of its name; 0: not at all. */
export function rankOf(collection: string, name: string): number {
  if (name === collection) return 3
  const words = wordsOf(name).map((word) => word.replace(/[sx]$/, ''))
  const known = words.filter((word) => things[collection]?.split(' ').includes(word))
  return known.length === 0 ? 0 : known.length === words.length ? 2 : 1
}

/** The ways to write each phrase in one word. */
function formsOf(phrases: readonly string[]): string[][] {
  return phrases
    .filter((phrase) => phrase !== '')
    .map((phrase) => {
      const words = phrase.split(' ')
      return words.length === 2 ? [words.join(''), words.toReversed().join('')] : [words.join('')]
    })
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
