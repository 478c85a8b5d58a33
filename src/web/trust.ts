import type { Db } from 'mongodb'
import type { z } from 'zod'
import { type Contract, columnsOf, type Field, sourceOf } from '../contracts/contract.ts'
import { modelsOf } from '../gold/models.ts'
import type { Config } from '../settings/config.ts'
import { lineagesOf } from '../trust/explain/lineage.ts'
import { wayBack } from '../trust/explain/way_back.ts'
import { readQuarantine } from '../trust/quarantined.ts'
import { readReport } from '../trust/report.ts'
import type { Trust, trust } from './api.ts'

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

function goldColumns(config: Pick<Config, 'project' | 'contracts'>): Trust['lineage']['gold'] {
  const models = modelsOf(config)
  const lineages = lineagesOf(config.contracts)
  return models.flatMap((model) => {
    const { name: table, columns, isOwn } = model
    const back = wayBack(model, models, config.contracts)
    const lineage = lineages.find(({ model }) => model === table)
    return Object.entries(columns).map(([column, meaning]) => {
      if (isOwn) return { table, column, meaning, reads: back.reads(column) }
      const reads = lineage?.columns[column]?.reads ?? (column === lineage?.key ? lineage.keyReads : undefined)
      return { table, column, meaning, reads: reads === undefined ? null : [...reads] }
    })
  })
}

function silverColumns(contracts: readonly Contract[]): Trust['lineage']['silver'] {
  return contracts.flatMap((contract) =>
    columnsOf(contract).map(([column, { type, meaning, personal }]) => {
      const field = contract.fields[column]
      const source = field === undefined ? null : sourceOf(column, field)
      return {
        collection: contract.collection,
        column,
        type,
        rule: field?.kind ?? null,
        meaning,
        default: plainDefault(field?.default),
        personal,
        bronze:
          source === null ? null : [contract.source ?? contract.collection, ...source].join('.') + factorOf(field),
        reads: (contract.derived[column]?.reads ?? []).map((name) => `${contract.collection}.${name}`),
      }
    }),
  )
}

function factorOf(field: Field<unknown> | undefined): string {
  return field?.times === undefined ? '' : ` × ${field.times.join('.')}`
}

function plainDefault(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value)
}
