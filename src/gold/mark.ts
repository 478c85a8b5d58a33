import pg from 'pg'
import type { Shop } from '../shop.ts'

/** What the comment of a gold table says below its description: whose it is, and which of its columns Lingot makes. */
export interface Mark {
  /** Null where it does not say. */
  shop: Shop | null
  columns: readonly string[]
}

/**
 * The comment of a table that carries a mark:
 *
 *     How sales evolve. One row per month (UTC) with at least one sale.
 *
 *     Lingot shop 0b1c… of shop-1:27017/bronze_db
 *     Columns: month, total_revenue, total_transactions
 */
export function marked(description: string, { shop, columns }: Mark): string {
  const id = shop === null || shop.id === shop.bronze ? '' : `${shop.id} of `
  const whose = shop === null ? '' : ` shop ${id}${shop.bronze}`
  return `${description}\n\nLingot${whose}\nColumns: ${columns.map(written).join(', ')}`
}

/** The mark in a comment; undefined where there is none. */
export function markIn(comment: string | null): Mark | undefined {
  const [, id, bronze, columns] = /\n\nLingot(?: shop (?:(\S+) of )?(.+))?\nColumns: (.*)$/.exec(comment ?? '') ?? []
  if (columns === undefined) return undefined
  return {
    shop: bronze === undefined ? null : { id: id ?? bronze, bronze },
    columns: (columns.match(/"(?:[^"]|"")+"|[^", ]+/g) ?? []).map(read),
  }
}

function written(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : pg.escapeIdentifier(name)
}

function read(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
