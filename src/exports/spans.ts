import { hash } from 'node:crypto'
import type { RunRecord } from '../runs/record.ts'
import { packageVersion } from '../system/package.ts'

/** A run and each of its steps as spans of one trace: the body of OTLP over HTTP, in JSON. */
export function traceOf(record: RunRecord): object {
  const { _id, command, engine = 'local', started, finished, outcome, failure, steps, silver, gold } = record
  const run = _id.toHexString()
  const trace = { traceId: idOf(run, 32), kind: INTERNAL }
  const root = idOf(`${run} run`, 16)
  const at = (seconds: number) => nanoseconds(started.getTime() + seconds * 1000)
  const documents = silver && Object.values(silver).reduce((sum, { bronze }) => sum + bronze, 0)
  const rows = gold && Object.values(gold).reduce((sum, count) => sum + count, 0)
  const failed = failure && { code: ERROR, message: failure.message }
  const spans = [
    {
      ...trace,
      spanId: root,
      name: `lingot ${command}`,
      startTimeUnixNano: at(0),
      endTimeUnixNano: nanoseconds(finished.getTime()),
      attributes: attributes({
        'lingot.run': run,
        'lingot.command': command,
        'lingot.engine': engine,
        'lingot.outcome': outcome,
        'error.type': failure?.kind,
        'lingot.documents': documents,
        'lingot.gold.rows': rows,
      }),
      status: failed ?? { code: OK },
    },
    ...steps.map(({ step, from, seconds }, i) => ({
      ...trace,
      spanId: idOf(`${run} ${i}`, 16),
      parentSpanId: root,
      name: step,
      startTimeUnixNano: at(from),
      endTimeUnixNano: at(from + seconds),
    })),
  ]
  const resource = { attributes: attributes({ 'service.name': 'lingot', 'service.version': packageVersion() }) }
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'lingot' }, spans }] }] }
}

/** What OTLP calls them by number. */
const INTERNAL = 1
const OK = 1
const ERROR = 2

/**
 * Names and values of the headers that OTEL_EXPORTER_OTLP_HEADERS lists, as in `api-key=secret,tenant=shop`,
 * percent-encoded. Throws where one is none, and shows nothing of it.
 */
export function headersIn(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '')
  const headers = pairs.map((pair, i): [string, string] => {
    const [, name = '', value = ''] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
    try {
      const header: [string, string] = [name, decodeURIComponent(value)]
      // Throws for what HTTP does not take.
      new Headers([header])
      return header
    } catch {
      throw new Error(`number ${i + 1} in OTEL_EXPORTER_OTLP_HEADERS is no header: write name=value, percent-encoded`)
    }
  })
  return Object.fromEntries(headers)
}

function attributes(values: Readonly<Record<string, string | number | undefined>>): object[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return []
    return [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }]
  })
}

/** Whole milliseconds are what a record has; a step of less begins with the one that it is in. */
function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds)}000000`
}

/** The same for the same part of the same run. */
function idOf(text: string, digits: number): string {
  return hash('sha256', text).slice(0, digits)
}
