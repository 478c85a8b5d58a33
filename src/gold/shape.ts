import pg from 'pg'
import { LingotError } from '../system/errors.ts'
import { fromHere } from '../system/paths.ts'
import { keyOf } from './key.ts'
import { commentWithMark, type TableMark } from './mark.ts'
import { declarationOf, type Model } from './models.ts'
import type { Planned, Standing } from './standing.ts'

/** What of a table has to change before it takes the rows of its model. */
export interface Change {
  /** Parts of one `alter table`. */
  steps: string[]
  /** The numbers of those columns whose change concerns what depends on them. */
  concerned: number[]
  /** Those of them that go: what depends on them cannot be made anew. */
  gone: number[]
}

type Shaped = Pick<Standing, 'columns' | 'key' | 'keyName' | 'mark' | 'isOlder'>

/** How a table becomes what its model makes: Lingot's own columns change, those that a user added stay. */
export function changeOf(planned: Planned, table: Shaped): Change {
  const steps: string[] = []
  const concerned: number[] = []
  const gone: number[] = []
  const wanted = columnsOf(planned)
  const key = keyOf(planned)
  const isSameKey = key.name === undefined ? table.key.join() === planned.model.key.join() : table.keyName === key.name
  if (table.keyName !== null && !isSameKey) steps.push(`drop constraint ${pg.escapeIdentifier(table.keyName)}`)
  for (const { name, number } of table.columns) {
    if (wanted.some((column) => column.name === name) || !table.mark?.columns.includes(name)) continue
    steps.push(`drop column ${pg.escapeIdentifier(name)}`)
    gone.push(number)
  }
  for (const { name, type, notNull } of wanted) {
    const column = pg.escapeIdentifier(name)
    const there = table.columns.find((column) => column.name === name)
    if (there === undefined) {
      steps.push(`add column ${column} ${type}${notNull ? ' not null' : ''}`)
      continue
    }
    if (there.type !== type) {
      // The table is empty by then: a type that none of the old values would fit is no matter.
      const using = family(there.type) === family(type) ? '' : ` using null::${type}`
      steps.push(`alter column ${column} type ${type}${using}`)
      concerned.push(there.number)
    }
    if (there.notNull !== notNull) steps.push(`alter column ${column} ${notNull ? 'set' : 'drop'} not null`)
  }
  if (!isSameKey) steps.push(`add ${key.definition}`)
  return { steps, concerned: [...gone, ...concerned], gone }
}

/** Types of one family differ in how much they take. */
function family(type: string): string | undefined {
  return /^\w+/.exec(type)?.[0]
}

/** The columns of a table as PostgreSQL has them; a test that stops a run at a null proves that there is none. */
export function columnsOf({ model, columns }: Planned): { name: string; type: string; notNull: boolean }[] {
  const proven = model.tests.flatMap((test) =>
    test.test === 'not_null' && test.severity === 'error' ? test.columns : [],
  )
  const known = new Set([...model.key, ...proven])
  return columns.map(({ name, type }) => ({
    name,
    type: model.plain.includes(name) ? 'numeric' : postgresType(type),
    notNull: known.has(name),
  }))
}

/** What says of a table and of all its columns what they mean, and whose the table is, where it is not said yet. */
export function commentsOn(
  into: string,
  { model, columns }: Planned,
  shop: TableMark['shop'],
  there?: Pick<Standing, 'comment' | 'columns'>,
): string[] {
  const comment = commentWithMark(model.name, model.description, { shop, columns: columns.map(({ name }) => name) })
  const meanings = columns.flatMap(({ name }) => {
    const meaning = model.columns[name] ?? ''
    if (there?.columns.some((column) => column.name === name && column.comment === meaning)) return []
    return [`comment on column ${into}.${pg.escapeIdentifier(name)} is ${pg.escapeLiteral(meaning)}`]
  })
  if (there?.comment === comment) return meanings
  return [`comment on table ${into} is ${pg.escapeLiteral(comment)}`, ...meanings]
}

/** The names of a table's own columns, for rows to be written into: a user may have added others. */
export function listed({ columns }: Pick<Planned, 'columns'>): string {
  return columns.map(({ name }) => pg.escapeIdentifier(name)).join(', ')
}

/** Throws where a model makes other columns than it describes, or one that gold cannot hold. */
export function refuseUnfit(model: Model, columns: Planned['columns']): void {
  const { name, file } = model
  const described = Object.keys(model.columns)
  const [yml, sql] = [declarationOf({ file }), file].map(fromHere)
  const refuse = (what: string, next: string) => new LingotError('config', `The model ${name} ${what}.`, next)
  for (const column of columns) {
    const isTwice = columns.filter((other) => other.name.toLowerCase() === column.name.toLowerCase()).length > 1
    if (isTwice) throw refuse(`makes two columns ${column.name}`, `Name one of them otherwise in ${sql}.`)
    if (SYSTEM_COLUMNS.has(column.name) || Buffer.byteLength(column.name) > LONGEST_NAME) {
      throw refuse(
        `makes a column ${column.name}, and PostgreSQL has none of that name`,
        `Name it otherwise in ${sql}.`,
      )
    }
    if (!described.includes(column.name)) {
      throw refuse(`makes a column ${column.name} that is not described`, `Add it under columns in ${yml}.`)
    }
    if (!isKnownType(column.type)) {
      const next = `Cast it in ${sql}, as in cast(… as bigint); docs/project.md has the types.`
      throw refuse(`makes the column ${column.name} of the type ${column.type}, which gold does not have`, next)
    }
  }
  const missing = described.find((column) => !columns.some(({ name }) => name === column))
  if (missing === undefined) return
  throw refuse(`describes a column ${missing} that it does not make`, `Take it out of ${yml}, or select it in ${sql}.`)
}

/** What every table of PostgreSQL has as columns already. */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])
/** Bytes of a name, of which PostgreSQL forgets the rest. */
const LONGEST_NAME = 63

/** The PostgreSQL type of a DuckDB one, as PostgreSQL itself spells it. */
export function postgresType(type: string): string {
  if (type.startsWith('DECIMAL') && isKnownType(type)) return type.replace('DECIMAL', 'numeric').toLowerCase()
  const known = TYPES[type]
  if (known === undefined) throw new LingotError('config', `Gold has no column type ${type}.`, 'Cast it in the model.')
  return known
}

const TYPES: Readonly<Record<string, string>> = {
  VARCHAR: 'text',
  BIGINT: 'bigint',
  DATE: 'date',
  BOOLEAN: 'boolean',
  TIMESTAMP: 'timestamp without time zone',
  'TIMESTAMP WITH TIME ZONE': 'timestamp with time zone',
}

function isKnownType(type: string): boolean {
  return TYPES[type] !== undefined || /^DECIMAL\(\d+,\d+\)$/.test(type)
}
