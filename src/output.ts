import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { LingotError, reasonOf } from './errors.ts'

/** Writes a file that somebody asked for: beside it first, so that it is never half written. */
export async function writeOutput(file: string, text: string): Promise<void> {
  const beside = `${file}.${randomUUID()}.tmp`
  try {
    await writeFile(beside, text, { flag: 'wx' })
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw new LingotError(
      'usage',
      `${file} cannot be written: ${reasonOf(error)}`,
      'Name a file in a folder that exists.',
    )
  }
}
