import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { runSeen } from '../gold/in_place.ts'
import { questionsOf } from '../gold/questions.ts'
import type { Lingot } from '../library/lingot.ts'
import { readGold } from '../postgres/reader.ts'
import { LingotError } from '../system/errors.ts'
import { packageRoot } from '../system/package.ts'
import { dataAddress } from './addresses.ts'
import { readAnswers } from './answers.ts'
import { type Carried, type Filters, pages } from './api.ts'
import { readPage, readUnlisted, shownOf } from './figures.ts'
import { readMarks } from './marks.ts'
import { readTrust } from './trust.ts'
import { readTrusted } from './trusted.ts'

/** Rows of a list in a report: a file to mail around stays below a megabyte. */
const MOST_ROWS = 100

/** The pages of the dashboard as one HTML file that asks nobody for anything; what it shows of gold is of one moment. */
export async function reportFile(
  { config, mongodb, postgresUrl }: Pick<Lingot, 'config' | 'mongodb' | 'postgresUrl'>,
  filters: Filters,
): Promise<string> {
  const answers: Record<string, unknown> = {}
  const shown = shownOf(config)
  const gold = await readGold(postgresUrl(), config.goldSchema, async (query) => {
    for (const page of pages) {
      const address = dataAddress(page, filters)
      const { searchParams } = new URL(address, 'file:///')
      const period = searchParams.get('period') ?? filters.period
      answers[address] = await readPage(query, page, { ...filters, period }, shown, MOST_ROWS)
    }
    answers['/api/choices'] = await readUnlisted(query, shown)
    const answering = { schema: config.goldSchema, tables: shown.tables }
    answers['/api/answers'] = await readAnswers(query, questionsOf(config), answering)
    return runSeen(query)
  })
  answers['/api/marks'] = readMarks(config.project.folder)
  answers['/api/trust'] = await readTrust(mongodb.db(config.silver), config, gold)
  answers['/api/trusted'] = await readTrusted(mongodb.db(config.silver), gold)
  return html({ filters, currency: config.currency ?? null, answers })
}

function html(carried: Carried): string {
  const folder = join(packageRoot, 'dist', 'report')
  if (!existsSync(folder)) {
    throw new LingotError('config', 'The page of the report was not built.', 'Build it: `npm run build`.')
  }
  const style = readFileSync(join(folder, 'report.css'), 'utf8')
  const script = readFileSync(join(folder, 'report.js'), 'utf8').replaceAll('</script', '<\\/script')
  const hash = createHash('sha256').update(script).digest('base64')
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:`
  // Packed, whatever a text of the data holds ends no element.
  const data = gzipSync(JSON.stringify(carried)).toString('base64')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Lingot report</title>
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<noscript>This report needs JavaScript to draw its charts.</noscript>
<script type="application/gzip" id="lingot-report">${data}</script>
<script type="module">${script}</script>
</body>
</html>
`
}
