import { dirname, relative, resolve } from 'node:path'
import { loadConfig } from '../settings/config.ts'
import { LingotError } from '../system/errors.ts'
import { STDOUT, writeOutput } from '../system/output.ts'
import { openTerminal } from '../text/terminal.ts'
import { dataDictionary } from '../trust/dictionary.ts'

const PREFACE =
  'Made by `lingot docs` from `lingot.config.ts` and the models; made anew by the same command. [What each number means](page:numbers) gives the reasons.'

/** `lingot docs`: the data dictionary of this shop. */
export async function docsCommand({ output }: { output: string }): Promise<void> {
  const config = await loadConfig()
  const text = await dataDictionary(config, {
    preface: PREFACE,
    sql: ({ file, isOwn }) => (isOwn ? relative(dirname(resolve(output)), file) : undefined),
  })
  if (output !== STDOUT) await refuseAnother(output)
  if ((await writeOutput(output, text)) === 'file') {
    const terminal = await openTerminal({})
    terminal.print(`${output} says what each field of silver and each column of gold means.`)
  }
}

/** What somebody wrote themselves is not replaced. */
async function refuseAnother(file: string): Promise<void> {
  const { readFile } = await import('node:fs/promises')
  const text = await readFile(file, 'utf8').catch(() => '')
  if (text === '' || text.includes('Made by `lingot docs`')) return
  throw new LingotError(
    'usage',
    `${file} is not of \`lingot docs\`, and stays as it is.`,
    'Name another file: --output.',
  )
}
