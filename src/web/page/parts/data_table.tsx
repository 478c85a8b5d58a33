import { ArrowDown, ArrowUp } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Rows } from '../../api.ts'
import { useAddress } from '../address.ts'
import { isReport } from '../data.ts'
import { type Row, recordsOf } from '../figure.ts'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { useIsPrinting } from '../printing.ts'
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

/** A column of numbers, on the right. */
export function numberColumn<Name extends string>(
  name: Name,
  title: string,
  write: ColumnStyle['write'],
  explain?: ColumnStyle['explain'],
): ColumnStyle & { name: Name } {
  return { name, title, write, isNumber: true, ...(explain && { explain }) }
}

type Order = { name: string; isDescending: boolean }

/** How many rows are shown at first, and with each further step: a browser is slow with thousands. */
const PORTION = 200

/** The rows of a figure, sortable by every column; the address keeps by which. */
export function DataTable({
  label,
  name,
  figure,
  columns,
  rowClass,
}: {
  label: string
  /** What it is called in the address. */
  name: string
  figure: Pick<Rows, 'columns' | 'rows'>
  columns: readonly ColumnStyle[]
  rowClass?: (row: Row) => string | undefined
}) {
  const [order, setOrder] = useOrder(name, columns)
  const [limit, setLimit] = useState(PORTION)
  const format = useFormat()
  const messages = useMessages()
  // What is printed has no button to show more.
  const shown = useIsPrinting() ? Number.POSITIVE_INFINITY : limit
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
        {sorted.slice(0, shown).map((row, i) => (
          <tr key={i} class={rowClass?.(row)}>
            <Cells row={row} columns={columns} />
          </tr>
        ))}
      </TableFrame>
      {sorted.length > shown && (
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

/** In which parameter of the address the order of a table stands. */
export function orderParameter(name: string): string {
  return `order.${name}`
}

/** The order of a table: in the address, as `-revenue` for the largest first; a report has none. */
function useOrder(name: string, columns: readonly ColumnStyle[]): [Order | undefined, (order: Order) => void] {
  const { query, change } = useAddress()
  const own = useState<Order>()
  if (isReport) return own
  const [, sign, column] = /^(-?)(.+)$/.exec(query[orderParameter(name)] ?? '') ?? []
  const isThere = columns.some(({ name }) => name === column)
  return [
    isThere && column !== undefined ? { name: column, isDescending: sign === '-' } : undefined,
    ({ name: column, isDescending }) =>
      change({ [orderParameter(name)]: `${isDescending ? '-' : ''}${column}` }, { replace: true }),
  ]
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
  const frame = useRef<HTMLElement>(null)
  useScrollHint(frame)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="table-frame" ref={frame} tabIndex={0} aria-label={label}>
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

/** Tells the style sheet on which sides there is more than is seen. */
function useScrollHint(frame: { current: HTMLElement | null }): void {
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const tell = () => {
      const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = element
      const sides = [
        ...(scrollLeft > 1 ? ['left'] : []),
        ...(scrollLeft + clientWidth < scrollWidth - 1 ? ['right'] : []),
        ...(scrollTop + clientHeight < scrollHeight - 1 ? ['below'] : []),
      ]
      element.dataset['more'] = sides.join(' ')
    }
    const observer = new ResizeObserver(tell)
    observer.observe(element)
    if (element.firstElementChild !== null) observer.observe(element.firstElementChild)
    element.addEventListener('scroll', tell, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', tell)
    }
  }, [])
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
