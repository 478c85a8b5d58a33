import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { packageVersion } from '../system/package.ts'
import { type Manifest, writeFolder } from './folder.ts'

/** Writes what is known of the layers into a folder, a YAML file for each of its parts, by name. */
export function writeDescribed(
  folder: string,
  as: 'odcs' | 'dbt',
  parts: Readonly<Record<string, object>>,
): Promise<Manifest> {
  return writeFolder(folder, async (beside) => {
    for (const [file, content] of Object.entries(parts)) {
      await writeFile(join(beside, file), stringify(content, { lineWidth: 0 }))
    }
    return {
      lingot: { export: as, version: packageVersion() },
      exported: new Date().toISOString(),
      files: Object.keys(parts),
    }
  })
}
