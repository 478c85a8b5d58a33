import type { Erased } from '../runs/record.ts'
import type { Person, Trace } from '../silver/erasure.ts'
import { LingotError } from '../system/errors.ts'
import { counted, readable, style } from '../text/terminal.ts'
import { confirm } from './confirmation.ts'
import { describePlaces, tellPlaces } from './places.ts'
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
    const run = await lingot.erase(person, bronze, consented)
    tellPlaces(lingot, terminal, { json })
    terminal.print(json ? toJson(run) : [describeErased(person, run.erasure), describeRun(run)].join('\n'))
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
function questionOf({ traces }: Person, isFromBronze: boolean): string {
  const sum = (all: readonly Trace[], of: (trace: Trace) => number) => all.reduce((sum, trace) => sum + of(trace), 0)
  const counts = (of: (trace: Trace) => number) => {
    const [customers, sales] = [traces.filter(isCustomer), traces.filter(isSale)]
    const others = otherCollections(traces).map((name) => {
      const own = traces.filter((trace) => isOther(trace) && trace.contract.collection === name)
      return `${readable(sum(own, of))} ${name}`
    })
    return inWords([counted(sum(customers, of), 'customer'), counted(sum(sales, of), 'sale'), ...others])
  }
  const others = otherCollections(traces)
  const removed = others.filter((name) => goes(traces, name))
  const kept = others.filter((name) => !goes(traces, name))
  return [
    `Silver has ${counts(({ silver }) => silver)} of this id, bronze ${counts(({ bronze }) => bronze.length)}.`,
    `${inWords(['Customers', ...removed])} are removed${isFromBronze ? ' from bronze, silver and gold' : ' from silver and gold'}, ${inWords(['sales', ...kept])} stay without theirs. It cannot be undone.`,
  ].join('\n')
}

const isCustomer = ({ contract, isOwn }: Trace) => contract.collection === 'customers' && isOwn
const isSale = ({ contract }: Trace) => contract.collection === 'transactions'
const isOther = (trace: Trace) => !isCustomer(trace) && !isSale(trace)

function otherCollections(traces: readonly Trace[]): string[] {
  return [...new Set(traces.filter(isOther).map(({ contract }) => contract.collection))]
}

/** Whether records of a collection go with the person. */
function goes(traces: readonly Trace[], name: string): boolean {
  return traces.some((trace) => isOther(trace) && trace.contract.collection === name && trace.isOwn)
}

function inWords(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

/** What was erased where; sales stay. */
function describeErased({ traces }: Person, erased: Erased | undefined): string {
  if (erased === undefined) return ''
  const inBronze = (of: (trace: Trace) => boolean) =>
    traces.filter(of).reduce((sum, { bronze }) => sum + bronze.length, 0)
  const others = inBronze(isOther)
  const more = others === 0 ? '' : ` and ${counted(others, 'other document')}`
  const left = `still holds ${counted(inBronze(isCustomer), 'document')} of the customer, and their id in ${counted(inBronze(isSale), 'sale')}${more}; --bronze removes ${more === '' ? 'both' : 'them'}`
  const describe = (what: Omit<Erased, 'quarantined' | 'bronze'>) =>
    [
      `${counted(what.customers, 'customer')} removed`,
      `${counted(what.transactions, 'sale')} kept without`,
      ...Object.entries(what.others ?? {}).map(
        ([name, count]) => `${readable(count)} ${name} ${goes(traces, name) ? 'removed' : 'kept without'}`,
      ),
    ].join(', ')
  return [
    style('bold', 'Erased'),
    `  silver  ${describe(erased)}, ${counted(erased.quarantined, 'document')} out of quarantine`,
    `  bronze  ${erased.bronze === undefined ? left : describe(erased.bronze)}`,
  ].join('\n')
}
