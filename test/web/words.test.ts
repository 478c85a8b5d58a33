import { expect, test } from 'vitest'
import { invalid, missing } from '../../src/rules/values.ts'
import { en, fr, reasonIn } from '../../src/web/page/pages/trust_words.ts'

test.each(Object.values({ ...missing, ...invalid }).map(({ reason }) => [reason]))(
  '"%s" has French words',
  (reason) => {
    expect(fr.reasons).toHaveProperty([reason])
    expect(reasonIn(en, reason)).toBe(reason)
  },
)

test('what is wrong with a factor is told as such', () => {
  expect(reasonIn(en, 'times: not a number')).toBe('times: not a number')
  expect(reasonIn(fr, 'times: not a number')).toBe('facteur : pas un nombre')
})

test.each([
  ['24 as they were', '24 inchangés'],
  [
    '5 of 24 moved: 2025-06 from 112,000.00 to 11,200.00 (-100,800.00), 2025-05 from 0.00 to -5.10 (-5.10), and 3 more; the way in which gold is made changed, too: the SQL of monthly_revenue, or of what it reads',
    '5 sur 24 ont changé : 2025-06 de 112 000,00 à 11 200,00 (-100 800,00), 2025-05 de 0,00 à -5,10 (-5,10), et 3 de plus; la façon de produire gold a changé aussi : le SQL de monthly_revenue, ou de ce qu’il lit',
  ],
  ['none of the last 7', 'aucun des 7 derniers'],
  [
    '2 of the last 7: Friday 2026-06-26 10,000.00 (Fridays 1,000.00), Sunday 2026-06-28 1,500 sales (Sundays 14)',
    '2 des 7 derniers : vendredi 2026-06-26 10 000,00 (vendredi 1 000,00), dimanche 2026-06-28 1 500 ventes (dimanche 14)',
  ],
])('what is said of months and days has French words: %s', (english, french) => {
  expect(en.guardDetail(english)).toBe(english)
  expect(fr.guardDetail(english).replaceAll(/[\u00a0\u202f]/g, ' ')).toBe(french)
})
