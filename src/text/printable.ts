/** What a terminal would obey instead of show: control characters, line separators and changes of direction. */
const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]/gu

/** Replaces what a terminal would obey instead of show. */
export function printable(text: string): string {
  return text.replace(OBEYED, '\ufffd')
}

/** The same of a text of several lines. */
export function printableLines(text: string): string {
  return text.replace(/[^\n\t]+/g, printable)
}

/** JSON that loses nothing, and in which a terminal finds nothing to obey. */
export function inJson(value: unknown, indent?: number): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return (JSON.stringify(value, null, indent) ?? 'null').replace(OBEYED, (found) =>
    found === '\n' ? found : escaped(found),
  )
}
