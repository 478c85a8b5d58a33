import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type BrowserServer, chromium } from 'playwright-core'

const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The Chromium of this machine: that of CHROME_PATH, else the first on the PATH. */
export function findChromium(env = process.env): string | undefined {
  if (env['CHROME_PATH']) return env['CHROME_PATH']
  const folders = (env['PATH'] ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
}

/** One browser for all tests, each of which has a window and a memory of its own in it. */
export async function openChromium(): Promise<BrowserServer | undefined> {
  const executablePath = findChromium()
  if (executablePath === undefined) {
    console.error(
      'There is no Chromium: the tests of the dashboard in a browser are skipped. CHROME_PATH may name one.',
    )
    return undefined
  }
  return chromium.launchServer({ executablePath, host: '127.0.0.1', args })
}

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
