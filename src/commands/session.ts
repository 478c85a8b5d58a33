import { type Lingot, type Opening, withLingot } from '../library/lingot.ts'
import { loadConfig } from '../settings/config.ts'
import type { Language } from '../text/numbers.ts'
import { openTerminal, type Terminal } from '../text/terminal.ts'
import { interruptible } from './interruption.ts'
import type { Words } from './words/en.ts'
import { wordsOf } from './words/words.ts'

/** What a command works with: the opened shop, a way to speak, a signal to stop. */
export interface Session {
  lingot: Lingot
  terminal: Terminal
  /** What is told to people, in their language. */
  words: Words
  signal: AbortSignal
}

interface SessionOptions {
  json?: boolean | undefined
  gold?: Opening['gold']
  /** In which language a command speaks that has several: the configured one, or another. */
  languageOf?: (configured: Language) => Language
}

/** Opens the shop, does the work, closes everything; Ctrl-C and SIGTERM end it in between. */
export function session<T>(
  { json = false, gold, languageOf = () => 'en' }: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return interruptible(async (signal) => {
    const config = await loadConfig()
    const words = await wordsOf(languageOf(config.language))
    const terminal = await openTerminal({ json, words })
    try {
      const { progress: onProgress, note: onNote } = terminal
      const onStep = (step: string) => terminal.say(words.told(step))
      return await withLingot(config, { gold, signal, onProgress, onStep, onNote }, (lingot) =>
        work({ lingot, terminal, words, signal }),
      )
    } finally {
      terminal.quiet()
    }
  })
}
