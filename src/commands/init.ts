import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { README } from '../init/beginnings.ts'
import { describeLook } from '../init/draft.ts'
import type { CollectionMatch } from '../init/matching.ts'
import { findConfigFile } from '../settings/loader.ts'
import { LingotError } from '../system/errors.ts'
import { asCalled } from '../system/invocation.ts'
import { writeOutput } from '../system/output.ts'
import { readable, table } from '../text/terminal.ts'
import { session } from './session.ts'

export interface InitOptions {
  force?: boolean
  print?: boolean
}

/** `lingot init`: a configuration from a look at bronze. */
export function initCommand({ force = false, print = false }: InitOptions): Promise<void> {
  const file = resolve('lingot.config.ts')
  if (!print) refuseExisting(file, force)
  return session({}, async ({ lingot, terminal }) => {
    const { text, matches } = await lingot.draft()
    if (print) return terminal.print(text.trimEnd())
    await writeOutput(file, text, { isNew: !force })
    if (!existsSync('README.md')) await writeOutput('README.md', README, { isNew: true })
    terminal.print(describeMatches(matches))
    terminal.print(
      `\n${basename(file)} says which collection and field is which. Look through it, then: ${asCalled('`lingot run`')}`,
    )
  })
}

function refuseExisting(file: string, force: boolean): void {
  const found = findConfigFile(resolve())
  if (found === undefined || (force && found === file)) return
  throw new LingotError(
    'config',
    `${basename(found)} is here already, and stays as it is.`,
    found === file
      ? 'See what it would say with `lingot init --print`, or replace it with `lingot init --force`.'
      : 'See what it would say with `lingot init --print`, or remove that file first.',
  )
}

/** Which collection is which, and how many of its fields were found. */
function describeMatches(matches: readonly CollectionMatch[]): string {
  const columns = ['contract', 'collection', 'fields found', 'not sure', 'left out', ''].map((title) => ({
    title,
    isNumber: false,
    widest: 60,
  }))
  const rows = matches.map(({ contract, source, doubt, fields, unnamed }) => {
    const sure = fields.filter(({ doubt }) => doubt === undefined).length
    const all = Object.keys(contract.fields).length
    const counts = [`${sure} of ${all}`, readable(fields.length - sure), readable(unnamed.length)]
    return [
      contract.collection,
      doubt === undefined ? source.name : `${source.name} (not sure)`,
      ...counts,
      describeLook(source),
    ]
  })
  return table(columns, rows)
}
