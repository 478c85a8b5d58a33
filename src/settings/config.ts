import { createSecretKey, type KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { CountryCode } from 'libphonenumber-js/min'
import { z } from 'zod'
import type { Contract } from '../contracts/contract.ts'
import { type Pii, piiMethods } from '../rules/pseudonym.ts'
import { LingotError } from '../system/errors.ts'
import { type Limits, machineLimits, machineWorkers } from '../system/machine.ts'
import { type Portions, portions } from '../system/portions.ts'
import { keepSecret } from '../system/secrets.ts'
import { type Language, languages } from '../text/numbers.ts'
import { type Alerts, alerts, alertsOf, signingKey, webAddress } from './alerts.ts'
import { campaignValueOf } from './campaign_value.ts'
import { filtersOf } from './filters.ts'
import type { SettledMonths, UnusualDays } from './guards.ts'
import { findConfigFile, readConfigFile, readSettingsFile } from './loader.ts'
import { leftOutOf, type OwnFiles, type Project, readOwnFiles } from './own_files.ts'
import { check, describeProblem, hiddenKeys, type Problem, suggestion } from './problems.ts'
import type { Shrinkage } from './shrinkage.ts'
import type { Severities } from './suspicious.ts'
import type { Threshold } from './thresholds.ts'

/** An address of a server; one that was cut could be taken for a host and half a password, and shown. */
const address = (schemes: RegExp, wanted: string) =>
  z
    .string()
    .regex(schemes, `must begin with ${wanted}`)
    .regex(/^[^#]*$/, 'holds a #, which is written %23 in a user or password')
    .regex(/^(?![^:]+:\/\/[^@/?#[]*:\d*[^@/?#,\d][^@]*$)/, 'has a port that is no number, or ends within the password')
const postgresUrl = address(/^postgres(ql)?:\/\/./, 'postgresql://').optional()
const port = z
  .string()
  .transform(Number)
  .refine((number) => Number.isInteger(number) && number >= 1 && number <= 65_535, 'must be a port, from 1 to 65535')
/** A whole number within bounds, as a text. */
const whole = (least: number, most: number) =>
  z
    .string()
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN))
    .refine((number) => number >= least && number <= most, `must be a whole number from ${least} to ${most}`)
const databaseName = z
  .string()
  .regex(/^[^\s/\\."$*<>:|?\0]{1,63}$/, 'is not a name MongoDB accepts for a database')
  .refine((name) => !/^(admin|local|config)$/i.test(name), 'is a database that MongoDB keeps for itself')
  .refine((name) => !/^lingot$/i.test(name), 'is the database in which Lingot remembers who was erased')
/** What is never in the configuration file, and kept so that nothing prints it. */
const kept = z.string().transform((text) => createSecretKey(text, 'utf8'))
const key = z
  .string()
  .refine((text) => text.length >= 32, 'must be at least 32 characters, as `openssl rand -hex 32` gives them')
  .pipe(kept)
const schemaName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a lower-case SQL name such as public')
  .regex(/^(?!pg_|information_schema$)/, 'must not be one that PostgreSQL keeps for itself, pg_… or information_schema')
/** A day. */
const MOST_SECONDS = 86_400
const seconds = z.number().int().min(1).max(MOST_SECONDS)

/** The settings of the environment. */
const environment = z.object({
  /** The MongoDB to use. When set, nothing else is tried. */
  MONGODB_URI: address(/^mongodb(\+srv)?:\/\/./, 'mongodb:// or mongodb+srv://').optional(),
  /** The PostgreSQL to use. When set, nothing else is tried. */
  POSTGRES_URL: postgresUrl,
  /** The PostgreSQL that questions are put to, as a user who may only read; POSTGRES_URL if not set. */
  POSTGRES_READER_URL: postgresUrl,
  /** The PostgreSQL that an assistant's queries are put to, as a user who can read nothing personal. */
  POSTGRES_ASSISTANT_URL: postgresUrl,
  /** Where Lingot keeps the data of the servers that it starts itself. */
  LINGOT_HOME: z.string().default('.lingot'),
  /** The first port tried for a MongoDB of Lingot's own. */
  LINGOT_MONGODB_PORT: port.default(27_017),
  /** The first port tried for a PostgreSQL of Lingot's own. */
  LINGOT_POSTGRES_PORT: port.default(5_432),
  /** What `ask` and `start` speak. The locale of a terminal decides nothing, so that scripts read the same everywhere. */
  LINGOT_LANGUAGE: z.enum(languages).default('en'),
  /** Threads of the models; all cores if not set. */
  LINGOT_THREADS: whole(1, 1024).optional(),
  /** Memory of the models in MB, beside some 200 MB for the rest; what fits the machine if not set. */
  LINGOT_MEMORY_MB: whole(64, 1_000_000).optional(),
  /** Threads that clean large collections, beside the main one; two less than cores, at most 4, if not set. */
  LINGOT_WORKERS: whole(0, 64).optional(),
  /** These three win over the configuration file. */
  LINGOT_BRONZE_DB: databaseName.optional(),
  LINGOT_SILVER_DB: databaseName.optional(),
  LINGOT_GOLD_SCHEMA: schemaName.optional(),
  /** How many seconds publishing waits for who holds gold; it wins over the configuration file, too. */
  LINGOT_PUBLISH_WAIT: whole(1, MOST_SECONDS).optional(),
  /** The key of the hashes of emails and phone numbers, where `pii.method` wants one. */
  LINGOT_PII_KEY: key.optional(),
  /** The key of the hashes by which erased people are remembered. */
  LINGOT_ERASURE_KEY: key.optional(),
  /** Where `lingot watch` posts its alerts; it wins over the configuration file, since some such addresses are secrets. */
  LINGOT_WEBHOOK_URL: webAddress.optional(),
  /** The secret that these are signed with. */
  LINGOT_WEBHOOK_SECRET: signingKey.optional(),
  /** The server that sends the mail of `lingot watch`. */
  LINGOT_SMTP_URL: address(/^smtps?:\/\/./, 'smtp:// or smtps://')
    .refine((text) => !/^smtps?:/.test(text) || URL.canParse(text), 'is no address that can be read')
    .optional(),
  /** The server of OpenLineage that is told of runs. */
  OPENLINEAGE_URL: webAddress.optional(),
  /** What that server wants as a bearer token. */
  OPENLINEAGE_API_KEY: kept.optional(),
  /** The collector of OpenTelemetry that gets spans, by OTLP over HTTP; others may be told of it as well, so it is any text. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  /** What headers it wants. */
  OTEL_EXPORTER_OTLP_HEADERS: kept.optional(),
})

/** The names of the layers. */
const names = z.strictObject({
  /** The MongoDB database that holds the raw data; LINGOT_BRONZE_DB wins. */
  bronze: databaseName.default('bronze_db'),
  /** The MongoDB database that the processor writes; LINGOT_SILVER_DB wins. */
  silver: databaseName.default('silver_db'),
  /** The PostgreSQL schema that the aggregator writes; LINGOT_GOLD_SCHEMA wins. */
  goldSchema: schemaName.default('public'),
})

const leavingOut = z.record(z.string(), z.literal(false)).default({})

/** The settings of `lingot.config.ts`; what they need is loaded where there is such a file. */
export async function settingsSchema() {
  const [{ collections }, { threshold }, { shrinkage }, { suspicious }, { settledMonths, unusualDays }] =
    await Promise.all([
      import('./customise.ts'),
      import('./thresholds.ts'),
      import('./shrinkage.ts'),
      import('./suspicious.ts'),
      import('./guards.ts'),
    ])
  return z.strictObject({
    /** Where an editor finds the schema of a configuration in JSON. */
    $schema: z.string().optional(),
    ...names.shape,
    /** The region of a phone number whose customer names no country. */
    phoneRegion: z.string().default('FR'),
    /** The zone in which days and months are counted, and of dates that name none; UTC if not set. */
    timeZone: z.string().optional(),
    /** What amounts are in, for those who read them. */
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be the three capital letters of a currency, such as EUR')
      .optional(),
    pii: z
      .strictObject({
        /** How emails and phone numbers are hidden; hmac-sha256 takes its key from LINGOT_PII_KEY. */
        method: z.enum(piiMethods).default('md5'),
      })
      .prefault({}),
    revenue: z
      .strictObject({
        /** Statuses of sales whose revenue does not count. */
        leaveOut: z.array(z.string()).default([]),
      })
      .prefault({}),
    /** How many seconds publishing waits for who holds gold; LINGOT_PUBLISH_WAIT wins. */
    publishWait: seconds.default(180),
    /** What is kept of the time before. */
    history: z
      .strictObject({
        /** Whether gold keeps the rows that it replaces. */
        gold: z.boolean().default(true),
        /** For how many runs. */
        keep: z.number().int().min(1).max(100_000).default(400),
        /** Megabytes of what changed in a collection of silver that a run keeps; of more it keeps totals. */
        size: z.number().int().min(1).max(10_000).default(256),
      })
      .prefault({}),
    /** Limits on what the trust report says about fields; each replaces Lingot's own on its field. */
    thresholds: z.array(threshold).default([]),
    /** From when on a source that lost documents is not believed. */
    shrinkage: shrinkage.prefault({}),
    /** Which suspicious things keep the old gold. */
    suspicious: suspicious.prefault({}),
    /** By how much the revenue of a month may move when it is over for long. */
    settledMonths: settledMonths.prefault({}),
    /** How unlike its weekdays one of the last days may be. */
    unusualDays: unusualDays.prefault({}),
    /** Whom `lingot watch` tells what changed. */
    alerts: alerts.prefault({}),
    /** What an assistant is told. */
    assistants: z
      .strictObject({
        /** Whether it may learn what people are called. */
        names: z.boolean().default(false),
      })
      .prefault({}),
    /** What the collections and fields of bronze are called, and how silver keeps them. */
    collections: collections.default({}),
    /** Gold tables that are not wanted: `{ customer_cohorts: false }`. */
    models: leavingOut,
    /** Questions that are not asked. */
    questions: leavingOut,
  })
}
export type Settings = z.input<Awaited<ReturnType<typeof settingsSchema>>>

/** Where everything is, and what this machine lends. */
export interface Places {
  /** A connection string that the user set, or undefined: find or start a server. */
  mongodbUri: string | undefined
  postgresUrl: string | undefined
  /** Where gold is read, if that is another address. */
  postgresReaderUrl: string | undefined
  /** Where an assistant's queries are put. */
  postgresAssistantUrl: string | undefined
  /** Absolute path of the folder that holds Lingot's own servers. */
  home: string
  mongodbPort: number
  postgresPort: number
  bronze: string
  silver: string
  goldSchema: string
  /** What the models may use. */
  limits: Limits
  /** Threads that clean large collections, beside the main one. */
  workers: number
  /** What people are answered in. */
  language: Language
  /** What amounts are in, for those who read them. */
  currency?: string | undefined
  /** The zone in which days are counted, if it is not UTC. */
  timeZone?: string | undefined
  /** The models and questions of one's own. */
  project: Project
}

/** What the data means, how it is hidden, and when it is believed. */
export interface DataRules {
  contracts: readonly Contract[]
  /** The region of a phone number whose customer names no country. */
  phoneRegion: CountryCode
  /** How emails and phone numbers are hidden. */
  pii: Pii
  /** The key by which erased people are remembered. */
  erasureKey: KeyObject | undefined
  /** Statuses of sales whose revenue does not count. */
  leaveOut: readonly string[]
  thresholds: readonly Threshold[]
  shrinkage: Shrinkage
  /** How grave each suspicious thing is. */
  suspicious: Severities
  settledMonths: SettledMonths
  unusualDays: UnusualDays
}

/** All that is settled before anything is done. */
export interface Config extends Places, DataRules {
  /** How long those are waited for who hold gold, in seconds. */
  publishWait: number
  /** What is kept of the past: whether of gold, of how many runs, and how many megabytes of what changed in a collection. */
  history: { gold: boolean; keep: number; size: number }
  /** How much is worked on at a time. */
  portions: Portions
  /** The zone in which days and months are counted; UTC if not set. */
  timeZone: string | undefined
  /** Whom `lingot watch` tells what changed. */
  alerts: Alerts
  /** Whether an assistant may learn what people are called. */
  assistants: { names: boolean }
  /** Who is told of runs, in the words of OpenLineage. */
  openLineage: { url: string; key: KeyObject | undefined } | undefined
  /** Who gets spans of runs, by OTLP over HTTP. */
  openTelemetry: { url: string; headers: KeyObject | undefined } | undefined
  /** What the configuration file holds, if there is one, for those who work elsewhere. */
  settings: ReadSettings | undefined
}

/** A configuration file's name, what it holds, and what lies beside it. */
export interface ReadSettings {
  file: string
  value: unknown
  own?: OwnFiles
}

/** What a configuration file settles. */
type Customised = Pick<
  Config,
  | 'bronze'
  | 'silver'
  | 'goldSchema'
  | 'publishWait'
  | 'history'
  | 'currency'
  | 'project'
  | 'timeZone'
  | 'alerts'
  | 'assistants'
> &
  Omit<DataRules, 'pii' | 'erasureKey'> & { pii: Pick<Pii, 'method'> }

/**
 * Reads the settings from the configuration file and `.env` of the folder, and from the environment, which wins. Settings
 * that are given stand in the place of the file, another environment in that of this one and of `.env`.
 */
export async function loadConfig(
  folder: string = process.cwd(),
  env: Readonly<Record<string, string | undefined>> = process.env,
  given?: Settings,
): Promise<Readonly<Config>> {
  return configOf(await settingsIn(folder, env, given), env, folder)
}

/** As {@link loadConfig}, for those who touch no data: without a configuration file there is little to load. */
export async function loadPlaces(
  folder: string = process.cwd(),
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Readonly<Places>> {
  const settings = await settingsIn(folder, env)
  return settings === undefined
    ? { ...placesOf(names.parse({}), checkEnvironment(env), folder), project: NO_PROJECT }
    : configOf(settings, env, folder)
}

async function settingsIn(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  given?: Settings,
): Promise<ReadSettings | undefined> {
  if (env === process.env) readEnvFile(folder)
  // What is wrong with the environment is told before what is wrong with the file.
  checkEnvironment(env)
  if (given !== undefined) return { file: 'config', value: given, own: readOwnFiles(folder) }
  const file = findConfigFile(folder)
  if (file === undefined) return undefined
  return { file: basename(file), value: await readConfigFile(file), own: readOwnFiles(folder) }
}

const NO_PROJECT: Project = { models: [], questions: [], leftOut: { models: [], questions: [] }, filters: [] }

/** The settings of a configuration file that was read already, and those of the environment. */
export async function configOf(
  settings: ReadSettings | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
  folder: string = process.cwd(),
): Promise<Readonly<Config>> {
  const own = checkEnvironment(env)
  const {
    bronze,
    silver,
    goldSchema,
    pii,
    publishWait,
    alerts: told,
    ...rules
  } = await readSettings(settings?.value ?? {}, settings?.file ?? '', settings?.own)
  return Object.freeze({
    ...placesOf({ bronze, silver, goldSchema }, own, folder),
    ...rules,
    pii: { ...pii, key: own.LINGOT_PII_KEY },
    erasureKey: own.LINGOT_ERASURE_KEY,
    publishWait: own.LINGOT_PUBLISH_WAIT ?? publishWait,
    alerts: alertsOf(told, own),
    openLineage:
      own.OPENLINEAGE_URL === undefined ? undefined : { url: own.OPENLINEAGE_URL, key: own.OPENLINEAGE_API_KEY },
    openTelemetry:
      own.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : { url: own.OTEL_EXPORTER_OTLP_ENDPOINT, headers: own.OTEL_EXPORTER_OTLP_HEADERS },
    portions,
    settings,
  })
}

function placesOf(
  { bronze, silver, goldSchema }: z.output<typeof names>,
  own: z.output<typeof environment>,
  folder: string,
): Readonly<Omit<Places, 'project'>> {
  const { MONGODB_URI, POSTGRES_URL, POSTGRES_READER_URL, POSTGRES_ASSISTANT_URL, LINGOT_SMTP_URL } = own
  for (const uri of [MONGODB_URI, POSTGRES_URL, POSTGRES_READER_URL, POSTGRES_ASSISTANT_URL, LINGOT_SMTP_URL]) {
    if (uri !== undefined) keepSecret(uri)
  }
  const fitting = machineLimits()
  const places = {
    mongodbUri: MONGODB_URI,
    postgresUrl: POSTGRES_URL,
    postgresReaderUrl: POSTGRES_READER_URL,
    postgresAssistantUrl: POSTGRES_ASSISTANT_URL,
    home: resolve(folder, own.LINGOT_HOME),
    mongodbPort: own.LINGOT_MONGODB_PORT,
    postgresPort: own.LINGOT_POSTGRES_PORT,
    bronze: own.LINGOT_BRONZE_DB ?? bronze,
    silver: own.LINGOT_SILVER_DB ?? silver,
    goldSchema: own.LINGOT_GOLD_SCHEMA ?? goldSchema,
    limits: { threads: own.LINGOT_THREADS ?? fitting.threads, memoryMb: own.LINGOT_MEMORY_MB ?? fitting.memoryMb },
    workers: own.LINGOT_WORKERS ?? machineWorkers(),
    language: own.LINGOT_LANGUAGE,
  }
  if (places.bronze !== places.silver) return Object.freeze(places)
  throw new LingotError(
    'config',
    `Bronze and silver are the same database, ${places.bronze}.`,
    'Give silver another name: LINGOT_SILVER_DB, or silver in the configuration file.',
  )
}

function readEnvFile(folder: string): void {
  const file = join(folder, '.env')
  if (!existsSync(file)) return
  try {
    const lines = readSettingsFile(file).split('\n')
    for (const [i, line] of lines.entries()) refuseCut(line, `${file}, line ${i + 1}`)
    process.loadEnvFile(file)
  } catch (error) {
    if (error instanceof LingotError) throw error
    throw new LingotError('config', `${file} cannot be read.`, 'Check its permissions.', { cause: error })
  }
}

/** Behind a # outside quotes nothing of a value is read, and half of a password or a key would be used and shown. */
function refuseCut(line: string, where: string): void {
  const [, name = '', value = '', rest = ''] = /^\s*(?:export\s+)?(\w+)\s*=\s*([^"'`#\s][^#]*)#(.*)/.exec(line) ?? []
  if (!Object.hasOwn(environment.shape, name) || process.env[name] !== undefined) return
  // A comment stands apart from the value, and holds no other half of an address.
  if (/\s$/.test(value) && !rest.includes('@')) return
  throw new LingotError(
    'config',
    `${where}: of ${name} only what stands before its # would be read.`,
    `Put the value in quotes: ${name}="…". In an address, a # of the user or password is written %23.`,
  )
}

function checkEnvironment(env: Readonly<Record<string, string | undefined>>): z.output<typeof environment> {
  // A variable that is set but empty counts as not set, as in most shells' `${VAR:-default}`.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const { data, problems } = check(environment, set)
  if (data !== undefined) return data
  throw new LingotError(
    'config',
    `${problems.map(describeProblem).join('. ')}.`,
    'Correct it in the environment or in .env; .env.example shows every setting.',
  )
}

/** What the configuration file settles, or everything that is wrong with it. */
export async function readSettings(value: unknown, file: string, own?: OwnFiles): Promise<Customised> {
  const hidden = hiddenKeys(value)
  if (hidden.length > 0) throw refusal(file, hidden)
  const { data, problems } = check(await settingsSchema(), value)
  const { misspelt } = await import('./own_collections.ts')
  const unknown = misspelt(Object(value).collections)
  if (data === undefined || unknown.length > 0) {
    // What else is wrong with them follows from their names.
    const isOfOther = ({ path }: Problem) => !unknown.some((one) => one.path.every((key, i) => key === path[i]))
    throw refusal(file, [...problems.filter(isOfOther), ...unknown])
  }
  const {
    bronze,
    silver,
    goldSchema,
    phoneRegion,
    timeZone,
    pii,
    revenue,
    publishWait,
    history,
    thresholds,
    shrinkage,
    suspicious,
    settledMonths,
    unusualDays,
  } = data
  const [{ customise }, { isSupportedCountry }, { IANAZone }, { thresholds: standard }] = await Promise.all([
    import('./customise.ts'),
    import('libphonenumber-js/min'),
    import('luxon'),
    import('./thresholds.ts'),
  ])
  const { contracts, problems: found } = customise(data.collections, timeZone)
  const { leftOut, problems: nowhere } = leftOutOf(data, own)
  const { filters, problems: unfit } = filtersOf(contracts)
  const { value: campaignValue, problems: unvalued } = campaignValueOf(contracts)
  found.push(...nowhere, ...unfit, ...unvalued)
  if (!isSupportedCountry(phoneRegion)) {
    found.push({ path: ['phoneRegion'], message: 'must be the two letters of a country, such as FR or BE' })
  }
  if (timeZone !== undefined && !IANAZone.isValidZone(timeZone)) {
    found.push({ path: ['timeZone'], message: 'must be the name of a time zone, such as Europe/Paris' })
  }

  const fields = contracts.flatMap(({ collection, fields }) =>
    Object.keys(fields).map((name) => `${collection}.${name}`),
  )
  for (const [i, { field }] of thresholds.entries()) {
    if (fields.includes(field)) continue
    found.push({ path: ['thresholds', i, 'field'], message: `there is no field ${field}${suggestion(field, fields)}` })
  }
  const limited = new Set(thresholds.map(({ field }) => field))

  const status = contracts.find(({ collection }) => collection === 'transactions')?.fields['status']
  const statuses = [...(status?.vocabulary ?? []), String(status?.default)]
  for (const [i, word] of revenue.leaveOut.entries()) {
    if (statuses.includes(word)) continue
    const own = 'collections.transactions.fields.status.vocabulary'
    const message = `${own} has no ${word}${suggestion(word, statuses)}`
    found.push({ path: ['revenue', 'leaveOut', i], message })
  }

  if (found.length > 0) throw refusal(file, found)
  return {
    bronze,
    silver,
    goldSchema,
    contracts: contracts.map((contract) => ({ ...contract, ...(data.currency && { currency: data.currency }) })),
    pii,
    phoneRegion: phoneRegion as CountryCode,
    currency: data.currency,
    timeZone,
    project: { ...NO_PROJECT, ...own, leftOut, filters, ...(campaignValue && { campaignValue }) },
    leaveOut: revenue.leaveOut,
    publishWait,
    alerts: data.alerts,
    assistants: data.assistants,
    shrinkage,
    suspicious,
    history,
    settledMonths,
    unusualDays,
    thresholds: [...standard.filter(({ field }) => fields.includes(field) && !limited.has(field)), ...thresholds],
  }
}

function refusal(file: string, problems: readonly Problem[]): LingotError {
  return new LingotError(
    'config',
    [`${file} is not valid.`, ...problems.map((problem) => `  ${describeProblem(problem)}`)].join('\n'),
    'Correct it; docs/configuration.md tells what every key takes.',
  )
}
