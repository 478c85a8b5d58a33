import type { Db } from 'mongodb'
import { discreetId, type Hide, type Hiding, hiding } from '../rules/contacts.ts'
import { cleanedOf, type ReconciliationPart, type Refined, type RunRecord, type Tally } from '../runs/record.ts'
import {
  checkedRuns,
  goldOnRecord,
  isOfOtherSilver,
  lastRuns,
  silverBefore,
  silverInPlace,
  silverOf,
} from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { total } from '../silver/clean/observations.ts'
import { LingotError } from '../system/errors.ts'
import { centsOf, moneyOf } from '../text/money.ts'
import { driftOf } from './drift.ts'
import { plainId } from './ids.ts'
import type { CollectionReport, FieldReport, Finding, Report, Revenue, Run } from './report_schema.ts'
import { suspectedIn } from './suspicions.ts'

export interface ReportOptions extends Pick<Config, 'contracts'> {
  /** Runs in the history. */
  last?: number
  /** The run that made gold, as gold itself says, null where there is no gold; the last on record if not given. */
  gold?: string | null | undefined
}

/** Reads the report from the records that the last runs left beside silver. */
export async function readReport(
  silver: Db,
  { last = 4, gold, contracts, ...settings }: ReportOptions & Hiding,
): Promise<Report> {
  // Records that older versions left hold what is hashed in new ones.
  const hide = hiding(settings)
  const [runs, made, published, [checked]] = await Promise.all([
    lastRuns(silver, last),
    silverInPlace(silver, contracts),
    goldOnRecord(silver, gold),
    checkedRuns(silver, 1),
  ])
  const before = made && (await silverBefore(silver, made))
  const source = published && (await silverOf(silver, published))
  if (runs.length === 0) {
    throw new LingotError('data', `${silver.databaseName} has no record of a run.`, 'Make one: `lingot run`.')
  }
  return {
    silver: made?.silver
      ? {
          run: summary(made),
          rules: made.rules ?? 1,
          rulesBefore: before && (before.rules ?? 1),
          collections: Object.entries(made.silver).map(([name, refined]) => collectionReport(name, refined, hide)),
          fields: fieldReports(made.silver, hide),
          drift: driftOf(made.silver, before?.silver),
          since: before && summary(before),
        }
      : null,
    gold: published
      ? {
          run: summary(published),
          tables: published.gold ?? {},
          revenue: revenueOf(published.reconciliation ?? [], source?.silver?.['transactions'], published.orders),
          unmade: published.unmade ?? [],
          without: published.without ?? {},
          isOlderThanSilver: made !== null && isOfOtherSilver(published, made),
        }
      : null,
    checks: checked ? { run: summary(checked), results: checked.checks ?? [] } : null,
    runs: runs.map(summary),
  }
}

/** A run in one line. */
export function summary({
  _id,
  command,
  started,
  finished,
  outcome,
  failure,
  silver,
  reconciliation,
  checks,
}: RunRecord): Run {
  const all = reconciliation?.find(({ gold_table }) => gold_table === 'all sales')
  return {
    id: _id.toHexString(),
    command,
    started,
    seconds: (finished.getTime() - started.getTime()) / 1000,
    outcome,
    failure: failure ?? null,
    documents: silver ? Object.values(silver).reduce((sum, { bronze }) => sum + bronze, 0) : null,
    revenue: all?.revenue ?? null,
    checks: checks ? { passed: checks.filter(({ passed }) => passed).length, all: checks.length } : null,
  }
}

const QUARANTINED: Record<keyof Refined['quarantined'], string> = {
  noId: 'no id',
  superseded: 'superseded',
  noObject: 'no object',
}

function collectionReport(collection: string, refined: Refined, hide: Hide): CollectionReport {
  // Records that older versions left know nothing of erasures.
  const { documents, bronze, silver, duplicates, duplicateRevenue = null, erased = 0, leftOut = 0 } = refined
  const reasons = Object.fromEntries(
    Object.entries(refined.quarantined).map(([name, count]) => [
      QUARANTINED[name as keyof Refined['quarantined']] ?? name,
      count,
    ]),
  )
  const quarantined = Object.values(reasons).reduce((sum, count) => sum + count, 0)
  return {
    collection,
    ...(documents && { documents }),
    bronze,
    silver,
    duplicates,
    duplicateRevenue,
    quarantined,
    erased,
    leftOut,
    addsUp: bronze === silver + duplicates + quarantined + erased + leftOut,
    reasons,
    sharedIds: refined.sharedIds,
    suspicious: suspectedIn({ [collection]: refined })
      .map(({ field, what, count, examples, detail }) => ({
        ...(field !== undefined && { field }),
        what,
        ...(detail !== undefined && { detail }),
        count,
        examples: shown(examples, hide),
      }))
      .sort((a, b) => b.count - a.count),
  }
}

