import type { Collection, MongoClient } from 'mongodb'
import { customers } from '../contracts/customers.ts'
import { transactions } from '../contracts/transactions.ts'
import { counted, readable } from '../text/terminal.ts'
import type { CollectionMatch } from './matching.ts'
import { idsOf, type Looking, REFERRING, sharedBy, withReferences } from './references.ts'
import type { CollectionSurvey, FieldSurvey } from './survey.ts'

/*
 * Whether a collection holds the customers of a shop is told by those who bought: it knows nearly all of them.
 */

/** Buyers from which on it is no chance whom a collection knows, and the share of them that is nearly all. */
const ENOUGH = 10
const NEARLY_ALL = 0.9

type Read = (name: string) => Collection

/**
 * The matches with that candidate for customers which knows nearly all buyers, or most of them: then it is in doubt. One
 * that is called as the contract calls it, with its ids, is read without any settings, and stays.
 */
export async function withBuyers(
  client: MongoClient,
  collectionOf: Read,
  matches: readonly CollectionMatch[],
  candidates: readonly CollectionMatch[],
  looking: Looking,
): Promise<CollectionMatch[]> {
  const compared: { referred: CollectionMatch[]; known: Known }[] = []
  for (const candidate of candidates) {
    // That others are as likely is what they are compared for.
    const { doubt: _, ...likely } = candidate
    const own = candidates.length > 1 ? likely : candidate
    const all = matches.map((match) => (isCustomers(match) ? own : match))
    const referred = await withReferences(client, collectionOf, all, looking)
    const known = await knownAmong(client, collectionOf, referred, looking)
    if (known !== undefined && known.of >= ENOUGH) compared.push({ referred, known })
  }
  const [most] = [...compared].sort((a, b) => b.known.share - a.known.share)
  if (most === undefined) return withReferences(client, collectionOf, matches, looking)
  const best = compared.find(({ known }) => known.share >= NEARLY_ALL) ?? most
  const { found, of, share } = best.known
  return best.referred.map((match) => {
    if (!isCustomers(match) || share >= NEARLY_ALL || isAsItStands(match)) return match
    return { ...match, doubt: `it knows ${readable(found)} of the ${counted(of, 'buyer')} looked at` }
  })
}

function isCustomers({ contract }: CollectionMatch): boolean {
  return contract.collection === customers.collection
}

/** Whether a collection and its ids are called as the contract calls them. */
function isAsItStands(match: CollectionMatch): boolean {
  return match.source.name === match.contract.collection && ownerIn(match)?.name === match.contract.key
}

/** The field that surely tells which customer it is. */
function ownerIn({ fields }: CollectionMatch): FieldSurvey | undefined {
  return fields.find(({ field, doubt }) => field === customers.key && doubt === undefined)?.source ?? undefined
}

/** How many buyers a collection knows, of how many; of one that is looked at in part the rest is as much. */
interface Known {
  found: number
  of: number
  share: number
}

async function knownAmong(
  client: MongoClient,
  collectionOf: Read,
  matches: readonly CollectionMatch[],
  looking: Looking,
): Promise<Known | undefined> {
  const bought = await buyersIn(client, collectionOf, matches, { ...looking, most: REFERRING })
  const own = matches.find(isCustomers)
  const key = own && ownerIn(own)
  if (bought === undefined || own === undefined || key === undefined) return undefined
  const [known] = await idsOf(client, collectionOf(own.source.name), [key], looking)
  const found = known === undefined ? 0 : sharedBy(bought.ids, known.ids)
  const seen = Math.min(1, looking.most / own.source.documents)
  return { found, of: bought.ids.size, share: found / bought.ids.size / seen }
}

/** Who bought, in the sales that were looked at. */
export interface Buyers {
  ids: ReadonlySet<string>
  sales: CollectionSurvey
}

/** Those whom the sales name; undefined where it is not sure that they name anybody. */
export async function buyersIn(
  client: MongoClient,
  collectionOf: Read,
  matches: readonly CollectionMatch[],
  looking: Looking,
): Promise<Buyers | undefined> {
  const sales = matches.find(({ contract, doubt }) => contract.collection === transactions.collection && !doubt)
  const owner = sales && ownerIn(sales)
  if (sales === undefined || owner === undefined) return undefined
  const [bought] = await idsOf(client, collectionOf(sales.source.name), [owner], looking)
  return bought === undefined || bought.ids.size === 0 ? undefined : { ids: bought.ids, sales: sales.source }
}
