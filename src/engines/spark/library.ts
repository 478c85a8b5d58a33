import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LingotError } from '../../system/errors.ts'

/** The file of DuckDB that Node loads; the library that it needs lies beside it. */
export const BINDING = 'duckdb.node'

/** DuckDB's native library where executors run: as the environment says, where Lingot is installed, or as it was shipped. */
export const library: unknown = load()

function load(): unknown {
  const places = [
    process.env['LINGOT_DUCKDB'],
    globalThis.lingotJob?.duckdb,
    process.cwd(),
    dirname(fileURLToPath(import.meta.url)),
  ]
  const place = places.find((folder) => folder && existsSync(join(folder, BINDING)))
  if (place === undefined) throw unusable("is not where Spark's executors run")
  const module: { exports: unknown } = { exports: {} }
  try {
    // Of links, which cluster managers make of what was shipped, `require` would look beside what they lead to.
    process.dlopen(module, join(place, BINDING))
  } catch (error) {
    throw unusable(`in ${place} cannot be loaded where Spark's executors run`, error)
  }
  return module.exports
}

function unusable(what: string, cause?: unknown): LingotError {
  return new LingotError(
    'config',
    `DuckDB's library ${what}.`,
    `Ship ${BINDING} and what lies beside it with the job, or set spark.executorEnv.LINGOT_DUCKDB to a folder that has both; docs/spark.md tells more.`,
    { cause },
  )
}
