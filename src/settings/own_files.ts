import { readdirSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { LingotError, reasonOf } from '../system/errors.ts'
import { packageFolder } from '../system/package.ts'
import { fromHere } from '../system/paths.ts'
import type { CampaignValue } from './campaign_value.ts'
import type { Filter } from './filters.ts'
import { readSettingsFile } from './loader.ts'
import { type Problem, suggestion } from './problems.ts'

/** SQL that a shop has beside its configuration file. */
export interface OwnFile {
  /** What the file is called, without `.sql`. */
  name: string
  file: string
  sql: string
  /** What the `.yml` of the same name says, of a model. */
  declaration?: string
}

/** The models and questions that lie beside a configuration file. */
export interface OwnFiles {
  folder: string
  models: OwnFile[]
  questions: OwnFile[]
}

/** What a shop has of its own, and what of Lingot's own it does without. */
export interface Project extends Omit<OwnFiles, 'folder'> {
  /** None where there is no configuration file, or the work is done elsewhere. */
  folder?: string | undefined
  leftOut: Readonly<Record<Part, readonly string[]>>
  /** Kept fields to whose values the dashboard can be narrowed. */
  filters: readonly Filter[]
  /** The kept field that says what a campaign brought in, where one does. */
  campaignValue?: CampaignValue | undefined
}

type Part = 'models' | 'questions'

/** Files of a folder: more are none that somebody wrote. */
const MOST_FILES = 1000

/** Reads `models/` and `questions/` of a folder; throws where something of them would be left out in silence. */
export function readOwnFiles(folder: string): OwnFiles {
  return { folder, models: modelsIn(folder), questions: filesIn(folder, 'questions', ['sql']).map(textOf) }
}

/** As it is now: what is edited counts at once. */
export function current(project: Project): Project {
  return project.folder === undefined ? project : { ...project, ...readOwnFiles(project.folder) }
}

function modelsIn(folder: string): OwnFile[] {
  const files = filesIn(folder, 'models', ['sql', 'yml'])
  const other = { sql: 'yml', yml: 'sql' }
  const alone = files.find(
    ({ name, ending }) => !files.some((file) => file.name === name && file.ending === other[ending]),
  )
  if (alone !== undefined) {
    const missing = `${fromHere(alone.file).replace(/\.\w+$/, '')}.${other[alone.ending]}`
    const what = alone.ending === 'sql' ? 'that says what it reads and means' : 'with its query'
    throw new LingotError(
      'config',
      `${fromHere(alone.file)} has no ${missing} beside it, ${what}.`,
      'Write it; docs/project.md tells what stands in one.',
    )
  }
  const declarations = new Map(files.flatMap((file) => (file.ending === 'yml' ? [[file.name, textOf(file).sql]] : [])))
  return files.flatMap((file) => {
    const declaration = declarations.get(file.name)
    return file.ending === 'sql' && declaration !== undefined ? [{ ...textOf(file), declaration }] : []
  })
}

interface Found<Ending extends string> {
  name: string
  ending: Ending
  file: string
}

/** The files of a part, by name; hidden ones and what says what the folder is for are nobody's. */
function filesIn<Ending extends string>(folder: string, part: Part, endings: readonly Ending[]): Found<Ending>[] {
  const within = join(folder, part)
  const names = namesIn(within)
  // A folder of the same name that holds something else is somebody else's.
  if (names === undefined || !names.some((name) => /^[^.].*\.(sql|yml)$/.test(name))) return []
  refuseElsewhere(folder, within)
  if (names.length > MOST_FILES) {
    throw new LingotError('config', `${fromHere(within)} holds more than ${MOST_FILES} files.`, 'Keep SQL alone in it.')
  }
  return names.sort().flatMap((found) => {
    if (found.startsWith('.') || found === 'README.md') return []
    const file = join(within, found)
    const ending = endings.find((ending) => found.endsWith(`.${ending}`))
    if (ending === undefined) {
      const wanted = endings.map((ending) => `.${ending}`).join(' and ')
      throw new LingotError('config', `${fromHere(file)} is not read: ${fromHere(within)} holds ${wanted}.`, 'Move it.')
    }
    refuseElsewhere(folder, file)
    return [{ name: found.slice(0, -ending.length - 1), ending, file }]
  })
}

function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new LingotError('config', `${fromHere(folder)} cannot be read: ${reasonOf(error)}`, 'Let it be a folder.')
  }
}

/** Who may write into the folder may not have read what else this user can read. */
export function refuseElsewhere(folder: string, file: string): void {
  let real: string | undefined
  try {
    real = realpathSync(file)
  } catch {
    // A link that leads nowhere.
  }
  if (real?.startsWith(`${realpathSync(folder)}${sep}`)) return
  throw new LingotError(
    'config',
    `${fromHere(file)} is a link that leads out of ${fromHere(folder)}, and is not read.`,
    'Put the file itself there.',
  )
}

function textOf({ name, file }: Omit<Found<string>, 'ending'>): OwnFile {
  const text = readSettingsFile(file)
  if (text.includes('\0') || text.includes('\uFFFD')) {
    throw new LingotError('config', `${fromHere(file)} is no text in UTF-8.`, 'Save it as such.')
  }
  return { name, file, sql: text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n') }
}

/** What a question is called, without the number that may stand in front; one of more digits is a year, say. */
export function bareName(name: string): string {
  return name.replace(/^\d{1,3}_/, '') || name
}

/** What the configuration leaves out, by the names of files; names that nothing has are told of. */
export function leftOutOf(
  wanted: Readonly<Record<Part, Readonly<Record<string, false>>>>,
  own: Pick<OwnFiles, Part> | undefined,
): { leftOut: Project['leftOut']; problems: Problem[] } {
  const problems: Problem[] = []
  const namesOf = (part: Part, nameOf: (name: string) => string) => {
    const left = Object.keys(wanted[part]).map(nameOf)
    if (left.length === 0) return left
    const packaged = packageFolder(`src/gold/${part}`).flatMap((file) => /^(.+)\.sql$/.exec(file)?.[1] ?? [])
    const known = [...packaged, ...(own?.[part] ?? []).map(({ name }) => name)].map(nameOf)
    for (const name of left) {
      const message = LINGOTS_OWN.has(name)
        ? 'is what Lingot itself reads, and stays'
        : `there is no such ${part.slice(0, -1)}${suggestion(name, known)}`
      if (!known.includes(name) || LINGOTS_OWN.has(name)) problems.push({ path: [part, name], message })
    }
    return left
  }
  return { leftOut: { models: namesOf('models', (name) => name), questions: namesOf('questions', bareName) }, problems }
}

/** Tables by which Lingot knows its gold, and what it holds. */
export const LINGOTS_OWN: ReadonlySet<string> = new Set(['gold_run', 'reconciliation'])
