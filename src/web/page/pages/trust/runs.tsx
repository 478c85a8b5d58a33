import type { Trust } from '../../../api.ts'
import { Chart } from '../../charts/plot.tsx'
import { runsChart } from '../../charts/runs_chart.ts'
import { UNKNOWN, useFormat } from '../../format.ts'
import { useMessages, useWords } from '../../language.ts'
import { TableFrame } from '../../parts/data_table.tsx'
import { CsvTool } from '../../parts/file_tools.tsx'
import { Empty } from '../../parts/states.tsx'
import { en, fr } from '../trust_words.ts'
import { GradeMark } from './grade.tsx'
import { Section } from './section.tsx'
import { sheetOf } from './sheet.ts'

type Run = Trust['runs'][number]

const grades = { succeeded: 'good', interrupted: 'warn', failed: 'bad' } as const

/** The last runs: how long they took and what came of them. */
export function RunsSection({ runs }: { runs: readonly Run[] }) {
  const words = useWords({ en, fr })
  const messages = useMessages()
  const format = useFormat()
  const points = runs.toReversed().map((run) => ({
    id: run.id,
    seconds: run.seconds,
    hasSucceeded: run.outcome === 'succeeded',
    when: clock(run.started, format.locale),
    text: [
      format.time(run.started),
      `lingot ${run.command}`,
      `${format.seconds(run.seconds)}, ${words.outcomes[run.outcome]}`,
    ].join('\n'),
  }))
  const sheet = () =>
    sheetOf(
      ['run', 'command', 'started', 'seconds', 'outcome', 'documents', 'revenue', 'checks passed', 'checks', 'failure'],
      ['seconds', 'documents', 'revenue', 'checks passed', 'checks'],
      runs.map((run) => [
        run.id,
        run.command,
        run.started,
        run.seconds,
        run.outcome,
        run.documents,
        run.revenue,
        run.checks?.passed ?? null,
        run.checks?.all ?? null,
        run.failure?.message ?? null,
      ]),
    )
  const columns = [
    { name: 'started', title: words.started },
    { name: 'command', title: words.command },
    { name: 'outcome', title: words.outcome },
    { name: 'seconds', title: words.duration, isNumber: true },
    { name: 'documents', title: words.documents, isNumber: true },
    { name: 'revenue', title: messages.revenue, isNumber: true },
    { name: 'checks', title: words.checks, isNumber: true },
  ]
  return (
    <Section
      name="runs"
      title={words.runsTitle}
      note={words.runsNote(runs.length)}
      tools={<CsvTool name="runs" title={words.runsTitle} sheet={sheet} />}
    >
      {runs.length === 0 ? (
        <Empty>{words.noRun}</Empty>
      ) : (
        <>
          <Chart
            draw={(width) => runsChart(points, format, width)}
            label={messages.chartOf(words.runsTitle, runs.length)}
            of={[runs, words]}
          />
          <div class="runs">
            <TableFrame label={words.runsTitle} columns={columns}>
              {runs.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </TableFrame>
          </div>
        </>
      )}
    </Section>
  )
}

function RunRow({ run }: { run: Run }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  return (
    <tr data-run={run.id}>
      <td class="when" title={run.id}>
        {format.time(run.started)}
      </td>
      <td>{run.command}</td>
      <td>
        <GradeMark of={grades[run.outcome]} word={words.outcomes[run.outcome]} />
        {run.failure !== null && (
          <details>
            <summary>{words.why}</summary>
            <pre lang="en">{run.failure.message}</pre>
          </details>
        )}
      </td>
      <td class="number">{format.seconds(run.seconds)}</td>
      <td class="number">{format.integer(run.documents)}</td>
      <td class="number">{format.money(run.revenue)}</td>
      <td class="number">
        {run.checks === null ? UNKNOWN : `${format.integer(run.checks.passed)} / ${format.integer(run.checks.all)}`}
      </td>
    </tr>
  )
}

function clock(time: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(
    new Date(time),
  )
}
