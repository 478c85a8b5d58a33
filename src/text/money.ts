/** The cents of an exact decimal text such as `-1234.50`. */
export function centsOf(money: string): bigint {
  const [whole = '0', fraction = ''] = money.split('.')
  return BigInt(whole + fraction.padEnd(2, '0').slice(0, 2))
}

/** Cents as an exact decimal text. */
export function moneyOf(cents: bigint): string {
  return decimal(cents, 2)
}

/** Millionths as an exact decimal text without zeros behind it: whole counts look whole. */
export function countOf(millionths: bigint): string {
  return decimal(millionths, 6).replace(/\.?0+$/, '')
}

/** A quotient rounded half away from zero, as an exact decimal text; null for a denominator of 0. */
export function quotient(numerator: bigint, denominator: bigint, decimals: number): string | null {
  if (denominator === 0n) return null
  const scaled = 2n * magnitude(numerator) * 10n ** BigInt(decimals) + magnitude(denominator)
  const rounded = scaled / (2n * magnitude(denominator))
  return decimal(numerator < 0n === denominator < 0n ? rounded : -rounded, decimals)
}

function magnitude(number: bigint): bigint {
  return number < 0n ? -number : number
}

function decimal(units: bigint, decimals: number): string {
  const digits = magnitude(units)
    .toString()
    .padStart(decimals + 1, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}
