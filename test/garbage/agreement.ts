/** Everything that must be true of a run, whatever bronze holds; each function says in plain lines what is not. */
import type { Document } from 'bson'
import { describeQuarantine } from '../../src/commands/quarantine.ts'
import { describeReport } from '../../src/commands/report.ts'
import { describeRun, toJson } from '../../src/commands/run_result.ts'
import type { Contract } from '../../src/contracts/contract.ts'
import { contracts } from '../../src/contracts/contracts.ts'
import { toldRun } from '../../src/library/told_run.ts'
import type { RunRecord } from '../../src/runs/record.ts'
import { total } from '../../src/silver/clean/observations.ts'
import { validator } from '../../src/silver/schema.ts'
import { differences, silverDifferences } from '../oracle/compare.ts'
import { expectedFlaws } from '../oracle/flaws.ts'
import { expectedGold, KEYS } from '../oracle/gold.ts'
import { type Bronze, type ExpectedSilver, expectedSilver } from '../oracle/silver.ts'
import { readQuarantine, readReport } from '../run.ts'
import { decode, elementsOf, idOf } from './bson.ts'
import { brokenTypes, brokenValues, vocabularies } from './contract.ts'
import type { Layers } from './layers.ts'
import { leaksIn } from './secrets.ts'

const DAY = 86_400_000
const FEW = 12

/** Bronze as it is stored, each `_id` replaced by its place in the server's order, and the places by the bytes of `_id`. */
interface Stored {
  bronze: Bronze
  /** The names of all fields that documents have, as often as they have them. */
  names: Record<keyof Bronze, string[]>
  places: Record<keyof Bronze, Map<string, number>>
}

async function readStored({ stored }: Layers): Promise<Stored> {
  const bronze: Bronze = { customers: [], transactions: [], campaigns: [] }
  const places: Stored['places'] = { customers: new Map(), transactions: new Map(), campaigns: new Map() }
  const names: Stored['names'] = { customers: [], transactions: [], campaigns: [] }
  for (const name of Object.keys(bronze) as (keyof Bronze)[]) {
    bronze[name] = (await stored('bronze', name)).map((bytes, place) => {
      const { id, document } = decode(bytes)
      places[name].set(id, place)
      names[name].push(...elementsOf(bytes).map(([field]) => field))
      return { ...document, _id: place }
    })
  }
  return { bronze, names, places }
}

/** What a run left is compared with what the rules make of bronze, cell by cell and count by count. */
export async function disagreements(layers: Layers, record: RunRecord): Promise<string[]> {
  const now = new Date()
  const { bronze, names, places } = await readStored(layers)
  const expected = expectedSilver(bronze, now, vocabularies)
  const lines: string[] = []
  for (const contract of contracts) {
    const name = contract.collection as keyof Bronze
    const silver = await layers.stored('silver', name)
    const told = (problems: readonly string[]) =>
      lines.push(...problems.slice(0, FEW).map((line) => `${name}: ${line}`))
    told(broken(contract, silver, now.getTime() + DAY))
    told(await refused(layers, contract))
    told(
      silverDifferences(
        expected[name],
        silver.map((bytes) => withPlace(bytes, places[name])),
      ),
    )
    told(miscounted(record, contract, bronze[name], silver.length, expected, now))
    told(unannounced(record, contract, bronze[name], names[name]))
  }
  lines.push(...(await misplacedInQuarantine(layers, record, places, expected)))
  const gold = expectedGold(expected)
  for (const table of Object.keys(KEYS) as (keyof typeof KEYS)[]) {
    lines.push(...differences(gold[table], await layers.gold(table), KEYS[table]).map((line) => `${table}: ${line}`))
  }
  return [...lines, ...(await wrongSums(layers))]
}

function withPlace(bytes: Uint8Array, places: ReadonlyMap<string, number>): Document {
  const { id, document } = decode(bytes)
  return { ...document, _id: places.get(id) ?? `not in bronze: ${id}` }
}

