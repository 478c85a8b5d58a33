/** What `--help` says of a command. */
interface Help {
  usage: string
  description: string
  arguments: [term: string, means: string][]
  options: [term: string, means: string][]
  commands: [term: string, means: string][]
  examples: string
}

/** What `docs/options.md` says: every command and option, as `--help` tells them. */
export async function options(help: (path: readonly string[]) => Promise<string>): Promise<string> {
  const pages = await pagesOf([], help)
  return `${[INTRODUCTION, ...pages].join('\n\n')}\n`
}

async function pagesOf(path: readonly string[], help: (path: readonly string[]) => Promise<string>): Promise<string[]> {
  const read = readHelp(await help(path))
  const names = read.commands.map(([term]) => term.split(' ')[0] ?? '').filter((name) => name !== 'help')
  const below = await Promise.all(names.map((name) => pagesOf([...path, name], help)))
  return [...(path.length === 0 || names.length > 0 ? [] : [page(path, read)]), ...below.flat()]
}

function page(path: readonly string[], { usage, description, arguments: given, options, examples }: Help): string {
  const rows = [...given.map(([term, means]) => [`<${term}>`, means] as const), ...options]
    .filter(([term]) => term !== '-h, --help')
    .map(([term, means]) => `| \`${term}\` | ${means.replaceAll('|', '\\|')} |`)
  const table = rows.length === 0 ? [] : [['| | |', '| --- | --- |', ...rows].join('\n')]
  const example = `\`\`\`sh\n${examples}\n\`\`\``
  return [`## ${path.join(' ')}`, `\`${usage}\``, `${capital(description)}.`, ...table, example].join('\n\n')
}

/** Reads what Commander wrote within 80 columns. */
function readHelp(text: string): Help {
  const parts = text.trim().split('\n\n')
  const unwrapped = (lines: string) => lines.replaceAll(/\n */g, ' ')
  const list = (title: string) => {
    const [, ...lines] = (parts.find((part) => part.startsWith(`${title}:\n`)) ?? '').split('\n')
    const entries: [string, string][] = []
    for (const line of lines) {
      const [, term, means = ''] = /^ {2}(\S.*?)(?: {2,}(.*))?$/.exec(line) ?? []
      const last = entries.at(-1)
      if (term !== undefined) entries.push([term, means])
      else if (last !== undefined) last[1] = `${last[1]} ${line.trim()}`.trim()
    }
    return entries
  }
  const [usage = '', description = ''] = parts
  const [, examples = ''] = /^Example:\n(.*)$/ms.exec(text.trim()) ?? []
  return {
    usage: unwrapped(usage.replace('Usage: ', '')),
    description: unwrapped(description),
    arguments: list('Arguments'),
    options: list('Options'),
    commands: list('Commands'),
    examples: examples.replaceAll(/^ {2}\$ /gm, ''),
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const INTRODUCTION = `# Every command and option

Made by \`npm run docs\` from the command line itself, where \`--help\` tells the same. [Commands](commands.md) tells what they do, and the exit codes.`
