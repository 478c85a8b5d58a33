import { discreetId, type Hide } from '../rules/contacts.ts'
import { type CheckResult, cleanedOf, type FieldObservations, type Refined, type Tally } from '../runs/record.ts'
import { type Severities, type Suspicion, suspicions } from '../settings/suspicious.ts'
import { total } from '../silver/clean/observations.ts'
import { plainId, shownId } from './ids.ts'

/** What is suspicious about a collection or a field of it. */
export interface Suspected extends Tally {
  collection: string
  /** Undefined where documents are meant as a whole. */
  field: string | undefined
  what: string
  /** More of it, where a count says nothing. */
  detail?: string
}

/** All that is suspicious about a silver, the collections in their order. */
export function suspectedIn(silver: Readonly<Record<string, Pick<Refined, 'suspicious' | 'fields'>>>): Suspected[] {
  return Object.entries(silver).flatMap(([collection, { suspicious, fields }]) => [
    ...suspectedOf(collection, undefined, suspicious),
    ...Object.entries(fields).flatMap(([field, of]) => [
      ...suspectedOf(collection, field, of.suspicious ?? {}),
      ...(of.nowhere === undefined ? [] : [{ collection, field, what: NOWHERE, ...nowhere(of, of.nowhere) }]),
    ]),
  ])
}

const NOWHERE: Suspicion = 'no document has its field'

/** It is so of all documents, and none is an example. */
function nowhere({ missing }: FieldObservations, detail: string): Tally & { detail: string } {
  return { count: total(missing), examples: [], detail }
}

function suspectedOf(collection: string, field: string | undefined, tallies: Record<string, Tally>): Suspected[] {
  return Object.entries(tallies).map(([what, tally]) => ({ collection, field, what, ...tally }))
}

/** From so many percent of the documents on those that were inserted twice are warned of. */
const MANY = 1

/** What may hide a wrong number, as checks of gold. */
export function checkSuspicions(
  silver: Readonly<Record<string, Refined>>,
  severities: Severities,
  hide: Hide,
): CheckResult[] {
  const repeated = Object.entries(silver).flatMap(([collection, refined]): CheckResult[] => {
    const { duplicates, duplicateRevenue } = refined
    if (duplicates === 0) return []
    const revenue = duplicateRevenue === undefined ? '' : `, with ${duplicateRevenue} of total_amount`
    const detail = `${duplicates} of ${cleanedOf(refined)} documents${revenue}`
    const passed = duplicates * 100 < cleanedOf(refined) * MANY
    return [{ ...result(collection, TWICE, detail, severities), passed }]
  })
  const suspected = suspectedIn(silver).map(({ collection, field, what, count, examples, detail }) => {
    const subject = [collection, field].filter(Boolean).join('.')
    return result(subject, what, detail ?? describe(count, examples, hide), severities)
  })
  return [...withoutAmounts(silver, severities), ...repeated, ...suspected]
}

/** Sales of which no amount is known at all. */
function withoutAmounts({ transactions }: Readonly<Record<string, Refined>>, severities: Severities): CheckResult[] {
  const amount = transactions?.fields['amount']
  if (transactions === undefined || amount === undefined) return []
  const records = cleanedOf(transactions)
  if (records === 0 || total(amount.missing) + total(amount.invalid) < records) return []
  const why = amount.nowhere === undefined ? '' : `, and none has ${amount.nowhere}`
  return [result('transactions.amount', NO_AMOUNT, `${records} of ${records} documents${why}`, severities)]
}

const NO_AMOUNT: Suspicion = 'no amount is known'
const TWICE: Suspicion = 'inserted twice'

function describe(count: number, examples: readonly unknown[], hide: Hide): string {
  const ids = examples.map((id) => shownId(plainId(discreetId(id, hide)), 40))
  return ids.length === 0 ? `${count}` : `${count}, such as ${ids.join(', ')}`
}

function result(subject: string, name: string, detail: string, severities: Severities): CheckResult {
  const severity = isSuspicion(name) ? severities[name] : 'warn'
  return { subject, name, severity, passed: false, detail, rows: [] }
}

/** Whether a check only says once more what is told of silver. */
export function isToldOfSilver({ name, severity }: CheckResult): boolean {
  return severity === 'warn' && isSuspicion(name) && name !== TWICE && name !== NO_AMOUNT
}

function isSuspicion(name: string): name is Suspicion {
  return (suspicions.options as readonly string[]).includes(name)
}
