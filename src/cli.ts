#!/usr/bin/env node
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { describeFailure, failures } from './system/errors.ts'
import { calledAs } from './system/invocation.ts'
import { packageVersion } from './system/package.ts'
import { mask } from './system/secrets.ts'
import { printableLines } from './text/printable.ts'

const program = new Command('lingot')
  .description('Raw marketing data to answers: MongoDB bronze, cleaned and anonymised silver, PostgreSQL gold.')
  .version(packageVersion())
  .exitOverride()
  .configureHelp({ showGlobalOptions: false })
  .configureOutput({
    outputError: (text, write) => write(printableLines(mask(inOwnWords(text)))),
  })
  .showHelpAfterError('→ See what it takes with --help.')

const language = new Option(
  '--language <language>',
  'what it speaks; LINGOT_LANGUAGE, or English, if not given',
).choices(['en', 'fr'] as const)

program
  .command('start')
  .description('from nothing to the five answers: servers, sample data if bronze is empty, run, ask')
  .addOption(language)
  .addHelpText('after', example('start'))
  .action(async (options) => (await import('./commands/start.ts')).startCommand(options))

program
  .command('generate')
  .description('fill bronze with a sample shop')
  .option('--scale <factor>', 'times 5,000 customers, 15,000 transactions and 200 campaigns', positive, 1)
  .option('--seed <number>', 'the same seed gives the same data', whole, 42)
  .option('--force', 'replace a bronze that holds data')
  .option('--json', 'print counts as JSON')
  .addHelpText('after', example('generate --scale 10 --seed 7'))
  .action(async (options) => (await import('./commands/generate.ts')).generateCommand(options))

const layers = [
  ['process', 'bronze to silver: clean, anonymise, quarantine'],
  ['aggregate', 'silver to gold: the five tables and their reconciliation'],
  ['run', 'process, then aggregate'],
] as const
for (const [name, description] of layers) {
  const command = program
    .command(name)
    .description(description)
    .option('--json', 'print what was done as JSON')
    .option('--no-wait', 'leave at once if another run is under way')
    .option('--accept-shrink', 'let sources through, this once, that lost most of what they held')
    .option('--take-over', 'replace layers that were made of another bronze')
    .addOption(
      new Option('--engine <engine>', 'where it runs').choices(['local', 'spark'] as const).default('local' as const),
    )
    .option(
      '--master <url>',
      'of Spark: spark://host:7077, yarn, k8s://…, local[4]; what its settings say if not given',
    )
    .option('--conf <key=value>', 'of Spark; may be given several times', listed)
    .option('--jars <files>', 'of Spark; may be given several times', listed)
    .option('--packages <names>', 'of Spark; may be given several times', listed)
    .option('--dry-run [folder]', 'of Spark: write the job into a folder, to submit it yourself')
    .argument('[arguments...]', 'behind --: further arguments of spark-sql')
    .addHelpText(
      'after',
      `${example(`${name} --json`)}  $ ${calledAs()} ${name} --engine spark --master yarn -- --queue etl\n`,
    )
    .action(async (args, options) => (await import('./commands/run.ts')).layerCommand(name, options, args))
  if (name === 'aggregate') command.option('--only <model>', 'make the table of one model, beside the gold in place')
  if (name !== 'process') command.option('--prune', 'drop the gold tables of this shop that no model makes any more')
}

const every = new Option('--every <time>', 'from the start of one run to that of the next, as in 90s, 15m, 2h or 1d')
const cron = new Option('--cron <expression>', "at the times of a cron expression, in the shop's time zone")
const onChange = new Option('--on-change', 'when bronze changes, and once a day')
const health = new Option('--health <file>', 'where to write how it goes; .lingot/watch.json if not given')

program
  .command('watch')
  .description('keep gold up to date: runs whenever they are due, and alerts on what changes, until Ctrl-C')
  .addOption(every)
  .addOption(cron)
  .addOption(onChange)
  .addOption(health)
  .addHelpText('after', example('watch --every 15m'))
  .action(async (options) => (await import('./commands/watch.ts')).watchCommand(options))

program
  .command('ask')
  .description('answer the business questions from gold; all of them, or one')
  .argument('[question]', 'the number of a question, as in 1, or its name, as in best_customers')
  .option('--all', 'print every row, not the first 20 alone')
  .option('--json', 'print the answers as JSON')
  .option('--csv', 'print one answer as CSV')
  .option('--sql', 'print the query instead')
  .option('--as-of <when>', 'from gold as it was at the end of a day, at a time, or after a run')
  .addOption(language)
  .addHelpText('after', example('ask 1 --csv > best_customers.csv'))
  .action(async (question, options) => (await import('./commands/ask.ts')).askCommand(question, options))

