import { campaigns } from './campaigns.ts'
import type { Contract } from './contract.ts'
import { customers } from './customers.ts'
import { transactions } from './transactions.ts'

/** The contracts of the three collections, the largest first: it is the one to wait for. */
export const contracts: readonly Contract[] = [transactions, customers, campaigns]
