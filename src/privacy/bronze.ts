import type { CountryCode } from 'libphonenumber-js/min'
import type { MongoClient } from 'mongodb'
import { recordsOf } from '../bronze/elements.ts'
import {
  bronzeName,
  type Context,
  type Contract,
  type Field,
  keyOf,
  type Path,
  sourceOf,
} from '../contracts/contract.ts'
import { eachSpelled } from '../mongo/bson_reader.ts'
import { bronzeOf } from '../mongo/client.ts'
import { documentsIn, readRaw } from '../mongo/cursor.ts'
import { eachWritten } from '../rules/contacts.ts'
import { regionOf } from '../rules/countries.ts'
import { eachAddress, eachNumber, mayHoldAddress, mayHoldNumber } from '../rules/spellings.ts'
import { Flaw, Repaired, textOf } from '../rules/values.ts'
import { cleaner, unobserved } from '../silver/clean/cleaner.ts'
import type { Progress } from '../text/progress.ts'
import { type Collecting, collecting, type Known, keysFor } from './known.ts'

interface KnownOptions {
  bronze: string
  contracts: readonly Contract[]
  phoneRegion: CountryCode
  onProgress?: Progress
  signal?: AbortSignal
}

/**
 * Reads every email and phone number of bronze.
 *
 * In the fields of emails and phone numbers whatever their rule takes counts, at any depth. Elsewhere what is written as
 * people write it does: an address anywhere; a number with its country code, or in groups, but for ids, dates and numbers.
 */
export async function readKnown(mongodb: MongoClient, options: KnownOptions): Promise<Known> {
  const { contracts, phoneRegion, onProgress, signal } = options
  const known = collecting()
  for (const contract of contracts) {
    const from = bronzeOf(mongodb, options.bronze).collection(bronzeName(contract))
    const total = await documentsIn(from)
    const note = noting(contract, known, phoneRegion)
    let done = 0
    for await (const batch of readRaw(mongodb, from)) {
      signal?.throwIfAborted()
      for (const document of batch) {
        // A phone number is read by the country of its record.
        for (const record of recordsOf(contract, document)) note(record)
        if (contract.each !== undefined) note(document)
      }
      done += batch.length
      onProgress?.(`bronze ${contract.collection}`, done, Math.max(done, total))
    }
  }
  return known
}

const plain = (value: string): string => value

/** Notes the emails and phone numbers of a contract's documents. */
function noting(contract: Contract, known: Collecting, region: CountryCode): (document: Buffer) => void {
  const context: Context = { latest: Date.now(), region, hash: plain }
  const { clean } = cleaner(contract, context)
  const sources = sourcesOf(contract)
  const isPersonal = [...sources.values()].some(({ hashed }) => hashed.length > 0)

  return (document) => {
    const values = isPersonal ? { ...clean(document, unobserved) } : {}
    const own = regionOf(String(values['country']), region)
    const numbers = new Set<string>()
    const ids: string[] = []
    const addPhone = (e164: string, spelled: string) => {
      for (const key of known.addPhone(e164, spelled)) numbers.add(key)
    }
    eachSpelled(document, (path, spelled) => {
      const { hashed, isId, isNumberless } = sourceAt(sources, path)
      if (isId) ids.push(spelled)
      if (mayHoldAddress(spelled)) eachAddress(spelled, known.addEmail)
      let isRead = false
      for (const field of hashed) {
        const read = field.read(spelled, context, values)
        if (read instanceof Flaw) continue
        isRead = true
        const value = String(read instanceof Repaired ? read.value : read)
        if (field.kind === 'email') known.addEmail(value)
        else addPhone(value, spelled)
      }
      if (!isRead && !isNumberless && mayHoldNumber(spelled)) eachWritten(spelled, own, addPhone)
    })
    if (numbers.size === 0) return
    for (const id of ids) {
      let isOwn = false
      eachNumber(id, (number) => {
        isOwn ||= keysFor(number, 'text').some((key) => numbers.has(key))
      })
      if (isOwn) for (const spelling of [id, textOf(id) ?? id]) known.addId(spelling)
    }
  }
}

/** What a field of bronze is to the search. */
interface Source {
  /** Those of its readers that hash it. */
  hashed: readonly Field<unknown>[]
  isId: boolean
  /** Digits in it are no phone number. */
  isNumberless: boolean
}

const UNNAMED: Source = { hashed: [], isId: false, isNumberless: false }

/** What is read at a path, or above it: whatever the value of a field holds is of that field. */
function sourceAt(sources: ReadonlyMap<string, Source>, path: readonly string[]): Source {
  for (let length = path.length; length > 0; length--) {
    const source = sources.get(keyOf(path.slice(0, length)))
    if (source !== undefined) return source
  }
  return UNNAMED
}

/** By the names on their paths, without the places in lists. */
function sourcesOf({ fields }: Contract): ReadonlyMap<string, Source> {
  const sources = new Map([['_id', { ...UNNAMED, isId: true, isNumberless: true }]])
  const placed = Object.entries(fields).flatMap(([name, field]) => {
    const source = sourceOf(name, field)
    return source === null ? [] : [{ source: keyOf(withoutPlaces(source)), field }]
  })
  for (const { source } of placed) {
    const readers = placed.flatMap((other) => (other.source === source ? other.field : []))
    const isOf = (...kinds: Field<unknown>['kind'][]) => readers.filter(({ kind }) => kinds.includes(kind))
    sources.set(source, {
      hashed: isOf('email', 'phone'),
      isId: source === '_id' || isOf('id').length > 0,
      isNumberless: source === '_id' || isOf(...NUMBERLESS).length > 0,
    })
  }
  return sources
}

function withoutPlaces([top = '', ...rest]: Path): Path {
  return [top, ...rest.filter((key) => !/^\d+$/.test(key))]
}

/** Kinds of field in which digits are no phone number. */
const NUMBERLESS = ['id', 'money', 'count', 'fractional', 'date', 'consent'] as const
