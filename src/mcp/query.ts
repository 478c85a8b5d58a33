import { publishedModels } from '../gold/models.ts'
import { readGold } from '../postgres/reader.ts'
import { openAssistant, openReader } from '../servers/servers.ts'
import type { Config } from '../settings/config.ts'
import { kindOf, LingotError } from '../system/errors.ts'
import { type Ask, statements } from '../web/statement.ts'
import { personalIn } from './nameless.ts'

/**
 * Puts an assistant's queries to gold as its role, or as the reader where it may learn what people are called; undefined
 * where there is no such role.
 */
export async function queryOf(config: Readonly<Config>): Promise<Ask | undefined> {
  const { names } = config.assistants
  const url = names ? await openReaderAlone(config) : await openAssistant(config)
  if (url === undefined) return undefined
  const { ask } = statements(url, config.goldSchema)
  return async (sql, signal) => {
    if (!names) await refusePersonal(url, config)
    return ask(sql, signal)
  }
}

/** The address of who reads gold and nothing else. */
async function openReaderAlone(config: Readonly<Config>): Promise<string | undefined> {
  const { uri, origin } = await openReader(config)
  return config.postgresReaderUrl !== undefined || origin === 'lingot' ? uri : undefined
}

/** Throws where the role can read who somebody is: what a query shows of it could be called anything. */
async function refusePersonal(url: string, config: Readonly<Config>): Promise<void> {
  const { goldSchema, contracts } = config
  const personal = publishedModels(config).flatMap((model) =>
    personalIn(model, contracts).map((column) => ({ table: model.name, column })),
  )
  const readable = await readGold(url, goldSchema, async (query) => {
    const { rows } = await query(
      `select nspname, relname, attname
       from pg_attribute
       inner join pg_class on pg_class.oid = attrelid
       inner join pg_namespace on pg_namespace.oid = relnamespace
       inner join unnest($1::text[], $2::text[]) as personal (named, of) on attname = of and relname = named
       where nspname !~ '^pg_' and attnum > 0 and not attisdropped
         and has_column_privilege(attrelid, attnum, 'select') and has_schema_privilege(relnamespace, 'usage')
       limit 1`,
      [textArray(personal.map(({ table }) => table)), textArray(personal.map(({ column }) => column))],
    )
    return rows[0]
  }).catch((error: unknown) => {
    if (kindOf(error) === 'data') return undefined
    throw error
  })
  if (readable === undefined) return
  throw new LingotError(
    'permission',
    `The role of assistants can read ${readable.join('.')}, which is personal.`,
    'Take that right from it: `lingot grants` prints a role that has none such.',
  )
}

/** A list of texts as PostgreSQL reads one. */
function textArray(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}
