const LETTER = '[A-Za-z_\\u0080-\\uffff]'
const MARK = '[A-Za-z0-9_\\u0080-\\uffff]'
const QUOTED = (quote: string) => `${quote}[^${quote}]*(?:${quote}${quote}[^${quote}]*)*${quote}(?!${quote})`
/** A literal goes on in one that follows it on another line, and then has its escapes: that is left undecided. */
const GOES_ON = `(?:[ \\t\\n\\r\\f\\v]|--[^\\n\\r]*[\\n\\r])*'`

/** What PostgreSQL's lexer takes as one, in its order of preference; what comes close to another is no token here. */
const TOKEN = new RegExp(
  [
    `(?<value>--[^\\n\\r]*|${QUOTED("'")}|[eE]'[^'\\\\]*(?:(?:''|\\\\[^])[^'\\\\]*)*'(?!')(?!${GOES_ON}))`,
    '(?<comment>/\\*)',
    `(?<dollars>\\$(?:${LETTER}${MARK}*)?\\$)`,
    QUOTED('"'),
    `(?![eE]')${LETTER}[\\w$\\u0080-\\uffff]*`,
    // Older versions end a number before letters, which may then begin a literal.
    `\\$?\\d[\\w.\\u0080-\\uffff]*(?!['$\\w.\\u0080-\\uffff])`,
    `[^'"$\\w\\u0080-\\uffff]`,
  ].join('|'),
  'y',
)

/**
 * A statement without its texts and comments, as PostgreSQL reads it with standard_conforming_strings; undefined where
 * it cannot be told for certain what is one.
 */
export function codeOf(sql: string): string | undefined {
  let code = ''
  for (let at = 0; at < sql.length; ) {
    TOKEN.lastIndex = at
    const [token = '', groups] = tokenOf(TOKEN.exec(sql))
    if (token === '') return undefined
    const end = groups.comment ? endOfComment(sql, at) : groups.dollars ? endOfBody(sql, at, token) : at + token.length
    if (end === undefined) return undefined
    code += groups.value || groups.comment || groups.dollars ? ' ' : token
    at = end
  }
  return code
}

type Groups = Partial<Record<'value' | 'comment' | 'dollars', string>>

function tokenOf(found: RegExpExecArray | null): [string | undefined, Groups] {
  return [found?.[0], found?.groups ?? {}]
}

/** Comments nest. */
function endOfComment(sql: string, at: number): number | undefined {
  const mark = /\/\*|\*\//g
  mark.lastIndex = at
  let depth = 0
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return undefined
}

function endOfBody(sql: string, at: number, tag: string): number | undefined {
  const end = sql.indexOf(tag, at + tag.length)
  return end < 0 ? undefined : end + tag.length
}
