import codes from 'i18n-iso-countries/codes.json' with { type: 'json' }
import english from 'i18n-iso-countries/langs/en.json' with { type: 'json' }
import french from 'i18n-iso-countries/langs/fr.json' with { type: 'json' }
import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/min'
import { cleanOf, fold, label, type Outcome, Repaired } from './values.ts'

/*
 * Countries by their codes and their names. CLDR, which Node carries, has one name of each; the list has some that people
 * use beside it: Ivory Coast, Czech Republic, Turkey.
 */

/** A country by its French or English name or its code becomes its French name; other labels are kept. */
export function country(vocabulary: readonly string[]): (value: unknown) => Outcome<string> {
  const words = new Set(vocabulary)
  const read = label(vocabulary)
  return (value) => {
    const outcome = read(value)
    const plain = cleanOf(outcome)
    if (plain === undefined || words.has(plain)) return outcome
    const name = known(plain)?.name
    return name === undefined || name === plain ? outcome : new Repaired(name, 'country')
  }
}

/** Whether a label is a country's French name. */
export function isCountry(name: string): boolean {
  return known(name)?.name === name
}

/** The region of a country, as phone numbers need it. */
export function regionOf(country: string, otherwise: CountryCode): CountryCode {
  return known(country)?.region ?? otherwise
}

interface Country {
  name: string
  /** None where nobody has a phone number of its own. */
  region: CountryCode | undefined
}

/** A handful of countries comes again and again; null where a name is none. */
const recent = new Map<string, Country | null>()
const MOST_RECENT = 1000
let countries: ReadonlyMap<string, Country> | undefined

function known(name: string): Country | null {
  const found = recent.get(name)
  if (found !== undefined) return found
  countries ??= readCountries()
  const country = countries.get(letters(name)) ?? null
  if (recent.size === MOST_RECENT) recent.clear()
  recent.set(name, country)
  return country
}

/** Every country by each of its codes and names. */
function readCountries(): ReadonlyMap<string, Country> {
  const inFrench = new Intl.DisplayNames('fr', { type: 'region' })
  const inEnglish = new Intl.DisplayNames('en', { type: 'region' })
  const all = new Map<string, Country>()
  const shared = new Set<string>()
  for (const [code = '', threeLetters = ''] of codes) {
    const name = inFrench.of(code) ?? code
    const country = { name, region: isSupportedCountry(code) ? code : undefined }
    const names = [name, inEnglish.of(code) ?? code, ...others(english, code), ...others(french, code)]
    for (const spelled of new Set([code, threeLetters, ...names].map(letters))) {
      // Two countries are called Congo.
      if (all.has(spelled)) shared.add(spelled)
      all.set(spelled, country)
    }
  }
  for (const spelled of shared) all.delete(spelled)
  return all
}

function others({ countries }: { countries: Readonly<Record<string, string | string[]>> }, code: string): string[] {
  return [countries[code] ?? []].flat()
}

/** Hyphens and points say no more than spaces do. */
function letters(name: string): string {
  return fold(name).replace(/[\p{Pd}.]+/gu, '')
}
