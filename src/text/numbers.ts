/** A number as people read it, with every decimal that its text has. */
export function readable(number: string | number): string {
  const decimals = String(number).split('.')[1]?.length ?? 0
  formats[decimals] ??= new Intl.NumberFormat('en', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
  return formats[decimals].format(number as Intl.StringNumericLiteral)
}

/** By decimals; to make one takes longer than to use it a hundred times. */
const formats: Intl.NumberFormat[] = []
