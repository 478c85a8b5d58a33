/** The token that starts runs and puts statements: it came in the address, behind the #, and is kept for this tab alone. */
const KEY = 'lingot.token'

/** Takes the token out of the address, where nobody should copy it from. */
export function takeToken(): void {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1]
  if (token === undefined) return
  history.replaceState(history.state, '', location.pathname + location.search)
  try {
    sessionStorage.setItem(KEY, token)
  } catch {
    // Without storage there is no button; everything else works.
  }
}

export function readToken(): string | null {
  try {
    return sessionStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** What shows the server that who asks has the token. */
export function authorization(): Record<string, string> {
  const token = readToken()
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

/** A request that asks for something with JSON, as who has the token. */
export function asking(body: object): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization() },
    body: JSON.stringify(body),
  }
}
