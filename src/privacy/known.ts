import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { type Dialled, eachNumber, eachPossibleAddress, mayHoldAddress, mayHoldNumber } from '../rules/spellings.ts'
import { LONGEST, textOf } from '../rules/values.ts'
import { fingerprints } from '../system/fingerprints.ts'

/** Every email and phone number of bronze, as fingerprints: it knows them again and cannot tell them. */
export interface Known {
  emails: number
  phones: number
  /** What a text holds of them. */
  heldBy: (text: string, as: Spelled) => { email: boolean; phone: boolean }
}

/** Where a text stands: digits in an id are seldom a phone number, and a measurement is written in none of its forms. */
export type Spelled = 'text' | 'id' | 'measurement'

/** Fingerprints that are being collected. */
export interface Collecting extends Known {
  addEmail: (address: string) => void
  /** A number in E.164, and as it was spelled; gives the keys by which it is known. */
  addPhone: (e164: string, spelled: string) => readonly string[]
  /** An id that is the phone number of its own document. */
  addId: (id: string) => void
}

export function collecting(): Collecting {
  const all = fingerprints()
  const holdsNumber = (text: string, as: Spelled) => {
    let isHeld = false
    eachNumber(text, (number) => {
      isHeld ||= keysFor(number, as).some((key) => all.has(key))
    })
    return isHeld
  }
  const holdsEmail = (text: string) => {
    let isHeld = all.has(`@${textOf(text)?.toLowerCase()}`)
    eachPossibleAddress(text, (address) => {
      isHeld ||= all.has(`@${address}`)
    })
    return isHeld
  }
  const self: Collecting = {
    emails: 0,
    phones: 0,
    addEmail(address) {
      if (all.add(`@${address}`)) self.emails++
    },
    addPhone(e164, spelled) {
      if (all.add(e164)) self.phones++
      const keys = [e164, ...nationalKeys(e164)]
      for (const key of keys) all.add(key)
      const digits = spelled.match(/\p{Nd}/gu)?.length ?? 0
      if (digits >= FEWEST_NATIONAL && !holdsNumber(spelled, 'text')) all.add(asItStands(spelled))
      return keys
    },
    addId: (id) => all.add(idKey(id)),
    heldBy(text, as) {
      const email = mayHoldAddress(text) && holdsEmail(text)
      if (!mayHoldNumber(text)) return { email, phone: false }
      const isSpelledSo = text.length <= LONGEST && as === 'text' && all.has(asItStands(text))
      return { email, phone: isSpelledSo || holdsNumber(text, as) || (as === 'id' && all.has(idKey(text))) }
    },
  }
  return self
}

// ---------------------------------------------------------------------------------------------- the keys of a number

/** Digits of a national number without which it is no more than any number. */
const FEWEST_NATIONAL = 9

/** A number within its country: as it is dialled there, and without what is dialled before it there. */
function nationalKeys(e164: string): string[] {
  const number = parsePhoneNumberFromString(e164)
  if (number === undefined) return []
  const dialled = [number.formatNational().replace(/\D/g, ''), String(number.nationalNumber)]
  return [...new Set(dialled)].filter(({ length }) => length >= FEWEST_NATIONAL).map(nationalKey)
}

/** What digits in a text may mean, the country code known, or not. */
export function keysFor({ digits, isInternational, isGrouped, isWhole }: Dialled, as: Spelled): string[] {
  if (isInternational) return [`+${digits}`]
  // An id may have any digits; those of a person's own number are told by that.
  if (as === 'id' && !isGrouped) return []
  const keys = digits.length > FEWEST_NATIONAL ? [`+${digits}`] : []
  const isNational = digits.startsWith('0') || isGrouped || isWhole
  return as !== 'measurement' && isNational && digits.length >= FEWEST_NATIONAL ? [...keys, nationalKey(digits)] : keys
}

function nationalKey(digits: string): string {
  return `national ${digits}`
}

function idKey(id: string): string {
  return `id ${id}`
}

/** A spelling that nothing else recognises, as a whole. */
function asItStands(spelled: string): string {
  return `as it stands ${spelled.replace(/\s+/g, '').toLowerCase()}`
}
