import codes from 'i18n-iso-countries/codes.json' with { type: 'json' }
import english from 'i18n-iso-countries/langs/en.json' with { type: 'json' }
import french from 'i18n-iso-countries/langs/fr.json' with { type: 'json' }
import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/min'
import { cleanOf, fold, label, type Outcome, Repaired } from './values.ts'

/*
 * Countries by their codes and their names. CLDR, which Node carries, has one name of each; the list has some that people
 * use beside it: Ivory Coast, Czech Republic, Turkey. What neither has stands here.
 */

const BESIDE: Readonly<Record<string, readonly string[]>> = {
  BA: ['Bosnie', 'Bosnia'],
  BS: ['The Bahamas'],
  CD: ['RDC', 'DRC'],
  CV: ['Cabo Verde'],
  GB: ['Grande-Bretagne'],
  GF: ['Guyane'],
  IE: ['Republic of Ireland'],
  MK: ['Macédoine', 'Macedonia'],
  MM: ['Birmanie', 'Burma'],
  MO: ['Macau'],
  NL: ['Hollande', 'Holland'],
  SZ: ['Swaziland'],
  VA: ['Vatican', 'Saint-Siège', 'Holy See'],
  XK: ['XKX'],
}

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

/** Whether a label names a country, in whatever way. */
export function namesCountry(label: string): boolean {
  return known(label) !== null
}

/** The region of a country, as phone numbers need it. */
export function regionOf(country: string, otherwise: CountryCode): CountryCode {
  return known(country)?.region ?? otherwise
}

const OTHER_LANGUAGES = ['de', 'es', 'it', 'nl', 'pt']
let abroad: ReadonlyMap<string, CountryCode> | undefined

/** The region of a country by its name in another language: to the rules such a name is a label like any other. */
export function regionAbroad(name: string): CountryCode | undefined {
  abroad ??= new Map(
    OTHER_LANGUAGES.flatMap((language) => {
      const names = new Intl.DisplayNames(language, { type: 'region' })
      return codes.flatMap(([code = '']) =>
        isSupportedCountry(code) ? [[letters(names.of(code) ?? code), code] as const] : [],
      )
    }),
  )
  return abroad.get(letters(name))
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
    const listed = [...others(english, code), ...others(french, code), ...(BESIDE[code] ?? [])]
    const names = [name, inEnglish.of(code) ?? code, ...listed]
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
