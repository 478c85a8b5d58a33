/** What the page of a master says in JSON, of which this is needed. */
export interface MasterFacts {
  url: string
  workers: { webuiaddress: string; state: string; cores: number; memory: number }[]
}

/** Asks a master who is there; undefined where it does not answer. */
export async function askMaster(ui: string): Promise<MasterFacts | undefined> {
  try {
    const answer = await fetch(`${ui}/json/`, { signal: AbortSignal.timeout(3000) })
    return answer.ok ? ((await answer.json()) as MasterFacts) : undefined
  } catch {
    return undefined
  }
}
