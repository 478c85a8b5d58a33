import type { Step } from '../src/system/steps.ts'
import type { DashboardLoad } from './dashboard.ts'
import { median } from './measure.ts'
import type { Kept, Memory } from './memory.ts'
import type { Workers } from './workers.ts'

/** What a run of the benchmark gave. */
export interface Results {
  day: string
  machine: { cores: number; cpu: string; memoryGb: number; versions: string[] }
  command: string
  scales: Scale[]
  /** A real shop with 68,509 products, in its own names. */
  grocer?: Omit<Scale, 'scale'>
  workers?: Workers
}

/** Everything measured at one size. */
export interface Scale {
  /** Times the brief. */
  scale: number
  rounds: number
  documents: number
  contenders: Record<string, { seconds: number[]; memory: Record<string, number>[]; cpu: Record<string, number>[] }>
  /** Of `lingot run`, by round. */
  steps: Step[][]
  dashboard?: DashboardLoad
  memory?: Memory
  /** `lingot run --engine spark`, once. */
  spark?: { seconds: number; cores: number; steps: Step[] }
}

/** The results as Markdown: first the ratios that count, then every median. */
export function describe(results: Results): string {
  const { machine, scales } = results
  return [
    '# Benchmarks',
    '',
    `Measured ${results.day} by \`${results.command}\`, which writes this page. ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, all servers on the same machine; ${machine.versions.filter(Boolean).join(', ')}.`,
    '',
    'Every contender is a whole process, its start included, but for the floors, which are what a server needs by itself. In each round all of them run in turn on the same bronze; figures are medians over the rounds. The peers are [scripts](../bench/peers) as a Python user would write them; they do less: no wrong types, no duplicates, no quarantine, no report, no checks, no swap.',
    '',
    '## Ratios',
    '',
    ...table(['what', 'is', 'aim'], ratios(results)),
    '',
    REASONS,
    '',
    ...scales.flatMap((scale) => [
      `## ${scale.documents.toLocaleString('en')} documents (${scale.scale} × 20,200), ${scale.rounds} rounds`,
      '',
      ...describeScale(scale),
      '',
    ]),
    ...describeGrocer(results),
    ...describeWorkers(results),
    ...describeSpark(results),
  ].join('\n')
}

/** Why what is missed is missed, as profiles of the same commands on the same machine tell it. */
const REASONS = `## What is missed, and why

- **pandas and arrow against \`lingot run\` at 20 and 67 times, \`lingot process\` against \`$out\`.** Until all is cleaned Node’s main thread is busy without a pause: of 17 CPU seconds at 67 times 6 are rules, 6 reading and writing BSON, 2 giving rows to DuckDB, 1.4 the fingerprints that \`why\` needs. Meanwhile MongoDB takes half of the other core, and at the end it builds the index on the ids of transactions, some 3.4 s a million. Then Node waits a quarter of the run for DuckDB, which makes 17 tables: of customers, days, months and products, and of how each is counted once. Workers take more than they give back where MongoDB needs half of the second core; a third one would help.
- **pandas / \`lingot run\` at 20,200 documents.** Nothing is warm: it takes 0.4 s until the first document is asked for, then all code runs for the first time, and DuckDB plans 17 models and some 180 checks, which takes 0.7 s of whatever few rows.
- **The grocer.** A pass of 10 to 12 µs a line, as above, is half of the run; a tenth is \`product_activity\`, which tells in 764,355 rows who bought each of 68,509 products in any period; a tenth is comparing 1.2 million rows with those in place. pandas makes five tables, and none of these.
- **Peak memory.** DuckDB’s 128 MB, the code of Node and DuckDB, and what is on its way between them: more with every field that is read.
- **The dashboard beside a run.** The run takes both cores; what the slowest requests wait for beside that has not been looked at.`

