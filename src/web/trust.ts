import type { Db } from 'mongodb'
import type { z } from 'zod'
import type { Config } from '../settings/config.ts'
import { goldColumns, silverColumns } from '../trust/columns.ts'
import { readQuarantine } from '../trust/quarantined.ts'
import { readReport } from '../trust/report.ts'
import type { trust } from './api.ts'

/** Runs in the history. */
const RUNS = 30

/** How far the numbers can be trusted, and where each comes from; `gold` is the run that made the gold in place, where that is known. */
export async function readTrust(
  silver: Db,
  config: Pick<Config, 'contracts' | 'phoneRegion' | 'pii' | 'project'>,
  gold?: string | null,
): Promise<z.output<typeof trust>> {
  const report = await readReport(silver, { ...config, last: RUNS, gold })
  const quarantine = report.silver === null ? [] : (await readQuarantine(silver, { limit: 0 }, config)).counts
  return { ...report, quarantine, lineage: { gold: goldColumns(config), silver: silverColumns(config.contracts) } }
}
