import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { beginModel, beginQuestion } from '../init/beginnings.ts'
import { loadConfig } from '../settings/config.ts'
import { findConfigFile } from '../settings/loader.ts'
import { LingotError } from '../system/errors.ts'
import { asCalled } from '../system/invocation.ts'
import { writeOutput } from '../system/output.ts'
import { openTerminal } from '../text/terminal.ts'

/** `lingot new model NAME` and `lingot new question NAME`: a draft that works as it is written. */
export async function newCommand(what: 'model' | 'question', name: string): Promise<void> {
  if (findConfigFile(resolve()) === undefined) {
    throw new LingotError(
      'config',
      `There is no lingot.config.ts in ${resolve()}, beside which models and questions lie.`,
      'Write it with `lingot init`, or go to the folder where it is.',
    )
  }
  const config = await loadConfig()
  const files = what === 'model' ? beginModel(name, config) : beginQuestion(name, config)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(resolve(file)), { recursive: true })
    await writeOutput(file, text, { isNew: true })
  }
  const next = what === 'model' ? `lingot aggregate --only ${name}` : `lingot ask ${name}`
  const terminal = await openTerminal({})
  terminal.print(`${Object.keys(files).join(' and ')}: a draft that works. Change it, then: ${asCalled(`\`${next}\``)}`)
}
