import type { Collection, MongoClient } from 'mongodb'
import { lookAtRecords } from '../../bronze/elements.ts'
import { bronzeName, type ColumnType, type Context, type Contract, columnsOf } from '../../contracts/contract.ts'
import { idOf } from '../../mongo/bson_reader.ts'
import { bronzeOf } from '../../mongo/client.ts'
import { readRaw } from '../../mongo/cursor.ts'
import { DeadEnd } from '../../mongo/field_reader.ts'
import { idBytes, sameIds } from '../../mongo/lookup.ts'
import { discreetId, type Hide, hidingBy } from '../../rules/contacts.ts'
import { md5 } from '../../rules/pseudonym.ts'
import { Flaw } from '../../rules/values.ts'
import { cleaner, type Observer } from '../../silver/clean/cleaner.ts'
import { ERASED } from '../../silver/clean/forgetting.ts'
import { silverReader } from '../../silver/schema.ts'
import { moneyOf } from '../../text/money.ts'
import { printable, shorten } from '../../text/terminal.ts'
import { plainId } from '../ids.ts'
import type { Finding, SilverRecord } from './explanation_schema.ts'

/** How silver was made. */
export interface Refining {
  contracts: readonly Contract[]
  bronze: string
  context: Context
  /** Whether what bronze has is told as well. */
  tellsGiven?: boolean | undefined
}

/** Documents of bronze that are looked up at once. */
const LOOK_UP = 500

/** Finds the bronze documents of records and cleans them as the run did, to learn what it met in each. */
export async function cleanAgain(
  mongodb: MongoClient,
  contract: Contract,
  found: readonly Buffer[],
  { bronze, context, tellsGiven = false }: Refining,
): Promise<SilverRecord[]> {
  const { clean } = cleaner(contract, context)
  const hide = hidingBy(context.region, context.hash ?? md5)
  const from = bronzeOf(mongodb, bronze).collection(bronzeName(contract))
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
      const cleaned = document && clean(document, noting(cleaning, tellsGiven ? givenIn(contract, hide) : undefined))
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

type Given = (field: string, value: unknown) => string | undefined

/** Characters of a value of bronze that are told. */
const LONGEST = 120

/** Spells values of bronze that may be shown. */
function givenIn({ fields }: Contract, hide: Hide): Given {
  return (name, value) => {
    // That there is nothing the reason says.
    if (value === undefined || value === null || value instanceof DeadEnd || fields[name]?.personal !== false)
      return undefined
    const shown = plainId(discreetId(value, hide))
    return shorten(typeof shown === 'string' ? printable(shown) : (JSON.stringify(shown) ?? ''), LONGEST)
  }
}

function noting(findings: Finding[], givenOf: Given = () => undefined): Observer {
  return {
    value: (field, outcome, _, value) => {
      const kind = outcome instanceof Flaw ? outcome.kind : 'repaired'
      // Nobody finds who was erased by what bronze still has.
      const given = outcome === ERASED ? undefined : givenOf(field, value)
      findings.push({ field, kind, reason: outcome.reason, ...(given !== undefined && { given }) })
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
