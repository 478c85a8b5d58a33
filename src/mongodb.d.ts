declare module 'mongodb/lib/cmap/commands.js' {
  /** Documents of a command that are BSON already; see silver/writer.ts. */
  export class DocumentSequence {
    constructor(field: string)
    push(document: object, bytes: Uint8Array): number
  }
}
