import type { Locator, Page } from 'playwright-core'

/** The addresses of all views. */
export const paths = [
  '/',
  '/customers',
  '/products',
  '/campaigns',
  '/countries',
  '/explore',
  '/trust',
  '/glossary',
  '/sql',
] as const

/** A key figure, whole where it is written short. */
export async function exactly(figure: Locator): Promise<string | null> {
  const short = figure.locator('span[title]')
  return (await short.count()) > 0 ? short.first().getAttribute('title') : figure.textContent()
}

/** The cells of the table behind a chart; none where the figure is empty. */
export async function tableOf(page: Page, name: string): Promise<string[][]> {
  const card = page.locator('section', { has: page.locator(`[data-figure="${name}"]`) })
  // Some are tables from the start.
  const button = card.getByRole('button', { name: 'Table', exact: true })
  if ((await button.count()) > 0) await button.click()
  return card
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent.trim())))
}
