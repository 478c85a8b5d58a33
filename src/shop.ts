/** Whose layers they are: the bronze that they were made of. Silver and gold carry both, as their mark. */
export interface Shop {
  /** Drawn when the first silver of a bronze is made, and handed on from silver to silver. */
  id: string
  /** Bronze's servers and database, without credentials: `localhost:27017/bronze_db`. */
  bronze: string
}

/**
 * Whether two marks name one shop. Its id outlives a server that is called by another name, its address a silver that
 * was dropped.
 */
export function isSameShop(one: Shop, other: Shop): boolean {
  return one.id === other.id || one.bronze === other.bronze
}
