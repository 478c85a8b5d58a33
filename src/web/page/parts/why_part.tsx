import type { ExplainedValue, Explanation, Why } from '../../explanation.ts'
import { Chart } from '../charts/plot.tsx'
import { type WaterfallStep, waterfall } from '../charts/waterfall.ts'
import { useResource } from '../data.ts'
import { type Target, useOpening } from '../explain.ts'
import { written } from '../explained_value.ts'
import { useFormat } from '../format.ts'
import { useWords } from '../language.ts'
import { shownId } from '../pages/trust/shown_id.ts'
import { en, fr } from './explain_words.ts'
import { Part } from './part.tsx'
import { Loading, Trouble } from './states.tsx'

/** What a number was after the run before, and on demand why it is another one. */
export function WhyPart({
  data,
  target,
  main,
}: {
  data: Explanation
  target: Target
  main: ExplainedValue | undefined
}) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const { why, askWhy } = useOpening()
  const { before, canAskWhy, row } = data
  const column = main?.isNumber ? main.column : undefined
  const then = before !== null && column !== undefined ? before.row[column] : undefined
  const isOther = then !== undefined && then !== main?.value
  const others = row.filter(
    ({ column: name, value, isNumber }) =>
      isNumber && name !== column && before?.row[name] !== undefined && before.row[name] !== value,
  )
  const asked = why ?? ''
  return (
    <Part title={words.change} name="change">
      <p>
        {!canAskWhy
          ? words.noneBefore
          : before === null || main === undefined
            ? words.noHistory
            : isOther
              ? words.changed(
                  written(main.column, then, format),
                  written(main.column, main.value, format),
                  format.time(before.started),
                )
              : words.same(format.time(before.started))}
      </p>
      {asked === '' && others.length > 0 && (
        <ul>
          {others.map(({ column: name, value }) => (
            <li key={name}>
              {words.columns[name] ?? name} {written(name, before?.row[name] ?? null, format)} →{' '}
              {written(name, value, format)}
            </li>
          ))}
        </ul>
      )}
      {canAskWhy && asked === '' && (isOther || before === null || others.length > 0) && (
        <p>
          <button
            type="button"
            class="button"
            onClick={() => askWhy((isOther || before === null ? column : others[0]?.column) ?? '')}
          >
            {isOther ? words.whyChanged : words.whyRow}
          </button>
        </p>
      )}
      {asked !== '' && canAskWhy && <Causes target={target} column={asked} />}
    </Part>
  )
}

function Causes({ target: { subject, key }, column }: { target: Target; column: string }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const { data, problem, isLoading, retry } = useResource<Why>(
    `/api/why/${subject}/${encodeURIComponent(key)}?${new URLSearchParams({ column })}`,
  )
  if (problem !== undefined) return <Trouble problem={problem} onRetry={retry} />
  if (data === undefined || isLoading) return <Loading height={180} />
  const name = words.columns[data.column] ?? data.column
  const signed = (amount: string) => `${amount.startsWith('-') ? '' : '+'}${written(data.column, amount, format)}`
  const steps = stepsOf(data, words, signed)
  const most = {
    name: Math.max(...steps.map(({ name }) => name.length)),
    label: Math.max(...steps.map(({ label }) => label.length)),
  }
  return (
    <div class="causes" data-why={data.column}>
      <h4>{words.whyTitle(name)}</h4>
      <p class="number">
        {words.changed(
          written(data.column, data.before, format),
          written(data.column, data.after, format),
          format.time(data.since.started),
        )}
      </p>
      {data.causes.length === 0 ? (
        <p>{words.whyNone}</p>
      ) : (
        <>
          <Chart
            draw={(width) => waterfall(steps, width, most)}
            label={words.whyChart(name, data.causes.length)}
            of={[data, words]}
          />
          <div class="table-frame">
            <table>
              <thead>
                <tr>
                  <th scope="col">{words.cause}</th>
                  <th scope="col" class="number">
                    {words.amount}
                  </th>
                  <th scope="col">{words.records}</th>
                </tr>
              </thead>
              <tbody>
                {data.causes.map(({ cause, amount, count, documents, rules, fields }) => (
                  <tr key={cause}>
                    <td>
                      {words.causes[cause] ?? cause}
                      <small class="quiet">{words.causeMeanings[cause]}</small>
                    </td>
                    <td class="number">{signed(amount)}</td>
                    <td>
                      {[...(cause === 'corrected' ? fields : []), ...rules].join(', ')}
                      <ul>
                        {documents.map(({ _id, amount }, i) => (
                          <li key={i}>
                            <code>{_id === null ? words.nobody : shownId(_id)}</code>{' '}
                            {amount !== null && <span class="number">{signed(amount)}</span>}
                          </li>
                        ))}
                        {count > documents.length && <li>{words.andMore(format.integer(count - documents.length))}</li>}
                      </ul>
                    </td>
                  </tr>
                ))}
              </tbody>
              <tfoot>
                <tr class="sum">
                  <th scope="row">{words.difference}</th>
                  <td class="number">{signed(data.difference)}</td>
                  <td />
                </tr>
              </tfoot>
            </table>
          </div>
        </>
      )}
      {data.others.length > 0 && (
        <>
          <h4>{words.alsoChanged}</h4>
          <ul>
            {data.others.map(({ column: other, before, after }) => (
              <li key={other}>
                {words.columns[other] ?? other} {written(other, before, format)} → {written(other, after, format)}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

/** Each cause goes on where the one above it ends; the last bar is all of them. */
function stepsOf({ causes, difference }: Why, words: typeof en, signed: (amount: string) => string): WaterfallStep[] {
  let reached = 0
  const steps = causes.map(({ cause, amount }): WaterfallStep => {
    const from = reached
    reached += Number(amount)
    const name = words.causes[cause] ?? cause
    const label = signed(amount)
    return { name, from, to: reached, kind: Number(amount) < 0 ? 'taken' : 'left', label, text: `${name}\n${label}` }
  })
  const label = signed(difference)
  const whole = { name: words.difference, from: 0, to: Number(difference), kind: 'whole' as const }
  return [...steps, { ...whole, label, text: `${words.difference}\n${label}` }]
}
