import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import type { Collection, MongoClient } from 'mongodb'
import { fieldReader } from '../mongo/field_reader.ts'
import { namesCountry, regionAbroad } from '../rules/countries.ts'
import { textOf } from '../rules/values.ts'
import { counted } from '../text/terminal.ts'
import type { CollectionMatch } from './matching.ts'
import { firstOf } from './survey.ts'

/** Phone numbers without a country code of customers who name no country that the rules know. */
export interface NationalPhones {
  phones: number
  /** Those that can be no number of the country that is meant where nothing else is said. */
  impossible: number
  /** The country that most of these customers name in another language, or else most numbers with a country code do. */
  likely?: { region: CountryCode; by: 'name' | 'code' }
}

const USUAL = 'FR'

/** Looks for phone numbers of which the settings have to say the country. */
export async function nationalPhones(
  client: MongoClient,
  collectionOf: (name: string) => Collection,
  matches: readonly CollectionMatch[],
  looking: { most: number; signal?: AbortSignal },
): Promise<NationalPhones | undefined> {
  const match = matches.find(({ contract, doubt }) => contract.collection === 'customers' && doubt === undefined)
  const pathOf = (name: string) =>
    match?.fields.find(({ field, doubt }) => field === name && doubt === undefined)?.source?.path
  const [phonePath, countryPath] = [pathOf('phone'), pathOf('country')]
  if (match === undefined || phonePath === undefined) return undefined
  const { read } = fieldReader([phonePath, ...(countryPath === undefined ? [] : [countryPath])])
  const named = new Map<CountryCode, number>()
  const coded = new Map<CountryCode, number>()
  const found: NationalPhones = { phones: 0, impossible: 0 }
  for await (const document of firstOf(client, collectionOf(match.source.name), looking)) {
    const values = read(document)
    const phone = textOf(values[0])
    if (phone === undefined) continue
    if (/^(?:\+|00)/.test(phone)) {
      count(coded, parsePhoneNumberFromString(phone.replace(/^00/, '+'), { extract: false })?.country)
      continue
    }
    const country = textOf(values[1])
    if (!/^\D?(?:\d\D{0,2}){6,}$/.test(phone) || (country !== undefined && namesCountry(country))) continue
    found.phones++
    const number = parsePhoneNumberFromString(phone, { defaultCountry: USUAL, extract: false })
    if (number?.isPossible() !== true) found.impossible++
    if (country !== undefined) count(named, regionAbroad(country))
  }
  const [byName, byCode] = [most(named), most(coded)]
  if (byName !== undefined) found.likely = { region: byName, by: 'name' }
  else if (byCode !== undefined) found.likely = { region: byCode, by: 'code' }
  const isUsual = found.likely === undefined ? found.impossible * 2 <= found.phones : found.likely.region === USUAL
  return found.phones === 0 || isUsual ? undefined : found
}

function count(regions: Map<CountryCode, number>, region: CountryCode | undefined): void {
  if (region !== undefined) regions.set(region, (regions.get(region) ?? 0) + 1)
}

function most(regions: ReadonlyMap<CountryCode, number>): CountryCode | undefined {
  return [...regions].sort(([, one], [, other]) => other - one)[0]?.[0]
}

/** What may have to be said of them, a line each. */
export function describePhones({ phones, likely }: NationalPhones): string[] {
  const seen = `${counted(phones, 'phone number')} without a country code, of customers without a country that is known, read as of ${USUAL}.`
  if (likely === undefined) {
    return [`${seen} Most cannot be: say of which country they are, in two letters:`, `phoneRegion: '${USUAL}',`]
  }
  const why = likely.by === 'name' ? 'The names of their countries' : 'The numbers with a country code'
  return [`${seen} ${why} speak for ${likely.region}:`, `phoneRegion: '${likely.region}',`]
}