function findings(tallies: Record<string, Tally>, hide: Hide): Finding[] {
  return Object.entries(tallies)
    .map(([what, { count, examples }]) => ({
      what,
      count,
      examples: shown(examples, hide),
    }))
    .sort((a, b) => b.count - a.count)
}

function shown(examples: readonly unknown[], hide: Hide): unknown[] {
  return examples.map((id) => plainId(discreetId(id, hide)))
}

/** Values thrown away are worse than values that never were: by percent invalid, then by what is unknown. */
function fieldReports(silver: Record<string, Refined>, hide: Hide): FieldReport[] {
  const fields = Object.entries(silver).flatMap(([collection, refined]) =>
    Object.entries(refined.fields).map(([field, { present, missing, invalid, repaired: all }]): FieldReport => {
      const { [AS_TEXT]: asText, ...others } = all
      const isNumber = asText !== undefined && asText.count === present
      const repaired = isNumber ? others : all
      const reasons = (['invalid', 'missing', 'repaired'] as const).flatMap((kind) =>
        findings({ invalid, missing, repaired }[kind], hide).map((finding) => ({ kind, ...finding })),
      )
      return {
        collection,
        field,
        documents: cleanedOf(refined),
        present,
        missing: total(missing),
        invalid: total(invalid),
        repaired: total(repaired),
        isNumber,
        reasons,
      }
    }),
  )
  const share = (count: number, { documents }: FieldReport) => (documents === 0 ? 0 : count / documents)
  const rank = (field: FieldReport): [number, number, number, number] => [
    isNeverThere(field) ? 0 : 1,
    Math.round(share(field.invalid, field) * 100),
    share(field.missing + field.invalid, field),
    share(field.repaired, field),
  ]
  return fields
    .map((field) => ({ field, rank: rank(field) }))
    .sort((a, b) => b.rank[0] - a.rank[0] || b.rank[1] - a.rank[1] || b.rank[2] - a.rank[2] || b.rank[3] - a.rank[3])
    .map(({ field }) => field)
}

/** What the rule of texts says of a number that it made one. */
const AS_TEXT = 'number to text'

/** Whether no document has a field: the shop does not know it. */
export function isNeverThere({ documents, reasons }: FieldReport): boolean {
  return reasons.some(({ what, count }) => what === 'absent' && count === documents)
}

/** The fields that a name means: `transactions.amount`, or all of `transactions`. */
export function fieldsNamed(report: Report, name: string): FieldReport[] {
  const fields = report.silver?.fields ?? []
  const named = fields.filter(({ collection, field }) => name === collection || name === `${collection}.${field}`)
  if (named.length > 0) return named
  const known = fields.map(({ collection, field }) => `${collection}.${field}`).sort()
  throw new LingotError('usage', `The report knows no field ${name}.`, `Name one of ${known.join(', ')}.`)
}

/** Holds the parts of each table against all sales, to the cent. */
export function revenueOf(parts: readonly ReconciliationPart[], sales?: Refined, orders?: number): Revenue {
  const all = parts.find(({ gold_table }) => gold_table === 'all sales')
  const revenue = (of: readonly ReconciliationPart[]) => of.reduce((sum, part) => sum + centsOf(part.revenue), 0n)
  const names = [...new Set(parts.map(({ gold_table }) => gold_table))]
  return {
    total: all?.revenue ?? '0.00',
    transactions: all?.transactions ?? 0,
    orders: orders ?? null,
    amountUnknown: all?.amount_unknown ?? 0,
    duplicates: sales ? { documents: sales.duplicates, revenue: sales.duplicateRevenue ?? null } : null,
    tables: names
      .filter((name) => name !== 'all sales' && name !== 'by status')
      .map((table) => {
        const inside = parts.filter(({ gold_table, in_table }) => gold_table === table && in_table)
        const outside = parts.filter(({ gold_table, in_table }) => gold_table === table && !in_table)
        const holds = revenue(inside)
        return {
          table,
          holds: moneyOf(holds),
          inside,
          outside,
          addsUp: holds + revenue(outside) === centsOf(all?.revenue ?? '0.00'),
        }
      }),
    statuses: parts
      .filter(({ gold_table }) => gold_table === 'by status')
      .sort((a, b) => (centsOf(a.revenue) < centsOf(b.revenue) ? 1 : -1)),
  }
}
