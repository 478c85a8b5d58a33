import { hasOwnNames } from '../contracts/contracts.ts'
import { LingotError } from '../system/errors.ts'
import { asCalled } from '../system/invocation.ts'
import { counted, inJson } from '../text/terminal.ts'
import { tellPlaces } from './places.ts'
import { session } from './session.ts'

export interface GenerateOptions {
  scale: number
  seed: number
  force?: boolean
  json?: boolean
}

/** `lingot generate`: a sample bronze. */
export function generateCommand(options: GenerateOptions): Promise<void> {
  const { scale, seed, force = false, json } = options
  return session({ json }, async ({ lingot, terminal }) => {
    const { config } = lingot
    if (hasOwnNames(config.contracts)) {
      throw new LingotError(
        'config',
        'The configuration file reads bronze by other names than those of the sample.',
        'Generate the sample from a folder without that file.',
      )
    }
    const made = await lingot.generate({ scale, seed, force })
    tellPlaces(lingot, terminal, options, ['bronze'])
    if (json) return terminal.print(inJson(made, 2))
    const counts = [
      counted(made.customers, 'customer'),
      counted(made.transactions, 'transaction'),
      counted(made.campaigns, 'campaign'),
    ]
    terminal.print(`${config.bronze} holds ${counts.join(', ')}. Next: ${asCalled('`lingot run`')}`)
  })
}
