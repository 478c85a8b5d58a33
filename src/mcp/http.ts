import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { type Assisted, assistantServers } from './server.ts'

/** Answers assistants over HTTP, each request by itself; there are no messages that nobody asked for. */
export function overHttp(assisted: Assisted): (request: Request) => Promise<Response> {
  const newServer = assistantServers(assisted)
  return async (request) => {
    if (request.method !== 'POST') return new Response(null, { status: 405, headers: { Allow: 'POST' } })
    const server = newServer()
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await server.connect(transport)
    try {
      return await transport.handleRequest(request)
    } finally {
      await server.close()
    }
  }
}
