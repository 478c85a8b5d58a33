import pg from 'pg'
import type { Shop } from '../runs/shop.ts'

/** What the comment of a gold table says below its description: whose it is, and which of its columns Lingot makes. */
export interface TableMark {
  /** Null where it does not say. */
  shop: Shop | null
  columns: readonly string[]
}

/**
 * The comment of a table that carries a mark:
 *
 *     How sales evolve. One row per month (UTC unless timeZone is set) with at least one sale.
 *
 *     Lingot shop 0b1c… of shop-1:27017/bronze_db
 *     Columns of monthly_revenue: month, total_revenue, total_transactions
 */
export function commentWithMark(table: string, description: string, { shop, columns }: TableMark): string {
  const id = shop === null || shop.id === shop.bronze ? '' : `${shop.id} of `
  const whose = shop === null ? '' : ` shop ${id}${shop.bronze}`
  return `${description}\n\nLingot${whose}\nColumns of ${table}: ${columns.map(written).join(', ')}`
}

/** The mark in the comment of a table; undefined where there is none, or where a user gave the table another name. */
export function markInComment(table: string, comment: string | null): TableMark | undefined {
  const [, id, bronze, name, columns] = MARK.exec(comment ?? '') ?? []
  if (columns === undefined || name !== table) return undefined
  return {
    shop: bronze === undefined ? null : { id: id ?? bronze, bronze },
    columns: (columns.match(/"(?:[^"]|"")+"|[^", ]+/g) ?? []).map(read),
  }
}

const MARK = /\n\nLingot(?: shop (?:(\S+) of )?(.+))?\nColumns of ([^:]+): (.*)$/

function written(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : pg.escapeIdentifier(name)
}

function read(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