// ------------------------------------------------------------------------------------------------------------ silver

function broken(contract: Contract, silver: readonly Uint8Array[], latest: number): string[] {
  return silver.flatMap((bytes) => {
    const plain = Object.fromEntries(
      Object.entries(decode(bytes).document).map(([name, value]) => [name, plainNumber(value)]),
    )
    return [...brokenTypes(contract, bytes), ...brokenValues(contract, plain, latest)]
  })
}

function plainNumber(value: unknown): unknown {
  return typeof value === 'object' && value !== null && '_bsontype' in value ? Number(String(value)) : value
}

/** MongoDB's own opinion. */
async function refused({ client, names }: Layers, contract: Contract): Promise<string[]> {
  const broken = { $nor: [validator(contract)] }
  const count = await client.db(names.silver).collection(contract.collection).countDocuments(broken)
  return count === 0 ? [] : [`${count} documents break the validator`]
}

/** bronze = silver + duplicates + quarantined, and every flaw is reported. */
function miscounted(
  { silver: refined }: RunRecord,
  { collection, identity, key }: (typeof contracts)[number],
  bronze: readonly Document[],
  silver: number,
  { duplicates, quarantined, ...kept }: ExpectedSilver,
  now: Date,
): string[] {
  const name = collection as keyof Bronze
  const told = refined?.[name]
  if (told === undefined) return ['the run says nothing of it']
  const reasons = (reason: string) =>
    quarantined.filter((one) => one.collection === name && one.reason === reason).length
  const flaws = expectedFlaws(name, bronze, now, vocabularies)
  const counts: (readonly [what: string, told: number | undefined, expected: number])[] = [
    ['bronze', told.bronze, bronze.length],
    ['silver', told.silver, silver],
    ['duplicates', told.duplicates, duplicates[name]],
    ['without id', told.quarantined.noId, reasons('no id')],
    ['superseded', told.quarantined.superseded, reasons('superseded')],
    ['sum', told.silver + told.duplicates + told.quarantined.noId + told.quarantined.superseded, bronze.length],
    ...(identity === 'equal ones are one' ? [['shared ids', told.sharedIds, shared(key, kept[name])] as const] : []),
    ...Object.entries(flaws).flatMap(([field, { missing, invalid, repaired }]): typeof counts => {
      const of = told.fields[field]
      return [
        [`${field} missing`, of && total(of.missing), missing],
        [`${field} invalid`, of && total(of.invalid), invalid],
        [`${field} repaired`, of && total(of.repaired), repaired],
        [`${field} present`, of?.present, bronze.length - missing],
      ]
    }),
  ]
  return counts
    .filter(([, told, expected]) => told !== expected)
    .map(([what, told, expected]) => `${what}: told ${told}, expected ${expected}`)
}

/** Fields that the contract does not name are counted; one that a document has twice, once or twice. */
function unannounced(
  { silver: refined }: RunRecord,
  { collection, fields }: Contract,
  bronze: readonly Document[],
  names: readonly string[],
): string[] {
  const named = new Set(['_id', ...Object.entries(fields).map(([field, { source = field }]) => source)])
  const others = (list: readonly string[]) => list.filter((name) => !named.has(name)).length
  const told = (refined?.[collection]?.unnamed ?? []).reduce((sum, { count }) => sum + count, 0)
  const [least, most] = [others(bronze.flatMap((document) => Object.keys(document))), others(names)]
  return told < least || told > most ? [`${told} fields are not in the contract, expected ${least} to ${most}`] : []
}

/** How many ids several documents have. */
function shared(key: string, documents: readonly Document[]): number {
  const times = new Map<string, number>()
  for (const { [key]: id } of documents) if (id !== null) times.set(id, (times.get(id) ?? 0) + 1)
  return [...times.values()].filter((count) => count > 1).length
}

// -------------------------------------------------------------------------------------------------------- quarantine

