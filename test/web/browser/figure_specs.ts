import type { PageName } from '../../../src/web/api.ts'
import type { Kind } from './written.ts'

/** What the table behind a chart has to show. */
export interface FigureSpec {
  /** As in `data-figure`. */
  name: string
  /** The query of the page that it comes from. */
  query: string
  columns: readonly (readonly [column: string, kind: Kind])[]
}

export const figureSpecs: Partial<Record<PageName, readonly FigureSpec[]>> = {
  overview: [
    {
      name: 'revenue-by-month',
      query: 'months',
      columns: [
        ['month', 'month'],
        ['revenue', 'money'],
        ['orders', 'integer'],
        ['average_order_value', 'money'],
        ['active_customers', 'integer'],
        ['repeat_rate_pct', 'percent'],
      ],
    },
    {
      name: 'revenue-by-product',
      query: 'by_product',
      columns: [
        ['product', 'text'],
        ['revenue', 'money'],
        ['share_pct', 'percent'],
      ],
    },
    {
      name: 'revenue-by-country',
      query: 'by_country',
      columns: [
        ['country', 'text'],
        ['revenue', 'money'],
        ['share_pct', 'percent'],
      ],
    },
  ],
}