program
  .command('init')
  .description('look at your bronze and write lingot.config.ts: which collection and field is which')
  .option('--force', 'replace an existing lingot.config.ts')
  .option('--print', 'print it instead')
  .option('--yes', 'take what is sure, and ask nothing')
  .addHelpText('after', example('init --yes'))
  .action(async (options) => (await import('./commands/init.ts')).initCommand(options))

program
  .command('new')
  .description('a model or a question of your own: writes a draft that works')
  .addArgument(new Argument('<what>', 'what it is').choices(['model', 'question'] as const))
  .argument('<name>', 'what it is called, as in sales_by_city')
  .addHelpText('after', example('new model sales_by_city'))
  .action(async (what, name) => (await import('./commands/new.ts')).newCommand(what, name))

program
  .command('docs')
  .description('write the data dictionary of this shop: what each field of silver and each column of gold means')
  .option('--output <file>', 'where to; - is standard output', 'data-dictionary.md')
  .addHelpText('after', example('docs'))
  .action(async (options) => (await import('./commands/docs.ts')).docsCommand(options))

program
  .command('report')
  .description('how far the numbers can be trusted: missing, invalid and repaired values, drift, revenue, checks')
  .option('--field <name>', 'a field in full, as in transactions.amount, or all fields of a collection')
  .option('--last <number>', 'runs in the history', atLeastOne, 4)
  .option('--html <file>', 'write the pages of the dashboard into one file that can be mailed; - is standard output')
  .option('--period <period>', 'of the HTML file: all, 12m, 2025, 2025-03 or 2025-01..2025-06')
  .option('--all', 'print every line, not one screen')
  .option('--json', 'print the report as JSON')
  .addHelpText('after', example('report --field transactions.amount'))
  .action(async (options) => (await import('./commands/report.ts')).reportCommand(options))

program
  .command('check')
  .description('the quality gates: build gold from silver and check it, without publishing')
  .option('--junit <file>', 'write the checks as JUnit XML; - is standard output')
  .option('--all', 'name every row at fault, not the first 5 of a check alone')
  .option('--json', 'print the checks as JSON')
  .addHelpText('after', example('check --junit checks.xml'))
  .action(async (options) => (await import('./commands/check.ts')).checkCommand(options))

program
  .command('quarantine')
  .description('which documents were kept out of silver, and why')
  .option('--collection <name>', 'those of one collection')
  .option('--reason <reason>', 'those of one reason, as in superseded')
  .option('--limit <number>', 'documents to list; 20 on a terminal, else all', whole)
  .option('--all', 'list every document')
  .option('--csv', 'print the documents as CSV')
  .option('--json', 'print counts and documents as JSON')
  .addHelpText('after', example('quarantine --collection customers --reason superseded'))
  .action(async (options) => (await import('./commands/quarantine.ts')).quarantineCommand(options))

program
  .command('explain')
  .description('a row of gold: its SQL, the silver records behind it, their bronze documents and what was repaired')
  .argument('<subject>', 'what the row is of: customer, product, campaign, month, country, or the name of a table')
  .argument('<key...>', 'which one: CUST12345, Laptop, CAMP123, 2025-03, France; each part of a key of several')
  .option('--limit <number>', 'records to list', whole, 10)
  .option('--all', 'list every record')
  .option('--sql', 'print the model that made the row')
  .option('--json', 'print all of it as JSON')
  .addHelpText('after', example('explain month 2025-03'))
  .action(async (subject, key, options) =>
    (await import('./commands/explain.ts')).explainCommand(subject, key.join(' / '), options),
  )

program
  .command('why')
  .description('why a number of gold is another than it was: the causes, which add up, and the documents behind each')
  .argument(
    '<subject>',
    'what the row is of: customer, product, campaign, month, country, question, or the name of a table',
  )
  .argument(
    '<key...>',
    'which one: CUST12345, Laptop, CAMP123, 2025-03, France; each part of a key of several; 4, or 4 2025-03 of a question',
  )
  .option('--column <name>', 'the number; the first amount that differs, if not given')
  .option('--since <run>', 'a run, or a day as 2026-06-30; the gold before the one in place, if not given')
  .option('--json', 'print all of it as JSON')
  .addHelpText('after', example('why month 2025-03'))
  .action(async (subject, key, options) =>
    (await import('./commands/why.ts')).whyCommand(subject, key.join(' / '), options),
  )

