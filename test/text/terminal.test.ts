import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { describeAnswer, toCsv } from '../../src/commands/ask.ts'
import { describeChecks } from '../../src/commands/check.ts'
import { describeQuarantine } from '../../src/commands/quarantine.ts'
import { describeRow } from '../../src/runs/gate.ts'
import { describeFailure, LingotError } from '../../src/system/errors.ts'
import { inJson, printable, printableLines } from '../../src/text/printable.ts'
import { openTerminal } from '../../src/text/terminal.ts'
import { plainId, shownId } from '../../src/trust/ids.ts'
import { runs } from '../garbage/seed.ts'

/** What a terminal obeys: control characters of one byte and of two, ends of lines, changes of direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]/u

describe('what a terminal would obey is shown as �', () => {
  test.each([
    ['\u001b[2J', '�[2J'],
    ['\u001b]0;title\u0007', '�]0;title�'],
    ['\u001b]8;;http://x\u001b\\link', '�]8;;http://x�\\link'],
    ['\u009b31m', '�31m'],
    ['a\rb\nc\td\be', 'a�b�c�d�e'],
    ['\u202egnp.exe', '�gnp.exe'],
    ['\u2066a\u2069', '�a�'],
    ['\u061ca\u200eb\u200f', '�a�b�'],
    ['a\u2028b\u2029c', 'a�b�c'],
    ['Été à Liège 日本 👩‍👩‍👧', 'Été à Liège 日本 👩‍👩‍👧'],
  ])('%j', (text, shown) => {
    expect(printable(text)).toBe(shown)
    expect(JSON.parse(inJson(text))).toBe(text)
  })
})

/** Texts with much in them that a terminal obeys or a spreadsheet runs. */
const nasty = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.constantFrom(
        '\u001b',
        '\u009b',
        '\u0007',
        '\u202e',
        '\u2067',
        '\u061c',
        '\r',
        '\n',
        '\t',
        '\0',
        '"',
        ',',
        "'",
      ),
      fc.constantFrom('=1+1', '+1', '-1', '@SUM(A1)', '＝1', '|'),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''))

const column = (name: string) => ({ name, isNumber: false, type: 'text' as const })
const answer = (value: string) => ({
  ...{ number: 1, name: '1', title: 'Who?', note: '', sql: '' },
  columns: [column('product'), column('country')],
  rows: [
    [value, value],
    [null, value],
  ],
})

/** Everything that shows a value of the data to people. */
const surfaces: Record<string, (value: string) => string> = {
  'a table': (value) => describeAnswer(answer(value)),
  'a row at fault': (value) => describeRow({ product: value }),
  'an _id': (value) => shownId(plainId({ [value]: value }), 40),
  'the quarantine': (value) =>
    describeQuarantine({
      counts: [{ collection: value, reason: value, documents: 1 }],
      documents: [{ collection: value, document_id: value, reason: value, run: value }],
    }),
  checks: (value) => {
    const check = { subject: value, name: value, severity: 'error', detail: value, rows: [{ id: value }] } as const
    return describeChecks([
      { ...check, rows: [{ id: value }], passed: false },
      { ...check, rows: [], passed: true },
    ])
  },
  'an error': (value) => describeFailure(new LingotError('data', value, value)).text,
  'a defect': (value) => describeFailure(new Error(value)).text,
  JSON: (value) => inJson({ [value]: [value] }, 2),
}

test.each(Object.entries(surfaces))('%s never holds what a terminal obeys, but line ends of its own', (_, show) => {
  fc.assert(
    fc.property(nasty, (value) => {
      // What an error says may be laid out by tabs.
      expect(show(value).replaceAll('\t', '')).not.toMatch(OBEYED)
    }),
    runs(100),
  )
})

test('a line about progress holds nothing that a terminal obeys either', async () => {
  vi.useFakeTimers()
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const { progress } = await openTerminal()
  for (const done of [0, 5]) {
    progress('\u001b[2J\u202esales', done, 10)
    vi.advanceTimersByTime(6000)
  }
  const lines = written.mock.calls.map(([text]) => String(text))
  written.mockRestore()
  vi.useRealTimers()
  expect(lines).toEqual([expect.stringMatching(/^�\[2J�sales: 5 of 10 .*\n$/)])
})

test('columns stay below one another, whatever is written in them', () => {
  const columns = [column('product'), column('country')]
  const widths = { Été: 3, 'E\u0301te\u0301': 3, 日本: 4, ｱｲ: 2, '👩‍👩‍👧': 2, '❤️': 2, 한글: 4, Laptop: 6 }
  const text = describeAnswer({ ...answer(''), columns, rows: Object.keys(widths).map((name) => [name, '|']) })
  for (const [name, width] of Object.entries(widths)) {
    expect(text).toContain(`  ${name}${' '.repeat('product'.length - width)}  |`)
  }
})

test('lines stay lines', () => {
  expect(printableLines('a\n\tb\u001b[1m\r\n')).toBe('a\n\tb�[1m�\n')
})

describe('CSV for a spreadsheet', () => {
  const cellOf = async (value: string | null, isNumber = false) =>
    (await toCsv({ columns: [{ name: 'x', isNumber, type: 'text' }], rows: [[value]] })).slice('x\n'.length)

  test.each([
    // texts that a spreadsheet would run
    ['=1+1', "'=1+1"],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['+33612345678', "'+33612345678"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['＝1+1', "'＝1+1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠x', "'＠x"],
    ['\t=1', '�=1'],
    ['\r=1', '�=1'],
    // texts that it leaves alone
    ['Laptop', 'Laptop'],
    ['a=b', 'a=b'],
    ['a,b "c"', '"a,b ""c"""'],
    ['a\nb', 'a�b'],
    ['\u001b[2J', '�[2J'],
  ])('the text %j is %s', async (value, cell) => expect(await cellOf(value)).toBe(cell))

  test.each(['-5', '-1020.10', '+5', '1e5', '0'])('the number %s stays as it is', async (value) => {
    expect(await cellOf(value, true)).toBe(value)
  })

  test('of any text: no cell runs, none breaks out of its row', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, async (value) => {
        const csv = await toCsv({ columns: [column('a'), column('b')], rows: [[value, 'end']] })
        expect(csv).not.toMatch(OBEYED)
        expect(csv.split('\n')).toHaveLength(2)
        const [, cell] = csv.split('\n')
        expect(cell).toMatch(/,end$/)
        expect(cell).not.toMatch(/^"?[=+\-@\t\r＝＋－＠]/u)
      }),
      runs(100),
    )
  })
})
