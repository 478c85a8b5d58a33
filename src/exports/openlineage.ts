import { hash } from 'node:crypto'
import type { Db } from 'mongodb'
import { bronzeName } from '../contracts/contract.ts'
import { postgresClient } from '../postgres/client.ts'
import type { CheckResult, RunRecord } from '../runs/record.ts'
import { goldOnRecord, silverInPlace } from '../runs/store.ts'
import { addressOf } from '../servers/servers.ts'
import type { Config } from '../settings/config.ts'
import { packageVersion } from '../system/package.ts'
import { type Known, type KnownTable, knownGold, knownSilver } from './known.ts'
import type { Where } from './odcs.ts'

/** Where the layers are; gold is nowhere where a run makes silver alone. */
export type Places = Pick<Where, 'mongodbUri'> & { postgresUrl: string | undefined }

/** An event of OpenLineage: that a part of a run began or ended, with what it read and made. */
export interface LineageEvent {
  eventType: 'START' | 'COMPLETE' | 'FAIL'
  eventTime: string
  job: { namespace: string; name: string }
  [name: string]: unknown
}

export type LineageOptions = Known & Pick<Config, 'bronze' | 'silver' | 'goldSchema'>

/** A run: bronze to silver and silver to gold are jobs of their own, and so are the checks of gold. */
type Job = 'process' | 'aggregate' | 'check'

const SPEC = 'https://openlineage.io/spec'
const FACETS = {
  schema: '1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet',
  columnLineage: '1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet',
  outputStatistics: '1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet',
  dataQualityAssertions: '1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/DataQualityAssertionsDatasetFacet',
  errorMessage: '1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet',
} as const

