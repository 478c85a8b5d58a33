import { BSONSymbol, Decimal128, Double, Int32, Long } from 'bson'
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { email } from './people.ts'
import { type Pii, type Pseudonym, pseudonym } from './pseudonym.ts'
import { eachAddress, eachNumber, mayHoldAddress } from './spellings.ts'
import { Flaw, Repaired } from './values.ts'

/** A text as it may be shown: what is an email or a phone number, or holds one, is its hash. */
export type Hide = (text: string) => string

/** What tells how emails and phone numbers are hidden. */
export interface Hiding {
  phoneRegion: CountryCode
  pii: Pii
}

/** How emails and phone numbers are hidden by these settings. */
export function hiding({ phoneRegion, pii }: Hiding): Hide {
  return hidingBy(phoneRegion, showing(pii))
}

/** What stands for an email or a phone number that is shown. */
export function showing(pii: Pii): Pseudonym {
  // What only shows needs no key.
  const isKeyless = pii.method === 'hmac-sha256' && pii.key === undefined
  return isKeyless ? () => '(an email or a phone number)' : pseudonym(pii)
}

export function hidingBy(region: CountryCode, hash: Pseudonym): Hide {
  return (text) => {
    const contact = contactIn(text, region)
    return contact === undefined ? text : hash(contact)
  }
}

const plain: Pseudonym = (value) => value

function contactIn(text: string, region: CountryCode): string | undefined {
  const read = email(text, plain)
  if (!(read instanceof Flaw)) return read instanceof Repaired ? read.value : read
  let found: string | undefined
  const take = (contact: string) => {
    found ??= contact
  }
  if (mayHoldAddress(text)) eachAddress(text, take)
  eachWritten(text, region, take)
  return found ?? bareNumber(text, region)
}

/** A whole text of digits alone that is dialled so in its country, or is long enough to have its country code. */
function bareNumber(text: string, region: CountryCode): string | undefined {
  if (!/^(?:0\d{8,10}|\d{11,15})$/.test(text)) return undefined
  const number = parsePhoneNumberFromString(text.startsWith('0') ? text : `+${text}`, {
    defaultCountry: region,
    extract: false,
  })
  return number?.isValid() ? number.number : undefined
}

/** An `_id` of any BSON type as it may be shown. */
export function discreetId(id: unknown, hide: Hide): unknown {
  if (typeof id === 'string') return hide(id)
  if (isScalar(id)) {
    const text = String(id)
    const hidden = hide(text)
    return hidden === text ? id : hidden
  }
  if (Array.isArray(id)) return id.map((inner) => discreetId(inner, hide))
  if (id instanceof Map) {
    return new Map([...id].map(([name, value]) => [hide(String(name)), discreetId(value, hide)]))
  }
  if (typeof id !== 'object' || id === null) return id
  const prototype: unknown = Object.getPrototypeOf(id)
  if (prototype !== Object.prototype && prototype !== null) return id
  return Object.fromEntries(Object.entries(id).map(([name, value]) => [hide(name), discreetId(value, hide)]))
}

function isScalar(id: unknown): boolean {
  return ['number', 'bigint'].includes(typeof id) || SCALARS.some((type) => id instanceof type)
}

const SCALARS = [Long, Double, Int32, Decimal128, BSONSymbol]

/** A time of day beside digits makes them a date. */
const TIME = /\d:\d\d/

/** Visits the numbers that can be nothing else as they are written: with the country code, or in groups and valid. */
export function eachWritten(text: string, region: CountryCode, visit: (e164: string, spelled: string) => void): void {
  const isDate = TIME.test(text)
  eachNumber(text, ({ digits, isInternational, isGrouped }) => {
    const isNational = digits.startsWith('0') && isGrouped && !isDate
    if (!isInternational && !isNational) return
    const number = parsePhoneNumberFromString(isInternational ? `+${digits}` : digits, {
      defaultCountry: region,
      extract: false,
    })
    if (number?.isValid()) visit(number.number, `${isInternational ? '+' : ''}${digits}`)
  })
}
