import type { ComponentChildren } from 'preact'
import { exploredAddress } from '../../addresses.ts'
import type { Catalogue, Explored, Subject } from '../../api.ts'
import { useAddress } from '../address.ts'
import { useResource } from '../data.ts'
import { useFormat } from '../format.ts'
import { useMessages, useWords } from '../language.ts'
import { PageFrame, PageHead } from '../parts/page_frame.tsx'
import { Empty, Loading, Trouble } from '../parts/states.tsx'
import '../style/explore.css'
import { Answer } from './explore/answer.tsx'
import { type Choice, choiceOf, fits, LIMITS, obstacle, parametersOf, selectionOf } from './explore/choice.ts'
import { kindsOf } from './explore/shape.ts'
import { useTitles } from './explore/titles.ts'
import { en, fr } from './explore_words.ts'

/** Measures by dimensions, without SQL. All that is asked stands in the address. */
export function Explore() {
  const messages = useMessages()
  const words = useWords({ en, fr })
  const { filters, query } = useAddress()
  const { data: catalogue, problem, retry } = useResource<Catalogue>('/api/explore')
  if (problem !== undefined || catalogue === undefined) {
    return (
      <>
        <PageHead page="explore" />
        {problem === undefined ? <Loading height={420} /> : <Trouble problem={problem} onRetry={retry} />}
      </>
    )
  }
  const choice = choiceOf(catalogue, query)
  if (choice === undefined) {
    return (
      <>
        <PageHead page="explore" />
        <Empty>{words.nothing}</Empty>
      </>
    )
  }
  const { subject } = choice
  return (
    <PageFrame<Explored>
      key={subject.name}
      page={subject.page}
      title={messages.pages.explore}
      about={messages.about.explore}
      address={exploredAddress(subject, selectionOf(choice), filters)}
      controls={<Controls catalogue={catalogue} choice={choice} />}
    >
      {(data) => <Answer data={data} catalogue={catalogue} subject={subject} />}
    </PageFrame>
  )
}

function useMeanings({ name: subject, measures, dimensions }: Subject): (name: string) => string | undefined {
  const words = useWords({ en, fr })
  return (name) => {
    const told = [...measures, ...dimensions].find((each) => each.name === name)
    return words.meanings[`${subject}.${name}`] ?? told?.meaning
  }
}