function ratios(results: Results): string[][] {
  const { scales, grocer } = results
  const beside = scales.filter(({ contenders }) => contenders['pandas'] !== undefined)
  const main = beside.at(-1) ?? scales.at(-2)
  const large = scales.find((scale) => main !== undefined && scale.scale > main.scale)
  const rows: string[][] = []
  const add = (what: string, ratio: number | undefined, aim: string, unit = ' ×') => {
    if (ratio !== undefined && Number.isFinite(ratio)) rows.push([what, `${ratio.toFixed(2)}${unit}`, aim])
  }
  const time = (scale: Pick<Scale, 'contenders'> | undefined, name: string) => median(scale?.contenders[name]?.seconds)
  const over = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : a / b
  const at = ({ scale }: Scale) => (scale === 1 ? '20,200 documents' : `${scale} times 20,200 documents`)
  if (main !== undefined) {
    add(
      `\`lingot process\` / \`$out\` at ${at(main)}`,
      over(time(main, 'lingot process'), time(main, 'floor: $out')),
      '≤ 2, better 1.5',
    )
    add(
      `arrow + duckdb / \`lingot run\` at ${at(main)}`,
      over(time(main, 'arrow + duckdb'), time(main, 'lingot run')),
      '≥ 1.8, better 2.5',
    )
  }
  for (const scale of beside) {
    const aim = AIMS[scale.scale] ?? '≥ 5, better 6'
    add(`pandas / \`lingot run\` at ${at(scale)}`, over(time(scale, 'pandas'), time(scale, 'lingot run')), aim)
  }
  if (grocer !== undefined) {
    const ratio = over(time(grocer, 'pandas'), time(grocer, 'lingot run'))
    add(`pandas / \`lingot run\` at a grocer with 68,509 products`, ratio, '≥ 3, better 5')
  }
  if (main !== undefined) {
    const cpu = median(main.contenders['lingot run']?.cpu.flatMap(({ process }) => process ?? []))
    add(`CPU seconds of Node in \`lingot run\` at ${at(main)}`, cpu, '≤ 12, better 9', ' s')
  }
  if (main !== undefined)
    add(`peak memory of \`lingot run\` at ${at(main)}`, peak(main, 'lingot run', 'process'), '≤ 450 MB', ' MB')
  if (main?.dashboard !== undefined) {
    const { rate, percentiles } = main.dashboard
    const what = `p99 of the overview's data at ${rate} requests a second during \`lingot run\` at ${at(main)}`
    add(what, percentiles[99], '< 100 ms', ' ms')
  }
  if (main !== undefined && large !== undefined) {
    add(`peak memory of \`lingot run\` at ${at(large)}`, peak(large, 'lingot run', 'process'), '≤ 450 MB', ' MB')
    const memory = over(peak(large, 'lingot run', 'process'), peak(main, 'lingot run', 'process'))
    add(`peak memory at ${at(large)} / at ${at(main)}`, memory, '≤ 1.15')
    const perDocument = (scale: Scale) => over(time(scale, 'lingot run'), scale.documents)
    add(`time per document at ${at(large)} / at ${at(main)}`, over(perDocument(large), perDocument(main)), '≤ 1.15')
  }
  const spark = costsOfSpark(results)
  if (spark !== undefined) {
    add(
      'core-seconds per million documents on Spark / of the local engine',
      spark.slope / spark.local,
      '≤ 1.5, better 1.2',
    )
    spark.overheads.slice(0, 2).forEach(({ scale, seconds }, i) => {
      add(`overhead of Spark at ${at(scale)}`, seconds, i === 0 ? '≤ 25 s' : '≤ 30 s', ' s')
    })
  }
  return rows
}

/** By scale; for all others one. */
const AIMS: Readonly<Record<number, string>> = { 1: '≥ 2.2, better 3', 20: '≥ 4.5, better 6' }

/** What Spark takes by the document, in core-seconds a million, beside the local engine, and what beyond that. */
interface CostsOfSpark {
  slope: number
  local: number
  /** At each size: the whole time less what the documents take. */
  overheads: { scale: Scale; seconds: number }[]
}

