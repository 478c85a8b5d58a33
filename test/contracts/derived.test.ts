import { describe, expect, test } from 'vitest'
import { contract, label, money } from '../../src/contracts/contract.ts'
import { contracts } from '../../src/contracts/contracts.ts'

const added = contracts.flatMap(({ collection, fields, derived }) =>
  Object.entries(derived).map(([name, column]) => ({ name: `${collection}.${name}`, fields, column })),
)

/** A few values that a field may have in silver: one that is missing, and such as differ enough to be told apart. */
function valuesOf({ type, default: missing }: (typeof added)[number]['fields'][string]): unknown[] {
  return [missing, ...(type === 'text' ? ['Ada', 'Grace'] : [0, 1, 2.5, 40])]
}

/** Every document of such values in so many fields. */
function documentsOf(names: readonly string[], fields: (typeof added)[number]['fields']): Record<string, unknown>[] {
  return names.reduce<Record<string, unknown>[]>(
    (documents, name) => {
      const field = fields[name]
      return documents.flatMap((document) =>
        field ? valuesOf(field).map((value) => ({ ...document, [name]: value })) : [],
      )
    },
    [{}],
  )
}

describe.each(added)('$name', ({ fields, column }) => {
  const documents = documentsOf(column.reads, fields)

  test('reads no field that it does not declare', () => {
    const asked = new Set<string>()
    const get = (document: Record<string, unknown>, name: string) => {
      asked.add(name)
      return document[name]
    }
    for (const document of documents) column.from(new Proxy(document, { get }), fields)
    expect([...asked].sort()).toEqual([...column.reads].sort())
  })

  test.each(column.reads)('is another for another %s', (name) => {
    const others = documentsOf([name], fields)
    const outcomes = documents.map(
      (document) => new Set(others.map((other) => column.from({ ...document, ...other }, fields))),
    )
    expect(Math.max(...outcomes.map(({ size }) => size))).toBeGreaterThan(1)
  })
})

test('a column can be worked out from no field that it does not declare', () => {
  const fields = { amount: money('A price.'), status: label('Where it stands.') }
  const column = { type: 'text', nullable: true, personal: false, meaning: 'Worked out.' } as const
  const rest = { collection: 'sales', key: 'status', keyRequired: false, identity: 'equal ones are one' } as const
  contract({
    ...rest,
    fields,
    derived: { paid: { ...column, reads: ['amount'], from: ({ amount }) => amount } },
    suspicions: {},
  })
  contract({
    ...rest,
    fields,
    // @ts-expect-error The status is not declared.
    derived: { paid: { ...column, reads: ['amount'], from: ({ amount, status }) => `${status} ${amount}` } },
    suspicions: {},
  })
  contract({
    ...rest,
    fields,
    // @ts-expect-error There is no such field.
    derived: { paid: { ...column, reads: ['amounts'], from: () => null } },
    suspicions: {},
  })
  contract({
    ...rest,
    fields,
    // @ts-expect-error Which word stands for a missing status is not told either.
    derived: { paid: { ...column, reads: ['amount'], from: (_, missing) => missing.status.default } },
    suspicions: {},
  })
})
