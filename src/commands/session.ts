import { type Lingot, type Opening, withLingot } from '../library/lingot.ts'
import { loadConfig } from '../settings/config.ts'
import { openTerminal, type Terminal } from '../text/terminal.ts'
import { interruptible } from './interruption.ts'

/** What a command works with: the opened shop, a way to speak, a signal to stop. */
export interface Session {
  lingot: Lingot
  terminal: Terminal
  signal: AbortSignal
}

/** Opens the shop, does the work, closes everything; Ctrl-C and SIGTERM end it in between. */
export function session<T>(
  { json = false, gold }: { json?: boolean | undefined; gold?: Opening['gold'] },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return interruptible(async (signal) => {
    const config = await loadConfig()
    const terminal = await openTerminal({ json })
    try {
      const { progress: onProgress, say: onStep, note: onNote } = terminal
      return await withLingot(config, { gold, signal, onProgress, onStep, onNote }, (lingot) =>
        work({ lingot, terminal, signal }),
      )
    } finally {
      terminal.quiet()
    }
  })
}
