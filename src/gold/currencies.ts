import type { GoldQuery } from '../postgres/reader.ts'
import type { CheckResult } from '../runs/record.ts'
import type { Suspicion } from '../settings/suspicious.ts'

const SEVERAL: Suspicion = 'several currencies'

/** What of silver names several currencies, in one text, as the checks of silver found; undefined where nothing does. */
export function severalCurrenciesOf(checks: readonly CheckResult[]): string | undefined {
  const subjects = checks.filter(({ name }) => name === SEVERAL).map(({ subject }) => subject)
  return subjects.length === 0 ? undefined : subjects.join(', ')
}

/** The same, as gold tells it; null where an older version made gold. */
export const SEVERAL_CURRENCIES = "to_jsonb(gold_run) ->> 'several_currencies'"

/** The same of the gold that a query sees; undefined as well for who may not read it. */
export async function severalCurrenciesIn(query: GoldQuery): Promise<string | undefined> {
  const read = await query.attempt(() => query(`select ${SEVERAL_CURRENCIES} from gold_run`))
  return ('value' in read ? read.value.rows[0]?.[0] : null) ?? undefined
}

/** What is said of sums in several currencies, in one line. */
export function describeSeveralCurrencies(where: string): string {
  return `Amounts of several currencies are added up as if they were of one: ${where}`
}