program
  .command('plan')
  .description('what a run would change in gold, and because of what, without writing to any server')
  .option('--fail-above <percent>', 'end with exit code 12 where the revenue of all sales moves by more', Number)
  .option('--markdown', 'print it as Markdown, for a pull request')
  .option('--json', 'print all of it as JSON')
  .addHelpText('after', example('plan --fail-above 1'))
  .action(async (options) => (await import('./commands/plan.ts')).planCommand(options))

program
  .command('mcp')
  .description('answer an assistant over standard input and output, by the Model Context Protocol')
  .addHelpText('after', example('mcp'))
  .action(async () => (await import('./commands/mcp.ts')).mcpCommand())

program
  .command('serve')
  .description('the dashboard: gold in a browser, until Ctrl-C')
  .option('--port <number>', 'the port to listen on; if not given, the first free one from 7007 up', portNumber)
  .option('--host <address>', 'the address to listen on', '127.0.0.1')
  .option('--allow-host <name>', 'a name that leads to it, as that of a proxy; can be repeated', hostNames)
  .option('--base-path <path>', 'what stands before every address behind a proxy, as in /shop', basePath)
  .option('--watch', 'keep gold up to date as `lingot watch` does, with its options')
  .addOption(every)
  .addOption(cron)
  .addOption(onChange)
  .addOption(health)
  .addHelpText('after', example('serve --port 8080'))
  .action(async (options) => (await import('./commands/serve.ts')).serveCommand(options))

const exporting = program
  .command('export')
  .description('silver and gold, and what is known of them, for other programs')
  .addHelpText('after', example('export parquet shop'))

for (const [format, description] of [
  ['parquet', 'every table as a Parquet file'],
  ['csv', 'every table as a CSV file'],
  ['duckdb', 'every table in one DuckDB database'],
] as const) {
  exporting
    .command(format)
    .description(`${description}, with a manifest`)
    .argument('<folder>', 'new, empty, or an earlier export')
    .option('--json', 'print the manifest')
    .addHelpText('after', example(`export ${format} shop`))
    .action(async (folder, options) =>
      (await import('./commands/export.ts')).exportTablesCommand(format, folder, options),
    )
}

for (const [as, description] of [
  ['odcs', 'silver and gold as Open Data Contract Standard 3.1'],
  ['dbt', 'gold as sources of a dbt project with their tests, and what reads it as exposures'],
] as const) {
  exporting
    .command(as)
    .description(description)
    .argument('<folder>', 'new, empty, or an earlier export')
    .addHelpText('after', example(`export ${as} ${as === 'dbt' ? 'models/lingot' : 'contracts'}`))
    .action(async (folder) => (await import('./commands/export.ts')).exportDescribedCommand(as, folder))
}

exporting
  .command('openlineage')
  .description('the runs that made silver and gold as events of OpenLineage, a line each')
  .argument('[file]', 'where to; - is standard output', '-')
  .addHelpText('after', example('export openlineage runs.ndjson'))
  .action(async (file) => (await import('./commands/export.ts')).exportLineageCommand(file))

program
  .command('grants')
  .description('print the statements that give Lingot the rights that it needs, and no others')
  .option('--mongodb', 'those for MongoDB alone, which mongosh runs')
  .option('--postgres', 'those for PostgreSQL alone, which psql runs')
  .option('--user <name>', 'the user to create; the reader of gold is called NAME_reader', roleName, 'lingot')
  .addHelpText('after', example('grants --mongodb > grants.js'))
  .action(async (options) => (await import('./commands/grants.ts')).grantsCommand(options))

program
  .command('privacy')
  .description('search silver, gold, output and logs for every email and phone number of bronze')
  .option('--json', 'print what was found as JSON')
  .addHelpText('after', example('privacy'))
  .action(async (options) => (await import('./commands/privacy.ts')).privacyCommand(options))

program
  .command('erase')
  .description('take a person out of silver and gold, and keep them out; their sales stay')
  .argument('<customer_id>', 'who, as in CUST12345')
  .option('--yes', 'do not ask')
  .option('--bronze', "remove the person's own documents from bronze too, and their id from their sales")
  .option('--accept-shrink', 'make gold anew also where sources lost most of what they held')
  .option('--json', 'print what was done as JSON')
  .option('--no-wait', 'leave at once if another run is under way')
  .addHelpText('after', example('erase CUST12345'))
  .action(async (customerId, options) => (await import('./commands/erase.ts')).eraseCommand(customerId, options))

program
  .command('up')
  .description('keep MongoDB and PostgreSQL running until Ctrl-C')
  .addHelpText('after', example('up'))
  .action(async () => (await import('./commands/servers.ts')).upCommand())

program
  .command('down')
  .description('end the servers that Lingot started; their data stays')
  .addHelpText('after', example('down'))
  .action(async () => (await import('./commands/servers.ts')).downCommand())

