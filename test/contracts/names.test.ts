import { describe, expect, test } from 'vitest'
import { counted, discreet, type Named, NOT_PLAIN, namesToTell, OTHERS } from '../../src/contracts/names.ts'

/** The names that are told of those that stand in so many of so many documents each. */
function told(documents: number, names: Readonly<Record<string, number>>): Named[] {
  const all = new Map<string, number>()
  for (const [name, count] of Object.entries(names)) all.set(counted(name), (all.get(counted(name)) ?? 0) + count)
  return namesToTell(
    [...all].map(([field, count]) => ({ field, count })),
    documents,
    50,
  )
}

describe('a name that no contract knows', () => {
  test.each([
    // documents, in how many of them it stands, and the name
    [1, 1, 'coupon', true],
    [10_000, 1, 'coupon', true],
    [1, 1, 'a.b', true],
    [1, 1, '$price', true],
    [1, 1, 'hasOwnProperty', true],
    [1, 1, 'é', true],
    [1, 1, 'first-seen', true],
    [1, 1, 'ordered_2024', true],
    [1, 1, 'Transaction ID', true],
    [1, 1, 'Amount ', true],
    // Headings that no contract knows, where they head most documents.
    [10, 5, 'Gift Wrapping', true],
    [10, 4, 'Gift Wrapping', false],
    // Data.
    [1, 1, 'tel 06 12 34 56 11', false],
    [9, 9, 'tel_06_12_34_56_11', false],
    [9, 9, 'tel.0612345611', false],
    [9, 9, 'tel ٠٦ ١٢ ٣٤ ٥٦ ١١', false],
    [9, 9, '+33612345678', false],
    [9, 9, 'jean@email.com', false],
    [9, 9, '2024-01-01', false],
    [9, 9, 'sales_2024_01_15', false],
    [9, 9, '', false],
    [9, 9, '0', false],
    [9, 9, 'k'.repeat(41), false],
    [1, 1, 'Jean Dupont', false],
    [100, 3, 'Jean Dupont', false],
    [1, 1, 'jean dupont', false],
    [1, 1, 'Customer Jean Dupont', false],
    [1, 1, 'Jean-Pierre', false],
    [1, 1, 'J.Dupont', false],
    // Below a field that is read.
    [100, 3, 'contact.street', true],
    [100, 3, 'contact.City', true],
    [100, 80, 'contact.Fax', true],
    [100, 3, 'contact.emails.1', true],
    [100, 3, 'notes.Jean-Pierre', false],
    [100, 3, 'notes.J.Dupont', false],
    [100, 3, 'notes.jean dupont.age', false],
    [100, 3, 'notes.Jean.age', false],
    [100, 3, 'notes.Jean', false],
  ])('of %i documents in %i: %j is shown: %s', (documents, count, name, isShown) => {
    expect(told(documents, { [name]: count })).toEqual([{ field: isShown ? name : NOT_PLAIN, count }])
  })

  test('is counted with the others that are not shown', () => {
    expect(told(20, { 'Jean Dupont': 2, 'marie@curie.fr': 3, tier: 4, 'Ada Lovelace': 1 })).toEqual([
      { field: NOT_PLAIN, count: 6 },
      { field: 'tier', count: 4 },
    ])
  })

  test('is a key, and so a value, where there are many rare ones', () => {
    const people = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`name${String.fromCharCode(97 + i)}`, 2]))
    expect(told(200, { ...people, tier: 100 })).toEqual([
      { field: 'tier', count: 100 },
      { field: OTHERS, count: 42 },
    ])
    const { namea: _, ...few } = people
    expect(told(200, { ...few, tier: 100 })).toHaveLength(21)
  })
})

test.each([
  ['total_spent', 'total_spent'],
  ['Jean Dupont', NOT_PLAIN],
  ['jean@email.com', NOT_PLAIN],
  ['x'.repeat(1e6), NOT_PLAIN],
])('where nobody counts, %j is %s', (name, expected) => {
  expect(discreet(name)).toBe(expected)
})
