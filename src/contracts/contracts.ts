import { campaigns } from './campaigns.ts'
import type { Contract } from './contract.ts'
import { customers } from './customers.ts'
import { transactions } from './transactions.ts'

/**
 * The contracts of the three collections that every shop may have, the largest first: it is the one to wait for. Those of
 * a shop, with its own, are in its `Config`.
 */
export const contracts: readonly (Contract & { key: string })[] = [transactions, customers, campaigns]

/** Those of the three that a shop does without. */
export function absentFrom(given: readonly Contract[]): readonly Contract[] {
  return contracts.filter(({ collection }) => !given.some((own) => own.collection === collection))
}

/** Whether the customers of a shop are those who bought, of whom no collection tells more. */
export function areBuyers(given: readonly Contract[]): boolean {
  return given.some(({ buyersAreCustomers = false }) => buyersAreCustomers)
}

/** Whether bronze is read by other names than those of the sample, or holds something else. */
export function hasOwnNames(given: readonly Contract[] = contracts): boolean {
  return (
    given.length !== contracts.length ||
    given.some(
      ({ source, fields }) => source !== undefined || Object.values(fields).some(({ source }) => source !== undefined),
    )
  )
}
