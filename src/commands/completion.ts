import { STDOUT, writeOutput } from '../system/output.ts'

export type Shell = 'bash' | 'zsh' | 'fish'

/** What of a command a shell completes; Commander's commands are such. */
interface Completed {
  name: () => string
  description: () => string
  commands: readonly Completed[]
  options: readonly { long?: string | undefined; description: string; argChoices?: readonly string[] | undefined }[]
  registeredArguments: readonly { argChoices?: readonly string[] | undefined }[]
}

/** Prints what has a shell complete commands, options and their choices. */
export async function completionCommand(shell: Shell, program: Completed): Promise<void> {
  const all = commandsBelow(program)
  await writeOutput(STDOUT, shell === 'fish' ? forFish(all) : shell === 'zsh' ? `${ZSH}${forBash(all)}` : forBash(all))
}

interface Path {
  /** Its name behind those above it, as in `export csv`. */
  path: string
  words: { word: string; description: string }[]
}

function commandsBelow(command: Completed, path = ''): Path[] {
  const words = [
    ...command.commands.map((one) => ({ word: one.name(), description: one.description() })),
    ...command.registeredArguments.flatMap(({ argChoices = [] }) =>
      argChoices.map((word) => ({ word, description: '' })),
    ),
    ...command.options.flatMap(({ long, description }) => (long === undefined ? [] : [{ word: long, description }])),
    ...(path === '' ? [] : [{ word: '--help', description: 'display help for command' }]),
  ]
  const below = command.commands.flatMap((one) =>
    commandsBelow(one, path === '' ? one.name() : `${path} ${one.name()}`),
  )
  return [{ path, words }, ...below]
}

/** zsh runs what is for bash. */
const ZSH = 'autoload -U +X bashcompinit && bashcompinit\n'

/** Names of commands and options hold nothing that a shell would take for its own. */
function forBash(all: readonly Path[]): string {
  const known = all.flatMap(({ path }) => (path === '' ? [] : [`'${path.includes(' ') ? '' : ' '}${path}'`]))
  const cases = all.map(
    ({ path, words }) =>
      `    '${path}') COMPREPLY=($(compgen -W '${words.map(({ word }) => word).join(' ')}' -- "$current")) ;;`,
  )
  return `_lingot() {
  local current=\${COMP_WORDS[COMP_CWORD]} path= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
      ${known.join(' | ')}) path=\${path:+$path }\${COMP_WORDS[i]} ;;
    esac
  done
  case $path in
${cases.join('\n')}
  esac
}
complete -o default -F _lingot lingot
`
}

function forFish(all: readonly Path[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const first = all[0]?.words.map(({ word }) => word).filter((word) => !word.startsWith('-')) ?? []
  const lines = all.flatMap(({ path, words }) => {
    const seen = path.split(' ').map((part) => `__fish_seen_subcommand_from ${part}`)
    const where = path === '' ? `not __fish_seen_subcommand_from ${first.join(' ')}` : seen.join('; and ')
    return words.map(({ word, description }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`
      return `complete -c lingot -n ${quoted(where)} ${what} -d ${quoted(description)}`
    })
  })
  return `${lines.join('\n')}\n`
}
