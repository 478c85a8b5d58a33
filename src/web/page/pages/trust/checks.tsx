import type { Trust } from '../../../api.ts'
import { UNKNOWN, useFormat } from '../../format.ts'
import { useWords } from '../../language.ts'
import { CsvTool } from '../../parts/file_tools.tsx'
import { Empty } from '../../parts/states.tsx'
import { en, fr } from '../trust_words.ts'
import { GradeMark } from './grade.tsx'
import { Section } from './section.tsx'
import { sheetOf } from './sheet.ts'

type Check = NonNullable<Trust['checks']>['results'][number]

/** The promises that the tables have to keep; those that are broken come first. */
export function ChecksSection({ checks, gold }: { checks: Trust['checks']; gold: Trust['gold'] }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  if (checks === null) {
    return (
      <Section name="checks" title={words.checksTitle} note={words.checksNote}>
        <Empty>{words.noChecks}</Empty>
      </Section>
    )
  }
  const { results, run } = checks
  const failed = results
    .filter(({ passed }) => !passed)
    .toSorted((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
  const isHeld = failed.some(({ severity }) => severity === 'error')
  const subjects = [...new Set(results.map(({ subject }) => subject))]
  const sheet = () =>
    sheetOf(
      ['subject', 'check', 'severity', 'passed', 'detail'],
      [],
      [...failed, ...results.filter(({ passed }) => passed)].map((check) => [
        check.subject,
        check.name,
        check.severity,
        check.passed,
        check.detail,
      ]),
    )
  return (
    <Section
      name="checks"
      title={words.checksTitle}
      note={`${words.checksOf(format.time(run.started))} ${words.checksNote}`}
      tools={<CsvTool name="checks" title={words.checksTitle} sheet={sheet} />}
    >
      {isHeld && (
        <p class="held" role="alert">
          <GradeMark
            of="bad"
            word={gold === null ? words.goldHeldBack : words.oldGoldKept(format.time(gold.run.started))}
          />
        </p>
      )}
      {failed.length > 0 && (
        <ul class="failed">
          {failed.map((check) => (
            <Failed key={`${check.subject} ${check.name}`} check={check} />
          ))}
        </ul>
      )}
      <ul class="subjects">
        {subjects.map((subject) => {
          const own = results.filter((check) => check.subject === subject)
          const passed = own.filter((check) => check.passed)
          return (
            <li key={subject}>
              <details>
                <summary>
                  <span class="subject">{subject}</span>
                  <GradeMark
                    of={
                      passed.length === own.length
                        ? 'good'
                        : own.some((c) => !c.passed && c.severity === 'error')
                          ? 'bad'
                          : 'warn'
                    }
                    word={words.passedOf(format.integer(passed.length), format.integer(own.length))}
                  />
                </summary>
                <ul>
                  {passed.map((check) => {
                    const { lang, word, detail } = tell(check, words)
                    return (
                      <li key={check.name} lang={lang}>
                        {word(check.name)}
                        {detail !== '' && (
                          <span>
                            {lang === 'en' ? ': ' : `${words.colon} `}
                            {detail}
                          </span>
                        )}
                        {check.severity === 'warn' && <span class="quiet"> ({words.severities.warn})</span>}
                      </li>
                    )
                  })}
                </ul>
              </details>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}

/** What watches how gold changes is told in the language of the page, other checks in that of their SQL. */
function tell({ name, detail }: Check, { guards, guardDetail }: typeof en) {
  const isGuard = name === 'settled months' || name === 'unusual days'
  return {
    lang: isGuard ? undefined : 'en',
    word: (text: string) => (isGuard ? (guards[text] ?? text) : text),
    detail: isGuard ? guardDetail(detail) : detail,
  }
}

function Failed({ check }: { check: Check }) {
  const words = useWords({ en, fr })
  const { subject, severity, rows } = check
  const { lang, word, detail } = tell(check, words)
  const colon = lang === 'en' ? ': ' : `${words.colon} `
  const name = `${subject}${colon}${word(check.name)}`
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return (
    <li>
      <p>
        <GradeMark of={severity === 'error' ? 'bad' : 'warn'} word={words.severities[severity]} />{' '}
        <strong lang={lang}>
          {subject}
          {colon}
          {word(check.name)}
        </strong>
        {detail !== '' && <span lang={lang}> · {detail}</span>}
      </p>
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section class="table-frame" tabIndex={0} aria-label={words.rowsAtFault(name)}>
          <table>
            <thead>
              <tr>
                {keys.map((key) => (
                  <th key={key} scope="col" class={isNumber(rows, key) ? 'number' : undefined}>
                    {word(key)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, i) => (
                <tr key={i}>
                  {keys.map((key) => (
                    <td key={key} class={isNumber(rows, key) ? 'number' : undefined}>
                      {word(shown(row[key]))}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </li>
  )
}

function isNumber(rows: Check['rows'], key: string): boolean {
  return rows.every((row) => row[key] === undefined || row[key] === null || !Number.isNaN(Number(row[key])))
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return UNKNOWN
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
