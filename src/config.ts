import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { LingotError } from './errors.ts'

const port = z.coerce
  .number('must be a port, from 1 to 65535')
  .refine((number) => Number.isInteger(number) && number >= 1 && number <= 65_535, 'must be a port, from 1 to 65535')
const databaseName = z.string().regex(/^[^\s/\\."$*<>:|?\0]{1,63}$/, 'is not a name MongoDB accepts for a database')
const identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a lower-case SQL name such as public')

/** Every setting: its environment variable, its type, its default. */
const environment = z.object({
  /** The MongoDB to use. When set, nothing else is tried. */
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\/./, 'must begin with mongodb:// or mongodb+srv://')
    .optional(),
  /** The PostgreSQL to use. When set, nothing else is tried. */
  POSTGRES_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/./, 'must begin with postgresql://')
    .optional(),
  /** Where Lingot keeps the data of the servers that it starts itself. */
  LINGOT_HOME: z.string().default('.lingot'),
  /** The first port tried for a MongoDB of Lingot's own. */
  LINGOT_MONGODB_PORT: port.default(27_017),
  /** The first port tried for a PostgreSQL of Lingot's own. */
  LINGOT_POSTGRES_PORT: port.default(5_432),
  /** The MongoDB database that holds the raw data. */
  LINGOT_BRONZE_DB: databaseName.default('bronze_db'),
  /** The MongoDB database that the processor writes. */
  LINGOT_SILVER_DB: databaseName.default('silver_db'),
  /** The PostgreSQL schema that the aggregator writes. */
  LINGOT_GOLD_SCHEMA: identifier.default('public'),
})

export interface Config {
  /** A connection string that the user set, or undefined: find or start a server. */
  mongodbUri: string | undefined
  postgresUrl: string | undefined
  /** Absolute path of the folder that holds Lingot's own servers. */
  home: string
  mongodbPort: number
  postgresPort: number
  bronze: string
  silver: string
  goldSchema: string
}

/** Reads the settings from `.env` in the folder and from the environment, which wins. */
export function loadConfig(folder: string = process.cwd(), env: NodeJS.ProcessEnv = process.env): Config {
  const file = join(folder, '.env')
  if (existsSync(file)) {
    try {
      process.loadEnvFile(file)
    } catch (error) {
      throw new LingotError('config', `${file} cannot be read.`, 'Check its permissions.', { cause: error })
    }
  }
  // A variable that is set but empty counts as not set, as in most shells' `${VAR:-default}`.
  const parsed = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')))
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new LingotError(
      'config',
      `${problems.join('. ')}.`,
      'Correct it in the environment or in .env; .env.example shows every setting.',
    )
  }
  const settings = parsed.data
  if (settings.LINGOT_BRONZE_DB === settings.LINGOT_SILVER_DB) {
    throw new LingotError('config', 'Bronze and silver are the same database.', 'Set LINGOT_SILVER_DB to another one.')
  }
  return {
    mongodbUri: settings.MONGODB_URI,
    postgresUrl: settings.POSTGRES_URL,
    home: resolve(folder, settings.LINGOT_HOME),
    mongodbPort: settings.LINGOT_MONGODB_PORT,
    postgresPort: settings.LINGOT_POSTGRES_PORT,
    bronze: settings.LINGOT_BRONZE_DB,
    silver: settings.LINGOT_SILVER_DB,
    goldSchema: settings.LINGOT_GOLD_SCHEMA,
  }
}
