import type { Contract, Reference } from '../contracts/contract.ts'
import { areBuyers } from '../contracts/contracts.ts'
import { customers } from '../contracts/customers.ts'
import { type Hiding, hiding } from '../rules/contacts.ts'
import type { CheckResult } from '../runs/record.ts'
import { readable } from '../text/numbers.ts'
import { type Query, quoted, SHOWN } from './checks.ts'

/** A field of a collection that names records of another one by their key. */
interface Referring extends Reference {
  collection: string
  field: string
  /** The key of the collection that it refers to. */
  key: string
  personal: boolean
}

/** The references between the collections of a shop; what refers to one that it does without cannot be looked up. */
export function referencesIn(contracts: readonly Contract[]): Referring[] {
  const all = areBuyers(contracts) ? [...contracts, customers] : contracts
  return contracts.flatMap(({ collection, fields }) =>
    Object.entries(fields).flatMap(([field, { refers, personal }]): Referring[] => {
      const key = all.find((other) => other.collection === refers?.to)?.key
      return refers === undefined || key == null ? [] : [{ ...refers, collection, field, key, personal }]
    }),
  )
}

/** How many references find nobody, each field a check; `viewOf` tells what the rows of a collection are called. */
export async function checkReferences(
  contracts: readonly Contract[],
  query: Query,
  viewOf: (collection: string) => string,
  settings: Hiding,
  shown = SHOWN,
): Promise<CheckResult[]> {
  const hide = hiding(settings)
  const results: CheckResult[] = []
  for (const { collection, field, to, key, atMost, severity, personal } of referencesIn(contracts)) {
    const name = quoted(field)
    const lost = `select ${name} from ${quoted(viewOf(collection))} where ${name} is not null
      and ${name} not in (select ${quoted(key)} from ${quoted(viewOf(to))} where ${quoted(key)} is not null)`
    const [counted] = await query(
      `select (select count(${name}) from ${quoted(viewOf(collection))}) as named, (select count(*) from (${lost})) as lost`,
    )
    const [named, missing] = [Number(counted?.['named']), Number(counted?.['lost'])]
    const percent = named === 0 ? 0 : (missing / named) * 100
    const examples =
      missing === 0 || personal
        ? []
        : await query(`select ${name}, count(*) as times from (${lost}) group by ${name} order by all limit ${shown}`)
    results.push({
      subject: `${collection}.${field}`,
      name: `refers to ${to}`,
      severity,
      passed: percent <= atMost,
      detail:
        missing === 0 ? '' : `${readable(missing)} of ${readable(named)} find none there (${percent.toFixed(1)} %)`,
      rows: examples.map((row) => ({ [field]: hide(String(row[field])), times: row['times'] })),
    })
  }
  return results
}
