import { type Db, type DbOptions, MongoClient } from 'mongodb'

/**
 * A client for MongoDB that reads the primary, whatever its address says: of silver, its lock and its records only the
 * latest counts.
 */
export class PrimaryClient extends MongoClient {
  override db(name?: string, options?: DbOptions): Db {
    return super.db(name, { readPreference: 'primary', ...options })
  }
}

/** Bronze, which nobody writes to while it is read: from the servers that the address prefers. */
export function bronzeOf(mongodb: MongoClient, name: string): Db {
  return mongodb.db(name, { readPreference: mongodb.readPreference })
}
