import { once } from 'node:events'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { queryOf } from '../mcp/query.ts'
import { assistantServers } from '../mcp/server.ts'
import { session } from './session.ts'

/** `lingot mcp`: answers an assistant over standard input and output, until that ends. */
export function mcpCommand(): Promise<void> {
  return session({ json: true, gold: 'read' }, async ({ lingot, terminal, signal }) => {
    const query = await queryOf(lingot.config)
    if (query === undefined) {
      terminal.note('Assistants can put no queries: set POSTGRES_ASSISTANT_URL; `lingot grants` prints the role.')
    }
    const server = assistantServers({ lingot, query })()
    const ended = once(process.stdin, 'close')
    await server.connect(new StdioServerTransport())
    try {
      await Promise.race([ended, signal.aborted || once(signal, 'abort')])
    } finally {
      await server.close()
    }
  })
}
