import type { ModelTest } from '../gold/checks.ts'
import { queryOf, quoted } from '../gold/checks.ts'
import { postgresClient } from '../postgres/client.ts'
import { addressOf } from '../servers/servers.ts'
import type { Config } from '../settings/config.ts'
import { packageVersion } from '../system/package.ts'
import { type Known, type KnownColumn, type KnownTable, knownGold, knownSilver } from './known.ts'
import { fingerprintOf } from './tables.ts'

/** Where the layers are, as a contract names it: without credentials. */
export interface Where {
  mongodbUri: string
  postgresUrl: string
}

type ContractOptions = Known & Pick<Config, 'silver' | 'goldSchema' | 'phoneRegion' | 'pii'>

/**
 * Silver and gold as Open Data Contract Standard 3.1, an object for each. What stops a run where it fails is a check that
 * can be run; what only warns is told in words.
 */
export async function dataContracts(
  config: ContractOptions,
  { mongodbUri, postgresUrl }: Where,
): Promise<{ silver: object; gold: object }> {
  const version = `${packageVersion()}+${fingerprintOf(config).slice(0, 12)}`
  const { host, port, database = '' } = postgresClient(postgresUrl)
  const [mongodb = ''] = addressOf(mongodbUri).split(',')
  const [mongodbHost = mongodb, mongodbPort] = mongodb.split(/:(?=\d+$)/)
  const common = { apiVersion: 'v3.1.0', kind: 'DataContract', version, status: 'active' }
  const { silver, goldSchema, contracts } = config
  const gold = await knownGold(config)
  return {
    silver: {
      ...common,
      id: `lingot-silver-${silver}`,
      name: 'Lingot silver',
      description: {
        purpose: 'Cleaned and anonymised documents of the shop: emails and phone numbers are hashes.',
        limitations: 'It is replaced as a whole by each run. Names of people are as they are.',
      },
      servers: [
        {
          server: 'silver',
          type: 'custom',
          description: 'MongoDB',
          host: mongodbHost,
          ...(mongodbPort && { port: Number(mongodbPort) }),
          database: silver,
        },
      ],
      schema: knownSilver(contracts).map((table) => objectOf(table, 'collection', 'bronze')),
    },
    gold: {
      ...common,
      id: `lingot-gold-${database}-${goldSchema}`,
      name: 'Lingot gold',
      description: {
        purpose: 'What the shop sold, to whom and by which campaigns, for questions, dashboards and reports.',
        usage:
          'Money is exact, to the cent; rates have six decimals. Every run replaces all tables in one transaction.',
        limitations: 'Read it as a user who may only read; `gold_run` says of which run it is.',
      },
      servers: [{ server: 'gold', type: 'postgres', host, port, database, schema: goldSchema }],
      schema: gold.map((table) => objectOf(table, 'table', 'silver', gold)),
    },
  }
}

function objectOf(table: KnownTable, physicalType: string, behind: string, all: readonly KnownTable[] = []): object {
  const { name, description, key, columns, tests } = table
  const quality = tests.flatMap((test) => qualityOf(table, test))
  const relationships = tests.flatMap((test) => relationshipOf(table, test, all))
  return {
    name,
    physicalName: name,
    physicalType,
    logicalType: 'object',
    description,
    properties: columns.map((column) => propertyOf(column, key, behind)),
    ...(relationships.length > 0 && { relationships }),
    ...(quality.length > 0 && { quality }),
  }
}

function propertyOf(
  { name, type, notNull, personal, meaning, reads = [] }: KnownColumn,
  key: readonly string[],
  behind: string,
): object {
  const position = key.indexOf(name) + 1
  return {
    name,
    physicalName: name,
    logicalType: logicalType(type, behind === 'bronze'),
    physicalType: type,
    description: meaning,
    required: notNull,
    ...(position > 0 && { primaryKey: true, primaryKeyPosition: position }),
    ...(position > 0 && key.length === 1 && { unique: true }),
    ...(personal && { classification: 'personal' }),
    ...(reads.length > 0 && { transformSourceObjects: reads.map((read) => `${behind}.${read}`) }),
  }
}

function logicalType(type: string, isOfMongodb: boolean): string {
  if (/^(string|text)$/.test(type)) return 'string'
  if (/^(long|bigint)$/.test(type)) return 'integer'
  if (/^bool/.test(type)) return 'boolean'
  // MongoDB calls an instant a date.
  if (type.startsWith('timestamp') || (type === 'date' && isOfMongodb)) return 'timestamp'
  return type === 'date' ? 'date' : 'number'
}

function qualityOf({ name, key }: KnownTable, test: ModelTest): object[] {
  const severity = test.severity === 'warn' ? 'warning' : 'error'
  const inWords = () => queryOf(name, test).map((check) => ({ type: 'text', severity, description: check.name }))
  // What a column says of itself is not said twice.
  if (test.test === 'not_null' || test.test === 'relationship') return []
  if (test.severity === 'warn') return inWords()
  switch (test.test) {
    case 'unique': {
      if (test.columns.join() === key.join() && key.length === 1) return []
      const { columns: properties } = test
      return [{ type: 'library', metric: 'duplicateValues', mustBe: 0, severity, arguments: { properties } }]
    }
    case 'non_negative':
      return test.columns.map((column) => ({
        type: 'sql',
        severity,
        description: `not negative: ${column}`,
        query: `select count(*) from ${quoted(name)} where ${quoted(column)} < 0`,
        mustBe: 0,
      }))
    default:
      return inWords()
  }
}

/** What refers to a table of gold; silver is in another database. */
function relationshipOf({ name }: KnownTable, test: ModelTest, all: readonly KnownTable[]): object[] {
  if (test.test !== 'relationship' || !all.some((table) => test.to.startsWith(`${table.name}.`))) return []
  return [{ from: `${name}.${test.column}`, to: test.to, type: 'foreignKey' }]
}
