import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { BSON } from 'bson'
import { type MongoClient, MongoNetworkError } from 'mongodb'
import type { GoldFeed } from '../../gold/aggregator.ts'
import type { Chunk, StagedColumn } from '../../gold/rows.ts'
import { rangesOf } from '../../mongo/ranges.ts'
import { NoOwnIds } from '../../mongo/writer.ts'
import type { Config } from '../../settings/config.ts'
import { unpacked } from '../../silver/clean/packing.ts'
import type { Shared } from '../../silver/processor.ts'
import type { RefinedPart } from '../../silver/refinery.ts'
import { type Failure, LingotError } from '../../system/errors.ts'
import { packageRoot } from '../../system/package.ts'

/** What a thread begins with. */
export interface ThreadData extends Pick<Config, 'settings' | 'bronze' | 'silver' | 'portions' | 'pii' | 'erasureKey'> {
  /** Where MongoDB is. */
  uri: string
  /** The id of the run, in hexadecimal. */
  run: string
  started: Date
  /** Of how many threads this is which, from 1 on. */
  number: number
  threads: number
}

/** A part to clean. */
export interface Assignment {
  collection: string
  /** The staged collections. */
  to: string
  quarantine: string
  /** The bounds of the parts as BSON, whose types would not cross threads. */
  bounds: Uint8Array
  part: number
  /** What the models read, in a run that makes gold too. */
  layout: readonly StagedColumn[] | undefined
  /** Of fingerprints, where records are remembered. */
  seed: readonly number[] | undefined
}

/** An error that met another thread. */
export type ThreadFailure =
  | { kind: Failure; message: string; next: string | undefined; isTransient: boolean }
  | { noOwnIds: NoOwnIds['what']; collection: string }

export type ThreadMessage =
  | { what: 'rows'; chunk: Chunk }
  | { what: 'fingerprints'; rows: Uint8Array }
  /** Keys of documents that are kept, and of how many documents they are. */
  | { what: 'keys'; hashes: Int32Array; keys: readonly string[]; documents: number }
  | { what: 'done'; refined: unknown }
  | { what: 'failed'; error: ThreadFailure }

/** Threads that clean beside this one; they begin with the first collection that is large enough. */
export interface Workers {
  share: (shared: Shared) => Promise<RefinedPart[] | undefined> | undefined
  /** Ends them, once they have ended what they do. */
  close: () => Promise<void>
}

export function openWorkers(
  mongodb: MongoClient,
  count: number,
  data: Omit<ThreadData, 'number' | 'threads'>,
  feeds: Readonly<Record<string, GoldFeed>> = {},
): Workers {
  const { part: size } = data.portions
  let threads: Thread[] | undefined
  const cleanInParts = async (shared: Shared): Promise<RefinedPart[] | undefined> => {
    const { contract, from, to, quarantined, expected, signal } = shared
    const { bounds } = await rangesOf(mongodb, from, Math.ceil(expected / size))
    // Of a view one thread would sort all.
    if (bounds.length === 0) return undefined
    threads ??= Array.from({ length: count }, (_, i) => openThread({ ...data, number: i + 1, threads: count }))
    const feed = feeds[contract.collection]
    const common = {
      collection: contract.collection,
      to: to.collectionName,
      quarantine: quarantined.collectionName,
      bounds: BSON.serialize({ bounds }),
      seed: shared.seed,
    }
    const failed = new AbortController()
    const either = AbortSignal.any([signal, failed.signal])
    const stop = () => {
      for (const thread of threads ?? []) thread.stop()
    }
    either.addEventListener('abort', stop)
    const refined: RefinedPart[] = []
    let next = 0
    let documents = 0
    const take = (message: Delivery) => {
      if (message.what === 'rows') feed?.take(message.chunk)
      else if (message.what === 'fingerprints') shared.onFingerprints(message.rows)
      else {
        for (const [i, key] of message.keys.entries()) {
          if (shared.isRepeated(message.hashes[i] as number)) shared.onRepeated(key)
        }
        documents += message.documents
        shared.onProgress(documents)
      }
    }
    const work = async (thread: Thread) => {
      while (next <= bounds.length && !either.aborted) {
        const part = next++
        refined[part] = await thread.clean({ ...common, part, layout: feed?.layout }, take)
      }
    }
    // All have stopped before this throws: what they still write would make its collection anew after that was dropped.
    const works = threads.map((thread) => work(thread).catch((error: unknown) => failed.abort(error)))
    await Promise.all(works)
    either.removeEventListener('abort', stop)
    either.throwIfAborted()
    return refined
  }
  return {
    share: (shared) => (count === 0 || shared.expected < 2 * size ? undefined : cleanInParts(shared)),
    async close() {
      await Promise.all((threads ?? []).map((thread) => thread.end()))
    },
  }
}

type Delivery = Extract<ThreadMessage, { what: 'rows' | 'fingerprints' | 'keys' }>

interface Thread {
  /** Cleans a part, and gives what comes of it. */
  clean: (assignment: Assignment, take: (message: Delivery) => void) => Promise<RefinedPart>
  /** Gives up the part that is cleaned. */
  stop: () => void
  end: () => Promise<void>
}

function openThread(workerData: ThreadData): Thread {
  // Built, since Node does not read TypeScript.
  const worker = new Worker(join(packageRoot, 'dist', 'engines', 'local', 'thread.js'), { workerData })
  let current:
    | { take: (message: Delivery) => void; resolve: (refined: RefinedPart) => void; reject: (error: unknown) => void }
    | undefined
  let failure: unknown
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      failure ??= new LingotError('bug', 'A thread that cleans ended by itself.')
      current?.reject(failure)
      resolve()
    })
  })
  worker.once('error', (error) => {
    failure = error
  })
  worker.on('message', (message: ThreadMessage) => {
    if (message.what === 'done') current?.resolve(unpacked(message.refined) as RefinedPart)
    else if (message.what === 'failed') current?.reject(failure ?? errorOf(message.error))
    else {
      try {
        current?.take(message)
      } catch (error) {
        failure ??= error
        worker.postMessage('stop')
      }
      worker.postMessage('taken')
    }
  })
  return {
    async clean(assignment, take) {
      const refined = await new Promise<RefinedPart>((resolve, reject) => {
        current = { take, resolve, reject }
        if (failure !== undefined) reject(failure)
        else worker.postMessage(assignment)
      })
      if (failure !== undefined) throw failure
      return refined
    },
    stop: () => worker.postMessage('stop'),
    end() {
      worker.postMessage('end')
      return ended
    },
  }
}

/** An error of another thread, as those that handle errors know it. */
function errorOf(error: ThreadFailure): Error {
  if ('noOwnIds' in error) return new NoOwnIds(error.noOwnIds, error.collection)
  const { kind, message, next, isTransient } = error
  const cause = isTransient ? new MongoNetworkError(message) : undefined
  return new LingotError(kind, message, next, { cause })
}
