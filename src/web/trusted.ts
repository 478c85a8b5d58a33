import type { Db } from 'mongodb'
import { goldOnRecord } from '../runs/store.ts'
import { centsOf } from '../text/money.ts'
import { revenueOf } from '../trust/report.ts'
import type { Trusted } from './api.ts'

/** How the checks of each table of the gold in place went, and how its revenue adds up, as its run is on record. */
export async function readTrusted(silver: Db, run: string | null | undefined): Promise<Trusted> {
  const record = await goldOnRecord(silver, run)
  const { total, tables } = revenueOf(record?.reconciliation ?? [])
  const trusted: Trusted = {}
  for (const table of Object.keys(record?.gold ?? {})) {
    const own = record?.checks?.filter(({ subject }) => subject === table) ?? []
    const revenue = tables.find((each) => each.table === table)
    const nobodys = [
      ...(revenue?.inside.filter(({ part }) => part.endsWith(' unknown')) ?? []),
      ...(revenue?.outside ?? []),
    ]
    const unknown = nobodys.reduce((sum, part) => sum + Number(centsOf(part.revenue)), 0)
    trusted[table] = {
      checks: { passed: own.filter(({ passed }) => passed).length, all: own.length },
      addsUp: revenue?.addsUp ?? null,
      unknownPct: revenue === undefined || Number(total) === 0 ? null : unknown / Number(total),
    }
  }
  return trusted
}
