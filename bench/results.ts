import type { Step } from '../src/system/steps.ts'
import type { DashboardLoad } from './dashboard.ts'

/** What a run of the benchmark gave. */
export interface Results {
  day: string
  machine: { cores: number; cpu: string; memoryGb: number; versions: string[] }
  command: string
  scales: Scale[]
}

/** Everything measured at one size. */
export interface Scale {
  /** Times the brief. */
  scale: number
  rounds: number
  documents: number
  contenders: Record<string, { seconds: number[]; memory: Record<string, number>[] }>
  /** Of `lingot run`, by round. */
  steps: Step[][]
  dashboard?: DashboardLoad
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
    ...table(['what', 'is', 'aim'], ratios(scales)),
    '',
    ...scales.flatMap((scale) => [...describeScale(scale), '']),
    ...describeSpark(scales),
  ].join('\n')
}

function ratios(scales: readonly Scale[]): string[][] {
  const [small, main, large] = scales
  const rows: string[][] = []
  const add = (what: string, ratio: number | undefined, aim: string, unit = ' ×') => {
    if (ratio !== undefined && Number.isFinite(ratio)) rows.push([what, `${ratio.toFixed(2)}${unit}`, aim])
  }
  const time = (scale: Scale | undefined, name: string) => median(scale?.contenders[name]?.seconds)
  const over = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : a / b
  const at = ({ scale }: Scale) => (scale === 1 ? '20,200 documents' : `${scale} times 20,200 documents`)
  if (main !== undefined) {
    add(
      `\`lingot process\` / \`$out\` at ${at(main)}`,
      over(time(main, 'lingot process'), time(main, 'floor: $out')),
      '≤ 3, better 2',
    )
    add(`pandas / \`lingot run\` at ${at(main)}`, over(time(main, 'pandas'), time(main, 'lingot run')), '≥ 4')
    add(
      `arrow + duckdb / \`lingot run\` at ${at(main)}`,
      over(time(main, 'arrow + duckdb'), time(main, 'lingot run')),
      '> 1',
    )
  }
  if (small !== undefined) {
    add(`pandas / \`lingot run\` at ${at(small)}`, over(time(small, 'pandas'), time(small, 'lingot run')), '≥ 2')
  }
  if (main !== undefined)
    add(`peak memory of \`lingot run\` at ${at(main)}`, peak(main, 'lingot run', 'process'), '≤ 450 MB', ' MB')
  if (main?.dashboard !== undefined) {
    const { rate, percentiles } = main.dashboard
    const what = `p99 of the overview's data at ${rate} requests a second during \`lingot run\` at ${at(main)}`
    add(what, percentiles[99], '< 100 ms', ' ms')
  }
  if (main !== undefined && large !== undefined) {
    const memory = over(peak(large, 'lingot run', 'process'), peak(main, 'lingot run', 'process'))
    add(`peak memory at ${at(large)} / at ${at(main)}`, memory, '≤ 1.15')
    const perDocument = (scale: Scale) => over(time(scale, 'lingot run'), scale.documents)
    add(`time per document at ${at(large)} / at ${at(main)}`, over(perDocument(large), perDocument(main)), '≤ 1.15')
  }
  return rows
}

function describeScale(scale: Scale): string[] {
  const run = median(scale.contenders['lingot run']?.seconds) ?? Number.NaN
  const memory = (name: string, process: string) => {
    const most = peak(scale, name, process)
    return most === undefined ? '' : String(most)
  }
  const rows = Object.entries(scale.contenders).map(([name, { seconds }]) => {
    const middle = median(seconds) ?? Number.NaN
    const range = `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`
    return [
      name,
      middle.toFixed(2),
      range,
      (middle / run).toFixed(2),
      ...['process', 'mongod', 'postgres'].map((process) => memory(name, process)),
    ]
  })
  return [
    `## ${scale.documents.toLocaleString('en')} documents (${scale.scale} × 20,200), ${scale.rounds} rounds`,
    '',
    ...table(['contender', 'seconds', 'range', 'to `lingot run`', 'peak MB', 'mongod', 'postgres'], rows),
    '',
    ...(scale.dashboard === undefined ? [] : [describeDashboard(scale.dashboard), '']),
    'Where the time of `lingot run` goes (steps overlap):',
    '',
    ...table(['step', 'from second', 'seconds', '% of the run'], describeSteps(scale, run)),
  ]
}

