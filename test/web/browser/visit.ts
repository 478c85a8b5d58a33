import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { test as base, expect, inject } from 'vitest'

export interface VisitOptions extends BrowserContextOptions {
  /** What goes wrong in this test on purpose. */
  troubles?: RegExp
}

export type Visit = (address: string, options?: VisitOptions) => Promise<Page>

/** Opens something that is closed when the test is over. */
export type Closing = <T extends { close: () => unknown }>(opening: Promise<T>) => Promise<T>

/** Whether these tests can run; where a machine has to have a browser, a missing one is a failure. */
export const hasBrowser = inject('browser') !== null || process.env['CI'] === 'true'

const usual: BrowserContextOptions = {
  locale: 'en-GB',
  timezoneId: 'Europe/Paris',
  viewport: { width: 1280, height: 900 },
  colorScheme: 'light',
  reducedMotion: 'reduce',
  acceptDownloads: true,
}

/**
 * A test that visits pages, each in a browser that remembers nothing. It fails if a page breaks the rules on the way: an
 * error, a breach of the content security policy, a dialog, or a request to another server.
 */
export const test = base.extend<{ browser: Browser; closing: Closing; visit: Visit }>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads here what a fixture needs
    async ({}, use) => {
      const address = inject('browser')
      if (address === null) throw new Error('There is no Chromium on the PATH, and none that CHROME_PATH names.')
      const browser = await chromium.connect(address)
      await use(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads here what a fixture needs
  closing: async ({}, use) => {
    const opened: { close: () => unknown }[] = []
    await use(async (opening) => {
      const one = await opening
      opened.push(one)
      return one
    })
    for (const one of opened.reverse()) await one.close()
  },
  // The pages are closed before what they are read from.
  visit: async ({ browser, closing: _ }, use) => {
    const troubles: string[] = []
    const contexts: BrowserContext[] = []
    await use(async (address, { troubles: expected, ...options } = {}) => {
      const context = await browser.newContext({ ...usual, ...options })
      contexts.push(context)
      const tell = (trouble: string) => {
        if (!expected?.test(trouble)) troubles.push(trouble)
      }
      await context.exposeFunction('tellViolation', tell)
      await context.addInitScript(watchPolicy)
      const page = await context.newPage()
      page.setDefaultTimeout(15_000)
      page.on('console', (said) => said.type() === 'error' && tell(`console: ${said.text()} ${said.location().url}`))
      page.on('pageerror', (error) => tell(`error: ${error.message}`))
      page.on('request', (request) => {
        const { hostname, protocol } = new URL(request.url())
        if (/^http/.test(protocol) && hostname !== '127.0.0.1') tell(`elsewhere: ${request.url()}`)
      })
      page.on('dialog', (dialog) => {
        tell(`dialog: ${dialog.message()}`)
        void dialog.dismiss()
      })
      await page.goto(address)
      return page
    })
    await Promise.all(contexts.map((context) => context.close()))
    expect(troubles).toEqual([])
  },
})

function watchPolicy(): void {
  const { tellViolation } = globalThis as unknown as { tellViolation: (text: string) => void }
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    tellViolation(`policy: ${violatedDirective} ${blockedURI}`),
  )
}

/** Waits until a page shows what it was asked for. */
export async function settled(page: Page): Promise<Page> {
  await page.locator('main h1').waitFor()
  await page.waitForFunction(
    () => document.querySelector('main [aria-busy="true"], main .loading, .top-bar .loading') === null,
  )
  return page
}
