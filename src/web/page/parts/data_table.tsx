import { ArrowDown, ArrowUp } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Rows } from '../../api.ts'
import { type Row, recordsOf } from '../figure.ts'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { Explained } from './explained.tsx'
import { Icon } from './icon.tsx'

/** How a column is headed and written. */
export interface ColumnStyle {
  name: string
  title: string
  /** What the heading means, where that is not plain. */
  meaning?: string
  write: (value: string | null, row: Row) => ComponentChildren
  isNumber?: boolean
  /** What explains its number in a row, as `month:2026-06`. */
  explain?: (row: Row) => string | undefined
}

type Order = { name: string; isDescending: boolean }

/** How many rows are shown at first, and with each further step: a browser is slow with thousands. */
const PORTION = 200

/** The rows of a figure, sortable by every column. */
export function DataTable({
  label,
  figure,
  columns,
  rowClass,
}: {
  label: string
  figure: Pick<Rows, 'columns' | 'rows'>
  columns: readonly ColumnStyle[]
  rowClass?: (row: Row) => string | undefined
}) {
  const [order, setOrder] = useState<Order>()
  const [limit, setLimit] = useState(PORTION)
  const format = useFormat()
  const messages = useMessages()
  const rows = recordsOf(figure)
  const sorted =
    order === undefined ? rows : sort(rows, order, columns.find(({ name }) => name === order.name)?.isNumber ?? false)
  return (
    <>
      <TableFrame
        label={label}
        columns={columns}
        order={order}
        onOrder={(name) => setOrder(nextOrder(order, name, columns))}
      >
        {sorted.slice(0, limit).map((row, i) => (
          <tr key={i} class={rowClass?.(row)}>
            <Cells row={row} columns={columns} />
          </tr>
        ))}
      </TableFrame>
      {sorted.length > limit && (
        <p class="more-rows">
          {messages.rowsShown(format.integer(limit), format.integer(sorted.length))}
          <button type="button" class="button" onClick={() => setLimit(limit + PORTION)}>
            {messages.showMore}
          </button>
        </p>
      )}
    </>
  )
}

/** The cells of a row; what can be explained opens to that. */
export function Cells({ row, columns }: { row: Row; columns: readonly ColumnStyle[] }) {
  const first = columns.find(({ name, explain }) => row[name] != null && explain?.(row) !== undefined)
  return (
    <>
      {columns.map((column) => {
        const { name, write, isNumber, explain } = column
        const value = row[name] ?? null
        return (
          <td key={name} class={isNumber ? 'number' : undefined}>
            <Explained target={value === null ? undefined : explain?.(row)} column={name} isFirst={column === first}>
              {write(value, row)}
            </Explained>
          </td>
        )
      })}
    </>
  )
}

/** The head of a table, and a frame that scrolls where there is little room. */
export function TableFrame({
  label,
  columns,
  order,
  onOrder,
  children,
}: {
  label: string
  columns: readonly Pick<ColumnStyle, 'name' | 'title' | 'meaning' | 'isNumber'>[]
  order?: Order | undefined
  onOrder?: ((name: string) => void) | undefined
  children: ComponentChildren
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="table-frame" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ name, title, meaning, isNumber }) => {
              const direction = order?.name === name ? (order.isDescending ? 'descending' : 'ascending') : undefined
              const head = (
                <>
                  {title}
                  {direction && <Icon of={direction === 'descending' ? ArrowDown : ArrowUp} size={12} />}
                </>
              )
              return (
                <th
                  key={name}
                  scope="col"
                  class={isNumber ? 'number' : undefined}
                  aria-sort={direction}
                  title={meaning}
                >
                  {onOrder === undefined ? (
                    head
                  ) : (
                    <button type="button" onClick={() => onOrder(name)}>
                      {head}
                    </button>
                  )}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}

/** Numbers begin with the largest, words with A; a second time turns it round. */
function nextOrder(order: Order | undefined, name: string, columns: readonly ColumnStyle[]): Order {
  if (order?.name === name) return { name, isDescending: !order.isDescending }
  return { name, isDescending: columns.find((column) => column.name === name)?.isNumber ?? false }
}

function sort(rows: readonly Row[], { name, isDescending }: Order, isNumber: boolean): Row[] {
  const sign = isDescending ? -1 : 1
  return rows.toSorted((a, b) => {
    const [one, other] = [a[name] ?? null, b[name] ?? null]
    // What is unknown stands last, either way.
    if (one === null || other === null) return Number(one === null) - Number(other === null)
    return sign * (isNumber ? Number(one) - Number(other) : one.localeCompare(other))
  })
}
