import { type ColumnType, type Contract, type columnsOf, zoneOf } from '../contracts/contract.ts'
import type { CleanValues } from '../silver/clean/cleaner.ts'
import type { Portions } from '../system/portions.ts'

/*
 * Rows on their way into DuckDB, as its vectors hold them: a buffer for each column, which is handed over as a whole, and
 * may come from another thread. The binding's own way, value by value, takes more than twice as long. What DuckDB itself
 * is needed for stands in feed.ts.
 */

type FlatType = 'varchar' | 'double' | 'integer' | 'utinyint'

/**
 * How a silver column enters DuckDB: as which type, and what the models see of it. A row has no nulls, since those would
 * have to be handed over beside it: a missing text is empty, which no clean one is, and a missing number is NaN.
 */
export const staging: Record<ColumnType, { as: FlatType; see: (column: string) => string }> = {
  text: { as: 'varchar', see: (column) => `nullif(${column}, '')` },
  flag: { as: 'utinyint', see: (column) => `cast(nullif(${column}, 2) as boolean)` },
  // Up to 1e12 with two decimals, a double names one decimal alone; this cast finds it.
  money: { as: 'double', see: (column) => `cast(${number(column)} as decimal(18, 2))` },
  count: { as: 'double', see: (column) => `cast(${number(column)} as bigint)` },
  // Up to 1e12 with six decimals it may name several: the one that its text has is meant.
  fractional: { as: 'double', see: (column) => `cast(cast(${number(column)} as varchar) as decimal(19, 6))` },
  rate: { as: 'double', see: (column) => number(column) },
  date: { as: 'double', see: (column) => `epoch_ms(cast(${number(column)} as bigint))` },
}

function number(column: string): string {
  return `nullif(${column}, 'nan'::double)`
}

/** Orders the documents as MongoDB orders their `_id`s, for models that read it. */
export const ID_ORDER = 'id_order'

/** What models read of a collection: columns in the order of its contract, and whether the order of its `_id`s. */
export interface ColumnsRead {
  columns: ReturnType<typeof columnsOf>
  inOrder: boolean
}

/** What models see of a collection that a shop does without. */
export function noRows({ columns, inOrder }: ColumnsRead): string {
  const seen = columns.map(([name, { type }]) => {
    return `${staging[type].see(`cast(null as ${staging[type].as})`)} as ${name}`
  })
  return `select ${[...seen, ...(inOrder ? [`cast(null as double) as ${ID_ORDER}`] : [])].join(', ')} where false`
}

/** What models see of customers who are those who bought: their ids, and what stands for all else. */
export function rowsOfBuyers({ fields, derived, key }: Contract, { columns, inOrder }: ColumnsRead): string {
  const unknown: Record<string, unknown> = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.default]),
  )
  const seen = columns.map(([name, { type }]) => {
    if (name === key) return name
    const value = unknown[name] ?? derived[name]?.from(unknown, fields) ?? null
    const written = typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : value && Number(value)
    const { as, see } = staging[type]
    return `${see(`cast(${written} as ${as})`)} as ${name}`
  })
  const all = [...seen, ...(inOrder ? [`cast(0 as double) as ${ID_ORDER}`] : [])]
  return `select distinct ${all.join(', ')} from all_transactions where ${key} is not null`
}

/** A column of silver as DuckDB takes it in. */
export interface StagedColumn {
  name: string
  as: FlatType
  /** Whether it is handed over as numbers of a dictionary: there are few different values. */
  isLabel: boolean
  /** What models see of `staged.NAME`, or of a label's `word`. */
  seen: string
}

/** The columns of a collection that models read, and the order of its documents where one reads that. */
export function layoutOf(
  contract: Contract,
  { columns, inOrder }: ColumnsRead,
  { labels }: Pick<Portions, 'labels'>,
): StagedColumn[] {
  let left = labels
  const staged = columns.map(([name, { type }]): StagedColumn => {
    const field = contract.fields[name]
    const isLabel = field?.kind === 'label' && left-- > 0
    const see = isLabel ? `${name}_words.word` : staging[type].see(`staged.${name}`)
    const zone = field && zoneOf(field)
    // An instant as the clocks of the shop's zone show it, so that days and months are theirs.
    const seen = zone === undefined ? see : `timezone('${zone}', timezone('UTC', ${see}))`
    return { name, as: isLabel ? 'integer' : staging[type].as, isLabel, seen }
  })
  // A table needs a column, even where no model reads one.
  if (!inOrder && staged.length > 0) return staged
  return [...staged, { name: ID_ORDER, as: 'double', isLabel: false, seen: `staged.${ID_ORDER}` }]
}

/** The values of a column: those that are no short ASCII text, by row, stand beside. */
export interface Values {
  flat: Float64Array | Int32Array | Uint8Array
  /** Bytes of a value. */
  width: number
  texts: ReadonlyMap<number, string>
}

