import type { Answers, Figure } from '../../api.ts'
import { resultChart, usualChart } from '../charts/result_chart.ts'
import { useStandingIn } from '../choices.ts'
import { isReport } from '../data.ts'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import { Card } from './card.tsx'
import { FigureCard } from './figure_card.tsx'
import { resultColumns } from './result_columns.tsx'
import { Reason } from './states.tsx'
import { TableCard } from './table_card.tsx'

/** The answer to a question of the shop's own: a chart of it, where it has a number, with the table behind it. */
export function OwnAnswer({ answer }: { answer: Answers['answers'][number] }) {
  const messages = useMessages()
  const format = useFormat()
  const { name, title, note, columns, rows, sql, reads, csv, problem } = answer
  const chart = usualChart(answer)
  const standing = useStandingIn(chart?.series)
  if (problem !== null) {
    const { text, next } = messages.problem(problem)
    return (
      <Card title={title} note={note || undefined} wide>
        <div data-figure={name}>
          <Reason text={text} next={next} />
        </div>
      </Card>
    )
  }
  const figure: Figure = { columns, rows, sql, csv, reads }
  const about = [note, messages.ownAnswerNote].filter((text) => text !== '').join(' ')
  const card = { title, name, figure, note: about, columns: resultColumns(figure), wide: true }
  if (chart === undefined) return <TableCard {...card} />
  return (
    <FigureCard
      {...card}
      note={csv === null ? about : `${about} ${messages.firstRows(format.integer(rows.length), isReport)}`}
      of={[standing]}
      unit={chart.y}
      range={messages.periods.all}
      label={messages.chartOf(title, rows.length)}
      draw={(width) => resultChart(figure, chart, format, width, standing)}
    />
  )
}
