import { connect } from 'node:net'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import type { Servers } from '../../src/servers/servers.ts'

export async function mongodb<T>(uri: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 2000 })
  return work(client).finally(() => client.close())
}

export async function postgres(uri: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: uri })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query(sql)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Fails unless both can be written to. */
export async function write(servers: Servers): Promise<void> {
  await mongodb(servers.mongodb.uri, (client) => client.db('kept').collection('things').insertOne({}))
  await postgres(servers.postgres.uri, 'create table if not exists kept (); insert into kept default values')
}

/** How much was written. */
export async function written(servers: Servers): Promise<[number, number]> {
  return [
    await mongodb(servers.mongodb.uri, (client) => client.db('kept').collection('things').countDocuments()),
    (await postgres(servers.postgres.uri, 'select from kept')).length,
  ]
}

export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 })
    const end = (answer: boolean) => () => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false))
  })
}

export function portOf(uri: string): number {
  return Number(new URL(uri).port)
}
