import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Config } from '../../src/settings/config.ts'
import { listen } from '../../src/web/listen.ts'
import { type DashboardOptions, dashboard } from '../../src/web/server.ts'
import { cli } from '../process.ts'
import { standard } from '../run.ts'
import type { Place } from '../trust/place.ts'

export const TOKEN = 'the-token-of-the-tests'

export interface Served {
  port: number
  close: () => Promise<void>
}

/** Serves the dashboard over the layers of a place, on a free port if none is given. */
export async function serve(
  place: Pick<Place, 'client' | 'postgresUrl' | 'names'>,
  {
    host = '127.0.0.1',
    allowedHosts = [],
    basePath = '',
    port = 0,
    folder = 'nowhere',
    settings = {},
    config = {},
    alerts,
  }: {
    host?: string
    allowedHosts?: readonly string[]
    basePath?: string
    port?: number
    folder?: string
    settings?: Record<string, string>
    config?: Partial<Config>
    alerts?: DashboardOptions['alerts']
  } = {},
): Promise<Served> {
  const { app, close } = dashboard({
    config: { ...standard, ...place.names, ...config },
    mongodb: place.client,
    postgresUrl: place.postgresUrl,
    host,
    allowedHosts,
    basePath,
    token: TOKEN,
    command: ['env', ...Object.entries(settings).map(([name, value]) => `${name}=${value}`), process.execPath, cli],
    folder,
    ...(alerts && { alerts }),
  })
  const listening = await listen(app, { host, port })
  return {
    port: listening.port,
    async close() {
      listening.close()
      await close()
    },
  }
}

/** A built page in a folder of its own. */
export function builtPage(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'lingot page-'))
  mkdirSync(join(folder, 'assets'))
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(text))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(text))
  }
  write('index.html', '<!doctype html><title>Lingot</title>')
  write(join('assets', 'page-4f2a.js'), 'console.log("page")')
  writeFileSync(join(folder, 'icon.svg'), '<svg/>')
  writeFileSync(join(folder, '.secret.txt'), 'secret')
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