/** Of the two largest sizes the difference tells the slope: what does not grow with documents is in both. */
function costsOfSpark({ machine, scales }: Results): CostsOfSpark | undefined {
  const all = scales.flatMap((scale) => {
    const local = median(scale.contenders['lingot run']?.seconds)
    return scale.spark === undefined || local === undefined ? [] : [{ scale, spark: scale.spark, local }]
  })
  const [less, more] = all.slice(-2)
  if (less === undefined || more === undefined) return undefined
  const { cores } = more.spark
  const millions = (more.scale.documents - less.scale.documents) / 1e6
  const slope = ((more.spark.seconds - less.spark.seconds) * cores) / millions
  return {
    slope,
    local: ((more.local - less.local) * machine.cores) / millions,
    overheads: all.map(({ scale, spark }) => {
      return { scale, seconds: spark.seconds - (slope * scale.documents) / 1e6 / cores }
    }),
  }
}

function describeScale(scale: Omit<Scale, 'scale'>): string[] {
  const run = median(scale.contenders['lingot run']?.seconds) ?? Number.NaN
  const memory = (name: string, process: string) => {
    const most = peak(scale, name, process)
    return most === undefined ? '' : String(most)
  }
  const rows = Object.entries(scale.contenders).map(([name, { seconds, cpu }]) => {
    const middle = median(seconds) ?? Number.NaN
    const range = `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`
    return [
      name,
      middle.toFixed(2),
      range,
      (middle / run).toFixed(2),
      median(cpu.flatMap(({ process }) => process ?? []))?.toFixed(1) ?? '',
      ...['process', 'mongod', 'postgres'].map((process) => memory(name, process)),
    ]
  })
  return [
    ...table(['contender', 'seconds', 'range', 'to `lingot run`', 'CPU s', 'peak MB', 'mongod', 'postgres'], rows),
    '',
    ...(scale.dashboard === undefined ? [] : [describeDashboard(scale.dashboard), '']),
    'Where the time of `lingot run` goes (steps overlap):',
    '',
    ...table(['step', 'from second', 'seconds', '% of the run'], describeSteps(scale, run)),
    ...(scale.memory === undefined ? [] : ['', ...describeMemory(scale.memory)]),
  ]
}

function describeMemory({ fingerprints, changes, history }: Memory): string[] {
  const row = (what: string, { bytes, records }: Kept) => [
    what,
    records.toLocaleString('en'),
    (bytes / 1e6).toFixed(2),
    records === 0 ? '' : Math.round(bytes / records).toString(),
  ]
  return [
    `What is remembered after a run that met one sale in a hundred fewer; gold's history takes ${(history.empty / 1e6).toFixed(2)} MB before it:`,
    '',
    ...table(
      ['what', 'records', 'MB', 'bytes a record'],
      [
        row('fingerprints of all records', fingerprints),
        row('records that changed', changes),
        row('rows of gold that were replaced', history),
      ],
    ),
  ]
}

function describeGrocer({ grocer }: Results): string[] {
  if (grocer === undefined) return []
  return [
    `## A grocer: ${grocer.documents.toLocaleString('en')} documents, ${grocer.rounds} rounds`,
    '',
    'The Complete Journey: two years of a real grocer, 1,469,307 lines of 68,509 products, read in its own names by a [configuration file](../bench/peers/grocer.json), which the script of pandas reads, too.',
    '',
    ...describeScale(grocer),
    '',
  ]
}

function describeWorkers({ workers }: Results): string[] {
  if (workers === undefined) return []
  const { measured, computed, rounds } = workers
  const rows = measured.map(({ workers, seconds, cpu }) => [String(workers), seconds.toFixed(2), cpu?.toFixed(1) ?? ''])
  return [
    `## Workers, ${rounds} rounds`,
    '',
    '**Measured** on this machine, at the size where the dashboard was measured, with MongoDB held to one of its cores:',
    '',
    ...table(['workers', 'seconds', 'CPU s of Node'], rows),
    '',
    '**Computed**, not measured: a run without workers, its cleaning divided by workers that have a core each. What MongoDB takes and what the parts cost is left out, so it will be more:',
    '',
    ...table(
      ['workers', 'seconds'],
      computed.map(({ workers, seconds }) => [String(workers), seconds.toFixed(2)]),
    ),
    '',
  ]
}

