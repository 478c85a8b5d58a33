import { hash } from 'node:crypto'
import { hostname } from 'node:os'
import { basename, dirname } from 'node:path'
import type { Db, MongoClient } from 'mongodb'

/** Whose layers they are: the bronze that they were made of. Gold carries both as its mark, silver bronze's name. */
export interface Shop {
  /** The UUID that the server gave silver's lock: it stays whatever the server is called, and is not copied with data. */
  id: string
  /** Bronze's servers and database, without credentials: `shop-1:27017/bronze_db`. */
  bronze: string
}

/** Whether two marks name one shop. Its address outlives a silver that was dropped or renamed. */
export function isSameShop(one: Shop, other: Shop): boolean {
  return one.id === other.id || one.bronze === other.bronze
}

/** The shop of a silver whose lock is held. `server` is what bronze's server is called, where its address may change. */
export async function shopOf(silver: Db, bronze: string, server = serverOf(silver.client)): Promise<Shop> {
  const [lock] = await silver.listCollections({ name: 'lock' }, { nameOnly: false }).toArray()
  const address = `${server}/${bronze}`
  // A service without UUIDs has the address alone.
  return { id: lock?.info?.uuid?.toUUID().toString() ?? address, bronze: address }
}

/** What a server of Lingot's own over a home folder is called, which may answer on another port each time. */
export function ownServer(home: string): string {
  return `${hostname()}/${basename(dirname(home))}-${hash('sha256', home).slice(0, 8)}`
}

/** The servers of a connection; this machine by its name, since every machine calls itself localhost. */
function serverOf({ options: { srvHost, hosts } }: MongoClient): string {
  const named = hosts.map(({ host, port }) => `${isLoopback(host) ? hostname() : host}:${port}`)
  return srvHost ?? named.sort().join(',')
}

function isLoopback(host: string | undefined): boolean {
  return host === undefined || /^(localhost|127(\.\d+){3}|::1)$/.test(host)
}
