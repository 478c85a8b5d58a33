import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { type Assisted, assistantServer } from './server.ts'

/** Answers assistants over HTTP, each request by itself. */
export function overHttp(assisted: Assisted): (request: Request) => Promise<Response> {
  return async (request) => {
    const server = assistantServer(assisted)
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await server.connect(transport)
    try {
      return await transport.handleRequest(request)
    } finally {
      await server.close()
    }
  }
}