/** What Spark costs: by the document, and whatever the documents. */
function describeSpark(results: Results): string[] {
  const costs = costsOfSpark(results)
  if (costs === undefined) return []
  const { slope, local, overheads } = costs
  const [less, more] = overheads.slice(-2).map(({ scale }) => scale.documents.toLocaleString('en'))
  const text =
    '`lingot run --engine spark` on a standalone cluster of this machine, workers of one core, which MongoDB and PostgreSQL share with it; one run each. ' +
    `What a million documents take is the difference between ${less} and ${more} documents, in wall time times cores, on both engines; the overhead is what a run takes beyond its documents: the start of Spark, its statements, a Node process for each task.`
  const rows = overheads.map(({ scale, seconds }) => {
    const localSeconds = median(scale.contenders['lingot run']?.seconds) ?? Number.NaN
    const whole = scale.spark?.seconds ?? Number.NaN
    return [scale.documents.toLocaleString('en'), whole.toFixed(1), seconds.toFixed(1), localSeconds.toFixed(1)]
  })
  return [
    '## Spark',
    '',
    text,
    '',
    ...table(
      ['core-seconds per million documents', 'is'],
      [
        ['on Spark', slope.toFixed(1)],
        ['of the local engine', local.toFixed(1)],
        ['Spark / local', (slope / local).toFixed(2)],
      ],
    ),
    '',
    ...table(['documents', 'seconds on Spark', 'overhead', 'seconds of the local engine'], rows),
    '',
    ...overheads
      .slice(1)
      .flatMap(({ scale }) => [
        `The steps at ${scale.documents.toLocaleString('en')} documents:`,
        '',
        ...describeSparkSteps(scale.spark?.steps ?? []),
        '',
      ]),
  ]
}

function describeSparkSteps(steps: readonly Step[]): string[] {
  const first = Math.min(...steps.map(({ from }) => from))
  const rows = [...steps]
    .sort((a, b) => a.from - b.from)
    .map(({ step, from, seconds }) => [step, (from - first).toFixed(1), seconds.toFixed(1)])
  return table(['step', 'from second', 'seconds'], rows)
}

function describeDashboard({ rate, requests, failures, percentiles }: DashboardLoad): string {
  const times = Object.entries(percentiles).map(([percent, ms]) => `${percent} % within ${ms.toFixed(1)} ms`)
  return `The dashboard meanwhile: \`lingot serve\` was asked for the overview's data ${rate} times a second while one more \`lingot run\` went on: ${requests.toLocaleString('en')} requests, ${failures} failed, ${times.join(', ')}. A request counts from when it was due.`
}

function describeSteps({ steps }: Pick<Scale, 'steps'>, run: number): string[][] {
  const names = [...new Set(steps.flatMap((round) => round.map(({ step }) => step)))]
  const of = (name: string, what: 'from' | 'seconds') =>
    median(steps.flatMap((round) => round.filter(({ step }) => step === name).map((step) => step[what]))) ?? 0
  return names
    .map((name) => ({ name, from: of(name, 'from'), seconds: of(name, 'seconds') }))
    .sort((a, b) => a.from - b.from)
    .map(({ name, from, seconds }) => [name, from.toFixed(2), seconds.toFixed(2), ((seconds / run) * 100).toFixed(0)])
}

/** The median of the peaks, in MB. */
function peak(scale: Pick<Scale, 'contenders'>, name: string, process: string): number | undefined {
  return median(scale.contenders[name]?.memory.flatMap((memory) => memory[process] ?? []))
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)]
}
