/** Texts as feeds hold them, and worse: each made of the pieces that its rule looks for, in every wrong order. */
import fc from 'fast-check'

/** A few of these pieces, one behind the other. */
function soup(pieces: readonly string[], maxLength: number): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength }).map((found) => found.join(''))
}

const SPACES = [' ', '\t', '\n', '\u00a0', '\u202f', '\u2003', '\u3000', '\ufeff']

/** Half of a pair and U+0000 are no characters that a database holds; the others only look as if they were nothing. */
const CONTROL = [
  ...['\0', '\u0001', '\u0007', '\u001b[31m', '\u007f', '\u0085', '\u2028', '\ufffe', '\ufffd'],
  ...['\u200b', '\u202e', '\u200d', '\u200c', '\u00ad', '\u2060', '\u061c'],
]
const SURROGATES = ['\ud800', '\udc00', '\ud83d', '\ude00']

export const strange = soup(
  [
    ...SPACES,
    ...CONTROL,
    ...SURROGATES,
    'a',
    'É',
    'e\u0301',
    'ß',
    'İ',
    '😀',
    '👩‍👩‍👧',
    'ﬁ',
    '\u0344',
    '\u1100\u1161',
    '李',
    'م',
  ],
  8,
)

export const long = fc
  .tuple(
    fc.constantFrom('x', 'é', 'e\u0301', '😀', '9', ' ', 'a b', '\0', '\ud800'),
    fc.integer({ min: 300, max: 1100 }),
  )
  .map(([piece, times]) => piece.repeat(times / piece.length))

/** About as long as a text may be. */
export const limit = fc.integer({ min: 497, max: 503 }).map((length) => 'l'.repeat(length))

export const placeholder = fc
  .tuple(
    fc.constantFrom('', ' ', '\t', '\0'),
    fc.constantFrom(
      ...['Inconnu', 'INCONNUE', '#N/A', '(not set)', '(None)', '\\N', 'n.a.', '\u200b', '(blank)'],
      '',
      'n/a',
      'N/A',
      'na',
      'Null',
      'NONE',
      'nan',
      'undefined',
      '-',
      '--',
      'unknown',
      'Na',
    ),
    fc.constantFrom('', ' ', '\n'),
  )
  .map((parts) => parts.join(''))

export const hostile = fc.constantFrom(
  "O'Brien",
  "'; DROP TABLE customers; --",
  '<script>alert(1)</script>',
  '&amp;"quoted"',
  '\\N',
  '\\.',
  'back\\slash\\',
  'a,b;"c"\t\r\n',
  '=1+1',
  '$where',
  '{"$gt": ""}',
  '{{7*7}} $(7*7) %s',
  '__proto__',
  'constructor',
  '../../etc/passwd',
)

const CURRENCIES = ['€', '$', '£', '¥', 'EUR', 'usd', 'CHF', 'Cad', 'GBP', 'JPY']
const SIGNS = ['-', '+', '\u2212', '--', '(', ')', "'"]

/** What money and counts are written with. */
export const numeric = fc.oneof(
  soup(
    [...SPACES, ...CURRENCIES, ...SIGNS, '0', '1', '23', '456', '789', '1234', ',', '.', "'", '’', '_', 'e5', '%'],
    6,
  ),
  fc
    .tuple(
      fc.constantFrom('', '-', '+', '€', '$ ', 'EUR ', '(', '(€', '- $', "'"),
      fc.integer({ min: 0, max: 999 }),
      fc.array(fc.constantFrom(' 456', ',456', '.456', "'456", '_456', '\u00a0000', ' 12', ',,1'), { maxLength: 4 }),
      fc.constantFrom('', '.5', ',5', ',50', '.505', ',505', '.', ',', 'e3', 'E-2', '.5e400', '.000000000000000000001'),
      fc.constantFrom('', ' €', '€', ' CHF', ' %', '-', ')', ' €)', '\u2212 €'),
    )
    .map(([before, first, groups, fraction, after]) => `${before}${first}${groups.join('')}${fraction}${after}`),
  // One mark that may be either.
  fc
    .tuple(
      fc.constantFrom('0', '00', '1', '12', '120', '1234', ''),
      fc.constantFrom(',', '.'),
      fc.constantFrom('125', '000', '5', '12', '1250', '125.000', '125,000'),
    )
    .map((parts) => parts.join('')),
  fc.double().map(String),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
)

