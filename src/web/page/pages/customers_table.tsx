import { ChevronLeft, ChevronRight } from 'lucide'
import { useEffect, useRef } from 'preact/hooks'
import { narrowing } from '../../addresses.ts'
import type { Customers, CustomersQuery, Filters } from '../../api.ts'
import { useAddress } from '../address.ts'
import { isReport, useResource } from '../data.ts'
import { type Row, recordsOf } from '../figure.ts'
import { useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { Card } from '../parts/card.tsx'
import { Cells, type ColumnStyle, numberColumn, TableFrame } from '../parts/data_table.tsx'
import { FileTools } from '../parts/file_tools.tsx'
import { Icon } from '../parts/icon.tsx'
import { Narrows } from '../parts/narrows.tsx'
import { LONGEST_SEARCH, SearchBox } from '../parts/search_box.tsx'
import { Empty, Loading, Trouble } from '../parts/states.tsx'
import { ThingLink } from '../parts/thing.tsx'
import { en, fr } from './customers_words.ts'

const PAGE_SIZE = 50
/** Further the server does not go. */
const LAST_PAGE = 10_000_000 / PAGE_SIZE

type Column = ColumnStyle & { name: CustomersQuery['sort'] }

/** All customers, a page at a time: what is looked for, the order and the page stand in the address. */
export function AllCustomers() {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const { filters, query, change } = useAddress()
  const columns = useColumns()
  const { search, sort, order, page } = cutOf(query, columns)
  const { data, problem, isLoading, retry } = useResource<Customers>(addressOf({ search, sort, order, page }, filters))
  const place = useRef<HTMLDivElement>(null)
  const narrowed = JSON.stringify([filters.country, filters.known, filters.kept])
  const before = useRef(narrowed)
  const last = Math.max(1, Math.ceil((data?.total ?? 0) / PAGE_SIZE))
  // Other customers begin with their first page; one that is not there is the last.
  useEffect(() => {
    const isOther = before.current !== narrowed
    before.current = narrowed
    if (isOther && page > 1) change({ page: undefined }, { replace: true })
    else if (!isLoading && data !== undefined && page > last) change({ page: pageName(last) }, { replace: true })
  })
  useEffect(() => place.current?.querySelector('.table-frame')?.scrollTo({ top: 0 }), [data])
  if (isReport && data === undefined) return null
  const onOrder = (name: string) => {
    const begins = columns.find((column) => column.name === name)?.isNumber ? 'desc' : 'asc'
    const next = name !== sort ? begins : order === 'desc' ? 'asc' : 'desc'
    change({ sort: name, order: next, page: undefined })
  }
  const from = (page - 1) * PAGE_SIZE
  return (
    <Card
      title={words.all}
      note={words.allNote}
      tools={data && <FileTools title={words.all} name="customers" figure={data} />}
      wide
    >
      <div class="customers-bar">
        <SearchBox
          label={words.search}
          value={search}
          onSearch={(text) => change({ search: text, page: undefined }, { replace: true })}
        />
        <p class="quiet number" role="status">
          {data === undefined || isLoading
            ? messages.loading
            : data.rows.length === 0
              ? words.nobody
              : words.shown(
                  format.integer(from + 1),
                  format.integer(from + data.rows.length),
                  format.integer(data.total),
                )}
        </p>
        <nav aria-label={words.paging}>
          <button
            type="button"
            class="button"
            disabled={page <= 1}
            onClick={() => change({ page: pageName(page - 1) })}
          >
            <Icon of={ChevronLeft} /> {words.previous}
          </button>
          <button
            type="button"
            class="button"
            disabled={page >= last}
            onClick={() => change({ page: pageName(page + 1) })}
          >
            {words.next} <Icon of={ChevronRight} />
          </button>
        </nav>
      </div>
      <div ref={place} class="customers-table" aria-busy={isLoading} data-figure="customers">
        {problem !== undefined ? (
          <Trouble problem={problem} onRetry={retry} />
        ) : data === undefined ? (
          <Loading height={560} />
        ) : data.rows.length === 0 ? (
          <Empty>{words.nobody}</Empty>
        ) : (
          <TableFrame
            label={`${words.all}: ${messages.table}`}
            columns={columns}
            order={{ name: sort, isDescending: order === 'desc' }}
            onOrder={onOrder}
          >
            {recordsOf(data).map((row) => (
              <tr key={row['customer_id']}>
                <Cells row={row} columns={columns} />
              </tr>
            ))}
          </TableFrame>
        )}
      </div>
    </Card>
  )
}

function useColumns(): Column[] {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const label = (value: string | null) => (
    <span class={value === 'Unknown' ? 'long-text faint' : 'long-text'}>{messages.known(value ?? '')}</span>
  )
  const country = (value: string | null) => <Narrows filter="country" value={value ?? ''} />
  const explain = (row: Row) => `customer:${row['customer_id']}`
  return [
    {
      name: 'full_name',
      title: words.customer,
      write: (value, row) => (
        <ThingLink of="customer" id={row['customer_id']}>
          {label(value)}
        </ThingLink>
      ),
    },
    { name: 'customer_id', title: words.id, write: label },
    { name: 'city', title: words.city, write: label },
    { name: 'country', title: messages.country, write: country },
    numberColumn('total_transactions', messages.transactions, format.integer, explain),
    numberColumn('total_spent', words.spent, format.money, explain),
    numberColumn('avg_transaction_amount', words.average, format.money, explain),
    numberColumn('first_purchase_date', words.first, format.date, explain),
    numberColumn('last_purchase_date', words.last, format.date, explain),
  ]
}

/** What the address says of the table; what makes no sense there is as if it were not there. */
function cutOf(query: Readonly<Record<string, string>>, columns: readonly Column[]) {
  const sort = columns.find(({ name }) => name === query['sort'])?.name ?? 'total_spent'
  const page = Number(query['page'] ?? 1)
  return {
    search: (query['search'] ?? '').slice(0, LONGEST_SEARCH),
    sort,
    order: query['order'] === 'asc' ? ('asc' as const) : ('desc' as const),
    page: Number.isInteger(page) && page >= 1 ? Math.min(page, LAST_PAGE) : 1,
  }
}

function addressOf({ page, search, sort, order }: ReturnType<typeof cutOf>, filters: Filters): string {
  const wanted = narrowing('customers', filters)
  wanted.delete('period')
  const part = { sort, order, offset: String((page - 1) * PAGE_SIZE), limit: String(PAGE_SIZE) }
  for (const [name, value] of Object.entries(part)) wanted.set(name, value)
  if (search !== '') wanted.set('search', search)
  return `/api/customers?${wanted}`
}

/** The first page needs no name. */
function pageName(page: number): string | undefined {
  return page <= 1 ? undefined : String(page)
}
