import { fieldsNamed, type Report, readReport } from '../quality/report.ts'
import { inJson, style } from '../terminal.ts'
import { SCREEN } from './page.ts'
import { describeChecks, describeGold, describeRuns } from './report_gold.ts'
import { describeField, describeFields, describeFindings, describeSilver } from './report_silver.ts'
import { session } from './session.ts'

export interface ReportOptions {
  json?: boolean
  /** A field, or a collection for all of its fields. */
  field?: string
  /** Runs in the history. */
  last?: number
}

/** `lingot report`: what was done to the data, on one screen. */
export function reportCommand({ json = false, field, last = 4 }: ReportOptions): Promise<void> {
  return session({ json }, async ({ config, mongodb, terminal }) => {
    const report = await readReport(mongodb.db(config.silver), { last })
    const fields = field === undefined ? undefined : fieldsNamed(report, field)
    if (json) terminal.print(inJson(fields ?? report, 2))
    else terminal.print(fields === undefined ? describeReport(report) : fields.map(describeField).join('\n\n'))
  })
}

/** Fields that are shown, as there is room. */
const FIELDS = { least: 4, most: 14 }

/** The report on one screen of 100 columns and 50 lines; `most` caps the lines of what may be long. */
export function describeReport(report: Report, most = 4): string {
  const { silver, gold, checks, runs } = report
  const after = [
    gold === null
      ? `${style('bold', 'Gold')} was not made yet; \`lingot aggregate\` makes it.`
      : describeGold(gold, checks),
    ...(checks === null ? [] : [describeChecks(checks, most)]),
    describeRuns(runs),
  ].join('\n\n')
  if (silver === null) {
    return `No run of Lingot made the silver that is in place; \`lingot process\` makes it.\n\n${after}`
  }
  const before = describeSilver(silver)
  const findings = describeFindings(silver, most)
  // The fields take what the other parts leave of the screen: three blank lines, a head and a foot are theirs as well.
  const lines = SCREEN.lines + Math.max(0, runs.length - SCREEN.runs)
  const room = lines - [before, findings, after].join('\n').split('\n').length - 5
  if (room < FIELDS.least && most > 2) return describeReport(report, most - 1)
  const fields = describeFields(silver.fields, Math.max(FIELDS.least, Math.min(room, FIELDS.most)))
  return [before, fields, findings, after].join('\n\n')
}