/** Two events for each part of a run: its begin, and how it ended. */
export async function lineageOf(record: RunRecord, config: LineageOptions, where: Places): Promise<LineageEvent[]> {
  const { bronze, silver, goldSchema, contracts } = config
  const { host, port, database = '' } = where.postgresUrl === undefined ? NOWHERE : postgresClient(where.postgresUrl)
  const mongodb = `mongodb://${addressOf(where.mongodbUri)}`
  const placeOf = {
    bronze: (name: string) => ({ namespace: mongodb, name: `${bronze}.${name}` }),
    silver: (name: string) => ({ namespace: mongodb, name: `${silver}.${name}` }),
    gold: (name: string) => ({ namespace: `postgres://${host}:${port}`, name: `${database}.${goldSchema}.${name}` }),
  }
  const dataset = (layer: 'silver' | 'gold', table: KnownTable) => {
    const behind = layer === 'gold' ? placeOf.silver : placeOf.bronze
    const columns = table.columns.flatMap(({ name, reads }) => (reads?.length ? [[name, reads] as const] : []))
    const fields = columns.map(([name, reads]) => [
      name,
      { inputFields: reads.map((read) => inputField(read, behind)) },
    ])
    return {
      ...placeOf[layer](table.name),
      facets: {
        schema: facet('schema', {
          fields: table.columns.map(({ name, type, meaning }) => ({ name, type, description: meaning })),
        }),
        columnLineage: facet('columnLineage', { fields: Object.fromEntries(fields) }),
      },
    }
  }
  const counted = (rowCount: number | undefined) =>
    rowCount === undefined ? {} : { outputFacets: { outputStatistics: facet('outputStatistics', { rowCount }) } }
  const made = knownSilver(contracts)
  const isBuilt = record.gold !== undefined || record.checks !== undefined
  const known = isBuilt ? await knownGold(config) : []
  const tables = known.filter(({ name }) => record.only === undefined || name === record.only)
  const checked = (subject: string, checks: readonly CheckResult[]) => {
    const table = tables.find(({ name }) => name === subject)
    const [collection = ''] = subject.split('.')
    if (table === undefined && !made.some(({ name }) => name === collection)) return []
    const place = table === undefined ? placeOf.silver(collection) : placeOf.gold(subject)
    const assertions = checks.map((check) => assertionOf(check, table))
    return [{ ...place, inputFacets: { dataQualityAssertions: facet('dataQualityAssertions', { assertions }) } }]
  }

  const jobs: { job: Job; isDone: boolean; inputs: object[]; outputs: object[] }[] = []
  const isMade = record.silver !== undefined
  if (record.command !== 'aggregate') {
    jobs.push({
      job: 'process',
      isDone: isMade,
      inputs: contracts.map((contract) => placeOf.bronze(bronzeName(contract))),
      outputs: made.map((table) => ({ ...dataset('silver', table), ...counted(record.silver?.[table.name]?.silver) })),
    })
  }
  if (record.command === 'aggregate' || (record.command === 'run' && isMade)) {
    jobs.push({
      job: 'aggregate',
      isDone: record.gold !== undefined,
      inputs: made.map((table) => placeOf.silver(table.name)),
      outputs: tables.map((table) => ({ ...dataset('gold', table), ...counted(record.gold?.[table.name]) })),
    })
  }
  if (record.checks !== undefined) {
    const subjects = [...new Set(record.checks.map(({ subject }) => subject))]
    jobs.push({
      job: 'check',
      isDone: record.failure?.kind !== 'gate',
      inputs: subjects.flatMap((subject) =>
        checked(subject, record.checks?.filter((one) => one.subject === subject) ?? []),
      ),
      outputs: [],
    })
  }
  return jobs.flatMap(({ job, isDone, inputs, outputs }) => {
    const run = { runId: idOf(record, job) }
    const common = { producer: PRODUCER, schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent` }
    const named = { ...common, job: { namespace: 'lingot', name: `${bronze}.${job}` } }
    const failure = record.failure && {
      facets: { errorMessage: facet('errorMessage', { message: record.failure.message, programmingLanguage: 'en' }) },
    }
    return [
      { eventType: 'START', eventTime: record.started.toISOString(), run, ...named, inputs, outputs: [] },
      {
        eventType: isDone ? 'COMPLETE' : 'FAIL',
        eventTime: record.finished.toISOString(),
        run: { ...run, ...(!isDone && failure) },
        ...named,
        inputs,
        outputs: isDone ? outputs : [],
      },
    ] satisfies LineageEvent[]
  })
}

/** Those of the runs that made what is in place. */
export async function lineageInPlace(
  silver: Db,
  gold: string | null,
  config: LineageOptions,
  where: Where,
): Promise<LineageEvent[]> {
  const [made, published] = await Promise.all([silverInPlace(silver, config.contracts), goldOnRecord(silver, gold)])
  const isOne = made !== null && published !== null && made._id.equals(published._id)
  const records = [made, isOne ? null : published]
  const events = await Promise.all(records.map((record) => (record === null ? [] : lineageOf(record, config, where))))
  return events.flat()
}

const NOWHERE = { host: '', port: 0, database: '' }
const PRODUCER = `urn:lingot:${packageVersion()}`

function facet(name: keyof typeof FACETS, content: object): object {
  return { _producer: PRODUCER, _schemaURL: `${SPEC}/facets/${FACETS[name]}`, ...content }
}

function inputField(read: string, place: (name: string) => { namespace: string; name: string }): object {
  const [table = '', ...field] = read.split('.')
  return { ...place(table), field: field.join('.') }
}

/** `not null: month` as an assertion on a column, where it is one of the table. */
function assertionOf({ subject, name, severity, passed }: CheckResult, table: KnownTable | undefined): object {
  const [kind = '', about = ''] = name.split(': ')
  const isColumn = table?.columns.some((column) => column.name === about) ?? false
  const ofSilver = table === undefined ? subject.split('.')[1] : undefined
  const column = isColumn ? about : ofSilver
  return { assertion: kind.replaceAll(' ', '_'), name, severity, success: passed, ...(column && { column }) }
}

/** The same UUID for the same part of the same run. */
function idOf({ _id }: RunRecord, job: Job): string {
  const digits = hash('sha256', `${_id.toHexString()} ${job}`)
  const [, a, b, c, d, e] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(digits) ?? []
  return `${a}-${b}-8${c}-a${d}-${e}`
}
