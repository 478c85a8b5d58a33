import { z } from 'zod'
import { campaigns } from '../contracts/campaigns.ts'
import { type Contract, type Field, keyOf, type Path, reread, sourceOf } from '../contracts/contract.ts'
import { contracts as standard } from '../contracts/contracts.ts'
import { customers } from '../contracts/customers.ts'
import { transactions } from '../contracts/transactions.ts'
import { changeDefault, changeVocabulary, defaultValue, vocabularyChange } from './defaults.ts'
import { changeDocuments, type DocumentSettings, documentSettings, identity } from './documents.ts'
import { type Kept, kept, keptField, nameProblem } from './kept.ts'
import {
  collectionProblem,
  type OwnCollection,
  ownCollection,
  ownContract,
  problemsBetween,
} from './own_collections.ts'
import { path, pathForms, pathOf } from './paths.ts'
import type { Problem } from './problems.ts'
import { readingOf, readings } from './readings.ts'

const changes = z.strictObject({
  ...readings,
  /** Where the field stands in bronze. */
  from: path.optional(),
  /** What stands in silver where bronze has no value. */
  default: defaultValue.optional(),
  /** The spellings of a label: all of them, or some beside those of the contract. */
  vocabulary: vocabularyChange.optional(),
  /** Says that another field may read the same field of bronze. */
  shared: z.boolean().optional(),
})
const field = z
  .union([...pathForms, changes, z.null()], {
    error: 'must be the name of a field in bronze, an object, or null where bronze has no such field',
  })
  .optional()

/** The settings of one collection; every field of its contract is a key of `fields`. */
function collection<F extends Contract['fields'], O extends Contract['fields']>(contract: { fields: F; optional?: O }) {
  const names = Object.keys({ ...contract.fields, ...contract.optional })
  const fields = Object.fromEntries(names.map((name) => [name, field]))
  return z
    .strictObject({
      /** The name of the collection in bronze. */
      from: z.string().optional(),
      /** The list in its documents of which each element is a record. */
      each: path.optional(),
      fields: z.strictObject(fields as { [K in (keyof F | keyof O) & string]: typeof field }).optional(),
      /** Fields that no contract names, by the name they have in silver. */
      keep: z.record(z.string(), kept).optional(),
      ...documentSettings,
    })
    .optional()
}

/** As {@link collection}, of one whose feed may append versions of a record. */
function versioned<F extends Contract['fields'], O extends Contract['fields']>(contract: { fields: F; optional?: O }) {
  return collection(contract).unwrap().extend({ identity }).optional()
}

/** A collection, or what is said where the shop has none. */
function dispensable<S extends z.ZodType, const I extends readonly (string | false)[]>(
  settings: z.ZodOptional<S>,
  ...instead: I
) {
  const words = instead.map((word) => (word === false ? 'false' : `'${word}'`)).join(' or ')
  const none = z.literal(instead, `must be an object, or ${words} where the shop has none`)
  return z.union([settings.unwrap(), none]).optional()
}

/** Whoever bought is a customer, of whom nothing more is known. */
const BUYERS = 'buyers'

const known = z.strictObject({
  customers: dispensable(collection(customers), BUYERS, false),
  transactions: versioned(transactions),
  campaigns: dispensable(versioned(campaigns), false),
})

/** Those that Lingot knows, and those of one's own under any other name. */
type Named<Known, Own> = Known & { [name: string]: Own | Known[keyof Known] }

/** What the settings can say about the collections of a shop. */
export const collections = known.catchall(ownCollection) as unknown as z.ZodType<
  Named<z.output<typeof known>, OwnCollection>,
  Named<z.input<typeof known>, z.input<typeof ownCollection>>
>

/** The settings of a collection that Lingot knows. */
interface Changes extends DocumentSettings {
  from?: string | undefined
  each?: z.output<typeof path> | undefined
  fields?: Record<string, z.output<typeof field>> | undefined
  keep?: Record<string, Kept> | undefined
}

/** Tells of something wrong, at a path below its collection. */
type Report = (path: readonly string[], message: string | undefined) => void

