import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { failures } from '../../src/system/errors.ts'
import { lingot, type Settings } from '../process.ts'
import { type Cluster, makeCluster } from './cluster.ts'
import { goldContents } from './contents.ts'
import { type Layers, openLayers } from './layers.ts'

let layers: Layers
let cluster: Cluster
let settings: Settings
let otherSettings: Settings

beforeAll(async () => {
  layers = await openLayers()
  cluster = await makeCluster()
  settings = { ...layers.settings, POSTGRES_URL: cluster.url }
  otherSettings = { ...layers.otherSettings, POSTGRES_URL: cluster.url }
  await cluster.start()
})

afterAll(async () => {
  await cluster.remove()
  await layers.close()
})

async function within<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: cluster.url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const gold = () => within((client) => goldContents(client, layers.names.goldSchema))

// Windows has no ulimit.
test.skipIf(process.platform === 'win32')(
  'where PostgreSQL has no more room, both layers stay as they are',
  async () => {
    expect(await lingot(['run'], settings)).toMatchObject({ status: 0, stderr: '' })
    const oldSilver = await layers.runs()
    // Rows of an earlier, larger gold, and none of those that a run or an aggregate makes, which need room beside them.
    const table = `${layers.names.goldSchema}.customer_metrics`
    await within((client) =>
      client.query(
        `delete from ${table}; alter table ${table} set (fillfactor = 10);
       insert into ${table} (customer_id, full_name, country, city, total_transactions, total_spent)
       select 'EARLIER' || i, '', '', '', 1, 0 from generate_series(1, 5000) as i`,
      ),
    )
    const old = await gold()
    const { rows } = await within((client) =>
      client.query<{ kb: number }>(`select (pg_relation_size('${table}') / 1024)::int as kb`),
    )
    await cluster.stop()
    await cluster.start(rows[0]?.kb)

    for (const command of ['run', 'aggregate']) {
      const { status, stdout, stderr } = await lingot([command, '--take-over'], otherSettings)
      expect({ status, stdout }).toEqual({ status: failures.publish.exit, stdout: '' })
      expect(stderr).toMatch(/^Gold could not be published, the old tables stay: could not extend file .*\.$/m)
      expect(stderr).toMatch(/^→ Make room where PostgreSQL keeps its data, then run it again\.$/m)
      expect(await gold()).toEqual(old)
      expect(await layers.runs()).toEqual(oldSilver)
      expect(await layers.staged()).toEqual([])
    }

    await cluster.stop()
    await cluster.start()
    expect(await lingot(['run', '--take-over'], otherSettings)).toMatchObject({ status: 0, stderr: '' })
    expect(await gold()).not.toEqual(old)
  },
)
