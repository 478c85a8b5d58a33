import { z } from 'zod'

/** What is wrong with a setting, and where it stands. */
export interface Problem {
  path: readonly PropertyKey[]
  message: string
}

/** A problem in one line: `collections.customers.fields.email.from: must be a text, not a number`. */
export function describeProblem({ path, message }: Problem): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}

/** Reads a value by its schema, or says everything that is wrong with it. */
export function check<S extends z.ZodType>(schema: S, value: unknown): { data?: z.output<S>; problems: Problem[] } {
  const { success, data, error } = schema.safeParse(value, { reportInput: true })
  return success ? { data, problems: [] } : { problems: error.issues.flatMap((issue) => problemsOf(schema, issue)) }
}

/** The same of a value that somebody else held against a schema. */
export function problemsIn({ issues }: z.ZodError, value: unknown): Problem[] {
  return issues.flatMap((issue) => {
    return problemsOf(z.unknown(), { ...issue, input: valueAt(value, issue.path) } as z.core.$ZodIssue)
  })
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value)
}

function problemsOf(schema: z.ZodType, issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): Problem[] {
  const path = [...above, ...issue.path]
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(schema, path)
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `there is no such key${suggestion(key, known)}`,
      }))
    }
    case 'invalid_union': {
      // The form that was meant is the one of which more than the outermost type is right.
      const meant = issue.errors.find((errors) =>
        errors.some(({ path, code }) => path.length > 0 || code !== WRONG_TYPE),
      )
      const [, words] = /^Invalid discriminator value\. Expected (.+)/.exec(issue.message) ?? []
      const message = words && `must be one of ${words.replaceAll("'", '').replaceAll(' | ', ', ')}`
      return meant === undefined
        ? [{ path, message: message ?? issue.message }]
        : meant.flatMap((inner) => problemsOf(schema, inner, path))
    }
    case WRONG_TYPE: {
      if (issue.input === undefined) {
        // A schema that says what to write has words of its own.
        return [{ path, message: issue.message.startsWith('Invalid input') ? 'is missing' : issue.message }]
      }
      const wanted = typeNames[issue.expected] ?? issue.expected
      return [{ path, message: `must be ${wanted}, not ${nameOf(issue.input)}` }]
    }
    case 'invalid_value': {
      const known = issue.values.map(String)
      return [
        { path, message: issue.message.startsWith('Invalid') ? `must be one of ${known.join(', ')}` : issue.message },
      ]
    }
    case 'too_small':
    case 'too_big': {
      const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`
      if (issue.origin === 'number') return [{ path, message: `must be ${limit}` }]
      const isText = issue.origin === 'string' && issue.message.startsWith('Too ')
      if (!isText) return [{ path, message: issue.message }]
      const isEmpty = issue.code === 'too_small' && issue.minimum === 1
      return [{ path, message: isEmpty ? 'must not be empty' : `must have ${limit} characters` }]
    }
    default:
      return [{ path, message: issue.message }]
  }
}

/** Keys that JavaScript hides from whoever reads an object, so that what they hold would be ignored in silence. */
export function hiddenKeys(
  value: unknown,
  path: readonly PropertyKey[] = [],
  above: readonly unknown[] = [],
): Problem[] {
  if (typeof value !== 'object' || value === null || above.includes(value)) return []
  const prototype: unknown = Object.getPrototypeOf(value)
  // In code the key makes an object come from another: from one that is not of a class.
  const isHeir = prototype !== null && !Object.hasOwn(Object(prototype), 'constructor')
  const own = isHeir || Object.hasOwn(value, HIDDEN)
  return [
    ...(own ? [{ path: [...path, HIDDEN], message: 'is no name that can be read' }] : []),
    ...Object.entries(value).flatMap(([key, inner]) =>
      key === HIDDEN ? [] : hiddenKeys(inner, [...path, key], [...above, value]),
    ),
  ]
}

const HIDDEN = '__proto__'

const WRONG_TYPE = 'invalid_type'

const typeNames: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function nameOf(value: unknown): string {
  if (value === null || Number.isNaN(value)) return String(value)
  return typeNames[Array.isArray(value) ? 'array' : typeof value] ?? `a ${typeof value}`
}

/** The keys that a schema knows at a path. */
export function keysAt(schema: unknown, [head, ...rest]: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return keysAt(schema.unwrap(), head === undefined ? [] : [head, ...rest])
  }
  if (schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option) => keysAt(option, head === undefined ? [] : [head, ...rest]))
  }
  if (schema instanceof z.ZodObject) {
    if (head === undefined) return Object.keys(schema.shape)
    return keysAt(schema.shape[String(head)] ?? schema.def.catchall, rest)
  }
  if (head !== undefined && schema instanceof z.ZodArray) return keysAt(schema.element, rest)
  if (schema instanceof z.ZodPipe) return keysAt(schema.in, head === undefined ? [] : [head, ...rest])
  if (schema instanceof z.ZodRecord) {
    if (head !== undefined) return keysAt(schema.valueType, rest)
    return schema.keyType instanceof z.ZodEnum ? schema.keyType.options.map(String) : []
  }
  return []
}

/** `; did you mean email?` after the nearest of the known words, or else all of them. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  if (near !== undefined) return `; did you mean ${near}?`
  return known.length === 0 ? '' : `; there are ${known.join(', ')}`
}

/** The known word that a misspelt one is likely to mean. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.replace(/[^\p{L}\d]/gu, '').toLowerCase()
  const most = Math.max(2, Math.floor(word.length / 3))
  const ranked = known
    .map((name) => ({ name, distance: editDistance(plain(word), plain(name)) }))
    .filter(({ name, distance }) => distance <= most && distance < plain(name).length)
    .sort((a, b) => a.distance - b.distance)
  return ranked[0]?.name
}

/** Letters to add, drop or replace to make one word of the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  const letters = [...to]
  let row = [0, ...letters.map((_, j) => j + 1)]
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, other] of letters.entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
