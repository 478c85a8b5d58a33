/** A second reading of the contracts: what may stand in silver, checked in JavaScript beside MongoDB's own check. */
import { type Contract, columnsOf, UNKNOWN } from '../../src/contracts/contract.ts'
import { contracts } from '../../src/contracts/contracts.ts'
import { elementsOf } from './bson.ts'

/** The spellings that the contracts settle on; which label is which is for the oracle to find. */
export const vocabularies = Object.fromEntries(
  contracts.flatMap(({ collection, fields }) =>
    Object.entries(fields).map(([name, { vocabulary = [] }]) => [`${collection}.${name}`, vocabulary]),
  ),
)

const BSON_TYPE = { text: 0x02, money: 0x01, rate: 0x01, fractional: 0x01, count: 0x12, date: 0x09, flag: 0x08 }
const NULL = 0x0a

/** What is wrong with the bytes of a silver document: fields too few, too many or twice, types that are not the column's. */
export function brokenTypes(contract: Contract, bytes: Uint8Array): string[] {
  const columns = new Map(columnsOf(contract))
  const elements = elementsOf(bytes)
  const names = elements.map(([name]) => name)
  const expected = ['_id', ...columns.keys()].sort().join()
  const fields = [...names].sort().join() === expected ? [] : [`fields are ${names}`]
  const first = names[0] === '_id' ? [] : ['_id is not the first field']
  const types = elements.flatMap(([name, type]) => {
    const column = columns.get(name)
    if (column === undefined || type === BSON_TYPE[column.type] || (type === NULL && column.nullable)) return []
    return [`${name} has the BSON type ${type}`]
  })
  return [...fields, ...first, ...types]
}

/** What is wrong with the values of a silver document, its numbers being JavaScript's. */
export function brokenValues(
  contract: Contract,
  document: Readonly<Record<string, unknown>>,
  latest: number,
): string[] {
  return columnsOf(contract).flatMap(([name, { type, nullable }]) => {
    const value = document[name]
    if (value === null) return nullable ? [] : [`${name} is null`]
    const wrong = broken[type](value, latest) ?? brokenField(contract, name, value)
    return wrong === undefined ? [] : [`${name} ${wrong}: ${JSON.stringify(value)}`]
  })
}

type Check = (value: unknown, latest: number) => string | undefined

const LONGEST_NAME = 2 * 500 + 1
const CENTS = 2e14

const broken: Record<keyof typeof BSON_TYPE, Check> = {
  text: (value) => {
    if (typeof value !== 'string') return 'is no text'
    if (value === '' || value !== value.trim() || /\s\s|[^\S ]/u.test(value)) return 'is not tidy'
    if (value.includes('\0') || /[^\P{Cf}\u200c\u200d]/u.test(value)) return 'holds what nobody sees'
    if (!value.isWellFormed() || value !== value.normalize('NFC')) return 'is not well encoded'
    return value.length > LONGEST_NAME ? 'is too long' : undefined
  },
  money: (value) => {
    if (typeof value !== 'number' || Object.is(value, -0)) return 'is no money'
    const cents = Math.round(value * 100)
    return Math.abs(cents) <= CENTS && cents / 100 === value ? undefined : 'is no amount of cents'
  },
  count: (value) => (Number.isSafeInteger(value) && !Object.is(value, -0) ? undefined : 'is no count'),
  fractional: (value) => {
    const isOne = typeof value === 'number' && !Object.is(value, -0) && Number(value.toFixed(6)) === value
    return isOne ? undefined : 'is no number of up to six decimals'
  },
  rate: (value) => (Number.isFinite(value) ? undefined : 'is no rate'),
  date: (value, latest) => {
    if (!(value instanceof Date)) return 'is no date'
    return value.getTime() >= 0 && value.getTime() <= latest ? undefined : 'is out of range'
  },
  flag: (value) => (typeof value === 'boolean' ? undefined : 'is neither yes nor no'),
}

const PLACEHOLDER = /^(n\/a|na|n\.a\.|null|none|nan|undefined|--?|unknown|inconnue?|#n\/a|\(not set\)|\(none\)|\\n)$/i

function brokenField({ fields }: Contract, name: string, value: unknown): string | undefined {
  const { kind, least = -Infinity, most = Infinity, vocabulary = [] } = fields[name] ?? {}
  if (typeof value === 'number') return value < least || value > most ? 'is out of range' : undefined
  if (typeof value !== 'string' || kind === undefined) return undefined
  if (kind === 'email' || kind === 'phone') return /^[0-9a-f]{32}$/.test(value) ? undefined : 'is no MD5'
  if (value.length > 500) return 'is too long'
  if (PLACEHOLDER.test(value) && value !== UNKNOWN && !/_name$/.test(name)) return 'is a placeholder'
  const same = (word: string) => word.localeCompare(value, 'en', { sensitivity: 'base' }) === 0 && word !== value
  return vocabulary.some(same) ? `is not spelled as its vocabulary, or as ${UNKNOWN}` : undefined
}
