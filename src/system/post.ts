/** How a server is posted to. */
export interface Posting {
  headers?: Record<string, string>
  /** Milliseconds in which it has to answer. */
  patienceMs: number
  signal?: AbortSignal
}

/** Posts JSON, and gives how it was answered. Throws where it was not, saying why without the address, which may be a secret. */
export async function postJson(
  url: string,
  body: string,
  { headers, patienceMs, signal }: Posting,
): Promise<{ isTaken: boolean; status: number }> {
  const patience = AbortSignal.timeout(patienceMs)
  const response = await fetch(url, {
    method: 'POST',
    body,
    // Whoever could redirect it would get it.
    redirect: 'manual',
    signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
    headers: { 'content-type': 'application/json', ...headers },
  }).catch((error: unknown) => {
    throw new Error(reasonOf(error, patienceMs))
  })
  await response.body?.cancel()
  return { isTaken: response.ok, status: response.status }
}

function reasonOf(error: unknown, patienceMs: number): string {
  if (!(error instanceof Error)) return 'it does not answer'
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : ''
  return error.name === 'TimeoutError' ? `no answer within ${patienceMs / 1000} seconds` : `it does not answer${code}`
}
