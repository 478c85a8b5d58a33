import { LingotError } from '../system/errors.ts'
import { counted, inJson, printable, readable, shorten, style, table } from '../text/terminal.ts'
import type { Move, Plan, PlannedAnswer } from '../trust/why/plan_schema.ts'
import { session } from './session.ts'

export interface PlanOptions {
  /** Percent. */
  failAbove?: number
  markdown?: boolean
  json?: boolean
}

/** `lingot plan`: what a run would change. */
export function planCommand({ failAbove, markdown = false, json = false }: PlanOptions): Promise<void> {
  if (failAbove !== undefined && !(failAbove >= 0)) {
    throw new LingotError('usage', '--fail-above takes a number of percent.', 'Write it as in --fail-above 0.5.')
  }
  if (markdown && json) throw new LingotError('usage', 'There is one output at a time.', 'Choose --markdown or --json.')
  return session({ json: json || markdown, gold: 'read' }, async ({ lingot, terminal }) => {
    const plan = await lingot.plan()
    terminal.print(json ? inJson(plan, 2) : markdown ? inMarkdown(plan) : describePlan(plan))
    if (failAbove === undefined || plan.moved <= failAbove) return
    throw new LingotError(
      'moved',
      `The revenue of all sales would move by ${plan.moved.toFixed(2)} %, and ${failAbove} % is allowed.`,
      'Look at its causes above; where it is right, allow more.',
    )
  })
}

/** What would change, as people read it on a terminal. */
export function describePlan(plan: Plan): string {
  const parts = partsOf(plan)
  return parts
    .map(({ title, lines, rows }) =>
      [style('bold', title), ...lines.map((line) => `  ${line}`), ...(rows.length > 1 ? [tableOf(rows)] : [])].join(
        '\n',
      ),
    )
    .join('\n\n')
}

/** The same, for a pull request. */
export function inMarkdown(plan: Plan): string {
  return partsOf(plan)
    .map(({ title, lines, rows }) => {
      const [head = [], ...body] = rows
      const cells = (row: readonly string[]) =>
        `| ${row.map((cell) => cell.replace(/([|\\`*_<>])/g, '\\$1')).join(' | ')} |`
      const drawn = rows.length > 1 ? [cells(head), `|${' --- |'.repeat(head.length)}`, ...body.map(cells), ''] : []
      return [`### ${title}`, '', ...lines.map((line) => `- ${line}`), '', ...drawn].join('\n')
    })
    .join('\n')
}

interface Part {
  title: string
  lines: string[]
  /** A head and what stands below it. */
  rows: string[][]
}

function partsOf({ changes, rules, models, answers, tables, checks }: Plan): Part[] {
  const changed = Object.entries(changes).flatMap(([collection, counts]) => {
    const all = Object.entries(counts).map(([cause, count]) => `${readable(count)} ${cause}`)
    return all.length === 0 ? [] : [`${collection}: ${all.join(', ')}`]
  })
  const others = [
    ...Object.entries(rules).map(([collection, of]) => `${collection}: ${of.join(', ')}`),
    ...models.map((name) => `model ${name}`),
  ]
  const moved = tables.filter(({ rows }) => rows.new + rows.changed + rows.gone > 0)
  const same = tables.length - moved.length
  return [
    { title: 'Records of silver', lines: changed.length > 0 ? changed : ['none would change'], rows: [] },
    ...(others.length > 0 ? [{ title: 'Made otherwise than the layers in place', lines: others, rows: [] }] : []),
    { title: 'Answers', lines: answers.map(describeAnswer), rows: [] },
    {
      title: 'Tables',
      lines: same > 0 ? [`${counted(same, 'table')} would stay as ${same === 1 ? 'it is' : 'they are'}`] : [],
      rows: [
        ['table', 'new', 'changed', 'gone', 'moves most', 'by', 'because of'],
        ...moved.flatMap(({ table, rows, moves }) => {
          const counts = [readable(rows.new), readable(rows.changed), readable(rows.gone)]
          const [first, ...more] = moves.map(describeMove)
          return [[table, ...counts, ...(first ?? ['', '', ''])], ...more.map((move) => ['', '', '', '', ...move])]
        }),
      ],
    },
    {
      title: 'Checks',
      lines: [
        `${readable(checks.all - checks.failed.length)} of ${readable(checks.all)} would pass`,
        ...checks.failed.map(({ subject, name, severity, detail }) =>
          printable(`${severity}: ${subject}: ${name}: ${detail}`),
        ),
      ],
      rows: [],
    },
  ]
}

function describeAnswer({ number, title, isChanged, before, after, failure }: PlannedAnswer): string {
  if (failure !== undefined) return `${number}. ${title} ${failure}`
  if (!isChanged) return `${number}. ${title} The same.`
  const others = after.filter((row, i) => JSON.stringify(row) !== JSON.stringify(before[i])).length
  return `${number}. ${title} ${counted(others || before.length - after.length, 'row')} of ${after.length} would differ.`
}

function describeMove({ row, column, before, after, causes }: Move): string[] {
  const shown = (value: string | null) => (value === null ? 'none' : readable(value))
  const because = causes.map(({ cause, amount }) => `${cause} ${amount.startsWith('-') ? '' : '+'}${readable(amount)}`)
  return [`${shorten(printable(row), 32)} ${column}`, `${shown(before)} → ${shown(after)}`, because.join(', ')]
}

function tableOf([head = [], ...rows]: readonly string[][]): string {
  const titles = head.map((title) => ({ title, isNumber: ['new', 'changed', 'gone'].includes(title) }))
  return table(titles, rows)
}
