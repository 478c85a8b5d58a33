/**
 * Exact decimal arithmetic for the oracle: whole numbers (BigInt) only, so that no cent is ever a matter of floating
 * point. A decimal is `digits / 10^scale`; an amount of money is a BigInt of cents.
 */

export type Decimal = { digits: bigint; scale: number }

const PLAIN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/** Reads what JavaScript and BSON print for a number ("-12.5", "1e-7", "1E+3"); null for NaN, Infinity and the rest. */
export function parseDecimal(text: string): Decimal | null {
  const match = PLAIN.exec(text)
  if (match === null) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return null
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n)
  const scale = fraction.length - Number(exponent)
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

/** `numerator / denominator` as a whole number, half away from zero. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n
  const top = numerator < 0n ? -numerator : numerator
  const bottom = denominator < 0n ? -denominator : denominator
  const size = (2n * top + bottom) / (2n * bottom)
  return negative ? -size : size
}

/** "rounded to cents, half away from zero as its decimal text reads" */
export function toCents(number: Decimal): bigint {
  return divideRounded(number.digits * 100n, 10n ** BigInt(number.scale))
}

/** The whole number it is, or null: "4.0 is one, 2.5 is not". */
export function toWhole(number: Decimal): bigint | null {
  const unit = 10n ** BigInt(number.scale)
  return number.digits % unit === 0n ? number.digits / unit : null
}

/** Its whole part, the fraction dropped. */
export function truncate(number: Decimal, times = 1n): bigint {
  return (number.digits * times) / 10n ** BigInt(number.scale)
}

/** `units / 10^decimals` as PostgreSQL prints a NUMERIC of that scale: 12340, 2 → "123.40". */
export function format(units: bigint, decimals: number): string {
  const size = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0')
  const cut = size.length - decimals
  return `${units < 0n ? '-' : ''}${size.slice(0, cut)}.${size.slice(cut)}`
}

/** `numerator / denominator` with so many decimals, half away from zero; null when the denominator is 0. */
export function ratio(numerator: bigint, denominator: bigint, decimals: number): string | null {
  if (denominator === 0n) return null
  return format(divideRounded(numerator * 10n ** BigInt(decimals), denominator), decimals)
}

/** The double nearest to so many cents. */
export function centsToNumber(cents: bigint): number {
  return Number(format(cents, 2))
}
