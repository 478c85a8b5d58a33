import type { Language } from '../../text/numbers.ts'
import type { Words } from './en.ts'

/** The words of a language; the others are not loaded. */
export async function wordsOf(language: Language): Promise<Words> {
  return language === 'fr' ? (await import('./fr.ts')).fr : (await import('./en.ts')).en
}
