import type { Marks, Page } from '../../../api.ts'
import { useAddress } from '../../address.ts'
import type { ChartMarks } from '../../charts/marks_over.ts'
import { useFormat } from '../../format.ts'
import { useMessages } from '../../language.ts'
import { useMarks } from '../../marks.ts'
import { Trouble } from '../../parts/states.tsx'

/** What revenue and orders over time are held against, and the list of it. */
export interface MarksShown {
  of: (measure: 'revenue' | 'orders') => ChartMarks
  /** What else decides what is drawn. */
  key: unknown
}

const DAY = 86_400_000

/** Goals are of the whole shop: where the page is narrowed, what happened is shown alone. */
export function useMarksShown(data: Page): MarksShown {
  const marks = useMarks().data
  const { filters } = useAddress()
  const isWhole = filters.country === undefined && filters.product === undefined && filters.kept === undefined
  return {
    key: marks,
    of: (measure) => ({
      goals: goalsShown(marks, data, isWhole).flatMap((goal) =>
        goal.measure === measure ? { value: goal.value, from: firstOf(goal.from), to: lastOf(goal.to) } : [],
      ),
      spans: measure === 'revenue' ? spansOf(marks) : [],
    }),
  }
}

function goalsShown(marks: Marks | undefined, { period }: Page, isWhole: boolean): Marks['goals'] {
  return isWhole ? (marks?.goals.filter(({ by }) => by === period.grain) ?? []) : []
}

function spansOf(marks: Marks | undefined): ChartMarks['spans'] {
  const { events = [], notes = [] } = marks ?? {}
  return [
    ...events.map(({ from, to }) => ({ from: new Date(from), to: new Date(Date.parse(to) + DAY), isBand: true })),
    ...notes.map(({ month }) => ({ from: firstOf(month), to: new Date(Number(lastOf(month)) + 1), isBand: false })),
  ].map((span, i) => ({ ...span, number: i + 1 }))
}

const firstOf = (month: string | null) => new Date(month === null ? 0 : `${month}-01`)

/** The last moment of a month; where there is none, of all time. */
function lastOf(month: string | null): Date {
  const [year = 9000, number = 1] = (month ?? '9000-01').split('-').map(Number)
  return new Date(Date.UTC(year, number, 1) - 1)
}

/** Beneath the chart: what its lines, bands and numbers are. */
export function MarksList({ data }: { data: Page }) {
  const messages = useMessages()
  const format = useFormat()
  const { filters } = useAddress()
  const { data: marks, problem } = useMarks()
  if (problem !== undefined && problem.kind === 'config') return <Trouble problem={problem} />
  if (marks === undefined) return null
  const isWhole = filters.country === undefined && filters.product === undefined && filters.kept === undefined
  const goals = goalsShown(marks, data, isWhole)
  const said = [
    ...marks.events.map(({ name, from, to }) => `${format.span(from, to)}: ${name}`),
    ...marks.notes.map(({ month, text }) => `${format.month(month)}: ${text}`),
  ]
  if (goals.length + said.length === 0) return null
  return (
    <ul class="marks" aria-label={messages.marks}>
      {goals.map(({ name, measure, value, from, to }) => (
        <li key={`goal ${name} ${from} ${to}`}>
          <span class="goal-mark" aria-hidden="true" />
          <span>
            {messages.goal(
              name,
              `${messages[measure]} ${(measure === 'revenue' ? format.money : format.integer)(value)}`,
            )}
          </span>
        </li>
      ))}
      {said.map((text, i) => (
        <li key={text}>
          <span class="mark-number">{i + 1}</span>
          <span>{text}</span>
        </li>
      ))}
    </ul>
  )
}