/** What dates are written with. */
export const dated = fc.oneof(
  soup(
    [
      '2024',
      '1969',
      '2099',
      '02',
      '12',
      '31',
      '1',
      '-',
      '/',
      'T',
      't',
      ' ',
      ':',
      '10:30',
      '24:00',
      '.5',
      'Z',
      '+02:00',
    ],
    8,
  ),
  fc
    .tuple(
      fc.constantFrom('', 'ISODate("', "ISODate('", 'ISODate( "', 'isodate("', 'new Date("'),
      fc.constantFrom('2024', '2023', '1970', '1969', '2099', '0000', '24'),
      fc.constantFrom('-02-29', '-12-31', '-04-31', '-13-01', '-1-2', '0229', '-366', '-W53-1', 'W011', '-02', ''),
      fc.constantFrom(
        '',
        'T10:30',
        ' 23:59:59',
        't00:00:00',
        'T24:00:00',
        'T24:00:01',
        'T10',
        'T103059',
        'T23:59:60',
        'T',
      ),
      fc.constantFrom('', '.5', ',123', '.1239999999', '.'),
      fc.constantFrom(
        ...['', 'Z', 'z', '+02:00', '-0500', '+14', '-00:00', '+24:00', '+02:60', ' Z', '[Europe/Paris]'],
        ...[' +0200', ' UTC', 'utc', ' Gmt', ' UTC+1', '  Z'],
      ),
      fc.constantFrom('', '")', "')", '" )'),
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('01', '1', '29', '31', '00', '32', '+1'),
      fc.constantFrom('02', '2', '12', '13', '00'),
      fc.constantFrom('2024', '2023', '1969', '2099', '24'),
      fc.constantFrom('', ' ', ' 10:00', ' 23:59:59', ' 24:00', ' 9:00', ' 10:60', ' 10:00Z'),
      fc.constantFrom('/', '.', '-', '/', '-.'),
    )
    .map(([day, month, year, after, mark]) => {
      return `${day}${mark.at(0)}${month}${mark.at(-1)}${year}${after}`
    }),
  fc
    .tuple(
      fc.constantFrom('1989', '1990', '2024', '2099'),
      fc.constantFrom('01', '13'),
      fc.constantFrom('05', '31', '32'),
    )
    .chain((days) => {
      const time = fc.constantFrom('', '1230', '123045', '2400', '2460', '12', '240000')
      return fc.tuple(fc.constantFrom('', '/'), time).map(([mark, after]) => `${days.join(mark)}${after}`)
    }),
  fc.constantFrom(
    '999999999',
    '1000000000',
    '1700000000.5',
    '99999999999',
    '100000000000',
    '1700000000123',
    '+1700000000',
  ),
  fc.constantFrom(
    '1 700 000 000',
    '17e8',
    '1,700,000,000',
    '0001700000000',
    '1700000000.',
    'yesterday',
    '31 janvier 2024',
  ),
)

export const yesOrNo = fc
  .tuple(
    fc.constantFrom('', ' ', '\0'),
    fc.constantFrom(
      'true',
      'Yes',
      'OUI',
      'y',
      'o',
      '1',
      'on',
      't',
      'V',
      'vrai',
      'faux',
      'f',
      'FALSE',
      'no',
      'Non',
      'n',
      '0',
      'off',
      'si',
      '2',
      '1.0',
      'ok',
    ),
  )
  .map((parts) => parts.join(''))

/** What emails are written with; `core` is in each. */
export function mail(core: string): fc.Arbitrary<string> {
  const bare = fc
    .tuple(
      soup(['', ' ', 'a.', 'É', "o'", '\0', '@', '+', '"x y"'], 2),
      fc.constantFrom(core, core.toUpperCase()),
      soup(['@', '@x', '.', '.fr', '..', ' ', '\t', '.co.uk', 'é', 'Ö', '-', '\u200b'], 4),
    )
    .map((parts) => parts.join(''))
  const before = fc.constantFrom('mailto:', '<', '"', "'", 'MAILTO:<', '“', '\u200e', '')
  const wrapped = fc
    .tuple(before, bare, soup(['>', ';', ',', '"', "'", '”', '.', ' '], 3))
    .map((parts) => parts.join(''))
  return fc.oneof({ arbitrary: bare, weight: 3 }, { arbitrary: wrapped, weight: 1 })
}

/** What phone numbers are written with; the eight digits of `core` are in each, apart or together. */
export function dialled(core: string): fc.Arbitrary<string> {
  const pairs = core.match(/\d\d/g) ?? []
  return fc
    .tuple(
      soup(['', '+', '00', '33', '0', '6', '(0)', '32', '4', '41', '352', '1514', 'tel:', ' ', '\0'], 4),
      fc.constantFrom('', ' ', '.', '-', '\u00a0').map((between) => pairs.join(between)),
      soup(['', '', '1', '23', ' ext. 4', ' x5', 'abc', '/', '\n', '٣'], 2),
    )
    .map((parts) => parts.join(''))
}

export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  strange,
  long,
  limit,
  placeholder,
  hostile,
  numeric,
  dated,
  yesOrNo,
  mail('someone'),
  dialled('12345678'),
)
