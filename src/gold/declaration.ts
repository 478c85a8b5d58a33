import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { check, describeProblem } from '../settings/problems.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { packageFileIfAny, packageRoot } from '../system/package.ts'
import { fromHere } from '../system/paths.ts'

/** What the `.yml` beside a model says; throws with the line of what is wrong with it. A text is read once. */
export function declared<S extends z.ZodType>(text: string, file: string, schema: S): z.output<S> {
  const known = read.get(file)
  if (known?.text === text && known.schema === schema) return known.value as z.output<S>
  const value = readNow(text, file, schema)
  read.set(file, { text, schema, value })
  return value
}

const read = new Map<string, { text: string; schema: z.ZodType; value: unknown }>()

/** What the package's own say was read when it was built: YAML takes a tenth of a small run. */
function readBefore(text: string, file: string): unknown {
  built ??= JSON.parse(packageFileIfAny('dist/declarations.json') ?? '{}') as NonNullable<typeof built>
  const own = file.startsWith(packageRoot) ? built[file.slice(packageRoot.length + 1)] : undefined
  return own?.text === text ? own.value : undefined
}

let built: Record<string, { text: string; value: unknown }> | undefined

function readNow<S extends z.ZodType>(text: string, file: string, schema: S): z.output<S> {
  const before = readBefore(text, file)
  if (before !== undefined) {
    const { data } = check(schema, before)
    if (data !== undefined) return data as z.output<S>
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const refuse = (at: number | undefined, what: string) => {
    const { line, col } = lines.linePos(at ?? 0)
    const where = at === undefined ? '' : `, line ${line}, column ${col}`
    return new LingotError('config', `${fromHere(file)}${where}: ${what.replace(/\.$/, '')}.`, 'Correct it.')
  }
  const [broken] = document.errors
  if (broken !== undefined) throw refuse(broken.pos[0], broken.message.split(/ at line |\n/)[0] ?? '')
  let value: unknown
  try {
    value = document.toJS()
  } catch (error) {
    throw refuse(undefined, reasonOf(error))
  }
  const { data, problems } = check(schema, value)
  const [problem] = problems
  if (problem === undefined) return data as z.output<S>
  // What is missing is looked for where it should stand.
  const nodes = problem.path.map((_, i) => document.getIn(problem.path.slice(0, problem.path.length - i), true))
  throw refuse(
    [...nodes, document.contents].map(startOf).find((start) => start !== undefined),
    describeProblem(problem),
  )
}

function startOf(node: unknown): number | undefined {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined
}