/** The quarantine holds the `_id`s of what is not in silver byte by byte, why, and nothing else. */
async function misplacedInQuarantine(
  { stored }: Layers,
  record: RunRecord,
  places: Stored['places'],
  { quarantined }: ExpectedSilver,
): Promise<string[]> {
  const kept = (await stored('silver', 'quarantine')).map((bytes) => {
    const { collection, reason, run } = decode(bytes).document as {
      collection: keyof Bronze
      reason: string
      run: unknown
    }
    const elements = elementsOf(bytes)
    const documentId = elements.find(([name]) => name === 'document_id')
    const place = documentId && places[collection].get(idOf(documentId))
    const fields = elements.map(([name]) => name).sort()
    return `${collection} ${place}: ${reason}, by ${run} with ${fields}`
  })
  const fields = ['_id', 'collection', 'document_id', 'reason', 'run']
  const wanted = quarantined.map(
    ({ collection, _id, reason }) => `${collection} ${_id}: ${reason}, by ${record._id} with ${fields}`,
  )
  return [
    ...unmatched(wanted, kept).map((line) => `not in quarantine: ${line}`),
    ...unmatched(kept, wanted).map((line) => `in quarantine: ${line}`),
  ].slice(0, FEW)
}

function unmatched(lines: readonly string[], others: readonly string[]): string[] {
  const there = new Set(others)
  return lines.filter((line, i) => !there.has(line) || lines.indexOf(line) !== i)
}

// -------------------------------------------------------------------------------------------------------------- gold

async function wrongSums({ gold }: Layers): Promise<string[]> {
  const sums = new Map<string | null | undefined, { transactions: bigint; cents: bigint; unknown: bigint }>()
  for (const { gold_table, transactions, revenue, amount_unknown } of await gold('reconciliation')) {
    const sum = sums.get(gold_table) ?? { transactions: 0n, cents: 0n, unknown: 0n }
    sum.transactions += BigInt(transactions ?? '')
    sum.cents += BigInt(revenue?.replace('.', '') ?? '')
    sum.unknown += BigInt(amount_unknown ?? '')
    sums.set(gold_table, sum)
  }
  const [all, ...tables] = [
    ...new Set([...sums.values()].map(({ transactions, cents, unknown }) => `${transactions} ${cents} ${unknown}`)),
  ]
  return tables.length === 0 && all !== undefined ? [] : [`reconciliation does not add up: ${[all, ...tables]}`]
}

// ------------------------------------------------------------------------------------------------- what people may see

const MOST_BYTES = 16 * 1024 * 1024

/** Personal texts in silver, in the quarantine, in the records of runs, or in anything that is printed about them. */
export async function leaks({ client, names, stored }: Layers, record: RunRecord): Promise<string[]> {
  const silver = client.db(names.silver)
  const read = async (collection: string) => (await stored('silver', collection)).map((bytes) => decode(bytes).document)
  const runs = await stored('silver', 'runs')
  const documents = await Promise.all(
    contracts.map(async (contract) =>
      leaksIn(
        (await read(contract.collection)).map(({ _id, ...fields }) => fields),
        contract,
      ),
    ),
  )
  const [report, quarantine] = await Promise.all([readReport(silver), readQuarantine(silver, { limit: 200 })])
  const printed = [describeRun(toldRun(record)), describeReport(report), describeQuarantine(quarantine)]
  const json = [toJson(toldRun(record)), JSON.stringify(report), JSON.stringify(quarantine)]
  const unprintable = printed
    .flatMap((text) => text.match(/.*[^\P{Cc}\n].*/u) ?? [])
    .map((line) => `control: ${JSON.stringify(line)}`)
  return [
    ...documents.flat(),
    ...leaksIn([...(await read('quarantine')), ...runs.map((bytes) => decode(bytes).document), ...printed, ...json]),
    ...unprintable,
    ...runs.filter(({ length }) => length > MOST_BYTES).map(() => 'a record of a run is too large'),
  ].slice(0, FEW)
}