/** What Spark costs: its start, seen where there is little to do, and the rest. */
function describeSpark(scales: readonly Scale[]): string[] {
  const [small, main] = scales
  if (small?.spark === undefined || main?.spark === undefined) return []
  const { seconds, cores, steps } = main.spark
  const [start, local] = [small.spark.seconds, median(main.contenders['lingot run']?.seconds) ?? Number.NaN]
  const perMillion = ((seconds - start) * cores * 1e6) / (main.documents - small.documents)
  const first = Math.min(...steps.map(({ from }) => from))
  const text =
    `\`lingot run --engine spark\` on a standalone cluster of this machine, ${cores} workers of one core, which MongoDB and PostgreSQL share with it; one run each. ` +
    `What ${small.documents.toLocaleString('en')} documents take is the overhead of a job: the start of Spark, some sixty statements, a Node process for each task.`
  const rows = [
    ['the whole run', seconds.toFixed(1)],
    ['overhead: the same run at 20,200 documents', start.toFixed(1)],
    ['beyond the overhead, core-seconds per million documents', perMillion.toFixed(1)],
    ['the local engine, the whole run', local.toFixed(1)],
    ['Spark / local', (seconds / local).toFixed(2)],
    [
      'cores from which Spark would be faster, if it scaled without loss',
      coresToWin(seconds - start, cores, start, local),
    ],
  ]
  return [
    `## Spark at ${main.documents.toLocaleString('en')} documents (${main.scale} × 20,200)`,
    '',
    text,
    '',
    ...table(['what', 'seconds'], rows),
    '',
    ...table(
      ['step', 'from second', 'seconds'],
      [...steps]
        .sort((a, b) => a.from - b.from)
        .map(({ step, from, seconds }) => [step, (from - first).toFixed(1), seconds.toFixed(1)]),
    ),
    '',
  ]
}

function coresToWin(work: number, cores: number, overhead: number, local: number): string {
  return local <= overhead
    ? 'none: its overhead alone takes longer'
    : String(Math.ceil((work * cores) / (local - overhead)))
}

function describeDashboard({ rate, requests, failures, percentiles }: DashboardLoad): string {
  const times = Object.entries(percentiles).map(([percent, ms]) => `${percent} % within ${ms.toFixed(1)} ms`)
  return `The dashboard meanwhile: \`lingot serve\` was asked for the overview's data ${rate} times a second while one more \`lingot run\` went on: ${requests.toLocaleString('en')} requests, ${failures} failed, ${times.join(', ')}. A request counts from when it was due.`
}

function describeSteps({ steps }: Scale, run: number): string[][] {
  const names = [...new Set(steps.flatMap((round) => round.map(({ step }) => step)))]
  const of = (name: string, what: 'from' | 'seconds') =>
    median(steps.flatMap((round) => round.filter(({ step }) => step === name).map((step) => step[what]))) ?? 0
  return names
    .map((name) => ({ name, from: of(name, 'from'), seconds: of(name, 'seconds') }))
    .sort((a, b) => a.from - b.from)
    .map(({ name, from, seconds }) => [name, from.toFixed(2), seconds.toFixed(2), ((seconds / run) * 100).toFixed(0)])
}

export function median(values: readonly number[] = []): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return undefined
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}

/** The median of the peaks, in MB. */
function peak(scale: Scale, name: string, process: string): number | undefined {
  return median(scale.contenders[name]?.memory.flatMap((memory) => memory[process] ?? []))
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)]
}
