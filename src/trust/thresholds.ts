import { type CheckResult, cleanedOf, type Observations, type Tally } from '../runs/record.ts'
import { type Threshold, thresholds } from '../settings/thresholds.ts'
import { total } from '../silver/clean/observations.ts'

/** Compares the observations of a run, by collection, with the limits. */
export function checkThresholds(
  limits: readonly Threshold[],
  silver: Readonly<Record<string, Observations & Parameters<typeof cleanedOf>[0]>>,
): CheckResult[] {
  return limits.flatMap((limited) => {
    const isStandard = thresholds.includes(limited)
    const { field, severity, ...limit } = limited
    const [collection = '', name = ''] = field.split('.')
    const result = (name: string, passed: boolean, detail: string): CheckResult => {
      return { subject: field, name, severity, passed, detail, rows: [] }
    }
    // Where no run observed silver there is nothing to compare with.
    if (Object.keys(silver).length === 0) return []
    const observed = silver[collection]
    const values = observed?.fields[name]
    // A limit on a field that does not exist would hold for ever.
    if (observed === undefined || values === undefined) {
      return [result('is a field of the contract', false, 'there is no such field')]
    }
    const documents = cleanedOf(observed)
    if (documents === 0) {
      // A shop need not have every collection that Lingot knows.
      return isStandard ? [] : [result('holds documents', false, 'there are none')]
    }

    const percent = (tallies: Record<string, Tally>) => (total(tallies) / documents) * 100
    const invalid = percent(values.invalid)
    const compare = (what: string, actual: number, most: number | undefined) =>
      most === undefined
        ? []
        : [result(`at most ${most} % ${what}`, actual <= most, `${atLeastBeyond(actual, most)} %`)]
    return [
      ...compare('unknown', percent(values.missing) + invalid, limit.unknownAtMost),
      ...compare('invalid', invalid, limit.invalidAtMost),
      ...compare('repaired', percent(values.repaired), limit.repairedAtMost),
    ]
  })
}

/** One decimal, or as many as it takes to show that the limit is exceeded: 20.004 % are not 20.0 %. */
function atLeastBeyond(actual: number, most: number): string {
  for (let decimals = 1; decimals < 6; decimals++) {
    const text = actual.toFixed(decimals)
    if (actual <= most || Number(text) > most) return text
  }
  return String(actual)
}
