import { wayText } from './draft.ts'
import { type CollectionMatch, type FieldMatch, withSure } from './matching.ts'

/** Something that only people know. */
export interface Question {
  title: string
  choices: readonly Choice[]
}

export interface Choice {
  name: string
  /** What speaks for it, or against. */
  reason: string
}

/** Asks a question, and gives the number of the choice. */
export type Ask = (question: Question) => Promise<number>

/** The matches after somebody was asked what is not sure of them. What they do not decide stays in doubt. */
export async function decide(matches: readonly CollectionMatch[], ask: Ask): Promise<CollectionMatch[]> {
  const decided: CollectionMatch[] = []
  for (const match of matches) {
    const { contract, source, doubt } = match
    if (doubt === undefined) {
      decided.push(await decideFields(match, ask))
      continue
    }
    const answer = await ask({
      title: `Does ${source.name} hold the ${contract.collection}?`,
      choices: [
        { name: 'yes', reason: doubt },
        { name: 'no', reason: 'it is not read' },
      ],
    })
    const { doubt: _, ...sure } = match
    decided.push(answer === 0 ? await decideFields(sure, ask) : match)
  }
  return decided
}

/** Of a field that is sure nothing is asked. */
async function decideFields(match: CollectionMatch, ask: Ask): Promise<CollectionMatch> {
  let decided = match
  for (const field of new Set(match.fields.map(({ field }) => field))) {
    const ways = waysOf(decided, field)
    if (ways.length === 0) continue
    const answer = await ask({
      title: `What is ${field} of ${decided.contract.collection} in ${decided.source.name}?`,
      choices: [
        ...ways.map((way) => ({
          name: way.field === field ? wayText(way) : `${way.field}: ${wayText(way)}`,
          reason: way.doubt ?? '',
        })),
        { name: 'none of these', reason: 'it is left out until it is decided' },
      ],
    })
    const way = ways[answer]
    if (way === undefined) continue
    decided = withSure(decided, way, CHOSEN)
    // Whose order has an id has none of its own.
    if (way.field !== field) decided = withSure(decided, { field, source: null }, CHOSEN)
  }
  return decided
}

const CHOSEN = 'chosen when init asked'

/** The ways to read a field of which none is sure; that an id is of an order is one as well. */
function waysOf({ contract, fields }: CollectionMatch, field: string): FieldMatch[] {
  const ways = fields.filter((match) => match.field === field)
  if (ways.some(({ doubt }) => doubt === undefined)) return []
  const orders = fields.filter((match) => {
    return match.field !== field && match.field in (contract.optional ?? {}) && match.doubt !== undefined
  })
  return field in contract.fields ? [...ways, ...(field === contract.key ? orders : [])] : []
}
