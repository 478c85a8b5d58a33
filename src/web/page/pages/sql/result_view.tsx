import { ChartColumn, Download, Table2 } from 'lucide'
import { useMemo, useState } from 'preact/hooks'
import type { Result } from '../../../api.ts'
import { useAddress } from '../../address.ts'
import { download, textFile } from '../../charts/export.ts'
import { Chart } from '../../charts/plot.tsx'
import { kinds, type ResultChart, resultChart, usualChart } from '../../charts/result_chart.ts'
import { useStandingIn } from '../../choices.ts'
import { Refusal, requestFile } from '../../data.ts'
import { useFormat } from '../../format.ts'
import { useMessages, useWords } from '../../language.ts'
import { DataTable } from '../../parts/data_table.tsx'
import { Icon } from '../../parts/icon.tsx'
import { PictureTools } from '../../parts/picture_tools.tsx'
import { resultColumns } from '../../parts/result_columns.tsx'
import { Empty } from '../../parts/states.tsx'
import { asking } from '../../token.ts'
import { en, fr } from '../sql_words.ts'

/** What a statement gave: as a table, as a chart that the address keeps, as files. */
export function ResultView({ result, sql, name }: { result: Result; sql: string; name: string }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const { query, change } = useAddress()
  const columns = resultColumns(result)
  const names = columns.map(({ name }) => name)
  const numbers = columns.filter(({ isNumber }) => isNumber).map(({ name }) => name)
  const usual = useMemo(() => usualChart(result), [result])
  const isChart = query['chart'] !== undefined
  const chart = usual && chosenChart(query, usual, names, numbers)
  const standing = useStandingIn(chart?.series)
  const drawn =
    isChart && chart !== undefined
      ? { ...chart, draw: (width: number) => resultChart(result, chart, format, width, standing) }
      : undefined
  const choose = (chosen: ResultChart | undefined) =>
    change(
      { chart: chosen?.kind, x: chosen?.x, y: chosen?.y, series: chosen && (chosen.series ?? NO_SERIES) },
      { replace: true },
    )
  return (
    <section class="result" aria-label={words.result}>
      <div class="result-head">
        <p class="quiet" role="status">
          {words.rows(result.rows.length, format.integer(result.rows.length), result.isCut)}{' '}
          {words.took(format.decimal(result.seconds * 1000, 0))}
        </p>
        <div class="tools">
          {chart !== undefined && (
            <button
              type="button"
              class="tool"
              aria-pressed={isChart}
              onClick={() => choose(isChart ? undefined : chart)}
            >
              <Icon of={isChart ? Table2 : ChartColumn} />
              <span>{isChart ? messages.table : messages.chart}</span>
            </button>
          )}
          <ResultCsv result={result} sql={sql} name={name} />
          {drawn !== undefined && (
            <PictureTools
              title={name}
              name={name}
              range={words.statementOf}
              unit={words.measured(drawn.y, drawn.x)}
              draw={drawn.draw}
            />
          )}
        </div>
      </div>
      {result.rows.length === 0 ? (
        <Empty>{words.noRows}</Empty>
      ) : chart !== undefined && drawn !== undefined ? (
        <>
          <div class="filters">
            <Pick
              label={words.chartKind}
              value={chart.kind}
              values={kinds}
              write={(kind) => words.kinds[kind]}
              onPick={(kind) => choose({ ...chart, kind })}
            />
            <Pick label={words.across} value={chart.x} values={names} onPick={(x) => choose({ ...chart, x })} />
            <Pick label={words.up} value={chart.y} values={numbers} onPick={(y) => choose({ ...chart, y })} />
            <Pick
              label={words.series}
              value={chart.series ?? NO_SERIES}
              values={[NO_SERIES, ...names]}
              write={(name) => (name === NO_SERIES ? words.noSeries : name)}
              onPick={(series) => choose({ ...chart, series: series === NO_SERIES ? undefined : series })}
            />
          </div>
          <Chart
            draw={drawn.draw}
            label={words.chartLabel(chart.y, chart.x)}
            of={[result, standing, chart.kind, chart.x, chart.y, chart.series]}
          />
        </>
      ) : (
        <DataTable label={words.result} name="result" figure={result} columns={columns} />
      )}
    </section>
  )
}

/** Stands in the address for no column: without it a chart has the usual one. */
const NO_SERIES = '-'

/** What the address says of a chart; what it says of another result may name a column that this one lacks. */
function chosenChart(
  query: Readonly<Record<string, string>>,
  usual: ResultChart,
  names: readonly string[],
  numbers: readonly string[],
): ResultChart {
  const { x, y, series } = query
  return {
    kind: kinds.find((kind) => kind === query['chart']) ?? usual.kind,
    x: names.find((name) => name === x) ?? usual.x,
    y: numbers.find((name) => name === y) ?? usual.y,
    series: series === NO_SERIES ? undefined : (names.find((name) => name === series) ?? usual.series),
  }
}

/** All rows as CSV: of more than are shown the server writes a file. */
function ResultCsv({ result, sql, name }: { result: Result; sql: string; name: string }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const [isWriting, setIsWriting] = useState(false)
  const [trouble, setTrouble] = useState('')
  const contentOf = async () => {
    if (result.isCut) return requestFile('/api/csv/sql', asking({ sql }))
    const { csvOf } = await import('../../csv.ts')
    return textFile(csvOf(result), 'text/csv')
  }
  const save = async () => {
    setIsWriting(true)
    setTrouble('')
    try {
      download(`${name}.csv`, await contentOf())
    } catch (error) {
      // What ends on its way is told of by nobody.
      setTrouble(error instanceof Refusal ? messages.problem(error.problem).text : words.fileBroken)
    }
    setIsWriting(false)
  }
  return (
    <>
      <button type="button" class="tool" disabled={isWriting} onClick={save}>
        <Icon of={Download} />
        <span>{isWriting ? words.writing : result.isCut ? words.csvOfAll : 'CSV'}</span>
      </button>
      {trouble !== '' && (
        <p class="warning" role="alert">
          {trouble}
        </p>
      )}
    </>
  )
}

function Pick<T extends string>({
  label,
  value,
  values,
  write = (each) => each,
  onPick,
}: {
  label: string
  value: T
  values: readonly T[]
  write?: (value: T) => string
  onPick: (value: T) => void
}) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onPick(currentTarget.value as T)}>
        {values.map((each) => (
          <option key={each} value={each}>
            {write(each)}
          </option>
        ))}
      </select>
    </label>
  )
}
