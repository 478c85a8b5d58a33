import { ArrowDown, ChevronDown, ChevronRight } from 'lucide'
import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import type { Trust } from '../../../api.ts'
import { useFormat } from '../../format.ts'
import { useWords } from '../../language.ts'
import { CsvTool } from '../../parts/file_tools.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty } from '../../parts/states.tsx'
import { en, fr, reasonIn } from '../trust_words.ts'
import { Section } from './section.tsx'
import { sheetOf } from './sheet.ts'
import { shownId } from './shown_id.ts'

type Field = NonNullable<Trust['silver']>['fields'][number]

const kinds = ['missing', 'invalid', 'repaired', 'present'] as const
type Kind = (typeof kinds)[number]
type Order = 'worst' | 'field' | Kind

/** How many values of each field were missing, invalid or repaired: a heat map that opens into reasons. */
export function FieldsSection({ silver }: { silver: Trust['silver'] }) {
  const words = useWords({ en, fr })
  const [order, setOrder] = useState<Order>('worst')
  if (silver === null) {
    return (
      <Section name="fields" title={words.fieldsTitle} note={words.fieldsNote}>
        <Empty>{words.noSilver}</Empty>
      </Section>
    )
  }
  const collections = silver.collections.map(({ collection }) => collection)
  const sheet = () =>
    sheetOf(
      ['field', 'documents', ...kinds, 'reasons'],
      ['documents', ...kinds],
      silver.fields.map((field) => [
        `${field.collection}.${field.field}`,
        field.documents,
        ...kinds.map((kind) => field[kind]),
        field.reasons.map(({ kind, what, count }) => `${kind}: ${what} ${count}`).join('; '),
      ]),
    )
  const tools = (
    <>
      <button type="button" class="tool" aria-pressed={order === 'worst'} onClick={() => setOrder('worst')}>
        {words.worstFirst}
      </button>
      <CsvTool name="fields" title={words.fieldsTitle} sheet={sheet} />
    </>
  )
  const head = (name: Order, title: string, meaning?: string) => (
    <th
      scope="col"
      class={name === 'field' ? undefined : 'number'}
      title={meaning}
      aria-sort={order === name ? (name === 'field' ? 'ascending' : 'descending') : undefined}
    >
      <button type="button" onClick={() => setOrder(name)}>
        {title}
        {order === name && <Icon of={ArrowDown} size={12} />}
      </button>
    </th>
  )
  return (
    <Section name="fields" title={words.fieldsTitle} note={words.fieldsNote} tools={tools}>
      <div class="heat-frame">
        <table class="heat">
          <thead>
            <tr>
              {head('field', words.field)}
              {kinds.map((kind) => (
                <Fragment key={kind}>{head(kind, words.kinds[kind], words.kindMeanings[kind])}</Fragment>
              ))}
            </tr>
          </thead>
          {collections.map((collection) => {
            const fields = silver.fields.filter((field) => field.collection === collection)
            return (
              <tbody key={collection}>
                <tr class="group">
                  <th scope="rowgroup" colSpan={kinds.length + 1}>
                    {collection}
                  </th>
                </tr>
                {sorted(fields, order).map((field) => (
                  <FieldRow key={field.field} field={field} />
                ))}
              </tbody>
            )
          })}
        </table>
      </div>
    </Section>
  )
}

/** The report has the worst first. */
function sorted(fields: readonly Field[], order: Order): readonly Field[] {
  if (order === 'worst') return fields
  if (order === 'field') return fields.toSorted((a, b) => a.field.localeCompare(b.field))
  return fields.toSorted((a, b) => b[order] - a[order])
}

function FieldRow({ field }: { field: Field }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const [isOpen, setIsOpen] = useState(false)
  const id = `field-${field.collection}-${field.field}`
  return (
    <>
      <tr data-field={`${field.collection}.${field.field}`}>
        <th scope="row">
          <button type="button" aria-expanded={isOpen} aria-controls={id} onClick={() => setIsOpen(!isOpen)}>
            <Icon of={isOpen ? ChevronDown : ChevronRight} size={13} />
            <span>
              {field.field.split('_').map((part, i) => (
                // A long name breaks between its words.
                <Fragment key={i}>
                  {i > 0 && '_'}
                  {i > 0 && <wbr />}
                  {part}
                </Fragment>
              ))}
            </span>
          </button>
        </th>
        {kinds.map((kind) => (
          <td
            key={kind}
            class={`cell ${kind} ${field[kind] === 0 ? 'none' : ''}`}
            style={{ '--heat': heat(field[kind], field.documents) }}
          >
            <span class="share">
              {field.documents === 0 ? '–' : format.percent((field[kind] / field.documents) * 100)}
            </span>
            <span class="count">{format.integer(field[kind])}</span>
            <span class="short" title={format.integer(field[kind])}>
              {format.short(field[kind])}
            </span>
          </td>
        ))}
      </tr>
      {isOpen && (
        <tr class="opened" id={id}>
          <td colSpan={kinds.length + 1}>
            {field.reasons.length === 0 ? (
              <p class="quiet">{words.noReasons}</p>
            ) : (
              <table class="reasons">
                <thead>
                  <tr>
                    <th scope="col">{words.reason}</th>
                    <th scope="col" class="number">
                      {words.documents}
                    </th>
                    <th scope="col">{words.examples}</th>
                  </tr>
                </thead>
                <tbody>
                  {field.reasons.map(({ kind, what, count, examples }) => (
                    <tr key={`${kind} ${what}`}>
                      <td>
                        <span class={`swatch ${kind}`} />
                        {words.kinds[kind]}
                        {words.colon} {reasonIn(words, what)}
                      </td>
                      <td class="number">{format.integer(count)}</td>
                      <td class="ids">
                        {examples.map((example, i) => (
                          <code key={i}>{shownId(example)}</code>
                        ))}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
            <p class="quiet how">
              {words.inTerminal} <code>{`lingot report --field ${field.collection}.${field.field}`}</code>
            </p>
          </td>
        </tr>
      )}
    </>
  )
}

/** How strong a cell is coloured: few bad values are seen too. */
function heat(count: number, documents: number): string {
  return count === 0 || documents === 0 ? '0%' : `${(6 + 44 * Math.sqrt(count / documents)).toFixed(1)}%`
}
