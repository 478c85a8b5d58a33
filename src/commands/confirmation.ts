import { createInterface } from 'node:readline/promises'

interface Streams {
  input: NodeJS.ReadableStream
  output: NodeJS.WritableStream
}

/** Asks on the terminal, and takes nothing but a whole `yes` for one. Standard output is left to results. */
export async function confirm(
  question: string,
  signal: AbortSignal,
  { input, output }: Streams = { input: process.stdin, output: process.stderr },
): Promise<boolean> {
  const asking = createInterface({ input, output })
  try {
    const closed = new Promise<string>((resolve) => asking.once('close', () => resolve('')))
    const answer = asking.question(`${question}\nType yes to go on: `, { signal })
    return (await Promise.race([answer, closed])).trim().toLowerCase() === 'yes'
  } finally {
    asking.close()
  }
}
