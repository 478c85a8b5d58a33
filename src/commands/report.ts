import { LingotError } from '../system/errors.ts'
import { asCalled } from '../system/invocation.ts'
import { writeOutput } from '../system/output.ts'
import { inJson, style } from '../text/terminal.ts'
import { fieldsNamed } from '../trust/report.ts'
import type { Report } from '../trust/report_schema.ts'
import { USUAL_PERIOD } from '../web/addresses.ts'
import { EVERY, SCREEN } from './page.ts'
import { describeChecks, describeGold, describeRuns } from './report_gold.ts'
import { describeField, describeFields, describeFindings, describeSilver } from './report_silver.ts'
import { session } from './session.ts'

export interface ReportOptions {
  json?: boolean
  /** Prints every line. */
  all?: boolean
  /** A field, or a collection for all of its fields. */
  field?: string
  /** Runs in the history. */
  last?: number
  /** The file that gets the pages of the dashboard. */
  html?: string
  /** What those are narrowed to. */
  period?: string
}

/** `lingot report`: what was done to the data, on one screen, or with all that the dashboard shows as a file. */
export function reportCommand({ html, period, ...options }: ReportOptions): Promise<void> {
  if (html === undefined && period !== undefined) {
    throw new LingotError('usage', 'Only an HTML report has a period.', 'Name its file: --html report.html')
  }
  return html === undefined ? print(options) : writeHtml(html, period)
}

function print({ json = false, all = false, field, last = 4 }: ReportOptions): Promise<void> {
  return session({ json }, async ({ lingot, terminal }) => {
    const report = await lingot.report({ last })
    const fields = field === undefined ? undefined : fieldsNamed(report, field)
    if (json) terminal.print(inJson(fields ?? report, 2))
    else
      terminal.print(
        fields === undefined
          ? describeReport(report, all ? EVERY : 4, lingot.config.currency)
          : fields.map(describeField).join('\n\n'),
      )
  })
}

function writeHtml(file: string, period = USUAL_PERIOD): Promise<void> {
  return session({ gold: 'read' }, async ({ lingot, terminal }) => {
    const { reportFile } = await import('../web/report_file.ts')
    const place = await writeOutput(file, await reportFile(lingot, { period }))
    if (place === 'file') terminal.print(`Wrote ${file}.`)
  })
}

/** Fields that are shown, as there is room. */
const FIELDS = { fewest: 2, least: 4, most: 14 }

/** The report on one screen of 100 columns and 50 lines; `most` caps the lines of what may be long. */
export function describeReport(report: Report, most = 4, currency?: string): string {
  const { silver, gold, checks, runs } = report
  const after = [
    gold === null
      ? `${style('bold', 'Gold')} was not made yet; ${asCalled('`lingot aggregate` makes it.')}`
      : describeGold(gold, checks, most === EVERY || most <= 2 ? most - 1 : 2, currency),
    ...(checks === null ? [] : [describeChecks(checks, most)]),
    describeRuns(runs),
  ].join('\n\n')
  if (silver === null) {
    return `No run of Lingot made the silver that is in place; ${asCalled('`lingot process` makes it.')}\n\n${after}`
  }
  const before = describeSilver(silver, most)
  const findings = describeFindings(silver, most)
  // The fields take what the other parts leave of the screen: three blank lines, a head and up to four at the foot are
  // theirs as well.
  const lines = SCREEN.lines + Math.max(0, runs.length - SCREEN.runs)
  const room = lines - [before, findings, after].join('\n').split('\n').length - 8
  if (room < FIELDS.least && most > 2 && most < EVERY) return describeReport(report, most - 1, currency)
  const fields = describeFields(
    silver.fields,
    most === EVERY ? EVERY : Math.max(FIELDS.fewest, Math.min(room, FIELDS.most)),
  )
  return [before, fields, findings, after].join('\n\n')
}