/** Chooses what is asked; what does not go with the rest cannot be chosen, and it is said why. */
function Controls({ catalogue, choice }: { catalogue: Catalogue; choice: Choice }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const { filters, query, change } = useAddress()
  const title = useTitles()
  const meaning = useMeanings(choice.subject)
  const { subject, measures, by, across, sort, limit } = choice
  const become = (next: Partial<Choice>) => {
    const whole = { ...choice, ...next }
    const sorts = [...whole.measures, ...whole.by]
    const isSorted = whole.sort !== undefined && sorts.includes(whole.sort.replace(/^-/, ''))
    // What is explained, and the order of the table, are of another answer.
    const other = { explain: undefined, of: undefined, why: undefined, 'order.explored': undefined }
    change({ ...parametersOf({ ...whole, sort: isSorted ? whole.sort : undefined }), ...other })
  }
  const measureNames = subject.measures.map(({ name }) => name)
  const dimensionNames = subject.dimensions.map(({ name }) => name)
  /** One place of several: what takes its place, or goes from it. */
  const placed = (all: readonly string[], at: number, name: string) =>
    name === '' ? all.filter((_, i) => i !== at) : all.toSpliced(at, 1, name)
  const asked = [...measures, ...by, ...(across === undefined ? [] : [across])]
  const isFree = (name: string, own: string | undefined) => name === own || !asked.includes(name)
  const offered = (names: readonly string[], own: string | undefined, then: (name: string) => Partial<Choice>) =>
    names.map((name) => ({ name, isOffered: isFree(name, own) && fits({ ...choice, ...then(name) }, filters) }))
  const kinds = kindsOf(choice)
  const chart = kinds.find((kind) => kind === query['chart']) ?? kinds[0]
  const places = (all: readonly string[], most: number) => [...all, ...(all.length < most ? [undefined] : [])]
  const isHeld = fits(choice, filters)
  const wrong = asked.find((name) => obstacle(choice, name, filters) !== undefined)
  const unfit = [...measureNames, ...dimensionNames].filter((name) => {
    if (!isHeld || !isFree(name, undefined)) return false
    const added = measureNames.includes(name) ? { measures: [...measures, name] } : { by: [...by, name] }
    return !fits({ ...choice, ...added }, filters)
  })
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as the filters are
    <div class="filters explore-controls" role="group" aria-label={words.controls}>
      <Pick
        label={words.subject}
        value={subject.name}
        options={catalogue.subjects.map(({ name }) => ({ name, text: words.subjects[name] }))}
        onPick={(name) =>
          change({
            ...{ measures: undefined, by: undefined, across: undefined, sort: undefined, chart: undefined },
            ...{ explain: undefined, of: undefined, why: undefined, 'order.explored': undefined },
            subject: name === 'sales' ? undefined : name,
          })
        }
      />
      {places(measures, 4).map((own, i) => (
        <Pick
          key={`measure ${i}`}
          label={i === 0 ? words.measure : words.otherMeasure(i + 1)}
          value={own ?? ''}
          {...(own !== undefined && { meaning: meaning(own) })}
          options={[
            ...(i === 0 && measures.length === 1 ? [] : [{ name: '', text: words.none }]),
            ...offered(measureNames, own, (name) => ({ measures: placed(measures, i, name) })).map((option) => ({
              ...option,
              text: title(option.name),
            })),
          ]}
          onPick={(name) => become({ measures: placed(measures, i, name) })}
        />
      ))}
      {places(by, 2).map((own, i) => (
        <Pick
          key={`by ${i}`}
          label={i === 0 ? words.rows : words.otherRows}
          value={own ?? ''}
          {...(own !== undefined && { meaning: meaning(own) })}
          options={[
            ...(i === 0 && by.length === 1 ? [] : [{ name: '', text: words.none }]),
            ...offered(dimensionNames, own, (name) => ({ by: placed(by, i, name) })).map((option) => ({
              ...option,
              text: title(option.name),
            })),
          ]}
          onPick={(name) => become({ by: placed(by, i, name) })}
        />
      ))}
      <Pick
        label={words.columns}
        value={across ?? ''}
        {...(across !== undefined && { meaning: meaning(across) })}
        options={[
          { name: '', text: words.none },
          ...offered(dimensionNames, across, (name) => ({ across: name })).map((option) => ({
            ...option,
            text: title(option.name),
          })),
        ]}
        onPick={(name) => become({ across: name === '' ? undefined : name })}
      />
      <Pick
        label={words.sort}
        value={sort ?? ''}
        options={[
          { name: '', text: words.usualSort },
          ...[...measures, ...by].flatMap((name) => [
            { name: `-${name}`, text: words.descending(title(name)) },
            { name, text: words.ascending(title(name)) },
          ]),
        ]}
        onPick={(name) => become({ sort: name === '' ? undefined : name })}
      />
      <Pick
        label={words.limit}
        value={String(limit)}
        options={LIMITS.map((each) => ({ name: String(each), text: format.integer(each) }))}
        onPick={(name) => become({ limit: Number(name) })}
      />
      <Pick
        label={words.chart}
        value={chart ?? 'table'}
        options={kinds.map((name) => ({ name, text: words.kinds[name] }))}
        onPick={(name) => change({ chart: name === kinds[0] ? undefined : name }, { replace: true })}
      />
      {!isHeld && wrong !== undefined && (
        <p class="warning">
          <Reason choice={choice} name={wrong} />
        </p>
      )}
      {unfit.length > 0 && (
        <details class="unfit">
          <summary>{words.unfit(unfit.length)}</summary>
          <ul>
            {unfit.map((name) => (
              <li key={name}>
                <Reason choice={choice} name={name} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

/** Why something cannot be asked with what is chosen. */
function Reason({ choice, name }: { choice: Choice; name: string }): ComponentChildren {
  const words = useWords({ en, fr })
  const { filters } = useAddress()
  const title = useTitles()
  const { subject } = choice
  const other = obstacle(choice, name, filters)
  if (other === undefined) return words.unfitNote(title(name), null)
  if (other === 'revenue') {
    const isGross = subject.measures.find((measure) => measure.name === name)?.isGross
    return isGross ? words.gross(title(name)) : words.unfitNote(title(name), title(other))
  }
  if (other === 'period') return words.timeless(title(name))
  const isCounted = [name, other].some((each) => /^(customers|orders|average_order_value)$/.test(each))
  if (subject.name === 'sales' && isCounted) return words.counted(title(name), title(other))
  return words.unfitNote(title(name), title(other))
}

interface Option {
  name: string
  text: string
  isOffered?: boolean
}

function Pick({
  label,
  value,
  meaning,
  options,
  onPick,
}: {
  label: string
  value: string
  meaning?: string | undefined
  options: readonly Option[]
  onPick: (name: string) => void
}) {
  return (
    <label title={meaning}>
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onPick(currentTarget.value)}>
        {options.map(({ name, text, isOffered = true }) => (
          <option key={name} value={name} disabled={!isOffered && name !== value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
