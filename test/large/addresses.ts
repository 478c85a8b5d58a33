import { dataAddress } from '../../src/web/addresses.ts'
import { pages } from '../../src/web/api.ts'

const chosen = ['all', '12m'].flatMap((period) => [{ period }, { period, country: 'France' }])

/** What the pages ask, where they have most to tell. */
export const addresses: readonly string[] = [
  '/api/choices',
  '/api/answers',
  '/api/trust',
  '/api/queries',
  '/api/customers',
  '/api/customers?search=000000099',
  '/api/customers?search=omer',
  '/api/customers?offset=300000&limit=200&sort=full_name&order=asc',
  ...new Set(pages.flatMap((page) => chosen.map((filters) => dataAddress(page, filters)))),
]
