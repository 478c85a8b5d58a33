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
    const near = nearest(from, names)
    return [name, { ...of, nowhere: near === undefined ? from : `${from}; did you mean ${near}?` }]
  })
  return { ...observed, fields: Object.fromEntries(told) }
}
