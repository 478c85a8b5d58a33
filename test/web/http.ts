import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { until } from '../process.ts'

export interface Asked {
  method?: string
  headers?: Record<string, string>
  body?: string
}

export interface Told {
  status: number
  headers: IncomingMessage['headers']
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: it is held against what is expected
  json: () => any
}

/** Asks over a connection of its own; unlike `fetch` it sends whatever headers it is told to. */
export function ask(port: number, path: string, asked: Asked = {}): Promise<Told> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, agent: false, ...asked }, async (response) => {
      const body = await text(response).catch(() => '')
      const { statusCode = 0, headers } = response
      resolve({ status: statusCode, headers, text: body, json: () => JSON.parse(body) })
    })
    sent.on('error', reject)
    sent.end(asked.body)
  })
}

/** Posts JSON. */
export function post(port: number, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Told> {
  return ask(port, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

/** Listens to server-sent events; `told` grows as they come. */
export function listenTo<T>(
  port: number,
  path: string,
): { told: T[]; end: () => void; until: (is: (last: T) => boolean) => Promise<T> } {
  const told: T[] = []
  let rest = ''
  const sent = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const events = (rest + chunk).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) if (event.startsWith('data: ')) told.push(JSON.parse(event.slice('data: '.length)))
    })
    response.on('error', () => undefined)
  })
  sent.on('error', () => undefined).end()
  return {
    told,
    end: () => sent.destroy(),
    async until(is) {
      await until(() => told.some(is))
      return told.findLast(is) as T
    },
  }
}
