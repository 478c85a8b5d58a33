declare module 'mongodb/lib/cmap/commands.js' {
  /** Documents of a command that are BSON already; see silver/writer.ts. */
  export class DocumentSequence {
    constructor(field: string)
    push(document: object, bytes: Uint8Array): number
  }
}

// A command, and who answered it; see bronze/source.ts.

declare module 'mongodb/lib/operations/run_command.js' {
  import type { Document, RunCommandOptions } from 'mongodb'
  import type { MongoDBNamespace } from 'mongodb/lib/utils.js'

  export class RunCommandOperation {
    constructor(namespace: MongoDBNamespace, command: Document, options: RunCommandOptions & { raw: boolean })
    server: object | undefined
  }
}

declare module 'mongodb/lib/operations/operation.js' {
  export const Aspect: { MUST_SELECT_SAME_SERVER: symbol }
}

declare module 'mongodb/lib/operations/execute_operation.js' {
  import type { Document, MongoClient } from 'mongodb'

  export function executeOperation(client: MongoClient, operation: object): Promise<Document>
}

declare module 'mongodb/lib/utils.js' {
  export class MongoDBNamespace {
    constructor(database: string)
  }
}
