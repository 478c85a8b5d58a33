import { ChartColumn, Download, Table2 } from 'lucide'
import { useMemo, useState } from 'preact/hooks'
import type { Result } from '../../../api.ts'
import { download, textFile } from '../../charts/export.ts'
import { Chart } from '../../charts/plot.tsx'
import { kinds, type ResultChart, resultChart, usualChart } from '../../charts/result_chart.ts'
import { useFormat } from '../../format.ts'
import { useMessages, useWords } from '../../language.ts'
import { DataTable } from '../../parts/data_table.tsx'
import { Icon } from '../../parts/icon.tsx'
import { PictureTools } from '../../parts/picture_tools.tsx'
import { resultColumns } from '../../parts/result_columns.tsx'
import { Empty } from '../../parts/states.tsx'
import { en, fr } from '../sql_words.ts'

/** What a statement gave: as a table, as a chart, as files. */
export function ResultView({ result, name }: { result: Result; name: string }) {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const format = useFormat()
  const [isChart, setIsChart] = useState(false)
  const usual = useMemo(() => usualChart(result), [result])
  const [chosen, setChosen] = useState<Partial<ResultChart>>({})
  const names = result.columns.map(({ name }) => name)
  // What was chosen for another result may name a column that this one lacks.
  const chart = usual && {
    ...usual,
    ...Object.fromEntries(Object.entries(chosen).filter(([key, value]) => key === 'kind' || names.includes(value))),
  }
  const columns = resultColumns(result)
  const saveCsv = async () => {
    const { csvOf } = await import('../../csv.ts')
    download(`${name}.csv`, textFile(csvOf(result), 'text/csv'))
  }
  return (
    <section class="result" aria-label={words.result}>
      <div class="result-head">
        <p class="quiet" role="status">
          {words.rows(result.rows.length, format.integer(result.rows.length), result.isCut)}{' '}
          {words.took(format.decimal(result.seconds * 1000, 0))}
        </p>
        <div class="tools">
          {chart !== undefined && (
            <button type="button" class="tool" aria-pressed={isChart} onClick={() => setIsChart(!isChart)}>
              <Icon of={isChart ? Table2 : ChartColumn} />
              <span>{isChart ? messages.table : messages.chart}</span>
            </button>
          )}
          <button type="button" class="tool" onClick={saveCsv}>
            <Icon of={Download} />
            <span>CSV</span>
          </button>
          {isChart && chart !== undefined && (
            <PictureTools
              title={name}
              name={name}
              range={words.statementOf}
              unit={words.measured(chart.y, chart.x)}
              draw={(width) => resultChart(result, chart, format, width)}
            />
          )}
        </div>
      </div>
      {result.rows.length === 0 ? (
        <Empty>{words.noRows}</Empty>
      ) : isChart && chart !== undefined ? (
        <>
          <div class="filters">
            <Pick
              label={words.chartKind}
              value={chart.kind}
              values={kinds}
              write={(kind) => words.kinds[kind]}
              onPick={(kind) => setChosen({ ...chosen, kind })}
            />
            <Pick label={words.across} value={chart.x} values={names} onPick={(x) => setChosen({ ...chosen, x })} />
            <Pick
              label={words.up}
              value={chart.y}
              values={columns.filter(({ isNumber }) => isNumber).map(({ name }) => name)}
              onPick={(y) => setChosen({ ...chosen, y })}
            />
          </div>
          <Chart
            draw={(width) => resultChart(result, chart, format, width)}
            label={words.chartLabel(chart.y, chart.x)}
            of={[result, chart.kind, chart.x, chart.y]}
          />
        </>
      ) : (
        <DataTable label={words.result} name="result" figure={result} columns={columns} />
      )}
    </section>
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
