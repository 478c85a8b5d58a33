import type { Db, MongoClient } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { discreet } from '../contracts/names.ts'
import { eachSpelled } from '../mongo/bson_reader.ts'
import { readRaw } from '../mongo/cursor.ts'
import { readGold } from '../postgres/reader.ts'
import { mayHold } from '../rules/spellings.ts'
import { type Portions, portions as usual } from '../system/portions.ts'
import type { Progress } from '../text/progress.ts'
import type { Known, Spelled } from './known.ts'

/** A place that was searched, and what was found there. */
export interface Place {
  layer: 'silver' | 'gold' | 'history' | 'output' | 'files'
  /** The collection, table, command or file. */
  name: string
  /** How many documents, rows, texts or lines it has. */
  size: number
  findings: Finding[]
}

/** How many values of a field hold an email or a phone number of bronze. */
export interface Finding {
  field: string
  emails: number
  phones: number
}

/** A place that is being searched. */
interface Search {
  place: Place
  look: (path: readonly string[], text: string, as: Spelled) => void
}

export function searching(known: Known, layer: Place['layer'], name: string): Search {
  const findings = new Map<string, Finding>()
  // Commands are called by Lingot.
  const place: Place = { layer, name: layer === 'output' ? name : discreet(name), size: 0, findings: [] }
  return {
    place,
    look(path, text, as) {
      const { email, phone } = known.heldBy(text, as)
      if (!email && !phone) return
      const field = path.map(discreet).join('.')
      const finding = findings.get(field) ?? { field, emails: 0, phones: 0 }
      if (!findings.has(field)) place.findings.push(finding)
      findings.set(field, finding)
      if (email) finding.emails++
      if (phone) finding.phones++
    },
  }
}

// ------------------------------------------------------------------------------------------------------------- silver

/** Fields of run records, reports and quarantine that name documents of bronze. */
const NAMING = ['_id', 'document_id', 'examples', 'id', 'run']

/** Fields that hold ids, in any collection. */
export function idsOf(contracts: readonly Contract[]): ReadonlySet<string> {
  const named = contracts.flatMap(({ fields }) => Object.entries(fields).filter(([, { kind }]) => kind === 'id'))
  return new Set([...NAMING, ...named.map(([name]) => name)])
}

/** Searches every collection of the silver database, whoever made it. */
export async function searchSilver(
  mongodb: MongoClient,
  silver: Db,
  known: Known,
  contracts: readonly Contract[],
  { onProgress, signal }: { onProgress?: Progress; signal?: AbortSignal } = {},
): Promise<Place[]> {
  const ids = idsOf(contracts)
  const measured = new Set(['runs', ...contracts.map(({ collection }) => collection)])
  const places: Place[] = []
  const listed = await silver.listCollections({}, { nameOnly: false }).toArray()
  for (const { name, type } of listed.sort((a, b) => a.name.localeCompare(b.name))) {
    // A view shows what stands elsewhere.
    if (type === 'view' || name.startsWith('system.')) continue
    const { place, look } = searching(known, 'silver', name)
    const digits: Spelled = measured.has(name) ? 'measurement' : 'text'
    const total = await silver.collection(name).estimatedDocumentCount()
    for await (const batch of readRaw(mongodb, silver.collection(name))) {
      signal?.throwIfAborted()
      for (const document of batch) {
        eachSpelled(document, (path, text, as) => {
          if (!mayHold(text)) return
          const isId = as !== 'name' && path.some((name) => ids.has(name))
          look(path, text, isId ? 'id' : as === 'number' ? digits : 'text')
        })
      }
      place.size += batch.length
      onProgress?.(`silver ${place.name}`, place.size, Math.max(place.size, total))
    }
    places.push(place)
  }
  return places
}

// --------------------------------------------------------------------------------------------------------------- gold

/** Searches the text columns of Lingot's tables, or of what they were, as far as they are there. */
export function searchGold(
  postgresUrl: string,
  schema: string,
  tables: readonly string[],
  known: Known,
  contracts: readonly Contract[],
  {
    signal,
    portions = usual,
    layer = 'gold',
  }: { signal?: AbortSignal; portions?: Portions; layer?: 'gold' | 'history' } = {},
): Promise<Place[]> {
  const ids = idsOf(contracts)
  return readGold(postgresUrl, schema, async (query) => {
    const { rows } = await query(
      `select table_name, column_name from information_schema.columns
       where table_schema = $1 and table_name = any($2::text[]) and data_type in ('text', 'character varying', 'character')
       order by table_name, ordinal_position`,
      [schema, `{${tables.join(',')}}`],
    )
    const places: Place[] = []
    for (const table of new Set(rows.map(([table]) => String(table)))) {
      const columns = rows.filter(([of]) => of === table).map(([, column]) => String(column))
      const { place, look } = searching(known, layer, table)
      const quoted = columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(', ')
      await query(`declare searched no scroll cursor for select ${quoted} from "${table}"`)
      for (;;) {
        signal?.throwIfAborted()
        const { rows: found } = await query(`fetch ${portions.ids} from searched`)
        for (const row of found) {
          for (const [i, text] of row.entries()) {
            const column = columns[i] ?? ''
            if (text !== null) look([column], text, ids.has(column) ? 'id' : 'text')
          }
        }
        place.size += found.length
        if (found.length < portions.ids) break
      }
      await query('close searched')
      places.push(place)
    }
    return places
  })
}

// ------------------------------------------------------------------------------------------------------------- output

/** What a command prints: text for people, or what its JSON is made of. */
export interface Output {
  command: string
  printed: string | object
}

export function searchOutput({ command, printed }: Output, known: Known, contracts: readonly Contract[]): Place {
  const { place, look } = searching(known, 'output', command)
  const ids = idsOf(contracts)
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'string' || typeof value === 'number') {
      place.size++
      const isId = path.some((name) => ids.has(name))
      look(path, String(value), isId ? 'id' : typeof value === 'number' ? 'measurement' : 'text')
    } else if (Array.isArray(value)) for (const inner of value) walk(inner, path)
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        look([...path, name], name, 'text')
        walk(inner, [...path, name])
      }
    }
  }
  if (typeof printed !== 'string') walk(printed, [])
  else {
    for (const line of printed.split('\n')) {
      place.size++
      look([], line, 'text')
    }
  }
  return place
}