program
  .command('doctor')
  .description('say what was found where, and what to do about what is missing')
  .option('--json', 'print the findings as JSON')
  .addHelpText('after', example('doctor'))
  .action(async (options) => (await import('./commands/servers.ts')).doctorCommand(options))

const spark = program
  .command('spark')
  .description('a Spark cluster on this machine, to try the engine on')
  .addHelpText('after', example('spark setup'))

spark
  .command('setup')
  .description('install Spark where there is none, and start a master and two workers')
  .option('--json', 'print what runs where as JSON')
  .addHelpText('after', example('spark setup'))
  .action(async (options) => (await import('./commands/spark.ts')).sparkSetupCommand(options))

spark
  .command('down')
  .description('end the cluster that Lingot started; Spark stays installed')
  .option('--json', 'print what was ended as JSON')
  .addHelpText('after', example('spark down'))
  .action(async (options) => (await import('./commands/spark.ts')).sparkDownCommand(options))

program
  .command('completion')
  .description('print what has a shell complete commands and options')
  .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish'] as const))
  .addHelpText('after', example('completion bash >> ~/.bashrc'))
  .action(async (shell) => (await import('./commands/completion.ts')).completionCommand(shell, program))

for (const command of [...program.commands, ...exporting.commands, ...spark.commands]) command.exitOverride()

// Who reads the output has seen enough, as in `lingot ask | head -1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

// Node would print an error with all that is in it.
process.on('uncaughtException', (error) => {
  fail(error)
  process.exit()
})

try {
  await program.parseAsync()
} catch (error) {
  // Commander has said what is wrong; help and version are no failure.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else fail(error)
}

function fail(error: unknown): void {
  const { text, exitCode } = describeFailure(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = exitCode
  // What does not end by itself is not waited for.
  if (exitCode === failures.interrupted.exit) process.exit()
}

function example(command: string): string {
  return `\nExample:\n  $ ${calledAs()} ${command}\n`
}

/** What Commander says of a command line that cannot be followed, in the voice of the other messages. */
function inOwnWords(text: string): string {
  const voices: [said: RegExp, means: string][] = [
    [/^error: option '(?:-\w, )?(--[\w-]+).*?' argument '(.*)' is invalid\. /s, "$1 cannot be '$2'. "],
    [/^error: command-argument value '(.*)' is invalid for argument '(\w+)'\. /s, "The $2 cannot be '$1'. "],
    [/^error: option '(--[\w-]+) ([^']*)' argument missing/, '$1 wants a value: $1 $2.'],
    [/^error: missing required argument '(\w+)'/, 'The $1 is missing.'],
    [/^error: unknown command '(.*?)'(?=\n)/s, 'There is no command $1.'],
    [/^error: unknown option '(.*?)'(?=\n)/s, 'There is no option $1.'],
    [
      /^error: too many arguments(?: for '(\w+)')?\. Expected (\d+) arguments? but got (\d+)\.?/,
      'There are $3 arguments, of which $1 takes $2.',
    ],
  ]
  const [said, means] = voices.find(([said]) => said.test(text)) ?? [/^error: /, '']
  return text
    .replace(said, means)
    .replace(
      /Allowed choices are (.*)\.\n/,
      (_, choices: string) => `It must be ${choices.replace(/, ([^,]+)$/, ' or $1')}.\n`,
    )
    .replace(/\n\(Did you mean (.*)\?\)/, ' Did you mean $1?')
}

function listed(text: string, before: string[] = []): string[] {
  return [...before, text]
}

function hostNames(text: string, before: string[] = []): string[] {
  if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(text))
    throw new InvalidArgumentError('It must be a host name, without a port.')
  return listed(text, before)
}

function basePath(text: string): string {
  if (!/^(\/[\w.~-]+)+\/?$/.test(text)) throw new InvalidArgumentError('It must be a path such as /shop.')
  return text.replace(/\/$/, '')
}

function roleName(text: string): string {
  if (!/^[a-z_][a-z0-9_]{0,55}$/.test(text)) throw new InvalidArgumentError('It must be a lower-case SQL name.')
  return text
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

function portNumber(text: string): number {
  if (whole(text) > 65_535) throw new InvalidArgumentError('It must be a port, at most 65535; 0 takes any free one.')
  return Number(text)
}

function atLeastOne(text: string): number {
  if (!/[1-9]/.test(text)) throw new InvalidArgumentError('It must be at least 1.')
  return whole(text)
}

function positive(text: string): number {
  const number = Number(text)
  if (!(number > 0 && number <= 1_000_000))
    throw new InvalidArgumentError('It must be a number above 0, at most 1,000,000.')
  return number
}
