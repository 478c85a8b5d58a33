import type { Figure, Trust } from '../../../api.ts'
import { recordsOf } from '../../figure.ts'
import { useFormat } from '../../format.ts'
import { useWords } from '../../language.ts'
import { en, fr } from '../trust_words.ts'
import { type Grade, GradeMark } from './grade.tsx'

interface Fact {
  name: keyof typeof en.facts
  grade: Grade
  text: string
  href: string
}

/** What it all comes to, in a sentence or two and the facts behind it. */
export function Verdict({ data, figure }: { data: Trust; figure: Figure | undefined }) {
  const words = useWords({ en, fr })
  const format = useFormat()
  const facts = factsOf(data, figure, words, format)
  const worst = (['bad', 'warn', 'good'] as const).find((grade) => facts.some((fact) => fact.grade === grade)) ?? 'warn'
  const { silver, gold } = data
  const made =
    silver !== null && gold !== null && silver.run.id === gold.run.id
      ? words.madeBoth(format.time(gold.run.started), gold.run.id)
      : [
          silver === null ? words.noSilver : words.madeSilver(format.time(silver.run.started), silver.run.id),
          gold === null ? words.noGold : words.madeGold(format.time(gold.run.started), gold.run.id),
        ].join(' ')
  return (
    <section class={`card verdict ${worst}`} aria-labelledby="verdict">
      <h2 id="verdict">
        <GradeMark of={worst} word={words.verdicts[gold === null && worst === 'warn' ? 'noGold' : worst]} />
      </h2>
      <p>{made}</p>
      <ul class="facts">
        {facts.map(({ name, grade, text, href }) => (
          <li key={name} data-fact={name} data-grade={grade}>
            <h3>
              <a href={href}>{words.facts[name]}</a>
              <GradeMark of={grade} />
            </h3>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}

function factsOf(
  { silver, gold, checks, runs }: Trust,
  figure: Figure | undefined,
  words: typeof en,
  format: ReturnType<typeof useFormat>,
): Fact[] {
  const facts: Fact[] = []
  if (silver !== null) {
    const off = silver.collections.filter(({ addsUp }) => !addsUp).map(({ collection }) => collection)
    facts.push({
      name: 'documents',
      grade: off.length > 0 ? 'bad' : 'good',
      text: off.length > 0 ? words.documentsOff(off) : words.documentsAddUp(format.integer(silver.run.documents)),
      href: '#documents',
    })
    const invalid = silver.fields.filter((field) => field.invalid > 0).length
    const odd = silver.collections.reduce(
      (sum, { suspicious }) => sum + suspicious.reduce((n, one) => n + one.count, 0),
      0,
    )
    const drifted = silver.drift.filter(({ change }) => change !== 'not in the contract' && change !== 'missing less')
    facts.push({
      name: 'values',
      grade: invalid + odd + drifted.length > 0 ? 'warn' : 'good',
      text: words.valuesAre(invalid, format.integer(odd), silver.since === null ? null : drifted.length),
      href: '#fields',
    })
  }
  if (gold !== null) {
    // What PostgreSQL holds now says more than what the run noted.
    const rows = figure === undefined ? [] : recordsOf(figure).filter((row) => row['table_revenue'] !== null)
    const off =
      rows.length > 0
        ? rows
            .filter((row) => row['adds_up'] !== 't' || row['holds'] !== row['table_revenue'])
            .map((row) => `${row['gold_table']}`)
        : gold.revenue.tables.filter(({ addsUp }) => !addsUp).map(({ table }) => table)
    facts.push({
      name: 'revenue',
      grade: off.length > 0 ? 'bad' : 'good',
      text:
        off.length > 0 ? words.revenueOff([...new Set(off)]) : words.revenueAddsUp(format.money(gold.revenue.total)),
      href: '#revenue',
    })
  }
  if (checks !== null) {
    const failed = checks.results.filter(({ passed }) => !passed)
    const isHeld = failed.some(({ severity }) => severity === 'error')
    const count = format.integer(checks.results.length - failed.length)
    facts.push({
      name: 'checks',
      grade: isHeld ? 'bad' : failed.length > 0 ? 'warn' : 'good',
      text: [
        words.checksPassed(count, format.integer(checks.results.length)),
        ...(isHeld ? [gold === null ? words.goldHeldBack : words.oldGoldKept(format.time(gold.run.started))] : []),
      ].join(' '),
      href: '#checks',
    })
  }
  const [last] = runs
  const isOlder = gold?.isOlderThanSilver ?? false
  facts.push({
    name: 'runs',
    grade:
      last === undefined || last.outcome === 'failed'
        ? 'bad'
        : isOlder || gold === null || last.outcome !== 'succeeded'
          ? 'warn'
          : 'good',
    text: [
      last === undefined ? words.noRun : words.lastRun[last.outcome](format.time(last.started)),
      ...(isOlder ? [words.goldIsOlder] : gold === null ? [words.goldIsMissing] : []),
    ].join(' '),
    href: '#runs',
  })
  return facts
}
