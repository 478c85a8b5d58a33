import type { Erased } from '../runs/record.ts'
import type { Person } from '../silver/erasure.ts'
import { LingotError } from '../system/errors.ts'
import { counted, style } from '../text/terminal.ts'
import { confirm } from './confirmation.ts'
import { describePlaces, tellPlaces } from './places.ts'
import { consents } from './run_arguments.ts'
import { describeRun, toJson } from './run_result.ts'
import { session } from './session.ts'

export interface EraseOptions {
  /** Does not ask. */
  yes?: boolean
  bronze?: boolean
  json?: boolean
  wait: boolean
  acceptShrink?: boolean
}

/** `lingot erase CUST12345`: takes a person out of silver and gold, and keeps them out. */
export async function eraseCommand(
  customerId: string,
  { yes, bronze = false, json, ...consented }: EraseOptions,
): Promise<void> {
  const isAsking = yes !== true
  if (isAsking && !process.stdin.isTTY) {
    throw new LingotError('usage', 'Nobody is there to be asked.', 'Say --yes where it is meant.')
  }
  const erasing = session({ json, gold: 'written' }, async ({ lingot, terminal, signal }) => {
    terminal.say('looking for the customer')
    const person = await lingot.find(customerId, bronze)
    terminal.quiet()
    const question = `${describePlaces(lingot)}\n${questionOf(person, bronze)}`
    if (isAsking && !(await confirm(question, signal))) {
      return terminal.print('Nothing was erased.')
    }
    const record = await lingot.erase(person, bronze, consents(consented))
    tellPlaces(lingot, terminal, { json })
    terminal.print(json ? toJson(record) : [describeErased(person, record.erasure), describeRun(record)].join('\n'))
  })
  await erasing.catch((error: unknown) => {
    if (!(error instanceof LingotError)) throw error
    if (error.kind === 'interrupted') {
      throw new LingotError('interrupted', 'Stopped. The person may not be erased everywhere yet.', 'Run it again.')
    }
    if (error.kind !== 'gate') throw error
    throw new LingotError(
      'gate',
      `The person is out of silver, and still in gold. ${error.message}`,
      'Put right what the check tells of, or accept it where it says how, then run it again.',
      { cause: error },
    )
  })
}

/** What is at stake, without a name. */
function questionOf({ silver, bronze }: Person, isFromBronze: boolean): string {
  const counts = (customers: number, transactions: number) =>
    `${counted(customers, 'customer')} and ${counted(transactions, 'sale')}`
  return [
    `Silver has ${counts(silver.customers, silver.transactions)} of this id, bronze ${counts(bronze.customers.length, bronze.transactions.length)}.`,
    `Customers are removed${isFromBronze ? ' from bronze, silver and gold' : ' from silver and gold'}, sales stay without theirs. It cannot be undone.`,
  ].join('\n')
}

/** What was erased where; sales stay. */
function describeErased({ bronze }: Person, erased: Erased | undefined): string {
  if (erased === undefined) return ''
  const left = `still holds ${counted(bronze.customers.length, 'document')} of the customer, and their id in ${counted(bronze.transactions.length, 'sale')}; --bronze removes both`
  return [
    style('bold', 'Erased'),
    `  silver  ${counted(erased.customers, 'customer')} removed, ${counted(erased.transactions, 'sale')} kept without, ${counted(erased.quarantined, 'document')} out of quarantine`,
    `  bronze  ${
      erased.bronze === undefined
        ? left
        : `${counted(erased.bronze.customers, 'customer')} removed, ${counted(erased.bronze.transactions, 'sale')} kept without`
    }`,
  ].join('\n')
}
