import { useEffect } from 'preact/hooks'
import { en, type Messages } from './messages/en.ts'
import { fr } from './messages/fr.ts'
import { stored } from './stored.ts'

export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]

const preferred = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())

/** The language of the words; the browser's unless the reader chose. */
export const language = stored<Language>(
  'lingot.language',
  languages,
  languages.find((known) => known === preferred.find((tag) => tag === 'en' || tag === 'fr')) ?? 'en',
)

const messages: Readonly<Record<Language, Messages>> = { en, fr }

/** The words that all pages share, in the reader's language. */
export function useMessages(): Messages {
  return useWords(messages)
}

/** The words of a page of its own, in the reader's language. */
export function useWords<T>(words: Readonly<Record<Language, T>>): T {
  return words[language.use()]
}

/** Tells the document in which language it is. */
export function useDocumentLanguage(): void {
  const chosen = language.use()
  useEffect(() => {
    document.documentElement.lang = chosen
  }, [chosen])
}

/** How numbers and dates are written: as in the reader's own country, where it speaks the language of the words. */
export function localeOf(chosen: Language): string {
  return (
    navigator.languages.find((tag) => tag.toLowerCase().startsWith(chosen)) ?? (chosen === 'fr' ? 'fr-FR' : 'en-GB')
  )
}
