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
