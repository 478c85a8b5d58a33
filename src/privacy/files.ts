import { createReadStream, existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { discreet } from '../contracts/names.ts'
import { LingotError } from '../system/errors.ts'
import type { Known } from './known.ts'
import { type Place, searching } from './search.ts'

/** A line longer than so many characters is searched in parts. */
const LONGEST_LINE = 2 ** 16

/**
 * Searches the logs and other files under a folder: all but the data of the servers, which hold bronze itself, and the
 * programs.
 */
export async function searchFiles(home: string, known: Known, signal?: AbortSignal): Promise<Place[]> {
  const places: Place[] = []
  const files = await filesIn(home, home).catch((error: unknown) => refuse(home, error))
  for (const file of files) {
    const name = relative(home, file)
    const { place, look } = searching(known, 'files', name)
    place.name = name.split('/').map(discreet).join('/')
    look(['name of the file'], name, 'text')
    const search = (line: string) => {
      place.size++
      look([], line, 'text')
    }
    let rest = ''
    const read = async () => {
      for await (const chunk of createReadStream(file, { encoding: 'utf8' })) {
        signal?.throwIfAborted()
        const lines = `${rest}${chunk}`.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) search(line)
        if (rest.length > LONGEST_LINE) search(rest)
        if (rest.length > LONGEST_LINE) rest = rest.slice(-OVERLAP)
      }
    }
    await read().catch((error: unknown) => refuse(file, error))
    if (rest !== '') search(rest)
    places.push(place)
  }
  return places
}

/** What cannot be read may hold anything: it must not count as searched. */
function refuse(path: string, error: unknown): never {
  if (!(error instanceof Error && 'code' in error && /^(EACCES|EPERM)$/.test(String(error.code)))) throw error
  throw new LingotError('permission', `${path} cannot be read.`, 'Run it again as the user whose it is.')
}

/** Characters that two parts of a line share, so that nothing is cut in two. */
const OVERLAP = 640

/** Folders that hold the data of the servers, programs, and data of a server that is being made. */
const LEFT_OUT = /^(?:bin|mongodb|postgres|[^/]*\.init-[^/]*|spark\/pyspark-[^/]*)$/

async function filesIn(folder: string, home: string): Promise<string[]> {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { withFileTypes: true })
  const found = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name)
      if (entry.isFile()) return [path]
      return entry.isDirectory() && !LEFT_OUT.test(relative(home, path)) ? filesIn(path, home) : []
    }),
  )
  return found.flat().sort()
}
