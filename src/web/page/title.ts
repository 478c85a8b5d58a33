/** The name of a field of the shop's own as people read it: `ship_mode` is Ship mode. */
export function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