/** Turns the settings into contracts, or says what is wrong with them. */
export function customise(
  settings: z.output<typeof collections>,
  timeZone?: string,
): {
  contracts: readonly Contract[]
  problems: Problem[]
} {
  const problems: Problem[] = []
  const byName: Record<string, Changes | OwnCollection | typeof BUYERS | false | undefined> = settings
  const reportOn =
    (collection: string): Report =>
    (path, message) => {
      if (message !== undefined) problems.push({ path: ['collections', collection, ...path], message })
    }
  const areBuyers = settings[customers.collection] === BUYERS
  const known = standard.flatMap((contract): Contract[] => {
    const { collection } = contract
    if (areBuyers && collection === customers.collection) return []
    const changes = byName[collection] as Changes | false | undefined
    if (changes === false) return []
    const changed = changes === undefined ? contract : change(contract, changes, reportOn(collection))
    return [areBuyers && collection === transactions.collection ? { ...changed, buyersAreCustomers: true } : changed]
  })
  if (known.some(({ buyersAreCustomers, fields }) => buyersAreCustomers && fields[customers.key]?.source === null)) {
    reportOn(customers.collection)(
      [],
      'cannot be the buyers: transactions.fields.customer_id is null, so nobody is known',
    )
  }
  for (const { collection, source = collection } of known) {
    const twin = known.find((other) => other.collection !== collection && (other.source ?? other.collection) === source)
    const isSaid = (byName[collection] as Changes | undefined)?.from !== undefined
    if (twin !== undefined && isSaid) reportOn(collection)(['from'], `${twin.collection} reads ${source} already`)
  }
  const own = Object.entries(byName).flatMap(([name, settings]): Contract[] => {
    if (standard.some(({ collection }) => collection === name)) return []
    const { key: _, fields, ...rest } = settings as OwnCollection
    const report = reportOn(name)
    report([], collectionProblem(name))
    // What is kept of documents that Lingot does not know is all there is.
    const onFields: Report = (path, message) =>
      report(
        path.map((key, i) => (i === 0 && key === 'keep' ? 'fields' : key)),
        message,
      )
    return [change(ownContract(name, settings as OwnCollection), { ...rest, keep: fields }, onFields)]
  })
  const contracts = [...known, ...own]
  problems.push(...problemsBetween(contracts))
  return { contracts: contracts.map((contract) => inZone(contract, timeZone)), problems }
}

/** The days and months of a shop are those of its clocks. */
function inZone(contract: Contract, timeZone: string | undefined): Contract {
  if (timeZone === undefined) return contract
  const fields = Object.entries(contract.fields).map(([name, field]) => {
    return [name, field.kind === 'date' ? reread(field, { timeZone }) : field]
  })
  return { ...contract, fields: Object.fromEntries(fields) }
}

function change(
  given: Contract,
  { from, each, fields: changed = {}, keep = {}, ...own }: Changes,
  report: Report,
): Contract {
  const contract = changeDocuments(given, own, report)
  const fields: Contract['fields'] = {}
  const mapped = Object.entries(contract.optional ?? {}).filter(([name]) => changed[name] != null)
  for (const [name, field] of [...Object.entries(contract.fields), ...mapped]) {
    const change = changed[name]
    if (change === null) {
      fields[name] = { ...field, source: null }
      if (name === contract.key && contract.keyRequired) {
        report(['fields', name], `must be read: a document of ${contract.collection} without it is quarantined`)
      }
      continue
    }
    const own: z.output<typeof changes> = isPath(change) ? { from: change } : (change ?? {})
    const { vocabulary, default: otherwise } = own
    const at = (key: string) => (message: string | undefined) => report(['fields', name, key], message)
    const spelled = changeVocabulary(sourced(field, name, own, at), vocabulary, at('vocabulary'))
    const written = reread(spelled, readingOf(field, own, at))
    fields[name] = changeDefault(written, otherwise, at('default'), `${contract.collection}.${name}`)
  }
  for (const [name, settings] of Object.entries(keep)) {
    const at = (key: string) => (message: string | undefined) => report(['keep', name, key], message)
    report(['keep', name], nameProblem(contract, name))
    // Also where it is called the same: what the configuration names is told where no document has it.
    const field = sourced({ ...keptField(settings, at), source: [name] }, name, settings, at)
    fields[name] = changeDefault(reread(field, readingOf(field, settings, at)), settings.default, at('default'))
  }
  refuseShared(fields, changed, keep, report)
  const list = each === undefined ? {} : ofElements(contract, listAt(each, fields, keep, report), report)
  if (each !== undefined) for (const [name, field] of Object.entries(fields)) fields[name] = ofDocument(field)
  if (from === undefined || from === contract.collection) return { ...contract, ...list, fields }
  const isName = /^(?!system\.)[^$\0]{1,200}$/.test(from)
  report(['from'], isName ? undefined : 'is not a name MongoDB accepts for a collection')
  return { ...contract, ...list, source: from, fields }
}

