import { parentPort, workerData } from 'node:worker_threads'
import { BSON, ObjectId } from 'bson'
import { type Coders, codersOf, filler, type StagedColumn } from '../../gold/rows.ts'
import { bronzeOf, PrimaryClient } from '../../mongo/client.ts'
import { RANGE, readRange } from '../../mongo/ranges.ts'
import { NoOwnIds, writer } from '../../mongo/writer.ts'
import { configOf } from '../../settings/config.ts'
import { packed } from '../../silver/clean/packing.ts'
import { keyReader, oncePerDocument } from '../../silver/duplicates.ts'
import { fingerprinting } from '../../silver/fingerprints.ts'
import { contextOf } from '../../silver/processor.ts'
import { openQuarantine } from '../../silver/quarantine.ts'
import { refine } from '../../silver/refinery.ts'
import { kindOf, LingotError, reasonOf } from '../../system/errors.ts'
import { hashOf } from '../../system/hashes.ts'
import { isTransient } from '../../system/retry.ts'
import type { Assignment, ThreadData, ThreadFailure, ThreadMessage } from './workers.ts'

/*
 * The program of a thread that cleans parts of collections, one at a time: raw bytes of bronze in, documents of silver
 * written, keys and the rows that models read given to the main thread.
 */

/** Batches that the main thread may have still to take. */
const AHEAD = 4

const port = parentPort
if (port === null) throw new LingotError('usage', 'This program is a part of `lingot run`.')
const { uri, settings, run, bronze, silver, started, portions, pii, erasureKey, number, threads } =
  workerData as ThreadData

const config = { ...(await configOf(settings)), bronze, silver, portions, pii, erasureKey }
const stopping = new AbortController()
let given = 0
let taken = 0
let onTaken: () => void = () => undefined

const send = (message: ThreadMessage) => port.postMessage(message)

/** Words keep their numbers from part to part. */
const coders = new Map<string, Coders>()

function codersFor(collection: string, layout: readonly StagedColumn[]): Coders {
  const known = coders.get(collection) ?? codersOf(layout, portions, { first: number, step: threads })
  coders.set(collection, known)
  return known
}

async function clean({ collection, to, quarantine, bounds, part, layout, seed }: Assignment): Promise<void> {
  const contract = config.contracts.find((contract) => contract.collection === collection)
  if (contract === undefined) throw new LingotError('bug', `There is no collection ${collection}.`)
  const client = await connecting
  const db = client.db(silver)
  const kept = openQuarantine(client, db.collection(quarantine), ObjectId.createFromHexString(run), { portions })
  let keys: string[] = []
  const isFirst = oncePerDocument(contract)
  const hand = (message: ThreadMessage) => {
    given++
    send(message)
  }
  const rows =
    layout &&
    filler(layout, codersFor(collection, layout), portions, (chunk) => hand({ what: 'rows', chunk }), part * RANGE)
  const from = bronzeOf(client, bronze).collection(contract.source ?? collection)
  const range = { bounds: BSON.deserialize(bounds, { promoteValues: false })['bounds'] as unknown[] }
  const batches = async function* () {
    for await (const batch of readRange(client, from, range, part, portions)) {
      yield batch
      hand({ what: 'keys', hashes: Int32Array.from(keys, hashOf), keys, documents: batch.length })
      keys = []
      while (given - taken > AHEAD) {
        await new Promise<void>((resolve) => {
          onTaken = resolve
        })
      }
    }
  }
  const out = writer(client, db.collection(to), { portions })
  const keyOf = keyReader(contract)
  const refined = await refine(batches(), {
    contract,
    context: await context,
    out,
    quarantine: kept,
    signal: stopping.signal,
    fingerprints: seed && fingerprinting(contract, seed, (rows) => hand({ what: 'fingerprints', rows })),
    onKept(values, start, record) {
      const key = keyOf(values, out.batch, start)
      if (typeof key === 'string' && isFirst(key, record)) keys.push(key)
      rows?.add(values)
    },
    onProgress: () => undefined,
  }).finally(() => kept.close())
  rows?.end()
  send({ what: 'done', refined: packed(refined) })
}

/** What is left of an error on the way to another thread. */
function told(error: unknown): ThreadFailure {
  if (error instanceof NoOwnIds) return { noOwnIds: error.what, collection: error.collection }
  const next = error instanceof LingotError ? error.next : undefined
  return { kind: kindOf(error), message: reasonOf(error), next, isTransient: isTransient(error) }
}

// Whether that fails is told by the first part.
const connecting = PrimaryClient.connect(uri, { appName: 'lingot', serverSelectionTimeoutMS: 5000 })
connecting.catch(() => undefined)
const context = connecting.then((client) => contextOf(client.db(silver), config, started))
context.catch(() => undefined)
port.on('message', (message: Assignment | 'taken' | 'stop' | 'end') => {
  if (message === 'taken') {
    taken++
    onTaken()
  } else if (message === 'stop') {
    stopping.abort()
    onTaken()
  } else if (message === 'end') {
    port.close()
    void connecting.then((client) => client.close()).catch(() => undefined)
  } else {
    clean(message).catch((error: unknown) => send({ what: 'failed', error: told(error) }))
  }
})
