import type { Collection, MongoClient } from 'mongodb'
import { lookAtRecords } from '../../bronze/elements.ts'
import { type ColumnType, type Context, type Contract, columnsOf } from '../../contracts/contract.ts'
import { idOf } from '../../mongo/bson_reader.ts'
import { bronzeOf } from '../../mongo/client.ts'
import { readRaw } from '../../mongo/cursor.ts'
import { idBytes, sameIds } from '../../mongo/lookup.ts'
import { discreetId, hidingBy } from '../../rules/contacts.ts'
import { md5 } from '../../rules/pseudonym.ts'
import { Flaw } from '../../rules/values.ts'
import { cleaner, type Observer } from '../../silver/clean/cleaner.ts'
import { silverReader } from '../../silver/schema.ts'
import { moneyOf } from '../../text/money.ts'
import { plainId } from '../ids.ts'

/** A silver record, and what cleaning its bronze document again meets. */
export interface SilverRecord {
  /** Silver's `_id` and bronze's, in relaxed Extended JSON. */
  _id: unknown
  /** Of every column that is not personal; money as exact text. */
  values: Record<string, string | number | boolean | Date | null>
  /** What cleaning the bronze document again meets. */
  cleaning: Finding[]
  /** Whether cleaning the bronze document again gives this record. */
  bronze: 'unchanged' | 'changed since' | 'gone'
}

export interface Finding {
  field: string
  kind: 'missing' | 'invalid' | 'repaired' | 'suspicious'
  reason: string
}

/** How silver was made. */
export interface Refining {
  contracts: readonly Contract[]
  bronze: string
  context: Context
}

/** Documents of bronze that are looked up at once. */
const LOOK_UP = 500

/** Finds the bronze documents of records and cleans them as the run did, to learn what it met in each. */
export async function cleanAgain(
  mongodb: MongoClient,
  contract: Contract,
  found: readonly Buffer[],
  { bronze, context }: Refining,
): Promise<SilverRecord[]> {
  const { clean } = cleaner(contract, context)
  const hide = hidingBy(context.region, context.hash ?? md5)
  const from = bronzeOf(mongodb, bronze).collection(contract.source ?? contract.collection)
  const columns = columnsOf(contract)
  const read = silverReader(columns.map(([name]) => name))
  const records: SilverRecord[] = []
  for (let at = 0; at < found.length; at += LOOK_UP) {
    const part = found.slice(at, at + LOOK_UP)
    const raw = await lookAtRecords(mongodb, from, contract, part, (record) => record)
    for (const silver of part) {
      const record = { ...read(silver) }
      const document = raw.get(idBytes(silver))
      const cleaning: Finding[] = []
      const cleaned = document && clean(document, noting(cleaning))
      const isEqual = columns.every(([name]) => isSame(cleaned?.[name], record[name]))
      records.push({
        _id: plainId(discreetId(idOf(silver), hide)),
        values: Object.fromEntries(
          columns
            .filter(([, { personal }]) => !personal)
            .map(([name, { type }]) => [name, plainValue(type, record[name])]),
        ),
        cleaning,
        bronze: cleaned === undefined ? 'gone' : isEqual ? 'unchanged' : 'changed since',
      })
    }
  }
  return records
}

/** The whole documents of which parts are known, in the order of those. */
export async function wholeOf(mongodb: MongoClient, from: Collection, parts: readonly Buffer[]): Promise<Buffer[]> {
  const whole: Buffer[] = []
  for (let at = 0; at < parts.length; at += LOOK_UP) {
    const some = parts.slice(at, at + LOOK_UP)
    const found = new Map<string, Buffer>()
    for await (const batch of readRaw(mongodb, from, { filter: sameIds(some) })) {
      for (const document of batch) found.set(idBytes(document), document)
    }
    whole.push(...some.flatMap((part) => found.get(idBytes(part)) ?? []))
  }
  return whole
}

function noting(findings: Finding[]): Observer {
  return {
    value: (field, outcome) => {
      findings.push({ field, kind: outcome instanceof Flaw ? outcome.kind : 'repaired', reason: outcome.reason })
    },
    unnamed: () => undefined,
    suspicious: (suspicion) => {
      findings.push({ field: '', kind: 'suspicious', reason: suspicion })
    },
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b
}

function plainValue(type: ColumnType, value: unknown): SilverRecord['values'][string] {
  if (type === 'money' && typeof value === 'number') return moneyOf(BigInt(Math.round(value * 100)))
  return (value ?? null) as SilverRecord['values'][string]
}
