/** Exact decimal texts as PostgreSQL and DuckDB give them, in whole units of their last decimal. */

/** One less the other; what is unknown counts as nothing. */
export function minus(one: string | null, other: string | null): string {
  const decimals = Math.max(decimalsOf(one), decimalsOf(other))
  return spelled(unitsOf(one, decimals) - unitsOf(other, decimals), decimals)
}

/** Compares what two come to, whatever their signs: the larger one first. */
export function byMagnitude(one: string, other: string): number {
  const decimals = Math.max(decimalsOf(one), decimalsOf(other))
  const [a, b] = [unitsOf(one, decimals), unitsOf(other, decimals)].map((units) => (units < 0n ? -units : units))
  return a === b ? 0 : (a ?? 0n) > (b ?? 0n) ? -1 : 1
}

export function isZero(decimal: string): boolean {
  return /^-?0*(\.0*)?$/.test(decimal)
}

function decimalsOf(decimal: string | null): number {
  return decimal?.split('.')[1]?.length ?? 0
}

function unitsOf(decimal: string | null, decimals: number): bigint {
  const [whole = '0', fraction = ''] = (decimal ?? '0').split('.')
  return BigInt(whole + fraction.padEnd(decimals, '0'))
}

function spelled(units: bigint, decimals: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0')
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
  return units < 0n ? `-${text}` : text
}
