import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { md5, type Pseudonym } from './pseudonym.ts'
import { Flaw, invalid, LONGEST, markedText, type Outcome, Repaired, text } from './values.ts'

/** What stands for an email or a phone number, in lower-case hexadecimal: its MD5 unless the settings say otherwise. */
export type Hash = string

/** An address as it is to be, as most are. */
const PLAIN_EMAIL = /^[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/
const EMAIL = /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/u

/** The hash of the address, bare and in lower case. */
export function email(value: unknown, hash: Pseudonym = md5): Outcome<Hash> {
  if (typeof value === 'string' && value.length <= LONGEST && PLAIN_EMAIL.test(value)) return hash(value)
  const read = text(value)
  if (read instanceof Flaw) return read === invalid.notText ? invalid.notEmail : read
  const spelled = read instanceof Repaired ? read.value : read
  const address = bare(spelled.toLowerCase())
  if (!EMAIL.test(address)) return invalid.notEmail
  return address === read ? hash(address) : new Repaired(hash(address), 'case or spacing')
}

/** What an address stands in, and what is left behind it. */
const AROUND = /^(?:<(.*)>|["'`´\p{Pi}\p{Pf}„‚](.*)["'`´\p{Pi}\p{Pf}„‚])$/u
const BEFORE = /^mailto:/
const BEHIND = /[;,.]+$/

function bare(address: string): string {
  let before = ''
  let inner = address
  while (before !== inner) {
    before = inner
    inner = inner.replace(BEFORE, '').replace(BEHIND, '').trim()
    inner =
      AROUND.exec(inner)
        ?.slice(1)
        .find((found) => found !== undefined)
        ?.trim() ?? inner
  }
  return inner
}

/** Mobile numbers of the five countries that are E.164 already, and most fixed ones: no need to ask the library. */
const PLAIN_E164 = /^\+(?:33[1-9]\d{8}|324\d{8}|417\d{8}|3526\d{8}|1[2-9]\d{2}[2-9]\d{6})$/

/** The hash of the number in E.164; one without a country code belongs to the region. */
export function phone(value: unknown, region: CountryCode, hash: Pseudonym = md5): Outcome<Hash> {
  if (typeof value === 'string' && PLAIN_E164.test(value)) return hash(value)
  const read = markedText(value)
  if (read instanceof Flaw) return read === invalid.notText ? invalid.notPhone : read
  const spelled = read instanceof Repaired ? read.value : read
  const number = parsePhoneNumberFromString(spelled.replace(/^tel: ?/i, ''), { defaultCountry: region, extract: false })
  if (number === undefined || !number.isPossible()) return invalid.notPhone
  return number.number === read ? hash(number.number) : new Repaired(hash(number.number), 'to E.164')
}
