import { isCancel, select } from '@clack/prompts'
import type { Ask } from '../init/questions.ts'
import { LingotError } from '../system/errors.ts'
import { printable } from '../text/terminal.ts'

/** Whether somebody is there to be asked. */
export function isAskable(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Asks on the terminal, one choice of several; who only presses Enter takes the last one, which decides nothing. */
export function asking(signal: AbortSignal, quiet: () => void): Ask {
  return async ({ title, choices }) => {
    quiet()
    const options = choices.map(({ name, reason }, value) => ({
      value,
      label: printable(name),
      hint: printable(reason),
    }))
    const initialValue = choices.length - 1
    // Standard output is left to results.
    const output = process.stderr
    const answer = await select({ message: printable(title), options, initialValue, output, signal })
    if (!isCancel(answer)) return answer
    signal.throwIfAborted()
    throw new LingotError('interrupted', 'Stopped. Nothing was written.', 'Run it again.')
  }
}
