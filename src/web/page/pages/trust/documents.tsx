import type { Trust } from '../../../api.ts'
import { useFormat } from '../../format.ts'
import { useWords } from '../../language.ts'
import { CsvTool } from '../../parts/file_tools.tsx'
import { Empty } from '../../parts/states.tsx'
import { en, fr } from '../trust_words.ts'
import { GradeMark } from './grade.tsx'
import { Section } from './section.tsx'
import { sheetOf } from './sheet.ts'
import { shownId } from './shown_id.ts'

type Silver = NonNullable<Trust['silver']>
type Collection = Silver['collections'][number]

const parts = ['silver', 'duplicates', 'quarantined', 'erased', 'leftOut'] as const

/** Where each document of bronze went. */
export function DocumentsSection({ silver }: { silver: Trust['silver'] }) {
  const words = useWords({ en, fr })
  const title = words.documentsTitle
  const sheet = () =>
    sheetOf(
      ['collection', 'bronze', ...parts, 'duplicate revenue', 'no id', 'superseded', 'shared ids', 'adds up'],
      ['bronze', ...parts, 'duplicate revenue', 'no id', 'superseded', 'shared ids'],
      (silver?.collections ?? []).map((of) => [
        of.collection,
        of.bronze,
        ...parts.map((part) => of[part]),
        of.duplicateRevenue,
        of.reasons['no id'] ?? 0,
        of.reasons['superseded'] ?? 0,
        of.sharedIds,
        of.addsUp,
      ]),
    )
  return (
    <Section
      name="documents"
      title={title}
      note={words.documentsNote}
      tools={silver && <CsvTool name="documents" title={title} sheet={sheet} />}
    >
      {silver === null ? (
        <Empty>{words.noSilver}</Empty>
      ) : (
        <ul class="collections">
          {silver.collections.map((collection) => (
            <Sum key={collection.collection} of={collection} />
          ))}
        </ul>
      )}
    </Section>
  )
}

function Sum({ of }: { of: Collection }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const { collection } = of
  const reasons = Object.entries(of.reasons).filter(([, count]) => count > 0)
  return (
    <li data-collection={collection}>
      <h3>
        {collection} <GradeMark of={of.addsUp ? 'good' : 'bad'} word={of.addsUp ? words.addsUp : words.doesNotAddUp} />
      </h3>
      <dl class="sum">
        {(['bronze', ...parts] as const).map((part, i) => (
          <div key={part} class={part}>
            <dt>
              <span class={`swatch ${part}`} />
              {words.parts[part]}
            </dt>
            <dd class="number">
              {i > 0 && <span class="sign">{i > 1 ? '+' : of.addsUp ? '=' : '≠'}</span>}
              {format.integer(of[part])}
            </dd>
          </div>
        ))}
      </dl>
      <div class="proportion" aria-hidden="true">
        {parts.map((part) => of[part] > 0 && <span key={part} class={part} style={{ flexGrow: of[part] }} />)}
      </div>
      <ul class="findings">
        {of.documents && (
          <li>
            <strong class="number">{format.integer(of.documents.all)}</strong>{' '}
            {words.holdElements(format.integer(of.documents.empty), of.documents.empty)}
          </li>
        )}
        {reasons.map(([reason, count]) => (
          <li key={reason}>
            <strong class="number">{format.integer(count)}</strong> {words.quarantine[reason] ?? reason}
            <span class="how">
              <code>
                lingot quarantine --collection {collection} --reason {reason.includes(' ') ? `"${reason}"` : reason}
              </code>
            </span>
          </li>
        ))}
        {of.duplicateRevenue !== null && of.duplicates > 0 && (
          <li>
            <strong class="number">{format.integer(of.duplicates)}</strong>{' '}
            {words.insertedTwice(format.money(of.duplicateRevenue))}
          </li>
        )}
        {of.sharedIds > 0 && (
          <li>
            <strong class="number">{format.integer(of.sharedIds)}</strong> {words.sharedIds(collection)}
          </li>
        )}
        {of.suspicious.map(({ field, what, count, examples, detail }) => (
          <li key={`${field} ${what}`}>
            <GradeMark of="warn" word={words.suspicious} /> <strong class="number">{format.integer(count)}</strong>{' '}
            {field && <code>{field}</code>} {words.suspicions[what] ?? what}
            {detail === undefined ? (
              <>
                . <span class="quiet">{words.suspiciousStay}</span>
              </>
            ) : (
              <>
                : <span lang="en">{detail}</span>
              </>
            )}
            {examples.length > 0 && (
              <span class="how">
                {examples.map((id, i) => (
                  <code key={i}>{shownId(id)}</code>
                ))}
              </span>
            )}
          </li>
        ))}
        {reasons.length === 0 && of.duplicates === 0 && of.sharedIds === 0 && of.suspicious.length === 0 && (
          <li class="quiet">{words.nothingOdd}</li>
        )}
      </ul>
    </li>
  )
}
