import type { Db } from 'mongodb'
import pg from 'pg'
import { rowsIn } from '../gold/buckets.ts'
import { keptChanges, valuesIn } from '../history/kept.ts'
import type { Config } from '../settings/config.ts'
import type { Known } from './known.ts'
import { idsOf, type Place, searching } from './search.ts'

/** Searches the texts of what changed in silver, by collection. */
export async function searchChanges(
  silver: Db,
  known: Known,
  options: Pick<Config, 'contracts' | 'limits'> & { signal?: AbortSignal },
): Promise<Place[]> {
  const ids = idsOf(options.contracts)
  const searches = new Map<string, ReturnType<typeof searching>>()
  for await (const { collection, connection, file } of keptChanges(silver, options)) {
    const search = searches.get(collection) ?? searching(known, 'history', `changes.${collection}`)
    searches.set(collection, search)
    const columns = [...(await valuesIn(connection, file))].flatMap(([name, type]) =>
      type === 'VARCHAR' ? [name] : [],
    )
    const selected = ['1', ...columns.map((name) => pg.escapeIdentifier(name))].join(', ')
    const rows = await connection.stream(`select ${selected} from (${rowsIn([file])})`)
    for await (const chunk of rows) {
      options.signal?.throwIfAborted()
      for (const [, ...texts] of chunk.convertRows((value) => value as unknown)) {
        search.place.size++
        for (const [i, text] of texts.entries()) {
          const column = columns[i] ?? ''
          const isId = ids.has(column.slice(column.indexOf('.') + 1))
          if (typeof text === 'string') search.look([column], text, isId ? 'id' : 'text')
        }
      }
    }
  }
  return [...searches.values()].map(({ place }) => place)
}
