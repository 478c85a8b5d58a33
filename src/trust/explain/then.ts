import { goBack, lacking } from '../../gold/as_of.ts'
import { readGold } from '../../postgres/reader.ts'
import type { RunRecord } from '../../runs/record.ts'
import type { Config } from '../../settings/config.ts'
import { kindOf } from '../../system/errors.ts'
import { type rowNamed, whereNamed } from './explain.ts'

/** The values of a row of gold as a run published it; undefined where no history tells. */
export function rowThen(
  postgresUrl: string,
  { _id }: RunRecord,
  { model, lineage, key }: ReturnType<typeof rowNamed>,
  { goldSchema }: Pick<Config, 'goldSchema'>,
): Promise<Map<string, string | null> | undefined> {
  return readGold(postgresUrl, goldSchema, async (query) => {
    const found = await query.attempt(async () => {
      await goBack(query, goldSchema, { run: _id.toHexString() })
      return query(`select * from ${model.name} where ${whereNamed(lineage, model, '$1')} limit 1`, [key])
    })
    if (!('value' in found)) {
      // Where there is no history, or not of this, or this user may not read it; what else fails would pass for that.
      if (['data', 'permission'].includes(kindOf(lacking(found.failure)))) return undefined
      throw found.failure
    }
    const { columns, rows } = found.value
    return new Map(rows[0] === undefined ? [] : columns.map(({ name }, i) => [name, rows[0]?.[i] ?? null]))
  })
}
