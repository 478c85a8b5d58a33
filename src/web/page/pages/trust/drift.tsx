import type { Trust } from '../../../api.ts'
import { useFormat } from '../../format.ts'
import { useWords } from '../../language.ts'
import { Empty } from '../../parts/states.tsx'
import { en, fr } from '../trust_words.ts'
import { type Grade, GradeMark } from './grade.tsx'
import { Section } from './section.tsx'

type Drift = NonNullable<Trust['silver']>['drift'][number]

/** What bronze does otherwise than at the run before. */
export function DriftSection({ silver }: { silver: Trust['silver'] }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const since = silver?.since ?? null
  return (
    <Section
      name="drift"
      title={words.driftTitle}
      note={silver === null || since === null ? words.driftNote : words.driftSince(format.time(since.started))}
    >
      {silver === null ? (
        <Empty>{words.noSilver}</Empty>
      ) : silver.drift.length === 0 ? (
        <p>
          <GradeMark
            of={since === null ? 'warn' : 'good'}
            word={since === null ? words.noRunBefore : words.nothingChanged}
          />
        </p>
      ) : (
        <ul class="drift">
          {silver.drift.map((drift) => (
            <li key={`${drift.collection}.${drift.field}.${drift.change}`}>
              <GradeMark of={gradeOf(drift)} />
              <span>
                <strong>{[drift.collection, drift.field].filter(Boolean).join('.')}</strong>{' '}
                {words.changes[drift.change] ?? drift.change}{' '}
                <span class="quiet">{words.driftDetail(drift.detail)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function gradeOf({ change }: Drift): Grade {
  if (change === 'gone') return 'bad'
  return change === 'missing less' || change === 'not in the contract' ? 'good' : 'warn'
}
