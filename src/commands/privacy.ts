import type { Lingot } from '../library/lingot.ts'
import type { Known } from '../privacy/known.ts'
import type { Output, Place } from '../privacy/search.ts'
import { LingotError } from '../system/errors.ts'
import { counted, readable, style, table } from '../text/terminal.ts'
import { toJson as answerToJson, describeAnswer } from './ask.ts'
import { describeChecks } from './check.ts'
import { describeReport } from './report.ts'
import { session } from './session.ts'

/** Emails and phone numbers of bronze, and every place beyond that was searched for them. */
export interface Searched {
  bronze: Pick<Known, 'emails' | 'phones'>
  places: Place[]
}

/** `lingot privacy`: whether an email or a phone number of bronze stands anywhere else. */
export function privacyCommand({ json = false }: { json?: boolean }): Promise<void> {
  return session({ json, gold: 'written' }, async ({ lingot, terminal }) => {
    const { known, places } = await lingot.searchPersonal(() => outputs(lingot))
    const { emails, phones } = known
    const searched: Searched = { bronze: { emails, phones }, places }
    terminal.print(json ? JSON.stringify(searched, null, 2) : describeSearched(searched))
    const found = places.filter(({ findings }) => findings.length > 0)
    if (found.length === 0) return
    throw new LingotError(
      'privacy',
      `Emails or phone numbers of bronze stand in ${counted(found.length, 'place')} beyond it.`,
      'The list says where; docs/privacy.md says what to do about each.',
    )
  })
}

/** What the commands print that tell about data; nothing of one that has nothing to tell yet. */
async function outputs(lingot: Lingot) {
  const printing: (() => Promise<Output[]>)[] = [
    async () => {
      const report = await lingot.report()
      return [
        { command: 'report', printed: describeReport(report) },
        { command: 'report --json', printed: report },
      ]
    },
    async () => {
      const answers = await lingot.ask()
      return [
        { command: 'ask', printed: answers.map((answer) => describeAnswer(answer, { isWhole: true })).join('\n') },
        { command: 'ask --json', printed: answers.map(answerToJson) },
      ]
    },
    async () => {
      const checks = await lingot.check()
      return [
        { command: 'check', printed: describeChecks(checks) },
        { command: 'check --json', printed: checks },
      ]
    },
  ]
  const printed: Output[] = []
  for (const print of printing) {
    try {
      printed.push(...(await print()))
    } catch (error) {
      if (!(error instanceof LingotError && error.kind === 'data')) throw error
    }
  }
  return printed
}

const UNITS: Record<Place['layer'], string> = {
  silver: 'document',
  gold: 'row',
  history: 'row',
  output: 'line',
  files: 'line',
}

/** Every place with its size, and where something was found in which field and how often; never what. */
export function describeSearched({ bronze, places }: Searched): string {
  const titles = [
    ...['searched', '', ''].map((title) => ({ title, isNumber: false })),
    ...['emails', 'phone numbers'].map((title) => ({ title, isNumber: true })),
  ]
  const sum = ({ findings }: Place, kind: 'emails' | 'phones') => findings.reduce((all, of) => all + of[kind], 0)
  const rows = places.flatMap((place) => [
    [
      place.layer,
      place.name,
      counted(place.size, UNITS[place.layer]),
      `${sum(place, 'emails')}`,
      `${sum(place, 'phones')}`,
    ],
    ...place.findings
      .filter(({ field }) => field !== '')
      .map(({ field, emails, phones }) => [null, null, field, `${emails}`, `${phones}`]),
  ])
  const isFound = places.some(({ findings }) => findings.length > 0)
  return [
    `${style('bold', 'Bronze')} has ${readable(bronze.emails)} emails and ${readable(bronze.phones)} phone numbers.`,
    '',
    table(titles, rows),
    '',
    isFound
      ? `${style('red', '✖')} Some of them stand elsewhere, as often as the table says.`
      : `${style('green', '✔')} None of them stands anywhere else.`,
  ].join('\n')
}