/** Some rows: so many as their columns' buffers hold, or less. */
export interface Chunk {
  rows: number
  /** In the order of the layout. */
  values: readonly Values[]
  /** Words that got a number, by column. */
  words: Readonly<Record<string, readonly Word[]>>
}

type Word = readonly [code: number, word: string]

/** Puts clean documents into chunks. */
export interface Filler {
  add: (clean: CleanValues) => void
  /** How many there were. */
  rows: () => number
  /** Gives what is left. */
  end: () => void
}

/** Gives each chunk as it is full; its buffers are filled anew for the next. Rows are counted from `first` on. */
export function filler(
  layout: readonly StagedColumn[],
  coders: Coders,
  { rows: most }: Pick<Portions, 'rows'>,
  give: (chunk: Chunk) => void,
  first = 0,
): Filler {
  const columns = layout.map(({ name, as }) => ({ name, ...columnOf(as, most), codeOf: coders.get(name)?.codeOf }))
  const order = columns.find(({ name }) => name === ID_ORDER)
  const values = columns.filter((column) => column !== order)
  let rows = 0
  let total = 0
  const end = () => {
    if (rows === 0) return
    const words = Object.fromEntries([...coders].map(([name, coder]) => [name, coder.fresh()]))
    give({ rows, values: columns.map(({ values }) => values), words })
    for (const { values } of columns) values.texts.clear()
    rows = 0
  }
  return {
    add(clean) {
      for (const { name, put, codeOf } of values) {
        const value = clean[name]
        put(rows, codeOf === undefined ? value : value === null ? NO_WORD : codeOf(value as string))
      }
      order?.put(rows, first + total)
      total++
      if (++rows === most) end()
    },
    rows: () => total,
    end,
  }
}

interface Column {
  /** Sets the value of a row: a number, a date, a flag or a text, as the column's type wants it; null is a missing one. */
  put: (row: number, value: unknown) => void
  values: Values & { texts: Map<number, string> }
}

function columnOf(type: FlatType, rows: number): Column {
  if (type === 'varchar') return texts(rows)
  if (type === 'integer') return numbers(new Int32Array(rows), (value) => value as number)
  if (type === 'utinyint') return numbers(new Uint8Array(rows), (value) => (value === null ? 2 : Number(value)))
  return numbers(new Float64Array(rows), (value) => (value === null ? Number.NaN : Number(value)))
}

function numbers(flat: Values['flat'], numberOf: (value: unknown) => number): Column {
  return {
    put(row, value) {
      flat[row] = numberOf(value)
    },
    values: { flat, width: flat.BYTES_PER_ELEMENT, texts: new Map() },
  }
}

/** Bytes that a vector has for a text: its length, and the text if it is as short as this. */
const ENTRY = 16
const SHORT = 12

function texts(rows: number): Column {
  const words = new Int32Array((rows * ENTRY) / 4)
  const flat = new Uint8Array(words.buffer)
  const texts = new Map<number, string>()
  /** What is not written is zero: DuckDB compares whole entries. */
  const write = (row: number, text: string): boolean => {
    const word = row * (ENTRY / 4)
    words[word] = 0
    words[word + 1] = 0
    words[word + 2] = 0
    words[word + 3] = 0
    if (text.length > SHORT) return false
    const start = row * ENTRY
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return false
      flat[start + 4 + i] = code
    }
    flat[start] = text.length
    return true
  }
  return {
    put(row, value) {
      const text = value === null ? '' : (value as string)
      if (!write(row, text)) texts.set(row, text)
    },
    values: { flat, width: ENTRY, texts },
  }
}

/** What stands for null in a column of numbers of words. */
export const NO_WORD = -1

/** Numbers the words of a column. */
export interface Coder {
  codeOf: (word: string) => number
  /** The words that got a number since this was asked last. */
  fresh: () => Word[]
  /** Whether a word may have several numbers. */
  hasForgotten: () => boolean
}

/** By column. */
export type Coders = ReadonlyMap<string, Coder>

/**
 * Downwards from the first number that stands for a word. Of several that number the words of one column elsewhere each
 * counts upwards, from a number of its own, in steps of how many they are.
 */
export function codersOf(
  layout: readonly StagedColumn[],
  { words: most }: Pick<Portions, 'words'>,
  { first, step } = { first: NO_WORD - 1, step: -1 },
): Coders {
  const coder = (): Coder => {
    const codes = new Map<string, number>()
    let fresh: Word[] = []
    let next = first
    let hasForgotten = false
    return {
      hasForgotten: () => hasForgotten,
      fresh() {
        const words = fresh
        fresh = []
        return words
      },
      codeOf(word) {
        const known = codes.get(word)
        if (known !== undefined) return known
        if (codes.size === most) {
          codes.clear()
          hasForgotten = true
        }
        const code = next
        next += step
        codes.set(word, code)
        fresh.push([code, word])
        return code
      },
    }
  }
  return new Map(layout.flatMap(({ name, isLabel }) => (isLabel ? [[name, coder()]] : [])))
}
