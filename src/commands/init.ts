import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { README } from '../init/beginnings.ts'
import { describeBuyers, describeLook, wayText } from '../init/draft.ts'
import type { Draft } from '../init/look.ts'
import type { CollectionMatch } from '../init/matching.ts'
import { knownOf, type Trials, unknownIn } from '../init/trial.ts'
import { loadConfig } from '../settings/config.ts'
import { findConfigFile } from '../settings/loader.ts'
import { LingotError } from '../system/errors.ts'
import { asCalled } from '../system/invocation.ts'
import { writeOutput } from '../system/output.ts'
import { counted, describeSteps, readable, style, table } from '../text/terminal.ts'
import { suspectedIn } from '../trust/suspicions.ts'
import { asking, isAskable } from './prompts.ts'
import { session } from './session.ts'

export interface InitOptions {
  force?: boolean
  print?: boolean
  yes?: boolean
}

/** `lingot init`: a configuration from a look at bronze, and a trial of it. */
export function initCommand({ force = false, print = false, yes = false }: InitOptions): Promise<void> {
  const file = resolve('lingot.config.ts')
  if (!print) refuseExisting(file, force)
  return session({}, async ({ lingot, terminal, signal }) => {
    const ask = yes || !isAskable() ? undefined : asking(signal, terminal.quiet)
    const draft = await lingot.draft(ask)
    if (print) return terminal.print(draft.text.trimEnd())
    await writeOutput(file, draft.text, { isNew: !force })
    if (!existsSync('README.md')) await writeOutput('README.md', README, { isNew: true })
    const config = await loadConfig()
    terminal.say('trying it out')
    const trials = await lingot.tryOut(config)
    for (const match of draft.matches) terminal.print(`${describeMatch(match, trials)}\n`)
    if (draft.buyers) terminal.print(`${style('bold', `customers ← who bought: ${describeBuyers(draft.buyers)}`)}\n`)
    terminal.print(describeTrials(draft, trials, config.currency))
    const open = draft.matches.some(isOpen)
    terminal.print(
      `\n${basename(file)} says which collection and field is which${open ? '; what is not sure is a comment in it, for you to decide' : ''}. Then:\n${describeSteps(
        [
          [asCalled('lingot run'), 'bronze to silver to gold'],
          [asCalled('lingot ask'), 'the answers'],
        ],
      ).join('\n')}`,
    )
  })
}

function refuseExisting(file: string, force: boolean): void {
  const found = findConfigFile(resolve())
  if (found === undefined || (force && found === file)) return
  throw new LingotError(
    'config',
    `${basename(found)} is here already, and stays as it is.`,
    found === file
      ? 'See what it would say with `lingot init --print`, or replace it with `lingot init --force`.'
      : 'See what it would say with `lingot init --print`, or remove that file first.',
  )
}

/** Whether something is left to be decided. */
function isOpen({ doubt, fields }: CollectionMatch): boolean {
  return doubt !== undefined || openFields(fields).length > 0
}

/** Fields of which no way to read them is sure. */
function openFields(fields: CollectionMatch['fields']): string[] {
  const sure = new Set(fields.flatMap(({ field, doubt }) => (doubt === undefined ? field : [])))
  return [...new Set(fields.map(({ field }) => field))].filter((field) => !sure.has(field))
}

const COLUMNS = ['field', 'read from', 'known %', 'how sure, and why'].map((title) => ({
  title,
  isNumber: title === 'known %',
  widest: title === 'how sure, and why' ? 90 : 40,
}))

/** Where each field of a contract is read from, how sure that is, and how much came of it. */
function describeMatch(match: CollectionMatch, { collections }: Trials): string {
  const { contract, source, each, doubt, fields, missing } = match
  const trial = collections.find(({ contract: { collection } }) => collection === contract.collection)
  const open = openFields(fields)
  const rows = fields
    .filter(({ field, doubt }) => doubt === undefined || open.includes(field))
    .map(({ field, source, how, doubt, why }) => [
      field,
      doubt === undefined ? wayText({ source, ...(how && { how }) }).replaceAll("'", '') : '',
      doubt !== undefined || source === null || trial === undefined ? null : knownOf(trial, field).toFixed(1),
      doubt === undefined
        ? `sure: ${why ?? 'by its name'}`
        : `not sure: ${wayText({ source, ...(how && { how }) })}? ${doubt}`,
    ])
  const title = `${contract.collection} ← ${source.name}${each === undefined ? '' : `, each of ${each.name}`} (${describeLook(source)})`
  return [
    style('bold', title),
    ...(doubt === undefined ? [] : [`  not sure, and so not read: ${doubt}`]),
    table(COLUMNS, rows),
    ...(missing.length === 0 ? [] : [`  nothing found for ${missing.join(', ')}`]),
  ].join('\n')
}

