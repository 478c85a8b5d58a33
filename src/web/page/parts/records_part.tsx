import type { RecordSet, SilverRecord } from '../../explanation.ts'
import { useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { shownId } from '../pages/trust/shown_id.ts'
import { reasonIn, en as trustEn, fr as trustFr } from '../pages/trust_words.ts'
import { readToken } from '../token.ts'
import { en, fr } from './explain_words.ts'
import { Part } from './part.tsx'

/** The records of silver behind a number, as the sum that they are, and what cleaning their documents meets. */
export function RecordsPart({ set }: { set: RecordSet }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const { collection, documents, summed, totals, listed, records, apart } = set
  const sums = new Map(totals.map((total) => [total.column, total]))
  const rest = documents - records.length
  const number = (column: string, text: string | null | undefined) => {
    return text == null ? '' : isMoney(column) ? format.decimal(text, 2) : format.number(text)
  }
  const cell = (column: string, value: SilverRecord['values'][string] | undefined) => {
    if (value === null || value === undefined) return '–'
    if (typeof value === 'boolean') return value ? words.yes : words.no
    if (sums.has(column)) return number(column, String(value))
    return /^\d{4}-\d\d-\d\dT/.test(String(value)) ? format.date(String(value)) : String(value)
  }
  const footer = (title: string, of: (column: string) => string) => (
    <tr class="sum">
      <th scope="row">{title}</th>
      {listed.map((column) => (
        <td key={column} class={sums.has(column) ? 'number' : undefined}>
          {sums.has(column) ? of(column) : ''}
        </td>
      ))}
    </tr>
  )
  return (
    <Part title={words.silver(collection)} name={`silver-${collection}`}>
      <p class="quiet">
        {documents === 0
          ? words.noDocuments
          : rest > 0
            ? words.documents(format.integer(documents), format.integer(records.length))
            : words.allDocuments(format.integer(documents))}{' '}
        {apart.length > 0 && words.apart(apart.join(', '))}
      </p>
      {records.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section class="table-frame" tabIndex={0} aria-label={`${words.silver(collection)}, ${messages.table}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{words.id}</th>
                {listed.map((column) => (
                  <th key={column} scope="col" class={sums.has(column) ? 'number' : undefined}>
                    {words.signs[column] ?? column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {records.map(({ _id, values }, i) => (
                <tr key={i}>
                  <th scope="row" class="id">
                    {shownId(_id)}
                  </th>
                  {listed.map((column) => (
                    <td key={column} class={sums.has(column) ? 'number' : undefined}>
                      {cell(column, values[column])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
            {totals.length > 0 && documents > 1 && (
              <tfoot>
                {rest > 0 &&
                  footer(words.more(format.integer(rest)), (column) => number(column, sums.get(column)?.rest))}
                {footer(words.sum(format.integer(summed)), (column) => number(column, sums.get(column)?.sum))}
                {footer(words.mean, (column) => number(column, sums.get(column)?.mean))}
              </tfoot>
            )}
          </table>
        </section>
      )}
      {records.length > 0 && <Cleaning records={records} />}
    </Part>
  )
}

function isMoney(column: string): boolean {
  return /amount|discount|shipping|budget|spend/.test(column)
}

/** What was repaired, missing or odd in the documents of bronze. */
function Cleaning({ records }: { records: readonly SilverRecord[] }) {
  const words = useWords({ en, fr })
  const trust = useWords({ en: trustEn, fr: trustFr })
  const format = useFormat()
  const noted = records.filter(({ cleaning, bronze }) => cleaning.length > 0 || bronze !== 'unchanged')
  const tidy = records.length - noted.length
  const isGiven = noted.some(({ cleaning }) => cleaning.some(({ given }) => given !== undefined))
  return (
    <>
      <h4>{words.cleaning}</h4>
      {noted.length === 0 ? (
        <p class="quiet">{words.nothingMet}</p>
      ) : (
        <ul class="cleaning">
          {noted.map(({ _id, cleaning, bronze }, i) => (
            <li key={i}>
              <code>{shownId(_id)}</code>{' '}
              {[
                ...(bronze === 'unchanged' ? [] : [words.states[bronze]]),
                ...cleaning.map(({ field, kind, reason, given }) =>
                  [
                    kind === 'suspicious'
                      ? `${words.kinds[kind]}${trust.colon} ${trust.suspicions[reason] ?? reason}`
                      : `${field} ${words.kinds[kind]} (${reasonIn(trust, reason)})`,
                    ...(given === undefined ? [] : [`${words.given} “${given}”`]),
                  ].join(', '),
                ),
              ].join('; ')}
            </li>
          ))}
        </ul>
      )}
      {noted.length > 0 && tidy > 0 && <p class="quiet">{words.restTidy(format.integer(tidy))}</p>}
      {noted.length > 0 && !isGiven && readToken() === null && <p class="quiet">{words.withToken}</p>}
    </>
  )
}
