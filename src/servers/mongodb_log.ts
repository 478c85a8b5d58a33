interface Line {
  /** Its severity: E and F are what went wrong. */
  s: string
  msg: string
  attr?: { message?: unknown; error?: unknown }
}

const MOST = 3

/** What went wrong first by a log of mongod: one JSON object a line, or plain text where it could not even be loaded. */
export function describeMongodbLog(text: string): string {
  const errors = text
    .split('\n')
    .map(parse)
    .filter(({ s }) => 'EF'.includes(s))
    .map(({ msg, attr }) => [msg, reason(attr?.message ?? attr?.error)].filter(Boolean).join(': ').trim())
  // What comes later follows from it.
  return [...new Set(errors)].filter(Boolean).slice(0, MOST).join('\n')
}

function parse(line: string): Line {
  try {
    return JSON.parse(line)
  } catch {
    return { s: 'F', msg: line }
  }
}

/** The words of a reason, which may be an object that has them in one of its fields. */
function reason(given: unknown): string {
  if (typeof given === 'string') return given.trim()
  if (typeof given !== 'object' || given === null) return ''
  return Object.entries(given)
    .filter(([name]) => name === 'errmsg' || name === 'msg')
    .map(([, words]) => String(words))
    .join(': ')
}
