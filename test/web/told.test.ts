import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readQuestions } from '../../src/gold/questions.ts'
import { told } from '../../src/web/page/messages/told_fr.ts'

/** What the page may be told: the texts of failures in the source, whose parts that differ are X. */
function failuresIn(file: string): string[] {
  const source = readFileSync(file, 'utf8')
  const calls = source.matchAll(/new (?:Refusal|LingotError|StatementError)\(([\s\S]*?)\)(?:\n|$| )/g)
  return [...calls].flatMap(([, call = '']) =>
    [...call.matchAll(/'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)]
      .map(([, plain, template]) => (plain ?? template ?? '').replaceAll('\\`', '`').replace(/\$\{[^}]*\}/g, 'X'))
      // A text within a text is read with that.
      .filter((text) => text.includes(' ') && !text.includes('${')),
  )
}

test.each(readQuestions().map(({ title, note }) => [title, note.replaceAll('\n', ' ')] as const))(
  'the question "%s" and its note have French words',
  (...texts) => {
    for (const text of texts) expect(told(text)).not.toBe(text)
  },
)

/** Nobody reads these on a page: they are of starting the server, or of writing a report. */
const elsewhere = /listen\.ts|report_file\.ts/

const files = [
  ...readdirSync('src/web', { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !elsewhere.test(entry.name))
    .map(({ name }) => `src/web/${name}`),
  'src/postgres/reader.ts',
  'src/gold/as_of.ts',
]

test.each(files.flatMap((file) => failuresIn(file).map((text) => [file, text] as const)))(
  'of %s, "%s" has French words',
  (_, text) => {
    expect(told(text)).not.toBe(text)
  },
)

test.each([
  ['The period 2025-06..2025-01 cannot be shown. It ends before it begins.', /^La période 2025-06\.\.2025-01 ne peut/],
  ['There is no table `monthly_sale`.', /^Il n’y a pas de table `monthly_sale`\.$/],
  ['There is no column `m.mont`.', /^Il n’y a pas de colonne `m\.mont`\.$/],
  ['Did you mean `monthly_sales`?', /^Vouliez-vous dire `monthly_sales` \?$/],
  ['It is a column of `a`, `b`.', /^C’est une colonne de `a`, `b`\.$/],
  [
    'questions/x.sql, line 4, column 5: There is no table `a`.',
    /^questions\/x\.sql, ligne 4, colonne 5 : il n’y a pas de table `a`\.$/,
  ],
  ['relation "nowhere" does not exist.', /^la table «.nowhere.» n’existe pas/],
  ['clean transactions', /^nettoyage de transactions$/],
  ['something that nobody translated', /^something that nobody translated$/],
] as const)('"%s" in French', (english, french) => {
  expect(told(english)).toMatch(french)
})
