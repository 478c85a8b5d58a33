import { ObjectId } from 'bson'
import { keyOf, type LeaveOut } from '../../contracts/contract.ts'
import { DeadEnd, fieldReader } from '../../mongo/field_reader.ts'
import { spelledBy } from '../../rules/extended_json.ts'
import { Flaw, fold, numberText, Repaired, text, wholeDigits } from '../../rules/values.ts'

/** Tells which documents of bronze a setting leaves out, such as those that only say that another one was deleted. */
export function leftOutBy(rules: readonly LeaveOut[] = []): ((document: Buffer) => boolean) | undefined {
  if (rules.length === 0) return undefined
  const fields = new Map(rules.map(({ field }) => [keyOf(field), field]))
  const { read } = fieldReader([...fields.values()])
  const positions = [...fields.keys()]
  const wanted = rules.map(({ field, is }) => ({
    position: positions.indexOf(keyOf(field)),
    words: is && new Set(is.map((value) => fold(spelled(value)))),
  }))
  return (document) => {
    const values = read(document)
    return wanted.some(({ position, words }) => {
      const found = values[position]
      const value = found instanceof DeadEnd ? undefined : (spelledBy(found) ?? found)
      return words === undefined ? isSet(value) : words.has(fold(spelled(value)))
    })
  }
}

/** Whether there is anything but what the rules call missing. */
function isSet(value: unknown): boolean {
  const read = text(value)
  return !(read instanceof Flaw && read.kind === 'missing')
}

/** A value as a setting may write it. */
function spelled(value: unknown): string {
  if (typeof value === 'boolean') return String(value)
  if (value instanceof ObjectId) return value.toHexString()
  const number = numberText(value)
  // 0, 0.0 and the decimal 0.00 are one number.
  if (!(number instanceof Flaw)) return wholeDigits(number) ?? number
  const read = text(value)
  return read instanceof Flaw ? '' : read instanceof Repaired ? read.value : read
}
