import { pages } from '../../src/web/api.ts'

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
  ...pages.flatMap((page) =>
    ['period=all', 'period=12m', 'period=12m&country=France', 'period=all&country=France'].map(
      (filters) => `/api/pages/${page}?${filters}`,
    ),
  ),
]
