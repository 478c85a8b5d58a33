/** The languages that answers are told in. */
export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]

/** A number as people read it, with every decimal that its text has. */
export function readable(number: string | number, language: Language = 'en'): string {
  const decimals = String(number).split('.')[1]?.length ?? 0
  formats[language][decimals] ??= new Intl.NumberFormat(language, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
  return formats[language][decimals].format(number as Intl.StringNumericLiteral)
}

/** By decimals; to make one takes longer than to use it a hundred times. */
const formats: Readonly<Record<Language, Intl.NumberFormat[]>> = { en: [], fr: [] }
