import { campaigns } from './campaigns.ts'
import type { Contract } from './contract.ts'
import { customers } from './customers.ts'
import { transactions } from './transactions.ts'

/** The contracts of the three collections, the largest first: it is the one to wait for. */
export const contracts: readonly Contract[] = [transactions, customers, campaigns]

/** Whether bronze is read by other names than those of the sample. */
export function hasOwnNames(given: readonly Contract[] = contracts): boolean {
  return given.some(
    ({ source, fields }) => source !== undefined || Object.values(fields).some(({ source }) => source !== undefined),
  )
}
