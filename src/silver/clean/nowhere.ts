import type { Contract } from '../../contracts/contract.ts'
import type { FieldObservations, Observations } from '../../runs/record.ts'
import { nearest } from '../../settings/problems.ts'

/** What was observed of a collection, with the fields that the configuration reads from what none of its documents has. */
export function withNowhere({ fields }: Contract, observed: Observations, documents: number): Observations {
  // Names in parentheses stand for several.
  const names = observed.unnamed.flatMap(({ field }) => (field.startsWith('(') ? [] : field))
  const told = Object.entries(observed.fields).map(([name, of]): [string, FieldObservations] => {
    const isNever = (reason: string) => documents > 0 && of.missing[reason]?.count === documents
    const { source, times } = fields[name] ?? {}
    const path = source && isNever('absent') ? source : times && isNever('times: absent') ? times : undefined
    if (path === undefined) return [name, of]
    const from = path.join('.')
    const near = names.includes(from) ? from : nearest(from, names)
    // A key with dots in it is no path.
    const mean = near === from ? `['${near}'], the key that is called so` : near
    return [name, { ...of, nowhere: mean === undefined ? from : `${from}; did you mean ${mean}?` }]
  })
  return { ...observed, fields: Object.fromEntries(told) }
}
