/*
 * What may be an email or a phone number in a text. A text may be hostile: no search takes longer than its length allows.
 */

/** Whether a text can hold an email or a phone number at all; most cannot, and need no closer look. */
export function mayHold(text: string): boolean {
  return mayHoldAddress(text) || mayHoldNumber(text)
}

/** A text in the plain forms of its characters: full-width ones and the digits of other scripts are written as others. */
export function inPlainForms(text: string): string {
  if (!OTHER_FORMS.test(text)) return text
  return text.normalize('NFKC').replace(OTHER_DIGITS, (digit) => String(digitOf(digit)))
}

const OTHER_FORMS = /[\u{660}-\u{10ffff}]/u
const OTHER_DIGITS = /(?![0-9])\p{Nd}/gu

/** Ten digits of a script follow each other, from 0 on. */
function digitOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0
  let value = 0
  while (value < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(code - value - 1))) value++
  return value
}

// -------------------------------------------------------------------------------------------------------------- emails

/** Characters on each side of an @ that are looked at. */
const FAR = 320
const BEFORE = /[\p{L}\p{N}._%+'-]*$/u
const AFTER = /^[\p{L}\p{N}.-]*/u
const ADDRESS = /^[\p{L}\p{N}][^@]*@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u

/** An @ as links write it, and in its wide form. */
const AT = /%40|\uff20/gi

export function mayHoldAddress(text: string): boolean {
  return text.includes('@') || text.includes('%40') || text.includes('\uff20')
}

/** Visits the email addresses that a text holds as people write them, in lower case. */
export function eachAddress(text: string, visit: (address: string) => void): void {
  aroundEach(text, (before, after) => {
    const name = BEFORE.exec(before)?.[0].replace(/^[._%+'-]+/, '') ?? ''
    const domain = AFTER.exec(after)?.[0].replace(/[.-]+$/, '') ?? ''
    const address = `${name}@${domain}`
    if (ADDRESS.test(address)) visit(address)
  })
}

/** What may set an odd address apart from the text around it. */
const MARKS = /["'`<>()[\]{},;:=|/\\?&#!*~^$]/
const MOST_CUTS = 8

/** Visits every piece of a text around an @ that may be meant as an address, odd ones as well, in lower case. */
export function eachPossibleAddress(text: string, visit: (address: string) => void): void {
  aroundEach(text, (before, after) => {
    const names = [
      before,
      ...cutsOf(before)
        .slice(-MOST_CUTS)
        .map((at) => before.slice(at + 1)),
    ]
    const cuts = cutsOf(after).slice(0, MOST_CUTS)
    const domains = [after, ...cuts.map((at) => after.slice(0, at)), after.replace(/[.!?]+$/, '')]
    for (const name of names) for (const domain of domains) visit(`${name}@${domain}`)
  })
}

/** Where marks stand. */
function cutsOf(text: string): number[] {
  const cuts: number[] = []
  for (let at = 0; at < text.length; at++) if (MARKS.test(text.charAt(at))) cuts.push(at)
  return cuts
}

/** Visits what stands before and after each @, up to white space or another @. */
function aroundEach(given: string, visit: (before: string, after: string) => void): void {
  const text = inPlainForms(given.replace(AT, '@'))
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at
    while (start > 0 && at - start < FAR && !isBreak(text, start - 1)) start--
    let end = at + 1
    while (end < text.length && end - at < FAR && !isBreak(text, end)) end++
    if (start < at && end > at + 1) visit(text.slice(start, at).toLowerCase(), text.slice(at + 1, end).toLowerCase())
  }
}

function isBreak(text: string, at: number): boolean {
  return /[\s@\p{Cc}]/u.test(text.charAt(at))
}

// ------------------------------------------------------------------------------------------------------- phone numbers

/** Digits as a phone number may be written. */
export interface Dialled {
  /** Without the sign, and without 00, which says the same. */
  digits: string
  isInternational: boolean
  /** Set apart in groups, as in 06 12 34 56 78. */
  isGrouped: boolean
  /** All of the text. */
  isWhole: boolean
}

/** Digits of a phone number, at least and, with a 00 before them, at most. */
const FEWEST = 7
const MOST = 17
const GAP = /^[\s.\-/()_,;:|*\u00b7\u2010-\u2015\u2022\u2027\u2212\u2219\u22c5\u30fb]{1,2}$/
const INTERNATIONAL = /\+[\s(]{0,2}$/

/** Whether a text has digits enough; digits of other scripts count as well. */
export function mayHoldNumber(text: string): boolean {
  let digits = 0
  for (let i = 0; i < text.length && digits < FEWEST; i++) {
    const code = text.charCodeAt(i)
    if ((code >= 48 && code <= 57) || code >= 0x660) digits++
  }
  return digits === FEWEST
}

/** Characters of a text that are looked at together, and how far two pieces overlap: as far as a number goes. */
const PIECE = 2 ** 14
const OVERLAP = 64

/** Visits every run of digits that may be a phone number: in a row of groups, any that stand together. */
export function eachNumber(given: string, visit: (number: Dialled) => void): void {
  const plain = inPlainForms(given)
  const text = plain.includes('(0)') ? plain.replaceAll('(0)', '') : plain
  for (let from = 0; from === 0 || from + OVERLAP < text.length; from += PIECE - OVERLAP) {
    eachNumberIn(text.slice(from, from + PIECE), visit)
  }
}

function eachNumberIn(text: string, visit: (number: Dialled) => void): void {
  const groups = [...text.matchAll(/[0-9]+/g)].map(({ 0: digits, index }) => ({
    digits,
    index,
    end: index + digits.length,
  }))
  for (const [first, { index, end }] of groups.entries()) {
    if (isLetter(text, index - 1)) continue
    const isSigned = INTERNATIONAL.test(text.slice(Math.max(0, index - 3), index))
    let digits = ''
    let before = index
    for (let place = first; place < groups.length; place++) {
      const group = groups[place] as (typeof groups)[number]
      const gap = text.slice(before, group.index)
      // Nobody sets single digits apart but the first or the second: 1 514 234 5678, +33 6 12 34 56 78.
      if (place > first && (!GAP.test(gap) || (place > first + 1 && group.digits.length === 1))) break
      digits += group.digits
      before = group.end
      if (digits.length > MOST) break
      const isDecimal = gap === '.' && place === first + 1 && !isSigned
      if (digits.length < FEWEST || isDecimal || isLetter(text, group.end)) continue
      const around = text.slice(Math.max(0, index - 4), index) + text.slice(group.end)
      visit({
        digits: digits.replace(/^00/, ''),
        isInternational: isSigned || digits.startsWith('00'),
        isGrouped: group.end > end,
        isWhole: index < 4 && around.length < 8 && /^[\s+()]*$/.test(around),
      })
    }
  }
}

/** As in an id. */
function isLetter(text: string, at: number): boolean {
  return /\p{L}/u.test(text.charAt(at))
}
