import type { RunRecord } from '../runs/record.ts'
import type { Config } from '../settings/config.ts'
import { reasonOf } from '../system/errors.ts'
import { postJson } from '../system/post.ts'
import type { LineageOptions, Places } from './openlineage.ts'

/** Who is told of runs. */
export type Listeners = Pick<Config, 'openLineage' | 'openTelemetry'>

/** Milliseconds in which a server has to answer. */
const PATIENCE_MS = 5000

/**
 * Tells the servers that settings name of a run that is over. What goes wrong there is told by a note, and nothing fails
 * for it.
 */
export async function tellOfRun(
  record: RunRecord,
  config: Listeners & LineageOptions,
  where: Places,
  onNote: (note: string) => void,
): Promise<void> {
  const { openLineage, openTelemetry } = config
  const telling = async (variable: string, tell: () => Promise<void>) => {
    await tell().catch((error: unknown) => onNote(`${variable} was not told of the run: ${reasonOf(error)}.`))
  }
  await Promise.all([
    openLineage &&
      telling('OPENLINEAGE_URL', async () => {
        const { lineageOf } = await import('./openlineage.ts')
        const key = openLineage.key?.export().toString()
        const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
        // In their order.
        for (const event of await lineageOf(record, config, where)) {
          await post(openLineage.url, 'api/v1/lineage', event, headers)
        }
      }),
    openTelemetry &&
      telling('OTEL_EXPORTER_OTLP_ENDPOINT', async () => {
        const { headersIn, traceOf } = await import('./spans.ts')
        await post(
          openTelemetry.url,
          'v1/traces',
          traceOf(record),
          headersIn(openTelemetry.headers?.export().toString() ?? ''),
        )
      }),
  ])
}

async function post(url: string, path: string, body: object, headers: Record<string, string>): Promise<void> {
  const address = `${url.replace(/\/$/, '')}/${path}`
  const { isTaken, status } = await postJson(address, JSON.stringify(body), { headers, patienceMs: PATIENCE_MS })
  if (!isTaken) throw new Error(`it answered with status ${status}`)
}
