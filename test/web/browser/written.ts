/** How the page has to write a value of gold, said once more and in another way than the page does. */
export type Kind =
  | 'text'
  | 'money'
  /** Money where there is little room. */
  | 'figure'
  | 'integer'
  | 'percent'
  | 'percent2'
  | 'percent4'
  | 'change'
  | 'month'
  | 'short month'
  | 'date'

const labels: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'en-GB': { 'no customer': 'No customer', 'customer not in customers': 'Customer not on file' },
  'fr-FR': {
    Unknown: 'Inconnu',
    'no customer': 'Sans client',
    'customer not in customers': 'Client sans fiche',
    'Other products': 'Autres produits',
    'Other countries': 'Autres pays',
  },
}

export function written(value: string | null | undefined, kind: Kind, locale = 'en-GB'): string {
  if (value == null) return '–'
  switch (kind) {
    case 'text':
      return labels[locale]?.[value] ?? value
    case 'money':
      return digits(value, 2, locale)
    case 'figure':
      if (Math.abs(Number(value)) < 1_000_000) return digits(value, 2, locale)
      return new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 4 }).format(Number(value))
    case 'integer':
      return digits(value, 0, locale)
    case 'percent':
      return inPercent(Number(value), 1, locale)
    case 'percent2':
      return inPercent(Number(value), 2, locale)
    case 'percent4':
      return inPercent(Number(value), 4, locale)
    case 'change': {
      const options = {
        style: 'percent',
        minimumFractionDigits: 1,
        maximumFractionDigits: 1,
        signDisplay: 'exceptZero',
      } as const
      return new Intl.NumberFormat(locale, options).format(Number(value) / 100)
    }
    case 'month':
      return monthly(value, { month: 'long', year: 'numeric' }, locale)
    case 'short month':
      return value === 'Unknown' ? '–' : monthly(value, { month: 'short', year: '2-digit' }, locale)
    case 'date':
      return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(value))
  }
}

function digits(text: string, count: number, locale: string): string {
  const options = { minimumFractionDigits: count, maximumFractionDigits: count }
  return new Intl.NumberFormat(locale, options).format(text as Intl.StringNumericLiteral)
}

/** What would read as nothing, and is something, shows its first digit. */
function inPercent(value: number, count: number, locale: string): string {
  const isTiny = value !== 0 && Math.abs(value) < 0.5 / 10 ** count
  const options = isTiny
    ? { maximumSignificantDigits: 1 }
    : { minimumFractionDigits: count, maximumFractionDigits: count }
  return new Intl.NumberFormat(locale, { style: 'percent', ...options }).format(value / 100)
}

function monthly(text: string, options: Intl.DateTimeFormatOptions, locale: string): string {
  const first = new Date(`${text.slice(0, 7)}-01T00:00:00Z`)
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(first)
}
