import { spawn } from 'node:child_process'
import { type Failure, failures, LingotError } from './errors.ts'
import { mask } from './secrets.ts'

/** A command of Lingot's in a process of its own. */
export interface Launched {
  pid: number | undefined
  /** Has it stop, as SIGTERM does. */
  stop: () => void
  ended: Promise<Ending>
}

/** How it ended, and the last of what it said on standard error. */
export interface Ending {
  exitCode: number | null
  said: string
}

/** What a failed command says fits into so many characters. */
const LONGEST = 10_000

/** What starts Lingot as this process was started: a program and its arguments. */
export function ownCommand(): string[] {
  const [program = ''] = process.argv.slice(1)
  return [process.execPath, ...process.execArgv, program]
}

/** A process in a group of its own: Ctrl-C, which goes to the whole group of a terminal, does not end it halfway. */
export function launch(
  [program = '', ...args]: readonly string[],
  onSaid: (text: string) => void = () => undefined,
): Launched {
  const child = spawn(program, args, { detached: true, windowsHide: true, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-LONGEST)
    onSaid(text)
  })
  const ended = new Promise<Ending>((resolve) => {
    child.on('error', (error) => resolve({ exitCode: failures.bug.exit, said: error.message }))
    child.on('close', (exitCode) => resolve({ exitCode, said }))
  })
  return { pid: child.pid, stop: () => child.kill('SIGTERM'), ended }
}

/** What a command said that failed: the last line that stands alone, with those that are indented beneath it. */
export function failureOf({ exitCode, said }: Ending): LingotError {
  const kinds = Object.entries(failures) as [Failure, { exit: number }][]
  const [kind] = kinds.find(([, { exit }]) => exit === exitCode) ?? (['bug'] as const)
  const [before = '', next] = mask(said).trim().split('\n→ ')
  const lines = before.split('\n')
  const message = lines
    .slice(
      Math.max(
        lines.findLastIndex((line) => !line.startsWith(' ')),
        0,
      ),
    )
    .join('\n')
  return new LingotError(kind, message === '' ? 'The run ended without a word.' : message, next)
}