/** The list of which each element is a record, and what of its paths cannot be meant. */
function listAt(
  written: z.output<typeof path>,
  fields: Contract['fields'],
  keep: NonNullable<Changes['keep']>,
  report: Report,
): Path {
  const each = pathOf(written, (message) => report(['each'], message))
  if (each[0] === '_id') report(['each'], 'must be a list beside _id')
  for (const [name, field] of Object.entries(fields)) {
    for (const [key, source] of [
      ['from', sourceOf(name, field)],
      ['times', field.times],
    ] as const) {
      if (source != null) report([Object.hasOwn(keep, name) ? 'keep' : 'fields', name, key], problemIn(each, source))
    }
  }
  return each
}

/** Why a path cannot be meant where each element of a list is a record. */
function problemIn(each: Path, path: Path): string | undefined {
  if (!each.every((part, i) => part === path[i])) return undefined
  const [list, below] = [each.join('.'), path[each.length]]
  if (below === undefined) return `${list} is the list whose elements are records; ${list}.NAME is a field of one`
  return /^\d+$/.test(below)
    ? `${path.join('.')} names a place in ${list}, of which each element is a record`
    : undefined
}

/** What of a contract is told of documents, said of the elements of their lists. */
function ofElements(
  { leaveOut, lastBy }: Contract,
  each: Path,
  report: Report,
): Pick<Contract, 'each' | 'leaveOut' | 'lastBy'> {
  for (const [i, { field }] of (leaveOut ?? []).entries()) report(['leaveOut', String(i)], problemIn(each, field))
  if (lastBy !== undefined) report(['lastBy'], problemIn(each, lastBy))
  return {
    each,
    ...(leaveOut && { leaveOut: leaveOut.map((rule) => ({ ...rule, field: inRecord(rule.field) })) }),
    ...(lastBy && { lastBy: inRecord(lastBy) }),
  }
}

/** Paths that begin with `_id` read that of the document: a record of a list has another one. */
function ofDocument(field: Field<unknown>): Field<unknown> {
  const { source, times } = field
  return { ...field, ...(source && { source: inRecord(source) }), ...(times && { times: inRecord(times) }) }
}

function inRecord(path: Path): Path {
  return path[0] === '_id' ? ['_id', 'document', ...path.slice(1)] : path
}

/** The field at its place in bronze. */
function sourced(
  field: Field<unknown>,
  name: string,
  { from, times }: Pick<z.output<typeof changes>, 'from' | 'times'>,
  at: (key: string) => (message: string) => void,
): Field<unknown> {
  return {
    ...field,
    ...(from !== undefined && from !== name && { source: pathOf(from, at('from')) }),
    ...(times !== undefined && { times: pathOf(times, at('times')) }),
  }
}

function isPath(change: z.output<typeof field>): change is z.output<typeof path> {
  return typeof change === 'string' || Array.isArray(change)
}

/** Two fields read one field of bronze only where that is said, and nothing reads past the protection of a personal one. */
function refuseShared(
  fields: Contract['fields'],
  changed: NonNullable<Changes['fields']>,
  keep: NonNullable<Changes['keep']>,
  report: Report,
): void {
  const sources = new Map<string, { name: string; key: 'from' | 'times' }[]>()
  for (const [name, field] of Object.entries(fields)) {
    for (const [key, source] of [
      ['from', sourceOf(name, field)],
      ['times', field.times],
    ] as const) {
      if (source != null) sources.set(keyOf(source), [...(sources.get(keyOf(source)) ?? []), { name, key }])
    }
  }
  const isHashed = (name: string) => ['email', 'phone'].includes(fields[name]?.kind ?? '')
  const at = (name: string, key: string) => [Object.hasOwn(keep, name) ? 'keep' : 'fields', name, key]
  for (const [path, readers] of sources) {
    const source = path.replaceAll('\0', '.')
    // What a factor is worth alone is not kept.
    const keepers = readers.flatMap(({ name, key }) => (key === 'from' ? [name] : []))
    const settings = { ...changed, ...keep }
    const silent = keepers.filter((name) => {
      const own = settings[name]
      return isPath(own) || own?.shared !== true
    })
    const last = silent.findLast((name) => settings[name] !== undefined)
    if (silent.length > 1 && last !== undefined) {
      const others = keepers.filter((name) => name !== last).join(' and ')
      report(at(last, 'from'), `${source} is read by ${others} already; if that is meant, say shared: true`)
    }
    const hashed = keepers.find(isHashed)
    const personal = keepers.find((name) => fields[name]?.personal)
    for (const { name, key } of readers) {
      const isClear = key === 'times' || !(isHashed(name) || keep[name]?.inClear)
      if (hashed !== undefined && isClear) {
        report(at(name, key), `${name} would hold in clear what ${hashed} keeps as a hash`)
      } else if (personal !== undefined && !fields[name]?.personal) {
        report(at(name, key), `${source} is read by ${personal}, which is personal, so ${name} is personal too`)
      }
    }
  }
}