/** What came of the trial, what looks wrong, and what was not read. */
function describeTrials({ others }: Draft, trials: Trials, currency: string | undefined): string {
  const read = trials.collections.map(({ contract, documents, of, records }) => {
    const { source = contract.collection } = contract
    const part =
      documents < of ? `the first ${readable(documents)} of ${counted(of, 'document')}` : counted(documents, 'document')
    const made = contract.each === undefined ? '' : `, with ${readable(records)} of ${contract.each.join('.')}`
    return `  ${source}: ${part}${made}`
  })
  const sales = trials.collections.flatMap(({ sales, records }) => (sales === undefined ? [] : [{ ...sales, records }]))
  const revenue = sales.map(({ revenue, orders, records, first, last }) => {
    const when = first === undefined || last === undefined ? 'without a date' : `from ${first} to ${last}`
    const money = `${readable(revenue)}${currency === undefined ? '' : ` ${currency}`}`
    return `  revenue of ${counted(records, 'sale')} in ${counted(orders, 'order')}, ${when}: ${style('bold', money)}`
  })
  const wrong = problemsOf(trials).map((problem) => `  ${style('yellow', '!')} ${problem}`)
  return [
    style('bold', 'A trial, of which nothing was written'),
    ...read,
    ...revenue,
    ...(wrong.length === 0 ? ['  nothing looks wrong'] : wrong),
    ...(others.length === 0 ? [] : [`  not read: ${others.join(', ')}`]),
  ].join('\n')
}

/** Percent of unknown values from which on a field that is read is told. */
const MANY_UNKNOWN = 20

function problemsOf({ collections, strangers }: Trials): string[] {
  const problems = collections.flatMap((trial) => {
    const { contract, records, noId, noObject, suspicious, fields } = trial
    const { collection, key } = contract
    const unknown = Object.entries(contract.fields).flatMap(([name, { source }]) => {
      if (source === null || records === 0) return []
      const share = 100 - knownOf(trial, name)
      const isAbsent = fields[name]?.missing['absent']?.count === records
      const isNeeded = collection === 'transactions' && NEEDED.has(name)
      if (share < MANY_UNKNOWN || (isAbsent && !isNeeded)) return []
      const [first] = unknownIn(trial, name)
      return `${collection}.${name} is unknown in ${share.toFixed(1)} %${first && !isAbsent ? `, mostly ${first.reason}` : ''}${NEEDED.get(name) ?? ''}`
    })
    const suspected = suspectedIn({ [collection]: { suspicious, fields } }).map(
      ({ field, what, count }) => `${[collection, field].filter(Boolean).join('.')}: ${what}: ${readable(count)}`,
    )
    return [
      ...(records === 0 ? [`${collection} has no records`] : []),
      ...unknown,
      ...(noId === 0 ? [] : [`${readable(noId)} of ${collection} have no ${key} and would be quarantined`]),
      ...(noObject === 0
        ? []
        : [`${readable(noObject)} elements of ${collection} are no objects and would be quarantined`]),
      ...suspected,
    ]
  })
  if (strangers === undefined || strangers.sales * 100 < strangers.of * MANY_UNKNOWN) return problems
  const share = ((strangers.sales / strangers.of) * 100).toFixed(1)
  return [
    ...problems,
    `${share} % of the sales with a customer_id name none of customers; customers: 'buyers' makes one of whoever bought`,
  ]
}

/** Fields of sales without which much is not known. */
const NEEDED: ReadonlyMap<string, string> = new Map([
  ['amount', ': without any amount gold is not published'],
  ['timestamp', ''],
  ['product', ''],
  ['customer_id', ''],
])
