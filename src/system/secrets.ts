/** Shorter ones are words that messages may hold by chance. */
const SHORTEST = 6

/** What a parameter is called that holds a secret, in connection strings of both servers and of libpq. */
const NAMES = String.raw`[\w-]*(?:password|passwd|passphrase|token|secret|AuthMechanismProperties)[\w-]*`

/** Secrets of the settings, as they are written and as they are meant; the longest first. */
let known: string[] = []

/** Has the secrets of a connection string masked wherever they turn up from now on, also out of their place. */
export function keepSecret(uri: string): void {
  const found = secretsOf(uri).flatMap((secret) => {
    const meant = decoded(secret)
    return [secret, meant, encodeURIComponent(meant)]
  })
  known = [...new Set([...known, ...found])]
    .filter((secret) => secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length)
}

/** The passwords of a connection string; one that is the name of the user as well is no secret that can be kept. */
function secretsOf(uri: string): string[] {
  const [, user = '', password = ''] = /:\/\/([^:/?#@]*):([^/?#]*)@/.exec(uri) ?? []
  const parameters = [...uri.matchAll(new RegExp(`[?&]${NAMES}=([^&#]*)`, 'gi'))]
  // The properties are a list of names and values.
  const values = parameters.flatMap(([, value = '']) => [value, ...decoded(value).split(/[:,]/).slice(1)])
  return [password, ...values].filter((secret) => secret !== user)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // it holds a % of its own
  }
}

/**
 * Replaces by `***` what is secret in a text: passwords of connection strings, percent-encoded as a whole or not, up to
 * their last @, since a password may hold any character; parameters that are called like secrets; and secrets that
 * {@link keepSecret} knows.
 */
export function mask(text: string): string {
  const masked = text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s]*@/gi, '$1:***@')
    .replace(/(?<![a-z])([a-z][a-z0-9+.-]*%3A%2F%2F[^\s%]*)%3A\S*%40/gi, '$1%3A***%40')
    .replace(ASSIGNED, '$1***')
    .replace(SHOWN, '$1***')
  return known.reduce((rest, secret) => rest.replaceAll(secret, '***'), masked)
}

const QUOTED = String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`
/** `?password=…`, and `password = '…'` as libpq writes it. */
const ASSIGNED = new RegExp(String.raw`(?<![\w-])(${NAMES} *(?:=|%3D) *)(?:${QUOTED})?[^\s&]*`, 'gi')
/** `"password":"…"` and `password: '…'`, as objects are shown. */
const SHOWN = new RegExp(String.raw`(?<![\w-])(${NAMES}["']?: *)(?:${QUOTED})`, 'gi')

/** A connection string, safe to show: in one, a password may hold even a space. */
export function maskUri(uri: string): string {
  return mask(uri.replace(/\s/g, '%20'))
}
